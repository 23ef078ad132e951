//! Which charges may still be given back, or asked for again?

use super::{gauge::Charge, rule::Key};
use crate::domain::time::{HOUR_MS, MINUTE_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// Charges one subject is remembered by. Beyond it the oldest that is final is
/// forgotten, so that its repetition would be charged once more; where all are
/// holds, no further one is taken.
pub const RECORDS_MAX: usize = 64;

/// How long a charge can be given back, and its repetition is recognised: longer
/// than anybody retries one request.
pub const REMEMBERED_MS: i64 = 2 * MINUTE_MS;

/// The longest something is held without a word.
pub const HOLD_MS_MAX: i64 = HOUR_MS;

/// Bytes of a request's id; a UUID has 36.
const REQUEST_BYTES_MAX: usize = 64;

/// What the asker calls its request, so that asking again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(String);

impl RequestId {
    /// Visible ASCII of at most 64 characters; `None` when `text` is anything
    /// else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_fit = (1..=REQUEST_BYTES_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic());
        is_fit.then(|| Self(text.to_owned()))
    }
}

/// What may become of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// It stands unless it is cancelled.
    Charged,
    /// It falls unless it is committed.
    Held,
    /// It stands.
    Committed,
}

/// A charge with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: u32,
    pub(super) request: RequestId,
    pub(super) phase: Phase,
    pub(super) cost: u32,
    pub(super) at: Timestamp,
    /// When it is forgotten, or falls.
    pub(super) until: Timestamp,
    /// Which states it was charged to.
    pub(super) keys: Vec<Key>,
}

/// How a charge comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It stands; nobody remembers it by name.
    Forgotten,
    /// It stands, and what it was for is over.
    Committed,
    /// It never was.
    Cancelled,
}

impl Record {
    /// What becomes of it when nobody says a word.
    pub(super) const fn end(&self) -> End {
        match self.phase {
            Phase::Held => End::Cancelled,
            Phase::Charged | Phase::Committed => End::Forgotten,
        }
    }

    pub(super) const fn charge(&self) -> Charge {
        Charge {
            id: Some(self.id),
            cost: self.cost,
            at: self.at,
        }
    }
}

/// What became of a commit or a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// It is done.
    Done,
    /// It had been done before; nothing changed.
    Already,
    /// There is no such charge, or no more: nothing was given back.
    Unknown,
    /// It had been committed, and stands.
    Stands,
}
