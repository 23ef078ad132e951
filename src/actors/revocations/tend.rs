//! What does a log do by the clock?
//!
//! One job for all feeds of a sort, due when the first of them is: feeds that
//! only listen wake nobody.

use super::{
    EVENT_MEMORY_MS, EXPIRY_PAUSE_MS, FEED, Kept, PURGE_AGAIN_MS, PURGE_PAUSE_MS, PURGED_PER_TURN,
    memory::Memory,
    state::{self, Log},
};
use crate::{
    actors::runtime::{
        Fault, Turn,
        socket::{Socket, close_due},
    },
    domain::{
        revocation::{
            Seq,
            frames::{Told, close},
            listener::NOT_STARTED,
        },
        time::Timestamp,
    },
};

/// The job that closes feeds that were never started.
pub(super) const START: &str = "start";
/// The job that parts from feeds whose token expires.
pub(super) const EXPIRE: &str = "expire";
/// The job that lets go of old records.
pub(super) const PURGE: &str = "purge";
/// The job that ends the log.
pub(super) const END: &str = "end";

/// Closes feeds that have not said where they stand.
pub(super) fn close_silent(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let due = |socket: &Socket| Ok(socket.kept::<Kept>()?.listener.must_start_by(socket.since));
    if let Some(next) = close_due(turn, FEED, &due, NOT_STARTED)? {
        turn.effects.schedule(START, next);
    }
    Ok(())
}

/// Asks feeds whose token expires soon to come back with another, and closes
/// those that have not.
pub(super) fn close_expired(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let mut next: Option<Timestamp> = None;
    for socket in turn.sockets.tagged(FEED) {
        let mut kept: Kept = socket.kept()?;
        let after_ms = kept.until.since(turn.now);
        if after_ms <= 0 {
            let why = "the token has expired";
            turn.effects.close(socket.id, close::REVOKED, why);
            continue;
        }
        if kept.due() <= turn.now {
            kept.is_drained = true;
            turn.effects
                .send(socket.id, Told::Drain { after_ms }.text());
            turn.effects.keep(socket.id, &kept)?;
        }
        let due = kept.due();
        next = Some(next.map_or(due, |next| next.min(due)));
    }
    if let Some(next) = next {
        let due = next.max(turn.now.plus(EXPIRY_PAUSE_MS));
        turn.effects.schedule(EXPIRE, due);
    }
    Ok(())
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
