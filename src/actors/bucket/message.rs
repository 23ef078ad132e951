//! What can a bucket be asked?

use super::Bucket;
use crate::{
    actors::runtime::conversation,
    domain::{
        audit::Record,
        limit::{Bound, Reading, RequestId, Settled, Verdict},
        time::Timestamp,
    },
};
use serde::{Deserialize, Serialize};

/// Charges under every rule, or under none of them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Check {
    /// What binds this subject.
    pub policy: Bound,
    /// How much; at least one.
    pub cost: u32,
    /// With it, the charge can be cancelled for a while, and asking again
    /// charges nothing.
    pub request: Option<RequestId>,
}

/// Charges like [`Check`], for the time being: what is not committed in time
/// was never charged.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reserve {
    /// What binds this subject.
    pub policy: Bound,
    /// How much; at least one.
    pub cost: u32,
    /// By which it is committed or cancelled.
    pub request: RequestId,
    /// How long it waits for that.
    pub hold_ms: i64,
}

/// Makes a charge final, and frees what it occupied.
#[derive(Debug, Serialize, Deserialize)]
pub struct Commit {
    /// Which.
    pub request: RequestId,
}

/// Gives a charge back: what it guarded did not happen, or was harmless.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cancel {
    /// Which.
    pub request: RequestId,
}

/// Says what [`Check`] would, and charges nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Peek {
    /// What binds this subject.
    pub policy: Bound,
    /// How much; at least one.
    pub cost: u32,
}

/// Forgets everything: the operator's pardon.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reset {
    /// The tenant is told of it, by the transaction that does it.
    #[serde(default)]
    pub record: Option<Box<Record>>,
}

/// Says how the subject stands, and charges nothing.
#[derive(Debug, Serialize, Deserialize)]
pub struct Show;

/// How the subject stands under one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownRule {
    /// Whom within the subject it concerns.
    pub scope: Option<String>,
    /// When: by the bucket's clock, which never runs backwards.
    pub at: Timestamp,
    /// What is left then.
    pub reading: Reading,
    /// Until when it refuses, if it does.
    pub refuses_until: Option<Timestamp>,
}

/// Answers [`Reset`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pardoned;

conversation! {
    Bucket as "bucket" {
        Check => Verdict,
        Reserve => Verdict,
        Commit => Settled,
        Cancel => Settled,
        Peek => Verdict,
        Reset => Pardoned,
        Show => Vec<ShownRule>,
    }
}
