//! Verifies aero2's access tokens where they are used.
#![doc = include_str!("../README.md")]

pub mod feed;
mod run;
mod time;
pub mod token;

pub use aero2_tenant::{ConfigRefusal, Fault, Now};
pub use run::{Basis, Config, Health, Policy, Verified, Verifier, VerifyError};
pub use time::LEEWAY_S_MAX;
