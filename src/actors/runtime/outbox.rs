//! What has the actor still to tell others?

use super::{ASK_DEADLINE_MS, Cause, Recipient, effects::Tell, jobs::back_off_ms};
use crate::{
    domain::{
        entropy::{Entropy, draw},
        ids::MessageId,
        time::{DAY_MS, SECOND_MS, Timestamp},
    },
    store::{Row, Store, StoreFault, Value},
};
use serde::{Deserialize, Serialize};

/// Attempts before a parcel becomes a dead letter: about 38 hours with the
/// back-off of [`super::jobs::back_off_ms`].
pub const ATTEMPTS_MAX: u32 = 48;

/// An ended actor keeps its dead letters for so long after they were written,
/// for an operator to see and revive; with the last of them it goes. A month
/// holds every holiday of an operator.
pub const DEAD_LETTERS_KEPT_MS: i64 = 30 * DAY_MS;

/// Parcels taken up by one alarm; the rest follow in the next.
pub const PARCELS_PER_ALARM: i64 = 32;

/// Parcels that an actor may find untold as it wakes, and that hold up its first
/// answer: more than one turn writes. The alarm delivers the rest.
pub const UNTOLD_MAX: i64 = 128;

/// A fresh parcel is delivered right after the commit. Should the host die in
/// between, the actor's next message delivers it, or the alarm, this much later.
pub const DELIVERY_GRACE_MS: i64 = 5 * SECOND_MS;

/// Bytes of an error kept with a parcel or a job.
const ERROR_BYTES_MAX: usize = 300;

const PUT: &str = "INSERT INTO outbox \
     (id, kind, name, message, written_ms, due_ms, attempts, dead) VALUES (?, ?, ?, ?, ?, ?, 0, 0)";
const DUE: &str = "SELECT id, kind, name, message FROM outbox \
     WHERE dead = 0 AND due_ms <= ? ORDER BY due_ms, id LIMIT ?";
const UNTOLD: &str = "SELECT id, kind, name, message FROM outbox \
     WHERE attempts = 0 ORDER BY written_ms, id LIMIT ?";
const TAKE: &str = "UPDATE outbox SET due_ms = ? WHERE id = ?";
const ATTEMPTS: &str = "SELECT attempts, kind, name FROM outbox WHERE id = ?";
const REMOVE: &str = "DELETE FROM outbox WHERE id = ?";
const FAIL: &str =
    "UPDATE outbox SET due_ms = ?, attempts = ?, dead = ?, last_error = ? WHERE id = ?";
const REVIVE: &str = "UPDATE outbox SET due_ms = ?, attempts = 0, dead = 0 WHERE dead = 1";
const IS_EMPTY: &str = "SELECT 1 FROM outbox LIMIT 1";
const REMAINS: &str = "SELECT MIN(dead), MAX(written_ms) FROM outbox";
const SUMMARY: &str = "SELECT COUNT(*), MIN(written_ms), COALESCE(SUM(dead), 0) FROM outbox";

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The same at every attempt.
    pub id: MessageId,
    /// To whom.
    pub to: Recipient,
    /// The packed message.
    pub message: Vec<u8>,
    /// What has caused it, at its first attempt: later ones are the alarm's.
    pub cause: Cause,
}

/// The outbox as inspection shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Parcels not yet delivered, dead letters included.
    pub pending: u32,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
    /// Parcels nobody tries any more.
    pub dead: u32,
}

