//! How does a Durable Object host an actor?
//!
//! * [`events`]: one event is one synchronous stretch: the turn with its
//!   transaction, the frames it sends and the alarm it wants
//! * [`deliveries`]: what an event wants told to others, after its commit
//! * [`sockets`]: the hibernating sockets open to the object
//!
//! The platform commits a stretch as a whole, and holds back the answer, every
//! frame and every delivery until the commit is on disk. Nothing is borrowed
//! while anything is awaited.

mod deliveries;
mod events;
mod sockets;

#[cfg(feature = "test-hooks")]
pub(super) use events::Wish;
pub(super) use events::{ENVELOPE, Object};
