//! Who carries news out of an actor when signing or somebody else's server is
//! involved?
//!
//! An actor cannot wait, so it cannot sign or send. It tells the courier, as it
//! would tell an actor: from its outbox, at least once, retried with back-off
//! until the courier answers. The courier has no rows and no name of its own;
//! it runs wherever the news is delivered from, and is part of the gateway
//! ([`crate::gateway::courier`]).

mod message;

pub use message::*;

use crate::{actors::runtime::Address, domain::ids::TenantId};

/// The courier.
#[derive(Clone, Copy, Debug, Default)]
pub struct Courier;

impl Courier {
    /// The courier, on behalf of a tenant.
    #[must_use]
    pub fn address(tenant: TenantId) -> Address<Self> {
        Address::new(tenant.to_string())
    }
}
