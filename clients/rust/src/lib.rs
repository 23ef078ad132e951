//! For resource servers of aero2.

pub mod feed;
mod json;
mod time;
pub mod token;

pub use time::{LEEWAY_S_MAX, Now};
