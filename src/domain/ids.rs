//! How are things named?
//!
//! An id is a kind's prefix and 128 random bits in lower-case base32 (RFC 4648
//! §6 alphabet, no padding): one word to a double click, safe in a URL, a host
//! name and a log line. An id is public; it grants nothing.

use super::entropy::{Entropy, draw};
use base32ct::{Base32Unpadded, Encoding};
use serde::{Deserialize, Serialize, de};

/// Bytes of randomness in an id: enough that two never meet.
pub const ID_BYTES: usize = 16;

/// Why a text is not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {0} id")]
pub struct IdRefusal(pub &'static str);

/// Encodes bytes as an id does.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    Base32Unpadded::encode_string(bytes)
}

/// Decodes what [`base32`] made; `None` for anything else.
#[must_use]
pub fn from_base32(text: &str) -> Option<Vec<u8>> {
    let bytes = Base32Unpadded::decode_vec(text).ok()?;
    // The decoder ignores the last character's spare bits: one spelling only.
    (base32(&bytes) == text).then_some(bytes)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; ID_BYTES]);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id nobody else has.
            pub fn generate(entropy: &mut dyn Entropy) -> Self {
                Self(draw(entropy))
            }

            /// The id of these bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; ID_BYTES]) -> Self {
                Self(bytes)
            }

            /// Its 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; ID_BYTES] {
                &self.0
            }

            /// Reads the text form.
            ///
            /// # Errors
            /// When `text` is not the one spelling of an id of this kind.
            pub fn parse(text: &str) -> Result<Self, IdRefusal> {
                text.strip_prefix(Self::PREFIX)
                    .and_then(from_base32)
                    .and_then(|bytes| bytes.try_into().ok())
                    .map(Self)
                    .ok_or(IdRefusal($kind))
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, "{}{}", Self::PREFIX, base32(&self.0))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    };
}

id!(
    /// A tenant. Its slug may change, its id never does.
    TenantId, "tnt_", "tenant"
);
id!(
    /// One login of one user: `sid` in tokens.
    SessionId, "ses_", "session"
);
id!(
    /// A user, `sub` in tokens.
    ///
    /// The `0` after the prefix is the shard that holds the user, so that a
    /// tenant can be split into user shards without changing an id.
    UserId, "usr_0", "user"
);
id!(
    /// What one client may do in one session: the home of a refresh-token family.
    GrantId, "gra_", "grant"
);
id!(
    /// One message to an actor; a repeated delivery has the same.
    MessageId, "msg_", "message"
);
id!(
    /// One open socket.
    SocketId, "sok_", "socket"
);
id!(
    /// One record of a tenant's revocation log: `jti` of its security event
    /// token.
    EventId, "evt_", "event"
);
id!(
    /// What one act caused: `txn` of everything that is told of it
    /// ([RFC 8417 §2.2]).
    ///
    /// [RFC 8417 §2.2]: https://www.rfc-editor.org/rfc/rfc8417#section-2.2
    ActId, "act_", "act"
);

id!(
    /// One stream of events to one receiver: `stream_id`.
    StreamId, "stm_", "stream"
);
id!(
    /// One security event token of a stream: its `jti`.
    SetId, "set_", "security event token"
);
id!(
    /// One record of what somebody has done.
    RecordId, "aud_", "record"
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;
    use proptest::prelude::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = SessionId::generate(&mut Seeded::new(1));
        let text = id.to_string();
        assert_eq!(SessionId::parse(&text), Ok(id));
        assert!(SessionId::parse(&text.to_uppercase()).is_err());
        assert!(SessionId::parse(&format!("{text}a")).is_err());
        assert!(TenantId::parse(&text).is_err());
    }

    proptest! {
        #[test]
        fn whatever_parses_prints_the_same(text in "usr_0[a-z2-7]{24,28}") {
            if let Ok(id) = UserId::parse(&text) {
                prop_assert_eq!(id.to_string(), text);
            }
        }

        #[test]
        fn no_text_panics(text in ".*") {
            prop_assert!(UserId::parse(&text).is_err() || text.starts_with("usr_0"));
        }
    }
}
