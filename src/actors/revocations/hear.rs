//! What does a resource server say over its feed?

use super::{FEED_PACE, Kept, memory::Memory, replay, state::Log};
use crate::{
    actors::runtime::{
        Fault, Turn,
        socket::{Heard, Socket},
    },
    domain::revocation::{
        frames::{Said, Told, close},
        listener::Closing,
    },
};

/// Hears a feed.
pub(super) fn hear(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    socket: &Socket,
    heard: &Heard,
) -> Result<(), Fault> {
    let log = memory.log(turn.store)?;
    let log = log.ok_or(Fault::Corrupt("a log was never founded"))?;
    let mut kept: Kept = socket.kept()?;
    let text = match heard {
        Heard::Closed => return Ok(()),
        Heard::Unreadable => None,
        Heard::Text(text) => Some(text.as_str()),
    };
    let said = kept
        .listener
        .hear(text, turn.now, log.at(log.head), FEED_PACE);
    let closing = match said {
        Err(closing) => Some(closing),
        Ok(said) => answer(turn, memory, &log, (socket, &mut kept), said)?,
    };
    match closing {
        Some((code, why)) => turn.effects.close(socket.id, code, why),
        None => turn.effects.keep(socket.id, &kept)?,
    }
    Ok(())
}

fn answer(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    log: &Log,
    (socket, kept): (&Socket, &mut Kept),
    said: Said,
) -> Result<Option<Closing>, Fault> {
    Ok(match said {
        Said::Start => replay::snapshot(turn, memory, log, socket.id)?,
        Said::Resume { cursor, snapshot } => {
            let known = replay::known((turn.store, turn.now), log, cursor, &kept.issuer)?;
            match known {
                Some(missed) => {
                    kept.listener.acked = Some(missed.after.as_i64());
                    replay::one_by_one(turn, log, socket.id, &missed);
                    None
                }
                None if snapshot => replay::snapshot(turn, memory, log, socket.id)?,
                None => Some((close::TOO_OLD, "this cursor cannot be resumed from")),
            }
        }
        Said::Ack(_) => None,
        Said::Sync { nonce } => {
            let (nonce, cursor) = (nonce.as_str(), log.at(log.head));
            let synced = Told::Synced { nonce, cursor };
            turn.effects.send(socket.id, synced.text());
            None
        }
    })
}
