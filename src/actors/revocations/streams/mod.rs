//! Which receivers of Shared Signals are there, and what are they still owed?
//!
//! Beside the log, in the same actor: a record is put into the queues of the
//! streams that want it in the turn that appends it, so that none can be lost
//! in between. Whoever pushes takes a batch, by its number, and reports what
//! became of it; a batch whose number has passed is nobody's, which is what
//! keeps a delivery that was retried late from going out beside its successor
//! (ADR 11).
//!
//! * [`message`]: what can be asked
//! * [`dispatch`]: which function answers
//! * [`handler`]: streams as their receivers manage them
//! * [`queue`]: what waits in a stream, and how it leaves
//! * [`reseal`]: what a stream's header is sealed under
//! * [`state`], [`schema`]: rows

mod dispatch;
mod handler;
mod message;
mod queue;
mod reseal;
mod schema;
mod state;
#[cfg(test)]
mod tests;

pub use message::*;

pub(super) use dispatch::{answer, is_job, job};
pub(super) use handler::describe;
pub(super) use queue::fan_out;

use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS};

/// Streams of one tenant: each costs every record a row.
pub const STREAMS_MAX: u32 = 32;

/// Streams of one client: two, and two while it moves.
pub const STREAMS_PER_CLIENT_MAX: u32 = 4;

/// Events that wait in one stream: a receiver that is down for a day in a large
/// tenant. A stream that would hold more is disabled, and says so.
pub const WAITING_MAX: u32 = 10_000;

/// Subjects one receiver does not want to hear of.
pub const MUTES_MAX: u32 = 1_000;

/// Events pushed in one go: as many as a quick receiver takes in the time a
/// delivery has.
pub const BATCH_MAX: u32 = 16;

/// After so long, a batch of which nobody has said anything is lost: several
/// times what a delivery may take.
pub const LOST_MS: i64 = MINUTE_MS;

/// The longest wait before a receiver that fails is tried again.
pub const BACK_OFF_MS_MAX: i64 = HOUR_MS;

/// How often headers are looked through for those sealed under the previous
/// master key: whoever replaces that keeps it for longer.
pub const RESEAL_MS: i64 = DAY_MS;
