//! State machines over their own rows: one message, one transaction.
//!
//! Each actor's folder has the same files: `message` says what it can be asked,
//! `handler` answers, `state` reads and writes rows, `schema` holds the SQL,
//! `tests` run it on the native store.

mod acts;
pub mod archive;
pub mod bucket;
pub mod courier;
pub mod directory;
pub mod jwks;
pub mod live;
pub mod registry;
pub mod revocations;
pub mod rows;
pub mod runtime;
pub mod session;
#[cfg(test)]
pub(crate) mod stage;
pub mod tenant;
