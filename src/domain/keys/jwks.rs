//! Which set of keys does a verifier choose from?

use super::jwk::{Algorithm, JwkRefusal, Kid, PublicJwk};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// More keys than any client rolls over between, few enough to try.
pub const CLIENT_KEYS_MAX: usize = 16;
/// The longest key set read from a client.
pub const JWKS_BYTES_MAX: usize = 64 * 1024;

/// Why a client's key set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwksRefusal {
    /// Longer than [`JWKS_BYTES_MAX`].
    #[error("a key set longer than 64 KiB")]
    TooLong,
    /// It is not a JSON object with a list `keys`.
    #[error("not a JWK set")]
    Shape,
    /// More than [`CLIENT_KEYS_MAX`] keys.
    #[error("more than 16 keys")]
    TooMany,
    /// It has no key we can verify with.
    #[error("no key that signs with RS256, ES256 or EdDSA")]
    Empty,
    /// Two keys have the same name.
    #[error("two keys with the same `kid`")]
    SameKid,
    /// This key (from 0) is dangerous or broken.
    #[error("key {place}: {why}")]
    Key {
        /// Its place in the set, from 0.
        place: usize,
        /// What is wrong with it.
        why: JwkRefusal,
    },
}

/// The keys a client signs its assertions with ([RFC 7591 §2], `jwks`).
///
/// Keys of kinds we do not know are left out ([RFC 7517 §5]); a broken, weak or
/// private key refuses the set, so that whoever registers it learns of it.
///
/// [RFC 7591 §2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
/// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientJwks {
    keys: Vec<PublicJwk>,
}

impl ClientJwks {
    /// Reads the text of a key set.
    ///
    /// # Errors
    /// Names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, JwksRefusal> {
        if text.len() > JWKS_BYTES_MAX {
            return Err(JwksRefusal::TooLong);
        }
        let json: Value = serde_json::from_str(text).map_err(|_| JwksRefusal::Shape)?;
        Self::from_json(&json)
    }

    /// Reads a key set out of client metadata.
    ///
    /// # Errors
    /// Names what is wrong with it.
    pub fn from_json(json: &Value) -> Result<Self, JwksRefusal> {
        let listed = json
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(JwksRefusal::Shape)?;
        if listed.len() > CLIENT_KEYS_MAX {
            return Err(JwksRefusal::TooMany);
        }
        let mut keys: Vec<PublicJwk> = Vec::with_capacity(listed.len());
        for (place, json) in listed.iter().enumerate() {
            let key = match PublicJwk::parse(json) {
                Ok(key) => key,
                Err(JwkRefusal::Unsupported) => continue,
                Err(why) => return Err(JwksRefusal::Key { place, why }),
            };
            if key.kid().is_some() && keys.iter().any(|other| other.kid() == key.kid()) {
                return Err(JwksRefusal::SameKid);
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(JwksRefusal::Empty);
        }
        Ok(Self { keys })
    }

    /// The keys that may have made a signature.
    ///
    /// A name chooses one key; without a name every key of the algorithm may
    /// have ([RFC 7515 §4.1.4]).
    ///
    /// [RFC 7515 §4.1.4]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4
    pub fn candidates<'a>(
        &'a self,
        kid: Option<&'a Kid>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a PublicJwk> {
        self.keys
            .iter()
            .filter(move |key| key.algorithm() == algorithm)
            .filter(move |key| kid.is_none() || key.kid().is_none() || key.kid() == kid)
    }
}

impl<'de> Deserialize<'de> for ClientJwks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::from_json(&json).map_err(serde::de::Error::custom)
    }
}

/// The keys a tenant publishes: those that sign, will sign, or signed what may
/// still be presented.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedJwks {
    keys: Vec<PublicJwk>,
}

impl PublishedJwks {
    /// The set of these keys.
    #[must_use]
    pub const fn new(keys: Vec<PublicJwk>) -> Self {
        Self { keys }
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[PublicJwk] {
        &self.keys
    }

    /// The key of this name; our own tokens always name theirs.
    #[must_use]
    pub fn find(&self, kid: &Kid) -> Option<&PublicJwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::SigningKey;
    use crate::domain::secret::Secret;
    use proptest::prelude::*;
    use serde_json::json;

    fn key(seed: u8, kid: Option<&str>) -> Value {
        let key = SigningKey::ed25519(Secret::new([seed; 32]));
        let mut json = serde_json::to_value(key.public()).unwrap();
        json["kid"] = json!(kid);
        if kid.is_none() {
            json.as_object_mut().unwrap().remove("kid");
        }
        json
    }

    fn parse(keys: &[Value]) -> Result<ClientJwks, JwksRefusal> {
        ClientJwks::from_json(&json!({ "keys": keys }))
    }

    #[test]
    fn keys_of_other_kinds_are_left_out() {
        let other = json!({ "kty": "EC", "crv": "secp256k1", "x": "", "y": "" });
        let set = parse(&[other.clone(), key(1, Some("a"))]).unwrap();
        assert_eq!(set.keys.len(), 1);
        assert_eq!(parse(&[other]), Err(JwksRefusal::Empty));
    }

    #[test]
    fn a_dangerous_key_refuses_the_set() {
        let mut private = key(1, Some("a"));
        private["d"] = json!("AAAA");
        let refused = JwksRefusal::Key {
            place: 1,
            why: JwkRefusal::Private,
        };
        assert_eq!(parse(&[key(2, Some("b")), private]), Err(refused));
        assert_eq!(
            parse(&[key(1, Some("a")), key(2, Some("a"))]),
            Err(JwksRefusal::SameKid)
        );
        assert_eq!(parse(&vec![key(1, None); 17]), Err(JwksRefusal::TooMany));
        assert_eq!(ClientJwks::parse("[]"), Err(JwksRefusal::Shape));
        assert_eq!(
            ClientJwks::parse(&" ".repeat(JWKS_BYTES_MAX + 1)),
            Err(JwksRefusal::TooLong)
        );
    }

    #[test]
    fn a_name_chooses_and_no_name_tries_all() {
        let set = parse(&[key(1, Some("a")), key(2, Some("b")), key(3, None)]).unwrap();
        let count = |kid: Option<&str>, algorithm| {
            let kid = kid.and_then(Kid::new);
            set.candidates(kid.as_ref(), algorithm).count()
        };
        assert_eq!(count(Some("a"), Algorithm::EdDsa), 2);
        assert_eq!(count(Some("z"), Algorithm::EdDsa), 1);
        assert_eq!(count(None, Algorithm::EdDsa), 3);
        assert_eq!(count(None, Algorithm::Rs256), 0);
    }

    #[test]
    fn a_set_survives_its_row() {
        let set = parse(&[key(1, Some("a")), key(2, None)]).unwrap();
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(serde_json::from_str::<ClientJwks>(&text).unwrap(), set);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            prop_assert!(ClientJwks::parse(&text).is_err());
        }
    }
}
