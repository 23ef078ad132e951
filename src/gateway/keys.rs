//! Which keys does a tenant sign with and publish?

use super::{Gateway, platform::Platform, trouble::Trouble, visit::Visit};
use crate::{
    actors::{
        jwks::{Jwks, Lease, Leased, OfferRsa},
        runtime::{Actors, Fault, Mail},
    },
    domain::{
        ids::TenantId,
        keys::{Algorithm, Crypto, CryptoFault, Kid, OpenRefusal, PublicJwk, SigningKey},
        time::Timestamp,
        token::jwt::{self, Claims},
    },
};
use std::rc::Rc;

/// A tenant's keys, opened in this isolate for as long as the lease runs.
pub struct TenantKeys {
    public: Vec<PublicJwk>,
    signing: Vec<SigningKey>,
}

impl TenantKeys {
    /// Every key that verifies, newest epoch first.
    #[must_use]
    pub fn public(&self) -> &[PublicJwk] {
        &self.public
    }

    /// The key that made a signature, by its `kid`.
    #[must_use]
    pub fn find(&self, kid: &Kid) -> Option<&PublicJwk> {
        self.public.iter().find(|key| key.kid() == Some(kid))
    }

    fn signing(&self, alg: Algorithm) -> Result<&SigningKey, Fault> {
        let key = self.signing.iter().find(|key| key.algorithm() == alg);
        key.ok_or(Fault::Corrupt("no key signs with this algorithm"))
    }
}

impl From<CryptoFault> for Trouble {
    fn from(fault: CryptoFault) -> Self {
        unusable(&fault).into()
    }
}

fn unusable(fault: &CryptoFault) -> Fault {
    Fault::Unreachable(fault.to_string())
}

fn unopened(refusal: OpenRefusal) -> Fault {
    Fault::Unreachable(format!("a signing key is {refusal}"))
}

impl<P: Platform> Gateway<P> {
    /// A tenant's keys: from memory while the lease runs, else one call, and the
    /// making of an RSA key the first time.
    ///
    /// # Errors
    /// When the keeper of keys or the platform's cryptography fails.
    pub(super) async fn keys(
        &self,
        mail: &Mail<P::Transport>,
        tenant: TenantId,
        now: Timestamp,
    ) -> Result<Rc<TenantKeys>, Fault> {
        let cache = &self.memory.keys;
        if let Some(known) = cache.find(&tenant, now) {
            return Ok(known);
        }
        let mut leased = mail.ask(&Jwks::address(), Lease { tenant }).await?;
        for epoch in leased.lacks_rsa.clone() {
            let key = self.platform.crypto().make_rsa().await;
            let key = key.map_err(|fault| unusable(&fault))?;
            let master_keys = &self.platform.settings().master_keys;
            let sealed = key.seal(master_keys, tenant, &mut self.platform.entropy());
            let offer = OfferRsa {
                tenant,
                epoch,
                sealed: sealed.map_err(|fault| unusable(&fault))?,
                public: key.public().clone(),
            };
            leased = mail.ask(&Jwks::address(), offer).await?;
        }
        let keys = Rc::new(self.open(tenant, &leased)?);
        cache.put(tenant, Rc::clone(&keys), leased.until);
        Ok(keys)
    }

    fn open(&self, tenant: TenantId, leased: &Leased) -> Result<TenantKeys, Fault> {
        let master_keys = &self.platform.settings().master_keys;
        let sealed = leased.keys.iter().filter_map(|key| key.signing.as_ref());
        let signing = sealed.map(|sealed| SigningKey::open(master_keys, tenant, sealed));
        let signing: Result<_, OpenRefusal> = signing.collect();
        Ok(TenantKeys {
            public: leased.keys.iter().map(|key| key.public.clone()).collect(),
            signing: signing.map_err(unopened)?,
        })
    }

    /// Signs a token with one of a tenant's keys.
    ///
    /// # Errors
    /// When none signs with this algorithm, or the platform's cryptography
    /// fails.
    pub(super) async fn sign<C: Claims>(
        &self,
        keys: &TenantKeys,
        alg: Algorithm,
        claims: &C,
    ) -> Result<String, Fault> {
        let signed = jwt::sign(self.platform.crypto(), keys.signing(alg)?, claims).await;
        signed.map_err(|fault| unusable(&fault))
    }
}

impl<P: Platform> Visit<'_, P> {
    /// The tenant's keys: from memory while the lease runs, else one call, and
    /// the making of an RSA key the first time.
    ///
    /// # Errors
    /// When the keeper of keys or the platform's cryptography fails.
    pub async fn keys(&self) -> Result<Rc<TenantKeys>, Trouble> {
        let keys = self.gateway.keys(&self.mail, self.home.id, self.now);
        Ok(keys.await?)
    }

    /// Signs a token with the tenant's current key of an algorithm.
    ///
    /// # Errors
    /// When the keys cannot be had or the platform's cryptography fails.
    pub async fn sign<C: Claims>(&self, alg: Algorithm, claims: &C) -> Result<String, Trouble> {
        let keys = self.keys().await?;
        Ok(self.gateway.sign(&keys, alg, claims).await?)
    }
}
