//! How does a refresh token prove itself, and what follows it?

use crate::domain::entropy::{Entropy, draw};
use crate::domain::ids::GrantId;
use crate::domain::keys::prf::hmac;
use crate::domain::secret::Secret;
use crate::domain::token::refresh_token::{NONCE_BYTES, RefreshProof};

const KEY_BYTES: usize = 32;
const TAG: &[u8] = b"aero2 refresh tag";
const NEXT: &[u8] = b"aero2 refresh next";

/// A session's key to its refresh tokens.
///
/// Kept in the session's own row and erased with it.
#[derive(Clone, Debug)]
pub struct FamilyKey(Secret<[u8; KEY_BYTES]>);

impl FamilyKey {
    /// A new key nobody can guess.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        Self(Secret::new(draw(entropy)))
    }

    /// Reads a stored key; `None` when it is not 32 bytes.
    #[must_use]
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Secret::new).map(Self)
    }

    /// The 32 bytes to store.
    #[must_use]
    pub const fn as_stored(&self) -> &[u8; KEY_BYTES] {
        self.0.expose()
    }

    /// The token of `grant` with this generation and nonce.
    pub(super) fn prove(
        &self,
        grant: GrantId,
        generation: u32,
        nonce: Secret<[u8; NONCE_BYTES]>,
    ) -> RefreshProof {
        let tag = Secret::new(self.mac(TAG, grant, generation, nonce.expose()));
        RefreshProof {
            grant,
            generation,
            nonce,
            tag,
        }
    }

    /// Whether this session issued what `proof` speaks of, at any time.
    #[must_use]
    pub fn issued(&self, proof: &RefreshProof) -> bool {
        let tag = self.mac(TAG, proof.grant, proof.generation, proof.nonce.expose());
        proof.tag.ct_eq(&tag)
    }

    /// The one token that follows `proof`.
    ///
    /// `None` at the end of a chain of 2^32.
    pub(super) fn successor(&self, proof: &RefreshProof) -> Option<RefreshProof> {
        let generation = proof.generation.checked_add(1)?;
        let next = Secret::new(self.mac(NEXT, proof.grant, proof.generation, proof.nonce.expose()));
        let nonce = *next.expose().first_chunk::<NONCE_BYTES>()?;
        Some(self.prove(proof.grant, generation, Secret::new(nonce)))
    }

    /// Every part has a fixed length, so no two inputs look alike.
    fn mac(&self, label: &[u8], grant: GrantId, generation: u32, nonce: &[u8]) -> [u8; 32] {
        hmac(
            self.0.expose(),
            &[label, grant.as_bytes(), &generation.to_be_bytes(), nonce],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;

    fn first(key: &FamilyKey) -> RefreshProof {
        key.prove(GrantId::from_bytes([1; 16]), 0, Secret::new([2; 16]))
    }

    #[test]
    fn a_token_proves_itself_to_its_own_session_only() {
        let mut entropy = Seeded::new(1);
        let (ours, theirs) = (
            FamilyKey::generate(&mut entropy),
            FamilyKey::generate(&mut entropy),
        );
        let proof = first(&ours);
        assert!(ours.issued(&proof));
        assert!(!theirs.issued(&proof));
    }

    #[test]
    fn every_part_of_a_token_is_under_its_tag() {
        let key = FamilyKey::generate(&mut Seeded::new(2));
        let proof = first(&key);
        let older = RefreshProof {
            generation: 9,
            ..proof.clone()
        };
        let other = RefreshProof {
            grant: GrantId::from_bytes([3; 16]),
            ..proof.clone()
        };
        let changed = RefreshProof {
            nonce: Secret::new([4; 16]),
            ..proof
        };
        assert!(
            [older, other, changed]
                .iter()
                .all(|forged| !key.issued(forged))
        );
    }

    #[test]
    fn a_successor_is_always_the_same_and_proves_itself() {
        let key = FamilyKey::generate(&mut Seeded::new(3));
        let (one, two) = (
            key.successor(&first(&key)).unwrap(),
            key.successor(&first(&key)).unwrap(),
        );
        assert!(one.nonce.ct_eq(two.nonce.expose()));
        assert!(key.issued(&one));
        assert_eq!(one.generation, 1);
        assert!(!one.nonce.ct_eq(first(&key).nonce.expose()));
    }

    #[test]
    fn a_chain_ends_rather_than_wraps() {
        let key = FamilyKey::generate(&mut Seeded::new(4));
        let last = key.prove(GrantId::from_bytes([1; 16]), u32::MAX, Secret::new([2; 16]));
        assert!(key.successor(&last).is_none());
    }

    #[test]
    fn a_key_survives_its_row() {
        let key = FamilyKey::generate(&mut Seeded::new(5));
        assert!(
            FamilyKey::from_stored(key.as_stored())
                .unwrap()
                .issued(&first(&key))
        );
        assert!(FamilyKey::from_stored(&[0; 31]).is_none());
    }
}
