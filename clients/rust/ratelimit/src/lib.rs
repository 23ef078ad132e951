//! Asks aero2 whether somebody has had too much.
#![doc = include_str!("../README.md")]

mod ask;
mod call;
mod config;
mod error;
mod inline;
mod limiter;
mod memory;
mod refusal;
mod reservation;
#[cfg(feature = "tower")]
mod tower;
mod verdict;

pub use aero2_tenant::{ConfigRefusal, Dial, Fault, Wire};
pub use ask::{Ask, Mistake};
pub use config::Config;
pub use error::{LimitError, Stopped};
pub use inline::{Inline, OnFailure, Rule, Window};
pub use limiter::Limiter;
pub use refusal::Refusal;
pub use reservation::{Reservation, Reserved, Settled};
#[cfg(feature = "tower")]
pub use tower::{Charge, LimitLayer, LimitService};
pub use verdict::{Mode, Outcome, Reading, Verdict};