pub(super) fn put(
    store: &dyn Store,
    tell: Tell,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Parcel, StoreFault> {
    let id = MessageId::generate(entropy);
    let parcel = Parcel {
        id,
        to: tell.to,
        message: tell.message,
        cause: Cause::default(),
    };
    store.query(
        PUT,
        &[
            id.as_bytes().as_slice().into(),
            parcel.to.kind.as_str().into(),
            parcel.to.name.as_str().into(),
            parcel.message.as_slice().into(),
            now.into(),
            now.plus(DELIVERY_GRACE_MS).into(),
        ],
    )?;
    Ok(parcel)
}

/// Takes up the parcels whose time comes `until` then. They come due again should the
/// host die before it settles them.
pub(super) fn take_up(
    store: &dyn Store,
    now: Timestamp,
    until: Timestamp,
) -> Result<Vec<Parcel>, StoreFault> {
    let parcels = parcels(store, DUE, &[until.into(), PARCELS_PER_ALARM.into()])?;
    let again = now.plus(ASK_DEADLINE_MS + DELIVERY_GRACE_MS);
    for parcel in &parcels {
        store.query(
            TAKE,
            &[again.into(), parcel.id.as_bytes().as_slice().into()],
        )?;
    }
    Ok(parcels)
}

/// The parcels of which nobody knows what became: a host died before it could
/// deliver them, or settle them. What was tried and failed is not among them.
pub(super) fn untold(store: &dyn Store) -> Result<Vec<Parcel>, StoreFault> {
    parcels(store, UNTOLD, &[UNTOLD_MAX.into()])
}

fn parcels(
    store: &dyn Store,
    which: &'static str,
    params: &[Value],
) -> Result<Vec<Parcel>, StoreFault> {
    let read = |row: &Row| {
        let id = row
            .blob(0)?
            .try_into()
            .map_err(|_| StoreFault::Column { index: 0 })?;
        Ok(Parcel {
            id: MessageId::from_bytes(id),
            to: Recipient {
                kind: row.text(1)?.to_owned(),
                name: row.text(2)?.to_owned(),
            },
            message: row.blob(3)?.to_vec(),
            cause: Cause::default(),
        })
    };
    store.query(which, params)?.iter().map(read).collect()
}

/// Records what became of a delivery: gone when it arrived, tried again later
/// or given up when not; says for whom a dead letter is.
pub(super) fn settle(
    store: &dyn Store,
    id: &MessageId,
    failure: Option<&str>,
    now: Timestamp,
    entropy: &mut dyn Entropy,
) -> Result<Option<Recipient>, StoreFault> {
    let key = || id.as_bytes().as_slice().into();
    let Some(why) = failure else {
        store.query(REMOVE, &[key()])?;
        return Ok(None);
    };
    let rows = store.query(ATTEMPTS, &[key()])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let attempts = row.count(0)?.saturating_add(1);
    let [chance] = draw(entropy);
    let due = now.plus(back_off_ms(attempts, chance));
    let dead = attempts >= ATTEMPTS_MAX;
    store.query(
        FAIL,
        &[
            due.into(),
            attempts.into(),
            dead.into(),
            shortened(why).into(),
            key(),
        ],
    )?;
    if !dead {
        return Ok(None);
    }
    Ok(Some(Recipient {
        kind: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
    }))
}

/// Gives dead letters another life.
///
/// # Errors
/// When storage fails.
pub fn revive(store: &dyn Store, now: Timestamp) -> Result<(), StoreFault> {
    store.query(REVIVE, &[now.into()]).map(drop)
}

pub(super) fn is_empty(store: &dyn Store) -> Result<bool, StoreFault> {
    Ok(store.query(IS_EMPTY, &[])?.is_empty())
}

/// Until when an ended actor must stay for its outbox's sake: `None` when it
/// may go, `soon` while there are parcels that somebody may yet take.
pub(super) fn kept_until(
    store: &dyn Store,
    now: Timestamp,
    soon: Timestamp,
) -> Result<Option<Timestamp>, StoreFault> {
    let rows = store.query(REMAINS, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let are_dead = row.optional(0, Row::truth)?;
    let last_written = row.optional(1, Row::instant)?;
    Ok(match are_dead.zip(last_written) {
        None => None,
        Some((false, _)) => Some(soon),
        Some((true, written)) => {
            Some(written.plus(DEAD_LETTERS_KEPT_MS)).filter(|until| *until > now)
        }
    })
}

pub(super) fn summary(store: &dyn Store) -> Result<Summary, StoreFault> {
    let rows = store.query(SUMMARY, &[])?;
    let Some(row) = rows.first() else {
        return Ok(Summary::default());
    };
    Ok(Summary {
        pending: row.count(0)?,
        oldest: row.optional(1, Row::instant)?,
        dead: row.count(2)?,
    })
}

pub(super) fn shortened(why: &str) -> &str {
    let end = why.floor_char_boundary(ERROR_BYTES_MAX);
    why.get(..end).unwrap_or_default()
}
