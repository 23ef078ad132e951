//! How do others read and write a public key?

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The fewest bits of an RSA modulus ([RFC 7518 §3.3]).
///
/// [RFC 7518 §3.3]: https://www.rfc-editor.org/rfc/rfc7518#section-3.3
pub const RSA_BITS_MIN: usize = 2_048;
/// The most: verifying with a longer one is work others could put on us.
pub const RSA_BITS_MAX: usize = 8_192;
/// The longest `kid` kept: a thumbprint is 43, some clients use URLs.
pub const KID_BYTES_MAX: usize = 256;

/// Members only a private or symmetric key has ([RFC 7518 §6]).
///
/// [RFC 7518 §6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// How a token is signed ([RFC 7518 §3.1], [RFC 8037 §3.1]).
///
/// [RFC 7518 §3.1]: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
/// [RFC 8037 §3.1]: https://www.rfc-editor.org/rfc/rfc8037#section-3.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what OpenID Connect requires of everyone.
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Algorithm {
    /// All we sign and verify with.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// Its name in JOSE.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this name; `None` when it is none of ours.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

impl core::fmt::Display for Algorithm {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of a key: for ours, its thumbprint ([RFC 7638]).
///
/// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kid(String);

impl Kid {
    /// Takes a name others chose; `None` when it is empty or too long to keep.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (1..=KID_BYTES_MAX)
            .contains(&text.len())
            .then(|| Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Display for Kid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a JWK is not a key we verify with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkRefusal {
    /// Of a kind, curve, use or algorithm that is none of ours: may be ignored
    /// ([RFC 7517 §5]).
    ///
    /// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
    #[error("a key of a kind that is not supported")]
    Unsupported,
    /// It is a private key, which nobody should have sent.
    #[error("a private key: send its public half, and replace it")]
    Private,
    /// This member is missing or malformed.
    #[error("the member `{0}` is missing or malformed")]
    Member(&'static str),
    /// An RSA modulus outside [`RSA_BITS_MIN`] to [`RSA_BITS_MAX`].
    #[error("an RSA modulus of {0} bits")]
    RsaBits(usize),
    /// Not a point of its curve, or one of its weak ones.
    #[error("not a point of its curve")]
    Point,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// An Ed25519 point, compressed.
    Ed25519([u8; 32]),
    /// A P-256 point, big-endian.
    P256 {
        /// Its abscissa.
        x: [u8; 32],
        /// Its ordinate.
        y: [u8; 32],
    },
    /// An RSA key, big-endian without leading zeros.
    Rsa {
        /// Its modulus.
        n: Vec<u8>,
        /// Its exponent.
        e: Vec<u8>,
    },
}

impl PublicKey {
    /// The algorithm it verifies, and no other.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256 { .. } => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// Its thumbprint ([RFC 7638 §3]).
    ///
    /// [RFC 7638 §3]: https://www.rfc-editor.org/rfc/rfc7638#section-3
    #[must_use]
    pub fn thumbprint(&self) -> Kid {
        // The required members, sorted; none of their values needs escaping.
        let members = self.members();
        let spelled: Vec<String> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":\"{value}\""))
            .collect();
        let digest = Sha256::digest(format!("{{{}}}", spelled.join(",")));
        Kid(Base64UrlUnpadded::encode_string(&digest))
    }

    /// The members that make the key, in lexicographic order.
    fn members(&self) -> Vec<(&'static str, String)> {
        let text = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
        match self {
            Self::Ed25519(x) => vec![
                ("crv", "Ed25519".to_owned()),
                ("kty", "OKP".to_owned()),
                ("x", text(x)),
            ],
            Self::P256 { x, y } => vec![
                ("crv", "P-256".to_owned()),
                ("kty", "EC".to_owned()),
                ("x", text(x)),
                ("y", text(y)),
            ],
            Self::Rsa { n, e } => vec![("e", text(e)), ("kty", "RSA".to_owned()), ("n", text(n))],
        }
    }

    pub(super) fn of_p256(key: &p256::ecdsa::VerifyingKey) -> Option<Self> {
        let point = key.to_sec1_point(false);
        let (_, rest) = point.as_bytes().split_first_chunk::<1>()?;
        let (x, rest) = rest.split_first_chunk::<32>()?;
        let y = rest.try_into().ok()?;
        Some(Self::P256 { x: *x, y })
    }

    pub(super) fn as_p256(&self) -> Option<p256::ecdsa::VerifyingKey> {
        let Self::P256 { x, y } = self else {
            return None;
        };
        let sec1 = [&[4][..], x, y].concat();
        p256::ecdsa::VerifyingKey::from_sec1_bytes(&sec1).ok()
    }

    fn parse(members: &Map<String, Value>) -> Result<Self, JwkRefusal> {
        let curve = || text(members, "crv")?.ok_or(JwkRefusal::Member("crv"));
        match text(members, "kty")? {
            Some("OKP") if curve()? == "Ed25519" => {
                let x = array(members, "x")?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(&x);
                let is_sound = key.is_ok_and(|key| !key.is_weak());
                is_sound
                    .then_some(Self::Ed25519(x))
                    .ok_or(JwkRefusal::Point)
            }
            Some("EC") if curve()? == "P-256" => {
                let (x, y) = (array(members, "x")?, array(members, "y")?);
                let key = Self::P256 { x, y };
                key.as_p256().ok_or(JwkRefusal::Point)?;
                Ok(key)
            }
            Some("RSA") => parse_rsa(members),
            Some(_) => Err(JwkRefusal::Unsupported),
            None => Err(JwkRefusal::Member("kty")),
        }
    }
}

/// A public key with the name it is known by ([RFC 7517 §4]).
///
/// [RFC 7517 §4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicJwk {
    kid: Option<Kid>,
    key: PublicKey,
}

impl PublicJwk {
    /// A key of ours, named by its thumbprint.
    #[must_use]
    pub fn named(key: PublicKey) -> Self {
        Self {
            kid: Some(key.thumbprint()),
            key,
        }
    }

    /// Reads a JWK.
    ///
    /// # Errors
    /// When it is private, weak, malformed or not for our signatures.
    pub fn parse(json: &Value) -> Result<Self, JwkRefusal> {
        let members = json.as_object().ok_or(JwkRefusal::Member("kty"))?;
        if PRIVATE_MEMBERS
            .iter()
            .any(|name| members.contains_key(*name))
        {
            return Err(JwkRefusal::Private);
        }
        if text(members, "use")?.is_some_and(|usage| usage != "sig") {
            return Err(JwkRefusal::Unsupported);
        }
        let operations = members.get("key_ops").and_then(Value::as_array);
        if operations.is_some_and(|all| !all.iter().any(|one| one == "verify")) {
            return Err(JwkRefusal::Unsupported);
        }
        let key = PublicKey::parse(members)?;
        if text(members, "alg")?.is_some_and(|name| name != key.algorithm().name()) {
            return Err(JwkRefusal::Unsupported);
        }
        let kid = text(members, "kid")?
            .map(|kid| Kid::new(kid).ok_or(JwkRefusal::Member("kid")))
            .transpose()?;
        Ok(Self { kid, key })
    }

    /// The name it is known by; ours always have one.
    #[must_use]
    pub const fn kid(&self) -> Option<&Kid> {
        self.kid.as_ref()
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The key, without its name.
    #[must_use]
    pub fn into_key(self) -> PublicKey {
        self.key
    }

    /// The algorithm it verifies, and no other.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
}

impl Serialize for PublicJwk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = self.key.members();
        members.push(("use", "sig".to_owned()));
        members.push(("alg", self.algorithm().name().to_owned()));
        if let Some(kid) = &self.kid {
            members.push(("kid", kid.0.clone()));
        }
        serializer.collect_map(members)
    }
}

impl<'de> Deserialize<'de> for PublicJwk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Value::deserialize(deserializer)?;
        Self::parse(&json).map_err(serde::de::Error::custom)
    }
}

