//! Verifies aero2's access tokens where they are used.
#![doc = include_str!("../README.md")]

pub mod feed;
mod json;
mod run;
mod secret;
mod time;
pub mod token;

pub use run::{
    Basis, Config, ConfigRefusal, Fault, Health, Policy, Verified, Verifier, VerifyError,
};
pub use time::{LEEWAY_S_MAX, Now};
