//! What is said of access that has ended, and to whom? `docs/revocation.md` is
//! the contract.
//!
//! * [`record`]: one entry of a tenant's log
//! * [`tab`]: what a browser tab and its own session say to each other

mod record;
pub mod tab;

pub use record::{Credential, News, Record, Revoked, What};
