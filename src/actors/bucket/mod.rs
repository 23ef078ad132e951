//! The state of one rate-limited subject under one policy.

mod handler;
mod memory;
mod message;
#[cfg(test)]
mod oracle_tests;
mod schema;
mod state;
#[cfg(test)]
mod tests;

pub use memory::{LINGER_MS, Memory};
pub use message::*;

use crate::{
    actors::runtime::Address,
    domain::ids::{TenantId, base32},
};

/// The actor of one bucket.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket;

impl Bucket {
    /// Where a bucket lives. The policy's name is free text and so stands with
    /// its length; the subject (an address, an account) is known by its MAC
    /// alone, so that nobody reads it out of a name.
    #[must_use]
    pub fn address(tenant: TenantId, policy: &str, subject: &[u8; 32]) -> Address<Self> {
        Address::new(format!(
            "{tenant}/{}:{policy}/{}",
            policy.len(),
            base32(subject)
        ))
    }
}
