//! What does the tenant answer?

use super::{config::Config, key_ring::KeyRing};
use crate::token::Keys;
use aero2_tenant::{Access, ConfigRefusal, Fault, Net, Secret, Token, json, now};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Mutex as AsyncMutex;

const INTROSPECTION: &str = "the introspection";
const KEY_SET: &str = "the key set";

/// One tenant, as its discovery document describes it.
pub(super) struct Tenant {
    pub(super) config: Config,
    access: Arc<Access>,
    keys: Mutex<KeyRing>,
    /// Whoever holds it reads the keys; everybody else waits for them.
    reading: AsyncMutex<()>,
    /// What the feed last connected with.
    used: Mutex<Option<Token>>,
}

impl Tenant {
    pub(super) fn new(config: Config) -> Result<Self, ConfigRefusal> {
        let access = Access::new(config.client(), config.dial.clone())?;
        Ok(Self {
            config,
            access: Arc::new(access),
            keys: Mutex::default(),
            reading: AsyncMutex::default(),
            used: Mutex::default(),
        })
    }

    /// The tenant's machine.
    pub(super) fn net(&self) -> &Net {
        self.access.net()
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
        self.usable_keys().ok_or(Fault::Answer(KEY_SET))
    }

    /// An access token for the feed; a new one when the last has expired or `is_spent`.
    pub(super) async fn token(&self, is_spent: bool) -> Result<Secret, Fault> {
        let used = || self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let spent = used().clone().filter(|_| is_spent);
        let token = self.access.token(spent.as_ref()).await?;
        *used() = Some(token.clone());
        Ok(token.text)
    }

    /// Whether the tenant itself holds this token for active ([RFC 7662]).
    ///
    /// [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662
    pub(super) async fn is_active(&self, token: &str) -> Result<bool, Fault> {
        let endpoint = self.access.endpoint("introspection_endpoint").await?;
        let form = [("token", token), ("token_type_hint", "access_token")];
        let told = self.access.submit(&endpoint, &form).await?;
        let members = json::object(&told.granted(INTROSPECTION)?);
        let active = members.and_then(|members| members.get("active")?.as_bool());
        active.ok_or(Fault::Answer(INTROSPECTION))
    }

    async fn read_keys(&self) -> Result<Keys, Fault> {
        let endpoint = self.access.endpoint("jwks_uri").await?;
        let document = self.access.read(endpoint.path()).await?;
        Keys::parse(&document.granted(KEY_SET)?).ok_or(Fault::Answer(KEY_SET))
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
