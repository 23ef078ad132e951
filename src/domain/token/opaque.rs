//! Which opaque tokens exist, and what does each carry?
//!
//! Each kind is its own type, so that none can be passed in another's place.
//! None can be printed, compared or serialised: text comes out of `reveal`
//! alone. The gateway mints them; actors and rows see a [`TokenDigest`] and ids.
//!
//! A digest is of the text, so that a secret made elsewhere (the setting
//! `BOOTSTRAP_CLIENT_SECRET`) is compared as ours are: by [`TokenDigest::of`]
//! its text.

use super::frame::{self, TokenRefusal};
use crate::domain::entropy::{Entropy, draw};
use crate::domain::ids::{self, IdRefusal, SessionId};
use crate::domain::keys::{MasterKeys, Purpose};
use crate::domain::secret::{Secret, TokenDigest};
use crate::domain::user::Email;
use serde::{Deserialize, Serialize, de};

const CODE_ID_BYTES: usize = 8;
const CODE_SECRET_BYTES: usize = 24;

/// Which of a session's authorization codes: public, grants nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeId([u8; CODE_ID_BYTES]);

impl CodeId {
    /// The id of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; CODE_ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// Its 8 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; CODE_ID_BYTES] {
        &self.0
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// When `text` is not the one spelling of a code id.
    pub fn parse(text: &str) -> Result<Self, IdRefusal> {
        ids::from_base32(text)
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(IdRefusal("code"))
    }
}

impl core::fmt::Display for CodeId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&ids::base32(&self.0))
    }
}

impl core::fmt::Debug for CodeId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(self, f)
    }
}

impl Serialize for CodeId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CodeId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// What a session must see of a presented authorization code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeProof {
    /// Which code it claims to be.
    pub id: CodeId,
    /// What the row of that code must hold.
    pub digest: TokenDigest,
}

/// What every opaque token can do.
macro_rules! opaque {
    ($name:ident, $prefix:literal, $bytes:expr) => {
        impl $name {
            /// What every token of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Reads a presented token.
            ///
            /// # Errors
            /// When `text` is not the one spelling of a token of this kind. A
            /// token that parses may still be invented: only its digest tells.
            pub fn parse(text: &str) -> Result<Self, TokenRefusal> {
                frame::read::<{ $bytes }>(Self::PREFIX, text).map(Self)
            }

            /// The text to hand to its owner.
            #[must_use]
            pub fn reveal(&self) -> Secret<String> {
                frame::write(Self::PREFIX, self.0.expose())
            }

            /// What rows hold of it: the digest of its text.
            #[must_use]
            pub fn digest(&self) -> TokenDigest {
                TokenDigest::of(self.reveal().expose().as_bytes())
            }
        }
    };
}

/// A token that is 32 random bytes and nothing else.
macro_rules! bare {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Secret<[u8; 32]>);

        opaque!($name, $prefix, 32);

        impl $name {
            /// A new token nobody can guess.
            pub fn mint(entropy: &mut dyn Entropy) -> Self {
                Self(Secret::new(draw(entropy)))
            }
        }
    };
}

/// A token whose first 16 bytes name the session that knows it.
macro_rules! of_session {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $secret_bytes:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Secret<[u8; ids::ID_BYTES + $secret_bytes]>);

        opaque!($name, $prefix, ids::ID_BYTES + $secret_bytes);

        impl $name {
            /// A new token of `session` nobody can guess.
            pub fn mint(session: SessionId, entropy: &mut dyn Entropy) -> Self {
                let mut payload = draw(entropy);
                for (to, from) in payload.iter_mut().zip(session.as_bytes()) {
                    *to = *from;
                }
                Self(Secret::new(payload))
            }

            /// The session to ask; what it says decides, not this.
            #[must_use]
            pub fn sid(&self) -> SessionId {
                SessionId::from_bytes(self.part::<0, { ids::ID_BYTES }>())
            }

            fn part<const FROM: usize, const LEN: usize>(&self) -> [u8; LEN] {
                let payload = self.0.expose().iter().skip(FROM).copied();
                let mut part = [0; LEN];
                part.iter_mut().zip(payload).for_each(|(to, from)| *to = from);
                part
            }
        }
    };
}

