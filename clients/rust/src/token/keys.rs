//! Which public keys does the tenant sign with ([RFC 7517])?
//!
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517

use super::refusal::TokenRefusal;
use aero2_tenant::json::{self, Object};
use base64ct::{Base64UrlUnpadded, Encoding};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

/// More keys than any tenant has at once.
const KEYS_MAX: usize = 64;

/// How a token is signed: the whole list of what is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 ([RFC 8037 §3.1]).
    ///
    /// [RFC 8037 §3.1]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048 bits at least.
    Rs256,
}

impl Algorithm {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "EdDSA" => Some(Self::EdDsa),
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

/// A tenant's key set.
#[derive(Clone, Debug, Default)]
pub struct Keys(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    kid: String,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Ed25519(Vec<u8>),
    /// Uncompressed.
    P256(Vec<u8>),
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
}

impl Keys {
    /// Reads a JWK set; `None` when it is none.
    ///
    /// Keys for other uses, of other kinds or without a name are passed over
    /// ([RFC 7517 §5]).
    ///
    /// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    #[must_use]
    pub fn parse(jwks: &[u8]) -> Option<Self> {
        let members = json::object(jwks)?;
        let keys = members.get("keys")?.as_array()?;
        let read = keys.iter().take(KEYS_MAX);
        Some(Self(
            read.filter_map(|key| Key::parse(key.as_object()?))
                .collect(),
        ))
    }

    pub(crate) fn verify(
        &self,
        kid: &str,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), TokenRefusal> {
        let fits = |key: &&Key| key.kid == kid && key.material.algorithm() == algorithm;
        let key = self.0.iter().find(fits).ok_or(TokenRefusal::UnknownKey)?;
        key.material
            .verify(message, signature)
            .map_err(|_| TokenRefusal::Signature)
    }
}

impl Key {
    fn parse(members: &Object) -> Option<Self> {
        let says = |name| members.get(name).and_then(serde_json::Value::as_str);
        if says("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let operations = members.get("key_ops").and_then(|ops| ops.as_array());
        if operations.is_some_and(|all| !all.iter().any(|one| one == "verify")) {
            return None;
        }
        let material = Material::parse(members)?;
        let named = says("alg").map(Algorithm::from_name);
        if named.is_some_and(|named| named != Some(material.algorithm())) {
            return None;
        }
        let kid = json::text(members, "kid")?.to_owned();
        Some(Self { kid, material })
    }
}

impl Material {
    fn parse(members: &Object) -> Option<Self> {
        let says = |name| members.get(name).and_then(serde_json::Value::as_str);
        let bytes = |name| Base64UrlUnpadded::decode_vec(says(name)?).ok();
        let exactly = |name| bytes(name).filter(|bytes| bytes.len() == 32);
        match (says("kty")?, says("crv")) {
            ("OKP", Some("Ed25519")) => exactly("x").map(Self::Ed25519),
            ("EC", Some("P-256")) => Some(Self::P256(
                [&[4][..], &exactly("x")?, &exactly("y")?].concat(),
            )),
            ("RSA", _) => {
                let (n, e) = (bytes("n")?, bytes("e")?);
                Some(Self::Rsa { n, e })
            }
            _ => None,
        }
    }

    const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), ring::error::Unspecified> {
        match self {
            Self::Ed25519(x) => UnparsedPublicKey::new(&ED25519, x).verify(message, signature),
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
        }
    }
}
