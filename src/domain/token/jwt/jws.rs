//! How is a signed token spelled ([RFC 7515 §7.1])?
//!
//! [RFC 7515 §7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1

use super::claims::Claims;
use crate::domain::keys::crypto::{Crypto, CryptoFault};
use crate::domain::keys::{Algorithm, Kid, PublicJwk, SigningKey};
use crate::domain::tree;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};

/// The longest token read: ours are under 2 KiB, clients' assertions under 4.
pub const TEXT_MAX: usize = 16 * 1_024;

/// Why a text is not a token of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsRefusal {
    /// Longer than [`TEXT_MAX`].
    #[error("a token longer than 16 KiB")]
    TooLong,
    /// Not three parts of base64url without padding.
    #[error("not a signed token")]
    Shape,
    /// Its header is not JSON of known meaning.
    #[error("a token with a malformed header")]
    Header,
    /// Signed by an algorithm that is not ours, or not signed at all.
    #[error("a token signed with an algorithm that is not supported")]
    Algorithm,
    /// It demands extensions ([RFC 7515 §4.1.11]), and we have none.
    ///
    /// [RFC 7515 §4.1.11]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
    #[error("a token with critical extensions")]
    Critical,
    /// A token, but of another kind.
    #[error("a token of another type")]
    Typ,
    /// Its claims are not those of its kind.
    #[error("a token with malformed claims")]
    Claims,
}

#[derive(Serialize)]
struct Written<'a> {
    alg: Algorithm,
    typ: &'a str,
    kid: &'a Kid,
}

#[derive(Deserialize)]
struct Read {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde::de::IgnoredAny>,
    // RFC 7797: a payload that is not base64url needs `crit` as well.
    b64: Option<serde::de::IgnoredAny>,
}

/// What is to be signed, and becomes a token with its signature.
#[derive(Clone, Debug)]
pub struct SigningInput(String);

impl SigningInput {
    /// The input for `claims` under `key`.
    ///
    /// # Errors
    /// When the claims cannot be written as JSON.
    pub fn new<C: Claims>(key: &SigningKey, claims: &C) -> Result<Self, CryptoFault> {
        let header = Written {
            alg: key.algorithm(),
            typ: C::TYP.name(),
            kid: &key.kid(),
        };
        Ok(Self(format!("{}.{}", part(&header)?, part(claims)?)))
    }

    /// The bytes to sign.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The token.
    #[must_use]
    pub fn finish(self, signature: &[u8]) -> String {
        format!("{}.{}", self.0, Base64UrlUnpadded::encode_string(signature))
    }
}

/// Signs `claims` with `key`.
///
/// # Errors
/// When the host cannot sign.
pub async fn sign<C: Claims>(
    crypto: &impl Crypto,
    key: &SigningKey,
    claims: &C,
) -> Result<String, CryptoFault> {
    let input = SigningInput::new(key, claims)?;
    let signature = crypto.sign(key, input.as_bytes()).await?;
    Ok(input.finish(&signature))
}

/// A token that was read and is not believed yet.
#[derive(Clone)]
pub struct Jws<C> {
    algorithm: Algorithm,
    kid: Option<Kid>,
    signed: String,
    signature: Vec<u8>,
    claims: C,
}

impl<C: Claims> Jws<C> {
    /// Reads a token of the kind `C`.
    ///
    /// # Errors
    /// Names the first rule it breaks.
    pub fn parse(text: &str) -> Result<Self, JwsRefusal> {
        if text.len() > TEXT_MAX {
            return Err(JwsRefusal::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(JwsRefusal::Shape)?;
        let (header, claims) = signed.split_once('.').ok_or(JwsRefusal::Shape)?;
        let [header, claims, signature] = [header, claims, signature].map(bytes);
        let (header, claims, signature) = (header?, claims?, signature?);

        let header: Read = tree::from_json(&header).map_err(|_| JwsRefusal::Header)?;
        if header.crit.is_some() || header.b64.is_some() {
            return Err(JwsRefusal::Critical);
        }
        let algorithm = Algorithm::from_name(&header.alg).ok_or(JwsRefusal::Algorithm)?;
        if !C::TYP.accepts(header.typ.as_deref()) {
            return Err(JwsRefusal::Typ);
        }
        let kid = header.kid.as_deref();
        let kid = kid.map(|kid| Kid::new(kid).ok_or(JwsRefusal::Header));
        Ok(Self {
            algorithm,
            kid: kid.transpose()?,
            signed: signed.to_owned(),
            signature,
            claims: tree::from_json(&claims).map_err(|_| JwsRefusal::Claims)?,
        })
    }

    /// The algorithm it says it is signed with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key it says it is signed with.
    #[must_use]
    pub const fn kid(&self) -> Option<&Kid> {
        self.kid.as_ref()
    }

    /// What it claims: to find the key by, and for nothing else.
    #[must_use]
    pub const fn unverified(&self) -> &C {
        &self.claims
    }

    /// What was signed.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Its claims if `key` signed it, by the key's own algorithm; `None` if not.
    ///
    /// # Errors
    /// When the host cannot verify.
    pub async fn verify(
        self,
        crypto: &impl Crypto,
        key: &PublicJwk,
    ) -> Result<Option<C>, CryptoFault> {
        let is_genuine = self.is_signed_by(crypto, key).await?;
        Ok(is_genuine.then_some(self.claims))
    }

    /// Its claims if one of `keys` signed it; `None` if none did.
    ///
    /// # Errors
    /// When the host cannot verify.
    pub async fn verify_any<'a>(
        self,
        crypto: &impl Crypto,
        keys: impl IntoIterator<Item = &'a PublicJwk>,
    ) -> Result<Option<C>, CryptoFault> {
        for key in keys {
            if self.is_signed_by(crypto, key).await? {
                return Ok(Some(self.claims));
            }
        }
        Ok(None)
    }

    async fn is_signed_by(
        &self,
        crypto: &impl Crypto,
        key: &PublicJwk,
    ) -> Result<bool, CryptoFault> {
        if self.algorithm != key.algorithm() {
            return Ok(false);
        }
        crypto.verify(key, self.signed(), &self.signature).await
    }
}

fn part(value: &impl Serialize) -> Result<String, CryptoFault> {
    let json = serde_json::to_vec(value).map_err(|_| CryptoFault::Encoding)?;
    Ok(Base64UrlUnpadded::encode_string(&json))
}

fn bytes(part: &str) -> Result<Vec<u8>, JwsRefusal> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| JwsRefusal::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::crypto::{sign_native, verify_native};
    use crate::domain::secret::Secret;
    use crate::domain::token::jwt::claims::Typ;
    use proptest::prelude::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Note {
        text: String,
    }