of_session!(
    /// What a browser holds of its session.
    SessionCookie, "a2s_", 32
);
of_session!(
    /// An authorization code ([RFC 6749 §4.1.2], at most once).
    ///
    /// [RFC 6749 §4.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
    AuthorizationCode, "a2c_", CODE_ID_BYTES + CODE_SECRET_BYTES
);
of_session!(
    /// What a page of another origin attaches its socket with, once.
    TabTicket, "a2t_", 24
);
bare!(
    /// A client's secret ([RFC 6749 §2.3.1]); shown once.
    ///
    /// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
    ClientSecret, "a2k_"
);
bare!(
    /// A registration access token ([RFC 7592 §1.2]).
    ///
    /// [RFC 7592 §1.2]: https://www.rfc-editor.org/rfc/rfc7592#section-1.2
    RegistrationToken, "a2g_"
);
bare!(
    /// What the link carries that makes the first administrator.
    SetupToken, "a2u_"
);

impl SetupToken {
    /// The token that invites `email`: always the same one, so that every
    /// isolate and every start prints the same link, and nothing but its digest
    /// is stored.
    #[must_use]
    pub fn inviting(email: &Email, keys: &MasterKeys) -> Self {
        let address = email.canonical();
        Self(Secret::new(keys.vouch(Purpose::SetUp, address.as_bytes())))
    }
}

impl AuthorizationCode {
    /// Which of the session's codes it claims to be.
    #[must_use]
    pub fn id(&self) -> CodeId {
        CodeId(self.part::<{ ids::ID_BYTES }, CODE_ID_BYTES>())
    }

    /// What the session must see of it.
    #[must_use]
    pub fn proof(&self) -> CodeProof {
        CodeProof {
            id: self.id(),
            digest: self.digest(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;

    #[test]
    fn a_token_carries_its_home() {
        let mut entropy = Seeded::new(1);
        let sid = SessionId::generate(&mut entropy);
        let cookie = SessionCookie::mint(sid, &mut entropy);
        let code = AuthorizationCode::mint(sid, &mut entropy);
        let read = AuthorizationCode::parse(code.reveal().expose()).unwrap();
        assert_eq!(
            SessionCookie::parse(cookie.reveal().expose())
                .unwrap()
                .sid(),
            sid
        );
        assert_eq!(read.sid(), sid);
        assert_eq!(read.proof(), code.proof());
        assert_eq!(CodeId::parse(&code.id().to_string()), Ok(code.id()));
    }

    #[test]
    fn no_kind_passes_for_another() {
        let mut entropy = Seeded::new(2);
        let secret = ClientSecret::mint(&mut entropy).reveal();
        assert!(ClientSecret::parse(secret.expose()).is_ok());
        assert_eq!(
            SetupToken::parse(secret.expose()).err(),
            Some(TokenRefusal::Kind)
        );
        let disguised = secret.expose().replacen("a2k_", "a2g_", 1);
        assert_eq!(
            RegistrationToken::parse(&disguised).err(),
            Some(TokenRefusal::Checksum)
        );
    }

    #[test]
    fn an_invitation_is_the_same_again_and_anothers_for_another() {
        let keys = MasterKeys::generate(&mut Seeded::new(5));
        let others = MasterKeys::generate(&mut Seeded::new(6));
        let invite = |text: &str, keys: &MasterKeys| {
            SetupToken::inviting(&Email::parse(text).unwrap(), keys).digest()
        };
        let first = invite("root@example.com", &keys);
        assert_eq!(first, invite("Root@example.com", &keys));
        assert_ne!(first, invite("toor@example.com", &keys));
        assert_ne!(first, invite("root@example.com", &others));
    }

    #[test]
    fn a_digest_is_of_the_text() {
        let secret = ClientSecret::mint(&mut Seeded::new(3));
        let text = secret.reveal();
        assert_eq!(secret.digest(), TokenDigest::of(text.expose().as_bytes()));
    }

    #[test]
    fn every_text_fits_its_bound() {
        let mut entropy = Seeded::new(4);
        let sid = SessionId::generate(&mut entropy);
        let longest = SessionCookie::mint(sid, &mut entropy).reveal();
        assert!(longest.expose().len() < frame::TEXT_MAX);
    }
}
