//! How does a verifier reach its tenant?
//!
//! Everything here moves bytes and waits; what they mean is decided by
//! [`crate::feed`] and [`crate::token`].

mod config;
mod key_ring;
mod socket;
mod tenant;
mod verifier;

pub use config::{Config, Policy};
pub use verifier::{Basis, Health, Verified, Verifier, VerifyError};
