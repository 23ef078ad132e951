//! What does a transmitter of Shared Signals promise its receivers ([SSF 1.0])?
//! `docs/shared-signals.md` is the contract.
//!
//! * [`sent`]: the JSON object a receiver sends
//! * [`stream`]: what a stream is, and how its receiver changes it
//! * [`status`]: whether a stream runs
//! * [`subject`]: whom an event is about, and whom a receiver wants to hear of
//! * [`event`]: what is told of a record of the revocation log
//! * [`set`]: how an event is spelled as a security event token
//! * [`poll`]: how events are fetched
//! * [`push`]: what becomes of one that was sent
//!
//! [SSF 1.0]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html

pub mod event;
pub mod poll;
pub mod push;
pub mod sent;
pub mod set;
pub mod status;
pub mod stream;
#[cfg(test)]
mod stream_tests;
pub mod subject;
#[cfg(test)]
mod subject_tests;

pub use event::{Event, EventType, Tidings, tidings};
pub use poll::{PollRequest, Refused};
pub use sent::{Malformed, Sent};
pub use set::{SetClaims, Source, Waiting};
pub use status::{Status, StatusChange};
pub use stream::{Asked, Change, Delivery, Edit, Stream, Supplied};
pub use subject::{About, Subject, Topic};