fn parse_rsa(members: &Map<String, Value>) -> Result<PublicKey, JwkRefusal> {
    let (n, e) = (bytes(members, "n")?, bytes(members, "e")?);
    // RFC 7518 §2: Base64urlUInt has no leading zero octets.
    let leading = n.first().filter(|first| **first != 0);
    let leading = leading.ok_or(JwkRefusal::Member("n"))?.leading_zeros();
    let bits = n.len().saturating_mul(8).saturating_sub(leading as usize);
    if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
        return Err(JwkRefusal::RsaBits(bits));
    }
    if n.last().is_none_or(|last| last % 2 == 0) {
        return Err(JwkRefusal::Member("n"));
    }
    let is_sound = e.len() <= 8
        && e.first().is_some_and(|first| *first != 0)
        && e.last().is_some_and(|last| last % 2 == 1)
        && e != [1];
    if !is_sound {
        return Err(JwkRefusal::Member("e"));
    }
    Ok(PublicKey::Rsa { n, e })
}

fn text<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, JwkRefusal> {
    members
        .get(name)
        .map(|value| value.as_str().ok_or(JwkRefusal::Member(name)))
        .transpose()
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkRefusal> {
    let text = text(members, name)?.filter(|text| text.len() <= RSA_BITS_MAX / 6 + 1);
    text.and_then(|text| Base64UrlUnpadded::decode_vec(text).ok())
        .ok_or(JwkRefusal::Member(name))
}

fn array(members: &Map<String, Value>, name: &'static str) -> Result<[u8; 32], JwkRefusal> {
    let bytes = bytes(members, name)?;
    bytes.try_into().map_err(|_| JwkRefusal::Member(name))
}
