//! How does a verifier reach its tenant?
//!
//! Everything here moves bytes and waits; what they mean is decided by
//! [`crate::feed`] and [`crate::token`].

mod clock;
mod config;
mod fault;
mod http;
mod key_ring;
mod net;
mod socket;
mod tenant;
mod verifier;

pub use config::{Config, ConfigRefusal, Policy};
pub use fault::Fault;
pub use verifier::{Basis, Health, Verified, Verifier, VerifyError};
