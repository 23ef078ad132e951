//! What does the tenant answer?

use super::{
    clock::now,
    config::{Config, ConfigRefusal},
    fault::Fault,
    key_ring::KeyRing,
    net::Net,
};
use crate::{
    json::{self, Object},
    secret::Secret,
    time::Now,
    token::Keys,
};
use base64ct::{Base64, Encoding};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Mutex as AsyncMutex, OnceCell};
use url::{Url, form_urlencoded};

/// What the feed asks for.
const SCOPE: &str = "revocations.read";
/// A token is replaced so long before it expires.
const TOKEN_MARGIN_MS: u64 = 30_000;
/// No access token is longer.
const TOKEN_BYTES_MAX: usize = 16_384;

/// One tenant, as its discovery document describes it.
pub(super) struct Tenant {
    pub(super) config: Config,
    pub(super) net: Net,
    endpoints: OnceCell<Endpoints>,
    keys: Mutex<KeyRing>,
    /// Whoever holds it reads the keys; everybody else waits for them.
    reading: AsyncMutex<()>,
    token: AsyncMutex<Option<(Secret, Now)>>,
}

struct Endpoints {
    jwks: Url,
    token: Url,
    introspection: Url,
}

impl Tenant {
    pub(super) fn new(config: Config) -> Result<Self, ConfigRefusal> {
        let net = Net::new(config.origin()?, config.connect.clone())?;
        Ok(Self {
            config,
            net,
            endpoints: OnceCell::new(),
            keys: Mutex::default(),
            reading: AsyncMutex::default(),
            token: AsyncMutex::default(),
        })
    }

    /// The tenant's keys: read again when they are old, or when a token named
    /// one that is not among them.
    pub(super) async fn keys(&self, is_one_unknown: bool) -> Result<Arc<Keys>, Fault> {
        if !self.wants_keys(is_one_unknown)
            && let Some(keys) = self.usable_keys()
        {
            return Ok(keys);
        }
        let _reading = self.reading.lock().await;
        // Somebody may have read them while we waited.
        if self.wants_keys(is_one_unknown) {
            self.ring(|ring| ring.trying(now()));
            match self.read_keys().await {
                Ok(keys) => self.ring(|ring| ring.put(keys, now())),
                Err(fault) => return self.usable_keys().ok_or(fault),
            }
        }
        self.usable_keys().ok_or(Fault::Answer("the key set"))
    }

    /// An access token for the feed; a new one when the last has expired or `is_spent`.
    pub(super) async fn token(&self, is_spent: bool) -> Result<Secret, Fault> {
        let mut held = self.token.lock().await;
        if let Some((token, until)) = held.as_ref()
            && !is_spent
            && now().wall_ms < until.wall_ms
        {
            return Ok(token.clone());
        }
        let endpoints = self.endpoints().await?;
        let form = form(&[("grant_type", "client_credentials"), ("scope", SCOPE)]);
        let answer = self.submit(&endpoints.token, form).await?;
        let granted = answer.granted("the token request")?;
        let unusable = Fault::Answer("the token request");
        let members = json::object(&granted).ok_or(unusable.clone())?;
        let token = members.get("access_token").and_then(|token| token.as_str());
        let token = token.filter(|token| token.len() <= TOKEN_BYTES_MAX);
        let token = Secret::new(token.ok_or(unusable)?);
        let life_ms = json::whole(&members, "expires_in")
            .unwrap_or(0)
            .saturating_mul(1_000);
        let mut until = now();
        until.wall_ms = until
            .wall_ms
            .saturating_add(life_ms.saturating_sub(TOKEN_MARGIN_MS));
        *held = Some((token.clone(), until));
        Ok(token)
    }

    /// Whether the tenant itself holds this token for active ([RFC 7662]).
    ///
    /// [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662
    pub(super) async fn is_active(&self, token: &str) -> Result<bool, Fault> {
        let endpoints = self.endpoints().await?;
        let form = form(&[("token", token), ("token_type_hint", "access_token")]);
        let answer = self.submit(&endpoints.introspection, form).await?;
        let told = answer.granted("the introspection")?;
        let members = json::object(&told);
        let active = members.and_then(|members| members.get("active")?.as_bool());
        active.ok_or(Fault::Answer("the introspection"))
    }

    async fn submit(&self, url: &Url, form: String) -> Result<super::http::Answer, Fault> {
        // Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
        let encoded =
            |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
        let id = encoded(&self.config.client_id);
        let secret = encoded(self.config.client_secret.expose());
        let pair = Secret::new(format!("{id}:{secret}"));
        let basic = Base64::encode_string(pair.expose().as_bytes());
        let authorization = Secret::new(format!("Basic {basic}"));
        self.net.submit(url, authorization.expose(), form).await
    }

    async fn endpoints(&self) -> Result<&Endpoints, Fault> {
        self.endpoints
            .get_or_try_init(async || {
                let url = self.net.url("/.well-known/openid-configuration");
                let document = self.net.read(&url).await?.granted("discovery")?;
                let unusable = Fault::Answer("discovery");
                let members = json::object(&document).ok_or(unusable.clone())?;
                self.parse_endpoints(&members).ok_or(unusable)
            })
            .await
    }

    /// The endpoints of the tenant's own document (OpenID Connect Discovery
    /// §4.3), all at its own origin.
    fn parse_endpoints(&self, members: &Object) -> Option<Endpoints> {
        if json::text(members, "issuer") != Some(&self.config.issuer) {
            return None;
        }
        let endpoint = |name| {
            let url = Url::parse(json::text(members, name)?).ok()?;
            self.net.is_ours(&url).then_some(url)
        };
        Some(Endpoints {
            jwks: endpoint("jwks_uri")?,
            token: endpoint("token_endpoint")?,
            introspection: endpoint("introspection_endpoint")?,
        })
    }

    async fn read_keys(&self) -> Result<Keys, Fault> {
        let endpoints = self.endpoints().await?;
        let document = self.net.read(&endpoints.jwks).await?;
        let document = document.granted("the key set")?;
        Keys::parse(&document).ok_or(Fault::Answer("the key set"))
    }

    fn wants_keys(&self, is_one_unknown: bool) -> bool {
        self.ring(|ring| ring.wants(is_one_unknown, now()))
    }

    fn usable_keys(&self) -> Option<Arc<Keys>> {
        self.ring(|ring| ring.usable(now()))
    }

    fn ring<T>(&self, work: impl FnOnce(&mut KeyRing) -> T) -> T {
        work(&mut self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn form(members: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(members)
        .finish()
}
