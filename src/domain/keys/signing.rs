//! What does a private signing key consist of?

use super::crypto::CryptoFault;
use super::jwk::{Algorithm, Kid, PublicJwk, PublicKey};
use super::master::{MasterKeys, OpenRefusal, Purpose, Sealed};
use crate::domain::entropy::Entropy;
use crate::domain::ids::TenantId;
use crate::domain::secret::Secret;
use crate::domain::tree;
use zeroize::Zeroize;

/// A private key, its public half and the name others know it by.
///
/// Its algorithm follows from its material, so that a key can never be used
/// with another ([RFC 8725 §3.1]).
///
/// [RFC 8725 §3.1]: https://www.rfc-editor.org/rfc/rfc8725#section-3.1
#[derive(Clone, Debug)]
pub struct SigningKey {
    material: Material,
    public: PublicJwk,
}

/// The private half of a key.
#[derive(Clone, Debug)]
pub enum Material {
    /// The 32-byte seed of an Ed25519 key ([RFC 8032 §5.1.5]).
    ///
    /// [RFC 8032 §5.1.5]: https://www.rfc-editor.org/rfc/rfc8032#section-5.1.5
    Ed25519(Secret<[u8; 32]>),
    /// The scalar of a P-256 key, big-endian.
    P256(Secret<[u8; 32]>),
    /// The PKCS#8 DER of an RSA key ([RFC 5208]).
    ///
    /// [RFC 5208]: https://www.rfc-editor.org/rfc/rfc5208
    Rsa(Secret<Vec<u8>>),
}

impl SigningKey {
    /// The Ed25519 key of this seed.
    #[must_use]
    pub fn ed25519(seed: Secret<[u8; 32]>) -> Self {
        let public = ed25519_dalek::SigningKey::from_bytes(seed.expose()).verifying_key();
        Self {
            public: PublicJwk::named(PublicKey::Ed25519(public.to_bytes())),
            material: Material::Ed25519(seed),
        }
    }

    /// The P-256 key of this scalar; `None` when it is 0 or beyond the order.
    #[must_use]
    pub fn p256(scalar: Secret<[u8; 32]>) -> Option<Self> {
        let key = p256::ecdsa::SigningKey::from_slice(scalar.expose()).ok()?;
        let public = PublicKey::of_p256(key.verifying_key())?;
        Some(Self {
            public: PublicJwk::named(public),
            material: Material::P256(scalar),
        })
    }

    /// The RSA key the host made; `None` when `public` is not an RSA key.
    ///
    /// That both halves belong together is the host's word.
    #[must_use]
    pub fn rsa(pkcs8: Secret<Vec<u8>>, public: PublicKey) -> Option<Self> {
        matches!(public, PublicKey::Rsa { .. }).then(|| Self {
            public: PublicJwk::named(public),
            material: Material::Rsa(pkcs8),
        })
    }

    /// Its private half.
    #[must_use]
    pub const fn material(&self) -> &Material {
        &self.material
    }

    /// Its public half, as published.
    #[must_use]
    pub const fn public(&self) -> &PublicJwk {
        &self.public
    }

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Its name: the thumbprint of its public half.
    #[must_use]
    pub fn kid(&self) -> Kid {
        let kid = self.public.kid().cloned();
        kid.unwrap_or_else(|| self.public.key().thumbprint())
    }

    /// Seals it for its tenant: to be stored, or leased to a gateway.
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn seal(
        &self,
        keys: &MasterKeys,
        tenant: TenantId,
        entropy: &mut dyn Entropy,
    ) -> Result<Sealed, CryptoFault> {
        let private = match &self.material {
            Material::Ed25519(bytes) | Material::P256(bytes) => bytes.expose().as_slice(),
            Material::Rsa(der) => der.expose(),
        };
        let plain = rmp_serde::to_vec(&(self.public(), private))
            .map(Secret::new)
            .map_err(|_| CryptoFault::Encoding)?;
        Ok(keys.seal(
            Purpose::SigningKey,
            tenant.as_bytes(),
            plain.expose(),
            entropy,
        ))
    }

    /// Opens what was sealed for `tenant`.
    ///
    /// # Errors
    /// When it was not sealed for it, or not by us.
    pub fn open(keys: &MasterKeys, tenant: TenantId, sealed: &Sealed) -> Result<Self, OpenRefusal> {
        let plain = keys.open(Purpose::SigningKey, tenant.as_bytes(), sealed)?;
        let (public, mut private) = tree::with_bytes_from_pack::<PublicJwk>(plain.expose())
            .map_err(|_| OpenRefusal::Shape)?;
        let opened = match public.algorithm() {
            Algorithm::Rs256 => Self::rsa(Secret::new(private), public.into_key()),
            algorithm => {
                let seed = <[u8; 32]>::try_from(private.as_slice()).map(Secret::new);
                private.zeroize();
                let seed = seed.map_err(|_| OpenRefusal::Shape)?;
                match algorithm {
                    Algorithm::Es256 => Self::p256(seed),
                    _ => Some(Self::ed25519(seed)),
                }
            }
        };
        opened.ok_or(OpenRefusal::Shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;

    #[test]
    fn a_leased_key_opens_for_its_tenant_only() {
        let entropy = &mut Seeded::new(1);
        let keys = MasterKeys::generate(entropy);
        let (ours, theirs) = (TenantId::generate(entropy), TenantId::generate(entropy));
        let rsa = PublicKey::Rsa {
            n: vec![0xff; 256],
            e: vec![1, 0, 1],
        };
        for key in [
            SigningKey::ed25519(Secret::new([1; 32])),
            SigningKey::p256(Secret::new([2; 32])).unwrap(),
            SigningKey::rsa(Secret::new(vec![3; 1_200]), rsa).unwrap(),
        ] {
            let sealed = key.seal(&keys, ours, entropy).unwrap();
            let opened = SigningKey::open(&keys, ours, &sealed).unwrap();
            assert_eq!(opened.kid(), key.kid());
            assert_eq!(opened.algorithm(), key.algorithm());
            assert!(SigningKey::open(&keys, theirs, &sealed).is_err());
        }
    }

    #[test]
    fn a_scalar_out_of_range_is_no_key() {
        assert!(SigningKey::p256(Secret::new([0; 32])).is_none());
        assert!(SigningKey::p256(Secret::new([0xff; 32])).is_none());
    }
}
