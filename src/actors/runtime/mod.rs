//! The actor runtime, which knows nothing of authentication.
//!
//! An actor is a state machine over its own small database. One message is one
//! turn, one turn is one transaction ([`activation`]). A refusal is a reply and
//! its writes stay; a [`Fault`] undoes the turn. What a turn wants done
//! elsewhere it writes into its [`outbox`] and its [`jobs`], in the same
//! transaction; the host delivers after the commit, at least once, and the
//! receiver's inbox makes a repeated delivery harmless.
//!
//! Nothing here names a platform. A host (a Durable Object, or the tests' `World`)
//! owns the bytes of the database and the alarm clock, and drives an
//! [`Awake`].

pub mod activation;
mod actor;
mod address;
mod awake;
pub mod cause;
mod commit;
mod conversation;
pub mod effects;
pub mod envelope;
mod fault;
pub mod inbox;
pub mod inspect;
pub mod jobs;
#[cfg(test)]
mod log_tests;
mod mail;
pub mod outbox;
#[cfg(any(test, feature = "test-hooks"))]
pub mod probe;
pub mod socket;
#[cfg(test)]
mod socket_tests;
#[cfg(test)]
mod tests;
#[cfg(not(target_arch = "wasm32"))]
pub mod world;

pub use actor::{Actor, Actors, Announce, Ask, Life, Party, Turn};
pub use address::{Address, Recipient};
pub use awake::{After, Awake, Host};
pub use cause::Cause;
pub(crate) use conversation::conversation;
pub use fault::{Fault, FaultCode};
pub(crate) use inspect::tables;
pub use mail::{ASK_DEADLINE_MS, Called, Calls, Connected, Connection, Mail, Transport, deliver};

use crate::store::migrate::Migration;

/// The runtime's own tables, in every actor's database.
pub const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "outbox_inbox_jobs",
    sql: include_str!("../../../migrations/runtime/0001_outbox_inbox_jobs.sql"),
}];
