//! How does an actor speak with those who hold a socket to it?
//!
//! A socket outlives the actor's memory: whatever the actor must know of it is
//! *kept* with it by the host, as a small document. Frames are sent after the
//! commit of the turn that wanted them, and may be lost with the connection;
//! what must not be lost is a row, and found again by whoever reconnects.

use super::{
    Fault, Turn,
    envelope::{EnvelopeFault, unpack},
    inspect::Line,
};
use crate::domain::{ids::SocketId, time::Timestamp};
use serde::de::DeserializeOwned;

/// Tags a socket may have. The platform takes ten, one of which is the id.
pub const TAGS_MAX: usize = 8;

/// Bytes of what is kept with a socket: the platform takes 16 KiB, and a host
/// with thirty thousand sockets holds all of them in memory.
pub const KEPT_BYTES_MAX: usize = 2_048;

/// The frame a client sends to see whether anybody is there. The host answers
/// [`PONG`] by itself, and the actor sleeps on.
pub const PING: &str = "ping";

/// Answers [`PING`].
pub const PONG: &str = "pong";

/// An open socket, and what is kept with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Which.
    pub id: SocketId,
    /// Since when it is open.
    pub since: Timestamp,
    /// The packed document kept with it.
    pub kept: Vec<u8>,
}

impl Socket {
    /// What is kept with it.
    ///
    /// # Errors
    /// When that is of another shape.
    pub fn kept<T: DeserializeOwned>(&self) -> Result<T, EnvelopeFault> {
        unpack(&self.kept)
    }
}

/// The sockets open as a turn began.
pub trait Sockets {
    /// How many there are; with this tag, if one is given.
    fn count(&self, tag: Option<&str>) -> usize;

    /// Those that have this tag: costs a copy of what is kept with each.
    fn tagged(&self, tag: &str) -> Vec<Socket>;

    /// Up to `limit` of them, for inspection.
    fn shown(&self, limit: usize) -> Vec<Line>;
}

/// Closes every socket with a tag that is due, and says when the next one is:
/// one job for all of them.
///
/// # Errors
/// When `due` fails.
pub fn close_due(
    turn: &mut Turn<'_>,
    tag: &str,
    due: &dyn Fn(&Socket) -> Result<Option<Timestamp>, Fault>,
    (code, why): (u16, &'static str),
) -> Result<Option<Timestamp>, Fault> {
    let mut next: Option<Timestamp> = None;
    for socket in turn.sockets.tagged(tag) {
        let Some(at) = due(&socket)? else {
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

/// Bytes of a frame that an actor reads.
pub const FRAME_BYTES_MAX: usize = 4_096;

/// What comes in on a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A text frame of at most [`FRAME_BYTES_MAX`].
    Text(String),
    /// A frame that is not text, or too long: its contents are dropped unread.
    Unreadable,
    /// The socket is closed.
    Closed,
}

/// A socket to be accepted, in place of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accept {
    /// Its id, drawn in the turn.
    pub id: SocketId,
    /// What it can be found by.
    pub tags: Vec<String>,
    /// What is kept with it, packed.
    pub kept: Vec<u8>,
}

/// What is to be done with sockets after the commit, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketChange {
    /// Send one a text frame.
    Send(SocketId, String),
    /// Send all with a tag the same text frame.
    Broadcast(String, String),
    /// Keep something else with it, packed.
    Keep(SocketId, Vec<u8>),
    /// Close one, with a code and a reason ([RFC 6455 §7.4]).
    ///
    /// [RFC 6455 §7.4]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4
    Close(SocketId, u16, &'static str),
    /// Close all with a tag.
    CloseAll(String, u16, &'static str),
}

/// No sockets at all: what a host without any lends.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoSockets;

impl Sockets for NoSockets {
    fn count(&self, _: Option<&str>) -> usize {
        0
    }

    fn tagged(&self, _: &str) -> Vec<Socket> {
        Vec::new()
    }

    fn shown(&self, _: usize) -> Vec<Line> {
        Vec::new()
    }
}
