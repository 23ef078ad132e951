//! The keeper of keys: epochs, their root seeds, and the tenants' RSA keys, all
//! sealed under the operator's master key.
//!
//! The authority for keys, never on the hot path: gateways lease a tenant's
//! keys for minutes and sign by themselves.

mod handler;
mod memory;
mod message;
mod rotation;
mod schema;
mod state;
#[cfg(test)]
mod tests;

pub use message::*;

use crate::{
    actors::{revocations::SET_LIFE_MS_MAX, runtime::Address},
    domain::{
        keys::{MasterKeys, epoch::RotationPolicy},
        time::{DAY_MS, MINUTE_MS},
    },
};

/// How long a gateway may use what it has leased (DESIGN §4).
pub const LEASE_MS_MAX: i64 = 5 * MINUTE_MS;

/// How epochs follow one another.
///
/// An epoch signs for a month. It is announced a day before, because many
/// verifiers keep a key set for a day whatever its `max-age` says, and waiting
/// costs nothing. No access or ID token lives longer than an hour, but a
/// resource server that was away is told of revocations by the tokens that were
/// signed when they happened.
pub const ROTATION: RotationPolicy = RotationPolicy {
    sign_ms: 30 * DAY_MS,
    jwks_max_age_ms: DAY_MS,
    lease_ms_max: LEASE_MS_MAX,
    token_life_ms_max: SET_LIFE_MS_MAX,
};

/// The keeper of keys.
pub struct Jwks {
    /// What everything in its rows is sealed under.
    pub master_keys: MasterKeys,
}

impl Jwks {
    /// Where it lives.
    #[must_use]
    pub fn address() -> Address<Self> {
        Address::new("jwks".to_owned())
    }
}
