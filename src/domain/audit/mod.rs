//! Who has done what, to what, why, and from where?
//!
//! A [`Record`] says it of one act. It is written in the transaction that does
//! the act, or by the outbox of whoever does, and never changed. Nothing in it
//! can be a secret: its words are ids, names from our own tables, what a request
//! says of where it comes from, and the sentence an operator gives as the reason.
//!
//! * [`event`]: what can happen
//! * [`record`]: what is said of one time that it did
//! * [`shown`](self): how that is shown

pub mod event;
pub mod record;
mod shown;

pub use event::{Event, TargetKind};
pub use record::{
    Actor, ActorKind, Caller, Origin, Outcome, REASON_BYTES_MAX, Record, Target, is_reason,
};
pub use shown::Shown;
