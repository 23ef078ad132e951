//! How does a tenant get its keys from an epoch's root seed?
//!
//! By HKDF, so that every tenant has its own and none is stored: a token of one
//! tenant can never verify under another's key.

use super::crypto::CryptoFault;
use super::jwk::Algorithm;
use super::master::{MasterKeys, OpenRefusal, Purpose, Sealed};
use super::prf::derive;
use super::signing::SigningKey;
use crate::domain::entropy::{Entropy, draw};
use crate::domain::ids::TenantId;
use crate::domain::secret::Secret;
use serde::{Deserialize, Serialize};

const SALT: &[u8] = b"aero2 tenant signing key v1";

/// Candidates for a P-256 scalar before giving up. One is out of range once in
/// 2^32, so eight never are.
const CANDIDATES_MAX: u8 = 8;

/// Which epoch of keys; later ones have higher numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpochNumber(pub u32);

impl core::fmt::Display for EpochNumber {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&self.0, f)
    }
}

/// The secret of one epoch, from which every tenant's keys follow.
#[derive(Clone, Debug)]
pub struct RootSeed(Secret<[u8; 32]>);

impl RootSeed {
    /// A new seed nobody can guess.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        Self(Secret::new(draw(entropy)))
    }

    /// Seals it, to be stored as the seed of `epoch`.
    pub fn seal(&self, keys: &MasterKeys, epoch: EpochNumber, entropy: &mut dyn Entropy) -> Sealed {
        let owner = epoch.0.to_be_bytes();
        keys.seal(Purpose::RootSeed, &owner, self.0.expose(), entropy)
    }

    /// Opens the stored seed of `epoch`.
    ///
    /// # Errors
    /// When it was sealed for another epoch or under another master key.
    pub fn open(
        keys: &MasterKeys,
        epoch: EpochNumber,
        sealed: &Sealed,
    ) -> Result<Self, OpenRefusal> {
        let plain = keys.open(Purpose::RootSeed, &epoch.0.to_be_bytes(), sealed)?;
        let seed = plain.expose().as_slice().try_into();
        seed.map(Secret::new)
            .map(Self)
            .map_err(|_| OpenRefusal::Shape)
    }

    /// The tenant's Ed25519 key in `epoch`.
    #[must_use]
    pub fn ed25519(&self, tenant: TenantId, epoch: EpochNumber) -> SigningKey {
        SigningKey::ed25519(self.candidate(tenant, epoch, Algorithm::EdDsa, 0))
    }

    /// The tenant's P-256 key in `epoch`.
    ///
    /// Candidates outside the order are rejected, so that every key is equally
    /// likely ([FIPS 186-5 A.2.2]).
    ///
    /// # Errors
    /// Never in practice: see [`CryptoFault::Derivation`].
    ///
    /// [FIPS 186-5 A.2.2]: https://doi.org/10.6028/NIST.FIPS.186-5
    pub fn p256(&self, tenant: TenantId, epoch: EpochNumber) -> Result<SigningKey, CryptoFault> {
        (0..CANDIDATES_MAX)
            .map(|attempt| self.candidate(tenant, epoch, Algorithm::Es256, attempt))
            .find_map(SigningKey::p256)
            .ok_or(CryptoFault::Derivation)
    }

    fn candidate(
        &self,
        tenant: TenantId,
        epoch: EpochNumber,
        algorithm: Algorithm,
        attempt: u8,
    ) -> Secret<[u8; 32]> {
        Secret::new(derive(
            self.0.expose(),
            SALT,
            &[
                tenant.as_bytes(),
                &epoch.0.to_be_bytes(),
                algorithm.name().as_bytes(),
                &[attempt],
            ],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;
    use std::collections::BTreeSet;

    #[test]
    fn every_tenant_epoch_and_algorithm_has_its_own_key() {
        let entropy = &mut Seeded::new(1);
        let seeds = [RootSeed::generate(entropy), RootSeed::generate(entropy)];
        let tenants = [TenantId::generate(entropy), TenantId::generate(entropy)];
        let mut kids = BTreeSet::new();
        for seed in &seeds {
            for tenant in tenants {
                for epoch in [EpochNumber(1), EpochNumber(2)] {
                    kids.insert(seed.ed25519(tenant, epoch).kid());
                    kids.insert(seed.p256(tenant, epoch).unwrap().kid());
                }
            }
        }
        assert_eq!(kids.len(), 16);
    }

    #[test]
    fn a_key_is_derived_alike_for_ever() {
        let seed = RootSeed(Secret::new([7; 32]));
        let tenant = TenantId::from_bytes([9; 16]);
        let kids = [
            seed.ed25519(tenant, EpochNumber(3)).kid(),
            seed.p256(tenant, EpochNumber(3)).unwrap().kid(),
        ];
        assert_eq!(
            kids.map(|kid| kid.to_string()),
            [
                "0kLifwawgsdtqoDut6CiY5CoV5bIePAT8-AmWzAqGTw",
                "5NIh7zBEVF_rB1-Sr6dSlu3avLE3UhcPJd9yQqLUTf8",
            ]
        );
    }

    #[test]
    fn a_seed_opens_for_its_own_epoch_only() {
        let entropy = &mut Seeded::new(2);
        let keys = MasterKeys::generate(entropy);
        let seed = RootSeed::generate(entropy);
        let sealed = seed.seal(&keys, EpochNumber(1), entropy);
        let opened = RootSeed::open(&keys, EpochNumber(1), &sealed).unwrap();
        assert!(opened.0.ct_eq(seed.0.expose()));
        assert!(RootSeed::open(&keys, EpochNumber(2), &sealed).is_err());
    }
}
