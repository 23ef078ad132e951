//! What does a resource server know of its tenant's revocations, and since when?
//!
//! [`Feed`] is the client's side of the subprotocol `aero2.revocation.v1` as a
//! state machine: frames and instants go in, frames and answers come out. It
//! opens no socket, asks no clock and verifies no signature, so the same
//! vectors hold it and its TypeScript twin to the same answers.
//!
//! Whatever goes wrong, its answer is [`Standing::Uncertain`], never
//! [`Standing::Good`].

pub(crate) mod close;
mod cursor;
mod frame;
mod machine;
#[cfg(test)]
mod machine_tests;
mod output;
mod phase;
mod revocation;
mod revoked;

pub use cursor::Cursor;
pub use machine::Feed;
pub use output::{Limits, Output, Pending, Received, Reconnect, Standing};
pub use revocation::{Facts, Revocation};
