//! What does a log do by the clock?
//!
//! One job for all feeds of a sort, due when the first of them is: feeds that
//! only listen wake nobody.

use super::{
    EVENT_MEMORY_MS, EXPIRY_PAUSE_MS, FEED, Kept, PURGE_AGAIN_MS, PURGE_PAUSE_MS, PURGED_PER_TURN,
    START_MS_MAX,
    memory::Memory,
    state::{self, Log},
};
use crate::{
    actors::runtime::{Fault, Turn, jobs, socket::Socket},
    domain::{
        revocation::{Seq, frames::close},
        time::Timestamp,
    },
};

/// The job that closes feeds that were never started.
pub(super) const START: &str = "start";
/// The job that closes feeds whose token has expired.
pub(super) const EXPIRE: &str = "expire";
/// The job that lets go of old records.
pub(super) const PURGE: &str = "purge";
/// The job that ends the log.
pub(super) const END: &str = "end";

/// Plans a job, unless it is planned for no later.
pub(super) fn plan(turn: &mut Turn<'_>, name: &str, due: Timestamp) -> Result<(), Fault> {
    if jobs::planned(turn.store, name)?.is_none_or(|planned| planned > due) {
        turn.effects.schedule(name, due);
    }
    Ok(())
}

/// Closes feeds that have not said where they stand.
pub(super) fn close_silent(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let due = |socket: &Socket, kept: &Kept| match kept.acked {
        None => Some(socket.since.plus(START_MS_MAX)),
        Some(_) => None,
    };
    let closing = (close::SILENT, "nothing was started");
    if let Some(next) = close_due(turn, due, closing)? {
        turn.effects.schedule(START, next);
    }
    Ok(())
}

/// Closes feeds whose token has expired.
pub(super) fn close_expired(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let closing = (close::REVOKED, "the token has expired");
    let next = close_due(turn, |_, kept| Some(kept.until), closing)?;
    if let Some(next) = next {
        let due = next.max(turn.now.plus(EXPIRY_PAUSE_MS));
        turn.effects.schedule(EXPIRE, due);
    }
    Ok(())
}

/// Closes every feed that is due, and says when the next one is.
fn close_due(
    turn: &mut Turn<'_>,
    due: impl Fn(&Socket, &Kept) -> Option<Timestamp>,
    (code, why): (u16, &'static str),
) -> Result<Option<Timestamp>, Fault> {
    let mut next: Option<Timestamp> = None;
    for socket in turn.sockets.tagged(FEED) {
        let Some(at) = due(&socket, &socket.kept()?) else {
            continue;
        };
        if at <= turn.now {
            turn.effects.close(socket.id, code, why);
        } else {
            next = Some(next.map_or(at, |next| next.min(at)));
        }
    }
    Ok(next)
}

/// Lets go of what nobody may resume from any more, and of the ids of what no
/// outbox still delivers.
pub(super) fn purge(turn: &mut Turn<'_>, memory: &mut Memory, mut log: Log) -> Result<(), Fault> {
    let (store, now) = (turn.store, turn.now);
    let before = now.plus(-log.retention_ms);
    log.floor = state::purge(store, log.floor, before, PURGED_PER_TURN)?;
    memory.put_log(log);
    let before = now.plus(-EVENT_MEMORY_MS);
    state::forget(store, log.floor, before, PURGED_PER_TURN)?;

    let due = |seq: Option<Seq>, after_ms| seq.map(|seq| seq.written_at().plus(after_ms + 1));
    let contents = due(state::first_after(store, log.floor)?, log.retention_ms);
    let first = state::first_after(store, Seq::from_i64(0))?;
    let ids = due(first, EVENT_MEMORY_MS);
    if let Some(next) = contents.into_iter().chain(ids).min() {
        let is_left = next <= now;
        let pause_ms = if is_left {
            PURGE_AGAIN_MS
        } else {
            PURGE_PAUSE_MS
        };
        let due = next.max(now.plus(pause_ms));
        turn.effects.schedule(PURGE, due);
    }
    Ok(())
}

/// Ends the log and all feeds.
pub(super) fn end(turn: &mut Turn<'_>) {
    let why = "the tenant is no more";
    turn.effects.close_all(FEED, close::REVOKED, why);
    turn.effects.end();
}
