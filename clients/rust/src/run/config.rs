//! Whose tokens are verified, and how strictly?

use crate::{feed::Limits, time::LEEWAY_S_MAX, token::Expectations};
use aero2_tenant::{Client, Dial, Secret};
use core::time::Duration;

/// What the feed asks for.
const SCOPE: &str = "revocations.read";

/// What to do with a good token while it is uncertain whether it was revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Ask the tenant (RFC 7662); refuse when it cannot be asked.
    #[default]
    Introspect,
    /// Refuse.
    Deny,
    /// Accept: a revoked token may then be used until it expires.
    Allow,
}

/// Whose tokens are verified, for whom, and what happens when in doubt.
#[derive(Clone, Debug)]
pub struct Config {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) feed_audiences: Vec<String>,
    pub(super) policy: Policy,
    pub(super) leeway_s: u64,
    pub(super) limits: Limits,
    pub(super) dial: Dial,
}

impl Config {
    /// For the tenant of `issuer`, at the resource server `audience`, which is
    /// the client `client_id` with scope `revocations.read`.
    #[must_use]
    pub fn new(issuer: &str, audience: &str, client_id: &str, client_secret: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: Secret::new(client_secret),
            feed_audiences: vec![issuer.to_owned(), audience.to_owned()],
            policy: Policy::default(),
            leeway_s: 5,
            limits: Limits::default(),
            dial: Dial::ByName,
        }
    }

    /// What happens while it is uncertain whether a token was revoked.
    #[must_use]
    pub const fn when_uncertain(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// How far clocks may differ: 5 s unless said, a minute at most.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway_s = leeway.as_secs().min(LEEWAY_S_MAX);
        self
    }

    /// How much is kept, and for how long it counts.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The tenant's default audience, to which its feed is addressed. Unless
    /// said, either the issuer or this resource server.
    #[must_use]
    pub fn feed_audience(mut self, audience: &str) -> Self {
        self.feed_audiences = vec![audience.to_owned()];
        self
    }

    /// Connects to this `host:port` whatever the issuer's name resolves to.
    /// Certificates are checked against the issuer's name all the same.
    #[must_use]
    pub fn connect(mut self, address: &str) -> Self {
        self.dial = Dial::To(address.to_owned());
        self
    }

    pub(super) fn expectations(&self) -> Expectations {
        Expectations {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            leeway_s: self.leeway_s,
        }
    }

    /// As whom the tenant is asked.
    pub(super) fn client(&self) -> Client {
        Client {
            issuer: self.issuer.clone(),
            id: self.client_id.clone(),
            secret: self.client_secret.clone(),
            scope: SCOPE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_prints_no_secret() {
        let config = Config::new("https://acme.example", "api", "feed", "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
