//! Which keys does a tenant sign with and publish?

use super::{platform::Platform, trouble::Trouble, visit::Visit};
use crate::{
    actors::{
        jwks::{Jwks, Lease, Leased, OfferRsa},
        runtime::{Actors, Fault},
    },
    domain::{
        keys::{Algorithm, Crypto, CryptoFault, Kid, OpenRefusal, PublicJwk, SigningKey},
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

    fn signing(&self, alg: Algorithm) -> Result<&SigningKey, Trouble> {
        let key = self.signing.iter().find(|key| key.algorithm() == alg);
        key.ok_or(Fault::Corrupt("no key signs with this algorithm").into())
    }
}

impl From<CryptoFault> for Trouble {
    fn from(fault: CryptoFault) -> Self {
        Fault::Unreachable(fault.to_string()).into()
    }
}

impl From<OpenRefusal> for Trouble {
    fn from(refusal: OpenRefusal) -> Self {
        Fault::Unreachable(format!("a signing key is {refusal}")).into()
    }
}

impl<P: Platform> Visit<'_, P> {
    /// The tenant's keys: from memory while the lease runs, else one call, and
    /// the making of an RSA key the first time.
    ///
    /// # Errors
    /// When the keeper of keys or the platform's cryptography fails.
    pub async fn keys(&self) -> Result<Rc<TenantKeys>, Trouble> {
        let cache = &self.gateway.memory.keys;
        if let Some(known) = cache.find(&self.home.id, self.now) {
            return Ok(known);
        }
        let tenant = self.home.id;
        let mut leased = self.mail.ask(&Jwks::address(), Lease { tenant }).await?;
        for epoch in leased.lacks_rsa.clone() {
            let key = self.platform().crypto().make_rsa().await?;
            let master_keys = &self.platform().settings().master_keys;
            let sealed = key.seal(master_keys, tenant, &mut self.entropy())?;
            let offer = OfferRsa {
                tenant,
                epoch,
                sealed,
                public: key.public().clone(),
            };
            leased = self.mail.ask(&Jwks::address(), offer).await?;
        }
        let keys = Rc::new(self.open(&leased)?);
        cache.put(tenant, Rc::clone(&keys), leased.until);
        Ok(keys)
    }

    fn open(&self, leased: &Leased) -> Result<TenantKeys, Trouble> {
        let master_keys = &self.platform().settings().master_keys;
        let sealed = leased.keys.iter().filter_map(|key| key.signing.as_ref());
        let signing = sealed.map(|sealed| SigningKey::open(master_keys, self.home.id, sealed));
        Ok(TenantKeys {
            public: leased.keys.iter().map(|key| key.public.clone()).collect(),
            signing: signing.collect::<Result<_, _>>()?,
        })
    }

    /// Signs a token with the tenant's current key of an algorithm.
    ///
    /// # Errors
    /// When the keys cannot be had or the platform's cryptography fails.
    pub async fn sign<C: Claims>(&self, alg: Algorithm, claims: &C) -> Result<String, Trouble> {
        let keys = self.keys().await?;
        let key = keys.signing(alg)?;
        Ok(jwt::sign(self.platform().crypto(), key, claims).await?)
    }
}
