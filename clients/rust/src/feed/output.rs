//! What does the feed want done, and what does it answer?

use super::cursor::Cursor;
use core::fmt;

/// Bounds of the caller's choosing.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most revocations kept. Beyond it those that expire first are
    /// forgotten, and tokens that expire no later than they are uncertain.
    pub entries_max: usize,
    /// After so long without a sign of life knowledge is uncertain; the
    /// server's own figure counts when it is lower.
    pub max_staleness_ms: u64,
}

impl Default for Limits {
    /// A hundred thousand revocations (about 20 MB), and the server's staleness.
    fn default() -> Self {
        Self {
            entries_max: 100_000,
            max_staleness_ms: u64::MAX,
        }
    }
}

/// What is known of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The log takes nothing away from it.
    Good,
    /// It is worth nothing.
    Revoked,
    /// Knowledge is too old or incomplete.
    Uncertain,
}

impl Standing {
    /// As the vectors spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Uncertain => "uncertain",
        }
    }
}

/// What to do for the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this text frame.
    Send(String),
    /// Close the socket with this code, then say so by [`Feed::closed`](super::Feed::closed).
    Close(u16),
    /// The `sync` of this nonce is answered: everything the log had is taken in.
    Synced(String),
    /// Connect anew after a random part of this.
    Drain {
        /// In milliseconds.
        below_ms: u64,
    },
}

/// What became of a frame.
#[derive(Debug)]
pub enum Received {
    /// It is dealt with.
    Done(Vec<Output>),
    /// Its security event token is to be verified, and the outcome handed to
    /// [`Feed::take`](super::Feed::take) before the next frame.
    Verify(Pending),
}

/// An event whose signature has not been verified.
pub struct Pending {
    pub(super) set: String,
    pub(super) cursor: Cursor,
    /// The socket it came by: on another it means nothing.
    pub(super) socket: u64,
}

impl Pending {
    /// The security event token, in compact form.
    #[must_use]
    pub fn set(&self) -> &str {
        &self.set
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({})", self.cursor)
    }
}

/// What to do once a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reconnect {
    /// Wait a random time between these, and connect.
    After {
        /// In milliseconds.
        at_least_ms: u64,
        /// In milliseconds.
        below_ms: u64,
        /// The token that opened the socket is no longer good.
        fresh_token: bool,
    },
    /// The server will not have us: do not connect again.
    Stop(u16),
}
