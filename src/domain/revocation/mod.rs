//! What is said of access that has ended, and to whom? `docs/revocation.md` is
//! the contract.
//!
//! * [`record`]: one entry of a tenant's log

mod record;

pub use record::{Credential, News, Record, Revoked, What};
