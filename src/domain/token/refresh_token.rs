//! What does a refresh token carry?
//!
//! Its home (session and grant), its place in the chain (generation and nonce)
//! and a tag by which it proves that we issued it, however long ago. See
//! [`crate::domain::refresh`] for what happens when one is presented.

use super::frame::{self, TokenRefusal, take};
use crate::domain::ids::{GrantId, ID_BYTES, SessionId};
use crate::domain::secret::{Secret, TokenDigest};
use serde::{Deserialize, Serialize, Serializer};

/// Bytes that make one generation's token unguessable from another's.
pub const NONCE_BYTES: usize = 16;
/// Bytes of the tag: a whole HMAC-SHA-256.
pub const TAG_BYTES: usize = 32;

const PAYLOAD_BYTES: usize = ID_BYTES + ID_BYTES + 4 + NONCE_BYTES + TAG_BYTES;

/// A refresh token ([RFC 6749 §1.5]), rotated at every use.
///
/// [RFC 6749 §1.5]: https://www.rfc-editor.org/rfc/rfc6749#section-1.5
#[derive(Clone, Debug)]
pub struct RefreshToken {
    sid: SessionId,
    proof: RefreshProof,
}

/// What a session must see of a presented refresh token.
///
/// It is as good as the token: only messages to and from that session carry it
/// (a successor comes back so), and it cannot be printed.
#[derive(Clone, Deserialize)]
pub struct RefreshProof {
    pub(crate) grant: GrantId,
    pub(crate) generation: u32,
    pub(crate) nonce: Secret<[u8; NONCE_BYTES]>,
    pub(crate) tag: Secret<[u8; TAG_BYTES]>,
}

impl RefreshToken {
    /// What every refresh token begins with.
    pub const PREFIX: &'static str = "a2r_";

    /// The token of `session` that `proof` speaks of.
    #[must_use]
    pub const fn new(sid: SessionId, proof: RefreshProof) -> Self {
        Self { sid, proof }
    }

    /// Reads a presented token.
    ///
    /// # Errors
    /// When `text` is not the one spelling of a refresh token. A token that
    /// parses may still be invented: only its family tells.
    pub fn parse(text: &str) -> Result<Self, TokenRefusal> {
        let payload = frame::read::<PAYLOAD_BYTES>(Self::PREFIX, text)?;
        let mut rest = payload.expose().as_slice();
        Ok(Self {
            sid: SessionId::from_bytes(take(&mut rest)?),
            proof: RefreshProof {
                grant: GrantId::from_bytes(take(&mut rest)?),
                generation: u32::from_be_bytes(take(&mut rest)?),
                nonce: Secret::new(take(&mut rest)?),
                tag: Secret::new(take(&mut rest)?),
            },
        })
    }

    /// The text to hand to its owner.
    #[must_use]
    pub fn reveal(&self) -> Secret<String> {
        let mut payload = Vec::with_capacity(PAYLOAD_BYTES);
        payload.extend(self.sid.as_bytes());
        payload.extend(self.proof.grant.as_bytes());
        payload.extend(self.proof.generation.to_be_bytes());
        payload.extend(self.proof.nonce.expose());
        payload.extend(self.proof.tag.expose());
        frame::write(Self::PREFIX, Secret::new(payload).expose())
    }

    /// What rows hold of it: the digest of its text.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::of(self.reveal().expose().as_bytes())
    }

    /// The session to ask; what it says decides, not this.
    #[must_use]
    pub const fn sid(&self) -> SessionId {
        self.sid
    }

    /// The grant whose family it claims to be of.
    #[must_use]
    pub const fn grant(&self) -> GrantId {
        self.proof.grant
    }

    /// Its place in the chain, from 0.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.proof.generation
    }

    /// What the session must see of it.
    #[must_use]
    pub fn proof(&self) -> RefreshProof {
        self.proof.clone()
    }
}

impl RefreshProof {
    /// The grant whose family it claims to be of.
    #[must_use]
    pub const fn grant(&self) -> GrantId {
        self.grant
    }

    /// The generation it claims to be of.
    #[must_use]
    pub const fn generation(&self) -> u32 {
        self.generation
    }
}

impl core::fmt::Debug for RefreshProof {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RefreshProof({} #{})", self.grant, self.generation)
    }
}

impl Serialize for RefreshProof {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            grant: GrantId,
            generation: u32,
            nonce: &'a [u8; NONCE_BYTES],
            tag: &'a [u8; TAG_BYTES],
        }
        Wire {
            grant: self.grant,
            generation: self.generation,
            nonce: self.nonce.expose(),
            tag: self.tag.expose(),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    prop_compose! {
        fn token()(
            sid: [u8; 16], grant: [u8; 16], generation: u32, nonce: [u8; 16], tag: [u8; 32],
        ) -> RefreshToken {
            RefreshToken::new(SessionId::from_bytes(sid), RefreshProof {
                grant: GrantId::from_bytes(grant),
                generation,
                nonce: Secret::new(nonce),
                tag: Secret::new(tag),
            })
        }
    }

    proptest! {
        #[test]
        fn what_is_revealed_is_read(token in token()) {
            let text = token.reveal();
            let read = RefreshToken::parse(text.expose()).unwrap();
            prop_assert_eq!(read.sid(), token.sid());
            prop_assert_eq!(read.generation(), token.generation());
            prop_assert_eq!(read.digest(), token.digest());
            prop_assert!(text.expose().len() <= super::super::TEXT_MAX);
        }

        #[test]
        fn a_proof_survives_its_message(token in token()) {
            let packed = rmp_serde::to_vec_named(&token.proof()).unwrap();
            let proof: RefreshProof = rmp_serde::from_slice(&packed).unwrap();
            prop_assert_eq!(RefreshToken::new(token.sid(), proof).digest(), token.digest());
        }

        #[test]
        fn no_text_panics(text in "(a2r_)?[A-Za-z0-9_-]{0,150}") {
            prop_assert!(RefreshToken::parse(&text).is_err());
        }
    }

    #[test]
    fn a_proof_does_not_print_what_proves_it() {
        let token = RefreshToken::parse("a2r_").err();
        assert_eq!(token, Some(TokenRefusal::Shape));
        let proof = RefreshProof {
            grant: GrantId::from_bytes([0; 16]),
            generation: 3,
            nonce: Secret::new([7; 16]),
            tag: Secret::new([9; 32]),
        };
        assert_eq!(
            format!("{proof:?}"),
            "RefreshProof(gra_aaaaaaaaaaaaaaaaaaaaaaaaaa #3)"
        );
    }
}
