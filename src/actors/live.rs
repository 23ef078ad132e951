//! How do consoles listen to an actor?
//!
//! Each holds a socket, accepted and greeted in one turn, until the token expires
//! it was opened with. It costs no row and wakes nobody; an actor to which nobody
//! listens writes no frame.

use super::runtime::{
    Fault, Turn, jobs,
    socket::{Heard, Socket, close_due},
};
use crate::domain::{
    ids::SocketId,
    live::hello,
    revocation::{frames::close, listener::Closing},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Consoles that listen to one actor: more than a tenant has operators awake.
pub const LISTENERS_MAX: usize = 32;

/// The job that closes sockets whose token has expired.
pub const EXPIRE: &str = "expire_listeners";

/// What every console's socket is found by.
const TAG: &str = "live";

const EXPIRED: Closing = (close::REVOKED, "the token has expired");
const NOTHING_TO_SAY: Closing = (close::PROTOCOL, "nothing is said here");

/// What comes of the wish to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listening {
    /// The socket is open.
    Open,
    /// There are [`LISTENERS_MAX`] already.
    TooMany,
}

/// What is kept with a socket.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// When its token expires.
    until: Timestamp,
}

/// Opens a socket for whoever holds a token that expires at `until`.
///
/// # Errors
/// When storage fails.
pub fn attach(turn: &mut Turn<'_>, until: Timestamp) -> Result<Listening, Fault> {
    if turn.sockets.count(Some(TAG)) >= LISTENERS_MAX {
        return Ok(Listening::TooMany);
    }
    let id = SocketId::generate(turn.entropy);
    turn.effects.accept(id, &[TAG], &Kept { until })?;
    turn.effects.send(id, hello(turn.now));
    jobs::plan(turn, EXPIRE, until)?;
    Ok(Listening::Open)
}

/// Whether anybody listens: whoever would have something to tell asks first.
#[must_use]
pub fn is_heard(turn: &Turn<'_>) -> bool {
    turn.sockets.count(Some(TAG)) > 0
}

/// Tells everybody who listens, once the turn is committed.
pub fn tell(turn: &mut Turn<'_>, frame: String) {
    turn.effects.broadcast(TAG, frame);
}

/// Closes the sockets whose token has expired.
///
/// # Errors
/// When what is kept with one cannot be read.
pub fn expire(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let due = |socket: &Socket| Ok(Some(socket.kept::<Kept>()?.until));
    if let Some(next) = close_due(turn, TAG, &due, EXPIRED)? {
        turn.effects.schedule(EXPIRE, next);
    }
    Ok(())
}

/// Hears a console, which has nothing to say: its pings are answered without the
/// actor.
pub fn hear(turn: &mut Turn<'_>, socket: &Socket, heard: &Heard) {
    if !matches!(heard, Heard::Closed) {
        let (code, why) = NOTHING_TO_SAY;
        turn.effects.close(socket.id, code, why);
    }
}
