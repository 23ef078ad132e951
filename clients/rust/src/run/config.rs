//! Whose tokens are verified, and how strictly?

use crate::{feed::Limits, secret::Secret, time::LEEWAY_S_MAX, token::Expectations};
use core::time::Duration;
use url::{Host, Url};

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

/// Why a configuration is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigRefusal {
    /// Not an origin such as `https://acme.example`.
    #[error("the issuer is not an origin: scheme, host and perhaps a port")]
    Issuer,
    /// Tokens and secrets would travel in the clear.
    #[error("the issuer must be https, unless it is on this machine")]
    Insecure,
    /// The system's certificate store is empty or unreadable.
    #[error("no root certificates were found")]
    Certificates,
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
    pub(super) connect: Option<String>,
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
            connect: None,
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
        self.connect = Some(address.to_owned());
        self
    }

    pub(super) fn expectations(&self) -> Expectations {
        Expectations {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            leeway_s: self.leeway_s,
        }
    }

    /// The issuer as an address, if secrets may be sent there.
    pub(super) fn origin(&self) -> Result<Url, ConfigRefusal> {
        let url = Url::parse(&self.issuer).map_err(|_| ConfigRefusal::Issuer)?;
        if url.origin().ascii_serialization() != self.issuer {
            return Err(ConfigRefusal::Issuer);
        }
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_local => Ok(url),
            "http" => Err(ConfigRefusal::Insecure),
            _ => Err(ConfigRefusal::Issuer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(issuer: &str) -> Result<Url, ConfigRefusal> {
        Config::new(issuer, "api", "feed", "hunter2").origin()
    }

    #[test]
    fn an_issuer_is_a_secure_origin() {
        for issuer in [
            "https://acme.example",
            "https://acme.example:8443",
            "http://acme.localhost:8787",
            "http://127.0.0.1:8787",
            "http://[::1]:8787",
        ] {
            assert!(origin(issuer).is_ok(), "{issuer}");
        }
        for issuer in ["http://acme.example", "http://localhost.example"] {
            assert_eq!(origin(issuer), Err(ConfigRefusal::Insecure), "{issuer}");
        }
        for issuer in [
            "",
            "acme.example",
            "https://acme.example/",
            "https://acme.example/x",
            "https://u:p@acme.example",
            "https://acme.example:443",
            "ftp://acme.example",
        ] {
            assert_eq!(origin(issuer), Err(ConfigRefusal::Issuer), "{issuer}");
        }
    }

    #[test]
    fn a_configuration_prints_no_secret() {
        let config = Config::new("https://acme.example", "api", "feed", "hunter2");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
