//! What is told of the records a resource server has missed?

use super::{
    REPLAY_MAX, SNAPSHOT_BYTES_MAX, SNAPSHOT_KEPT_BYTES_MAX, SNAPSHOT_MS_MAX, SNAPSHOT_PAGE,
    memory::{Memory, Snapshot},
    state::{self, Entry, Log},
};
use crate::{
    actors::runtime::{Fault, Turn},
    domain::{
        ids::SocketId,
        revocation::{
            Cursor, Seq,
            frames::{Told, close, reset},
            listener::Closing,
        },
        time::Timestamp,
    },
    store::Store,
};

/// Records that are told one by one.
pub(super) struct Missed {
    pub(super) after: Seq,
    entries: Vec<Entry>,
}

/// What follows a cursor; `None` when that cannot be told one by one: the
/// cursor is not one this log has given, its successors are purged or too many,
/// or one of them was not signed for this issuer.
///
/// A cursor must be that of a record. A log that was restored from an older copy
/// and has grown since ends later than a cursor it has lost, but no record of it
/// has that cursor's number ([`Seq::next`]).
pub(super) fn known(
    (store, now): (&dyn Store, Timestamp),
    log: &Log,
    cursor: Option<Cursor>,
    issuer: &str,
) -> Result<Option<Missed>, Fault> {
    let ours = cursor.filter(|cursor| cursor.epoch == log.epoch);
    let Some(after) = ours.map(|cursor| cursor.seq) else {
        return Ok(None);
    };
    let is_given = after == log.head
        || after == log.floor
        || (after > log.floor && state::is_record(store, after)?);
    if !is_given {
        return Ok(None);
    }
    let entries = state::after(store, after, issuer, REPLAY_MAX + 1)?;
    // The key that signed an older one may be gone, whenever the purge comes.
    let kept_from = now.plus(-log.retention_ms);
    let is_told = |entry: &Entry| {
        !entry.revokes || (entry.set.is_some() && entry.seq.written_at() >= kept_from)
    };
    let is_whole = entries.len() <= REPLAY_MAX && entries.iter().all(is_told);
    Ok(is_whole.then_some(Missed { after, entries }))
}

/// Tells missed records one by one.
pub(super) fn one_by_one(turn: &mut Turn<'_>, log: &Log, to: SocketId, missed: &Missed) {
    for entry in &missed.entries {
        if let Some(set) = &entry.set {
            let cursor = log.at(entry.seq);
            turn.effects.send(to, Told::Event { cursor, set }.text());
        }
    }
    caught_up(turn, log, to);
}

fn caught_up(turn: &mut Turn<'_>, log: &Log, to: SocketId) {
    let cursor = log.at(log.head);
    turn.effects.send(to, Told::CaughtUp { cursor }.text());
}

/// Tells everything in force.
pub(super) fn snapshot(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    log: &Log,
    to: SocketId,
) -> Result<Option<Closing>, Fault> {
    let is_fresh = |made: &Snapshot| {
        made.seq == log.head && (0..SNAPSHOT_MS_MAX).contains(&turn.now.since(made.made_at))
    };
    let made = match memory.snapshot.take().filter(is_fresh) {
        Some(made) => made,
        None => match make(turn, log)? {
            Some(made) => made,
            None => return Ok(Some((close::TOO_MANY, "too much is in force"))),
        },
    };
    for frame in &made.frames {
        turn.effects.send(to, frame.clone());
    }
    caught_up(turn, log, to);
    if made.frames.iter().map(String::len).sum::<usize>() <= SNAPSHOT_KEPT_BYTES_MAX {
        memory.snapshot = Some(made);
    }
    Ok(None)
}

/// Reads everything in force; `None` when that is more than a turn can tell.
fn make(turn: &Turn<'_>, log: &Log) -> Result<Option<Snapshot>, Fault> {
    let (mut records, mut bytes, mut last) = (Vec::new(), 0, log.floor);
    loop {
        let page = state::in_force(turn.store, last, turn.now, SNAPSHOT_PAGE)?;
        let Some((seq, _)) = page.last() else {
            break;
        };
        last = *seq;
        bytes += page.iter().map(|(_, record)| record.len()).sum::<usize>();
        if bytes > SNAPSHOT_BYTES_MAX {
            return Ok(None);
        }
        records.extend(page.into_iter().map(|(_, record)| record));
    }
    Ok(Some(Snapshot {
        seq: log.head,
        made_at: turn.now,
        frames: reset(log.at(log.head), &records),
    }))
}
