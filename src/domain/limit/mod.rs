//! How much is too much?

mod gcra;

pub use gcra::{Decision, Quota, decide};