    impl Claims for Note {
        const TYP: Typ = Typ::AccessToken;
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct Other {}

    impl Claims for Other {
        const TYP: Typ = Typ::IdToken;
    }

    fn signed(key: &SigningKey, text: &str) -> String {
        let input = SigningInput::new(
            key,
            &Note {
                text: text.to_owned(),
            },
        )
        .unwrap();
        let signature = sign_native(key, input.as_bytes()).unwrap();
        input.finish(&signature)
    }

    fn spelled(header: &str, claims: &str) -> String {
        let [header, claims] =
            [header, claims].map(|part| Base64UrlUnpadded::encode_string(part.as_bytes()));
        format!("{header}.{claims}.AAAA")
    }

    fn refusal(header: &str) -> Option<JwsRefusal> {
        Jws::<Note>::parse(&spelled(header, r#"{"text":""}"#)).err()
    }

    #[test]
    fn a_token_is_of_one_kind() {
        let text = signed(&SigningKey::ed25519(Secret::new([1; 32])), "x");
        assert_eq!(Jws::<Other>::parse(&text).err(), Some(JwsRefusal::Typ));
    }

    #[test]
    fn a_header_may_not_surprise() {
        assert_eq!(refusal(r#"{"alg":"EdDSA","typ":"at+jwt"}"#), None);
        for alg in ["none", "None", "HS256", "PS256", "eddsa", ""] {
            let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt"}}"#);
            assert_eq!(refusal(&header), Some(JwsRefusal::Algorithm), "{alg}");
        }
        for member in [r#""crit":["exp"]"#, r#""b64":false"#, r#""crit":[]"#] {
            let header = format!(r#"{{"alg":"EdDSA","typ":"at+jwt",{member}}}"#);
            assert_eq!(refusal(&header), Some(JwsRefusal::Critical), "{member}");
        }
        assert_eq!(refusal(r#"{"alg":"EdDSA"}"#), Some(JwsRefusal::Typ));
        for header in [
            "",
            "[]",
            r#"{"alg":"EdDSA","alg":"RS256"}"#,
            r#"{"typ":"at+jwt"}"#,
        ] {
            assert_eq!(refusal(header), Some(JwsRefusal::Header), "{header}");
        }
    }

    #[test]
    fn a_token_has_three_parts_and_a_bound() {
        let parse = |text: &str| Jws::<Note>::parse(text).err();
        for text in [
            "",
            ".",
            "..",
            "a.b",
            "e30.e30.e30.e30",
            "e30=.e30.AA",
            "e3 0.e30.AA",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
        assert_eq!(parse(&"a".repeat(TEXT_MAX + 1)), Some(JwsRefusal::TooLong));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_token_says_what_was_signed(text: String) {
            for key in [
                SigningKey::ed25519(Secret::new([1; 32])),
                SigningKey::p256(Secret::new([2; 32])).unwrap(),
            ] {
                let jws = Jws::<Note>::parse(&signed(&key, &text)).unwrap();
                prop_assert_eq!(jws.kid(), Some(&key.kid()));
                prop_assert_eq!(jws.algorithm(), key.algorithm());
                let public = key.public().key();
                prop_assert_eq!(verify_native(public, jws.signed(), jws.signature()), Ok(true));
                prop_assert_eq!(&jws.unverified().text, &text);
            }
        }

        #[test]
        fn a_changed_letter_is_noticed(place: prop::sample::Index, letter in "[A-Za-z0-9_.-]") {
            let key = SigningKey::ed25519(Secret::new([1; 32]));
            let text = signed(&key, "hello");
            let place = place.index(text.len());
            let mut changed = text.clone();
            changed.replace_range(place..=place, &letter);
            let believed = Jws::<Note>::parse(&changed).is_ok_and(|jws| {
                verify_native(key.public().key(), jws.signed(), jws.signature()).unwrap()
            });
            prop_assert_eq!(believed, changed == text);
        }

        #[test]
        fn no_text_panics(text in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}|.*") {
            prop_assert!(Jws::<Note>::parse(&text).is_err());
        }
    }
}
