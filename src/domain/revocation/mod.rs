//! What is said of access that has ended, and to whom? `docs/revocation.md` is
//! the contract.
//!
//! * [`record`]: one entry of a tenant's log
//! * [`cursor`]: a place in it
//! * [`set`]: how an entry is told to a resource server
//! * [`frames`]: what is said over a socket
//! * [`listener`]: what is asked of whoever listens on it
//! * [`tab`]: what a browser tab and its own session say to each other

mod cursor;
pub mod frames;
pub mod listener;
mod record;
pub mod set;
pub mod tab;

pub use cursor::{Cursor, Epoch, Seq};
pub use record::{Credential, News, Record, Revoked, What};
pub use set::{RevokedEvent, SetClaims};
