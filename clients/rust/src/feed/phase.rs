//! Where in the protocol is a feed?

use super::{frame::Part, revoked::Revoked};

#[derive(Debug)]
pub(super) enum Phase {
    /// No socket.
    Closed,
    /// A socket, and no `hello` yet.
    Greeting,
    /// `start` was sent: what comes before the snapshot is in it.
    Starting,
    /// `resume` was sent, or the snapshot is here: events, then `caught_up`.
    /// Live events may come before the missed ones, so the cursor waits.
    Replaying,
    /// Some parts of a snapshot are here.
    Resetting { last: Part, staged: Revoked },
    /// Everything is here; the rest comes as it happens.
    Live,
}
