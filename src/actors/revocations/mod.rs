//! A tenant's revocation log, and the resource servers that listen to it.
//!
//! The courier appends; every resource server holds a socket, and says where
//! it stands when it comes back. `docs/revocation.md` is the contract, and
//! ADR 8 says how records are numbered.
//!
//! * [`handler`](self): appending, and dispatch
//! * `attach`: a resource server comes
//! * `hear`: what it says
//! * `replay`: what it is told of what it has missed
//! * [`streams`]: the receivers of Shared Signals
//! * `tend`: what is done by the clock

mod attach;
mod handler;
mod hear;
mod limits;
mod memory;
mod message;
mod replay;
mod schema;
mod state;
mod streams;
mod tend;
#[cfg(test)]
mod tests;

pub use limits::*;
pub use message::*;
pub use streams::*;

use crate::{
    actors::runtime::Address,
    domain::{
        ids::{TenantId, base32},
        keys::MasterKeys,
        oauth::ClientId,
        revocation::listener::Listener,
        secret::TokenDigest,
        time::Timestamp,
    },
};
use serde::{Deserialize, Serialize};

/// The actor of a tenant's log.
pub struct Revocations {
    /// What its streams' headers are sealed under.
    pub master_keys: MasterKeys,
}

impl Revocations {
    /// Where a tenant's log lives.
    #[must_use]
    pub fn address(tenant: TenantId) -> Address<Self> {
        Address::new(tenant.to_string())
    }
}

/// The tag of every feed.
const FEED: &str = "feed";

/// What is kept with a feed's socket.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    /// The issuer it was opened at.
    issuer: String,
    /// When its token expires.
    until: Timestamp,
    /// Whether it was asked to come back with another, or came too late for that.
    is_drained: bool,
    listener: Listener,
}

impl Kept {
    /// When something is to be done about its token.
    const fn due(&self) -> Timestamp {
        if self.is_drained {
            self.until
        } else {
            self.until.plus(-DRAIN_MS)
        }
    }
}

/// The tag of an issuer's feeds. A digest, for an origin is longer than a tag
/// may be.
fn issuer_tag(issuer: &str) -> String {
    tag("iss", issuer)
}

/// The tag of a client's feeds.
fn client_tag(client: &ClientId) -> String {
    tag("cli", client.as_str())
}

fn tag(kind: &str, text: &str) -> String {
    let digest = TokenDigest::of(text.as_bytes());
    format!("{kind}:{}", base32(digest.as_bytes()))
}
