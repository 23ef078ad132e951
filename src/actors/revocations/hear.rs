//! What does a resource server say over its feed?

use super::{FRAME_MS, FRAMES_MAX, Kept, memory::Memory, replay, state::Log};
use crate::{
    actors::runtime::{
        Fault, Turn,
        socket::{Heard, Socket},
    },
    domain::{
        revocation::{
            Cursor,
            frames::{Said, Told, close},
        },
        time::Timestamp,
    },
};

/// Why a feed is closed: the code, and words for a log.
pub(super) type Closing = (u16, &'static str);

const NO_PROTOCOL: Closing = (close::PROTOCOL, "not a frame of this protocol");

/// Hears a feed.
pub(super) fn hear(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    socket: &Socket,
    heard: Heard,
) -> Result<(), Fault> {
    let log = memory.log(turn.store)?;
    let log = log.ok_or(Fault::Corrupt("a log was never founded"))?;
    let mut kept: Kept = socket.kept()?;
    let outcome = match heard {
        Heard::Closed => return Ok(()),
        Heard::Unreadable => Some(NO_PROTOCOL),
        Heard::Text(text) => match (spend(&mut kept, turn.now), Said::parse(&text)) {
            (Some(closing), _) => Some(closing),
            (None, None) => Some(NO_PROTOCOL),
            (None, Some(said)) => answer(turn, memory, &log, (socket, &mut kept), said)?,
        },
    };
    match outcome {
        Some((code, why)) => turn.effects.close(socket.id, code, why),
        None => turn.effects.keep(socket.id, &kept)?,
    }
    Ok(())
}

/// Takes one frame off the socket's allowance.
fn spend(kept: &mut Kept, now: Timestamp) -> Option<Closing> {
    kept.free_at = kept.free_at.max(now).plus(FRAME_MS);
    let is_spent = kept.free_at.since(now) > FRAME_MS * FRAMES_MAX;
    is_spent.then_some((close::TOO_MANY, "too many frames"))
}

fn answer(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    log: &Log,
    (socket, kept): (&Socket, &mut Kept),
    said: Said,
) -> Result<Option<Closing>, Fault> {
    let has_started = kept.acked.is_some();
    Ok(match said {
        // Once is enough: a snapshot is the dearest thing anybody can ask for.
        Said::Start | Said::Resume { .. } if has_started => Some(NO_PROTOCOL),
        Said::Start => {
            kept.acked = Some(log.head.as_i64());
            replay::snapshot(turn, memory, log, socket.id)?
        }
        Said::Resume { cursor, snapshot } => {
            let known = replay::known((turn.store, turn.now), log, cursor, &kept.issuer)?;
            let seq = known.as_ref().map_or(log.head, |known| known.after);
            kept.acked = Some(seq.as_i64());
            match known {
                Some(missed) => {
                    replay::one_by_one(turn, log, socket.id, &missed);
                    None
                }
                None if snapshot => replay::snapshot(turn, memory, log, socket.id)?,
                None => Some((close::TOO_OLD, "this cursor cannot be resumed from")),
            }
        }
        Said::Ack(cursor) if !is_ours(log, cursor) => Some(NO_PROTOCOL),
        Said::Ack(cursor) => {
            let acked = kept.acked.map(|acked| acked.max(cursor.seq.as_i64()));
            kept.acked = acked;
            None
        }
        Said::Sync { nonce } => {
            let (nonce, cursor) = (nonce.as_str(), log.at(log.head));
            let synced = Told::Synced { nonce, cursor };
            turn.effects.send(socket.id, synced.text());
            None
        }
    })
}

/// Whether this log may have said it: enough for an acknowledgement, which
/// counts for no more than the socket it came on.
fn is_ours(log: &Log, cursor: Cursor) -> bool {
    cursor.epoch == log.epoch && cursor.seq <= log.head
}
