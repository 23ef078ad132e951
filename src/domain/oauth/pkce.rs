//! Does whoever redeems a code hold the secret of whoever asked for it?

use crate::domain::secret::Secret;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize, de};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The shortest verifier: [RFC 7636 §4.1].
///
/// [RFC 7636 §4.1]: https://www.rfc-editor.org/rfc/rfc7636#section-4.1
pub const VERIFIER_BYTES_MIN: usize = 43;
/// The longest verifier: RFC 7636 §4.1.
pub const VERIFIER_BYTES_MAX: usize = 128;

/// The SHA-256 of a verifier, `code_challenge_method` `S256`.
///
/// `plain` does not exist here: it protects nothing from whoever can read the
/// request ([RFC 9700 §2.1.1]).
///
/// [RFC 9700 §2.1.1]: https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1
#[derive(Clone, Copy, Debug, Eq)]
pub struct CodeChallenge([u8; 32]);

/// The secret behind a challenge, as the token request presents it.
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret<String>);

/// Why a text is not a challenge or a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkceRefusal {
    /// Not 32 bytes of unpadded base64url.
    #[error("the code_challenge is not a base64url SHA-256")]
    Challenge,
    /// Not 43 to 128 unreserved characters.
    #[error("the code_verifier is malformed")]
    Verifier,
    /// A `code_challenge_method` other than `S256`.
    #[error("the code_challenge_method must be S256")]
    Method,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` ([RFC 7636 §4.3]).
    ///
    /// A missing method would mean `plain`, so it is refused as that.
    ///
    /// # Errors
    /// Names what is wrong.
    ///
    /// [RFC 7636 §4.3]: https://www.rfc-editor.org/rfc/rfc7636#section-4.3
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceRefusal> {
        if method != Some("S256") {
            return Err(PkceRefusal::Method);
        }
        Self::from_base64url(challenge)
    }

    fn from_base64url(text: &str) -> Result<Self, PkceRefusal> {
        let mut bytes = [0; 32];
        match Base64UrlUnpadded::decode(text, &mut bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(bytes)),
            _ => Err(PkceRefusal::Challenge),
        }
    }
}

impl CodeVerifier {
    /// Reads a verifier ([RFC 7636 §4.1]).
    ///
    /// # Errors
    /// When it is not 43 to 128 unreserved characters.
    ///
    /// [RFC 7636 §4.1]: https://www.rfc-editor.org/rfc/rfc7636#section-4.1
    pub fn parse(text: &str) -> Result<Self, PkceRefusal> {
        let fits = (VERIFIER_BYTES_MIN..=VERIFIER_BYTES_MAX).contains(&text.len());
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if fits && text.bytes().all(unreserved) {
            Ok(Self(Secret::new(text.to_owned())))
        } else {
            Err(PkceRefusal::Verifier)
        }
    }

    /// The challenge this verifier answers: what may travel and be compared.
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(Sha256::digest(self.0.expose()).into())
    }
}

impl PartialEq for CodeChallenge {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl core::fmt::Display for CodeChallenge {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&Base64UrlUnpadded::encode_string(&self.0))
    }
}

impl Serialize for CodeChallenge {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CodeChallenge {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64url(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_rfc_7636_appendix_b_holds() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        let verifier = CodeVerifier::parse(VERIFIER).unwrap();
        assert_eq!(verifier.challenge(), challenge);
        assert_eq!(challenge.to_string(), CHALLENGE);
    }

    #[test]
    fn plain_is_refused_however_it_is_asked_for() {
        for method in [None, Some("plain"), Some("s256"), Some("")] {
            assert_eq!(
                CodeChallenge::parse(CHALLENGE, method),
                Err(PkceRefusal::Method)
            );
        }
    }

    #[test]
    fn a_challenge_is_exactly_a_digest() {
        for text in [
            "",
            "abc",
            &CHALLENGE[1..],
            &format!("{CHALLENGE}="),
            &format!("{CHALLENGE}A"),
        ] {
            assert!(CodeChallenge::parse(text, Some("S256")).is_err(), "{text}");
        }
    }

    #[test]
    fn a_verifier_keeps_its_length_and_alphabet() {
        assert!(CodeVerifier::parse(&"a".repeat(43)).is_ok());
        assert!(CodeVerifier::parse(&"a".repeat(128)).is_ok());
        for text in [
            "a".repeat(42),
            "a".repeat(129),
            "é".repeat(30),
            "a+".repeat(30),
        ] {
            assert!(CodeVerifier::parse(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn different_verifiers_have_different_challenges(
            one in "[a-z]{43,60}", two in "[A-Z]{43,60}"
        ) {
            let digest = |text: &str| CodeVerifier::parse(text).unwrap().challenge();
            prop_assert_ne!(digest(&one), digest(&two));
        }
    }
}
