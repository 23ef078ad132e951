//! Which tenants exist, and under which names.
//!
//! One for the whole deployment, off the request path: gateways remember what
//! it said for a minute.

mod handler;
mod message;
mod schema;
mod state;
#[cfg(test)]
mod tests;

pub use message::*;

use crate::actors::runtime::Address;

/// Tenants one directory holds.
pub const TENANTS_MAX: u32 = 100_000;

/// Custom hostnames of one tenant.
pub const HOSTNAMES_MAX: usize = 20;

/// Items in one page of a list.
pub const PAGE_MAX: u32 = 100;

/// The actor that knows the tenants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Directory;

impl Directory {
    /// Where it lives.
    #[must_use]
    pub fn address() -> Address<Self> {
        Address::new("directory".to_owned())
    }
}
