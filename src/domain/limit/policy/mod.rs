//! What does a tenant lay down for its own subjects?
//!
//! A [`Policy`] is a document: rules, how they are taken (for real, or only to
//! see what they would do), and what is otherwise for some subjects. Whoever asks
//! for a subject gets a [`Binding`]: the rules that bind that one at this
//! instant.
//!
//! * [`pattern`]: which subjects is an override about?
//! * [`terms`]: what does a document say, and whom does it bind how?
//! * `object`, `read`, `write`, `words`: JSON into a policy, and back

mod object;
pub mod pattern;
mod read;
pub mod terms;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub use object::PolicyRefusal;
pub use pattern::{Pattern, SUBJECT_BYTES_MAX, is_subject};
pub use terms::{
    AHEAD_MAX, Binding, Clause, Effect, Enacted, Lease, Mode, OVERRIDES_MAX, OnFailure, Override,
    Policy,
};
