//! How does the operator's key keep everything else?

use super::prf::{PRF_BYTES, derive, hmac};
use crate::domain::entropy::{Entropy, draw};
use crate::domain::secret::Secret;
use base64ct::{Base64, Encoding};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

const KEY_BYTES: usize = 32;
const FINGERPRINT_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
const SALT: &[u8] = b"aero2 master key v1";

/// What a key derived from a master key is for. No two uses share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An epoch's root seed, at rest.
    RootSeed,
    /// A signing key, at rest or leased to a gateway.
    SigningKey,
    /// An authorization request on its way through the hosted pages.
    Interaction,
    /// A pushed authorization request ([RFC 9126]).
    ///
    /// [RFC 9126]: https://www.rfc-editor.org/rfc/rfc9126
    PushedRequest,
    /// The token that proves that a form came from our page.
    Csrf,
    /// The names of rate-limit buckets: nobody reads an address out of one.
    RateLimit,
    /// The link that makes the first administrator.
    SetUp,
    /// The `Authorization` header that events are pushed to a receiver with.
    StreamHeader,
    /// The cookie that says that somebody has signed in from here before.
    Device,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::RootSeed => b"root seed",
            Self::SigningKey => b"signing key",
            Self::Interaction => b"interaction",
            Self::PushedRequest => b"pushed request",
            Self::Csrf => b"csrf",
            Self::RateLimit => b"rate limit",
            Self::SetUp => b"set-up",
            Self::StreamHeader => b"stream header",
            Self::Device => b"device",
        }
    }
}

/// Why a text cannot be a master key. Never repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyRefusal {
    /// It is not base64.
    #[error("is not base64 (make one with `openssl rand -base64 32`)")]
    Encoding,
    /// It is of another length.
    #[error("is {0} bytes long, not 32 (make one with `openssl rand -base64 32`)")]
    Length(usize),
    /// It is one byte over and over.
    #[error("is not random (make one with `openssl rand -base64 32`)")]
    Weak,
    /// Both are the same.
    #[error("is the same as the previous one")]
    Unchanged,
}

/// Why a sealed value stays closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenRefusal {
    /// It is not a sealed value.
    #[error("not a sealed value")]
    Shape,
    /// It was sealed under a master key we do not have.
    #[error("sealed under another master key")]
    ForeignKey,
    /// It was changed, or sealed for another purpose or owner.
    #[error("not sealed for this use")]
    NotGenuine,
}

/// A value only a holder of the master key can read or make.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Reads a stored sealed value.
    ///
    /// # Errors
    /// When it is too short to be one.
    pub fn from_stored(bytes: Vec<u8>) -> Result<Self, OpenRefusal> {
        if bytes.len() < FINGERPRINT_BYTES + NONCE_BYTES + TAG_BYTES {
            return Err(OpenRefusal::Shape);
        }
        Ok(Self(bytes))
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl core::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

impl serde::Serialize for Sealed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Base64::encode_string(&self.0))
    }
}

impl<'de> serde::Deserialize<'de> for Sealed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Base64::decode_vec(&text)
            .map_err(|_| OpenRefusal::Shape)
            .and_then(Self::from_stored)
            .map_err(serde::de::Error::custom)
    }
}

/// The operator's key and, while it is being replaced, its predecessor.
///
/// Neither is ever used itself: each purpose has its own key, derived.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: MasterKey,
    previous: Option<MasterKey>,
}

#[derive(Clone, Debug)]
struct MasterKey {
    key: Secret<[u8; KEY_BYTES]>,
    fingerprint: [u8; FINGERPRINT_BYTES],
}

impl MasterKey {
    fn parse(text: &Secret<String>) -> Result<Self, MasterKeyRefusal> {
        let text = text.expose().trim();
        let bytes = Base64::decode_vec(text)
            .or_else(|_| base64ct::Base64Unpadded::decode_vec(text))
            .map_err(|_| MasterKeyRefusal::Encoding)?;
        let bytes = Secret::new(bytes);
        let key: [u8; KEY_BYTES] = bytes
            .expose()
            .as_slice()
            .try_into()
            .map_err(|_| MasterKeyRefusal::Length(bytes.expose().len()))?;
        if key.iter().all(|byte| Some(byte) == key.first()) {
            return Err(MasterKeyRefusal::Weak);
        }
        Ok(Self::of(Secret::new(key)))
    }

    fn of(key: Secret<[u8; KEY_BYTES]>) -> Self {
        let [a, b, c, d, ..] = derive(key.expose(), SALT, &[b"fingerprint"]);
        Self {
            key,
            fingerprint: [a, b, c, d],
        }
    }

    fn subkey(&self, kind: &[u8], purpose: Purpose) -> Secret<[u8; PRF_BYTES]> {
        Secret::new(derive(self.key.expose(), SALT, &[kind, purpose.label()]))
    }

    fn cipher(&self, purpose: Purpose) -> XChaCha20Poly1305 {
        let key = self.subkey(b"seal", purpose);
        XChaCha20Poly1305::new(key.expose().into())
    }

    fn mac(&self, purpose: Purpose, message: &[u8]) -> [u8; PRF_BYTES] {
        hmac(self.subkey(b"mac", purpose).expose(), &[message])
    }
}

impl MasterKeys {
    /// Reads the keys from their settings: base64 of 32 bytes each.
    ///
    /// # Errors
    /// Says what is wrong with the first one that is.
    pub fn parse(
        current: &Secret<String>,
        previous: Option<&Secret<String>>,
    ) -> Result<Self, MasterKeyRefusal> {
        let current = MasterKey::parse(current)?;
        let previous = previous.map(MasterKey::parse).transpose()?;
        if let Some(previous) = &previous
            && previous.key.ct_eq(current.key.expose())
        {
            return Err(MasterKeyRefusal::Unchanged);
        }
        Ok(Self { current, previous })
    }

    /// Keys made up by a generator: for tests.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        Self {
            current: MasterKey::of(Secret::new(draw(entropy))),
            previous: None,
        }
    }

    /// Seals `plaintext` for one purpose and one owner (`aad`), under the
    /// current key, with XChaCha20-Poly1305.
    pub fn seal(
        &self,
        purpose: Purpose,
        aad: &[u8],
        plaintext: &[u8],
        entropy: &mut dyn Entropy,
    ) -> Sealed {
        let nonce: [u8; NONCE_BYTES] = draw(entropy);
        let payload = Payload {
            msg: plaintext,
            aad,
        };
        let sealed = self.current.cipher(purpose).encrypt(&nonce.into(), payload);
        let mut bytes = self.current.fingerprint.to_vec();
        bytes.extend(nonce);
        // Fails for messages over 256 GiB only; what is written then opens nowhere.
        bytes.extend(sealed.unwrap_or_default());
        Sealed(bytes)
    }

    /// Opens what was sealed for this purpose and owner.
    ///
    /// # Errors
    /// When it was not, or not by us.
    pub fn open(
        &self,
        purpose: Purpose,
        aad: &[u8],
        sealed: &Sealed,
    ) -> Result<Secret<Vec<u8>>, OpenRefusal> {
        let (fingerprint, rest) = sealed
            .0
            .split_first_chunk::<FINGERPRINT_BYTES>()
            .ok_or(OpenRefusal::Shape)?;
        let (nonce, msg) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(OpenRefusal::Shape)?;
        self.all()
            .find(|key| key.fingerprint == *fingerprint)
            .ok_or(OpenRefusal::ForeignKey)?
            .cipher(purpose)
            .decrypt(nonce.into(), Payload { msg, aad })
            .map(Secret::new)
            .map_err(|_| OpenRefusal::NotGenuine)
    }

    /// Whether it should be opened and sealed again, under the current key.
    #[must_use]
    pub fn needs_resealing(&self, sealed: &Sealed) -> bool {
        !sealed.0.starts_with(&self.current.fingerprint)
    }

    /// What every value sealed under the current key begins with.
    #[must_use]
    pub const fn fingerprint(&self) -> [u8; FINGERPRINT_BYTES] {
        self.current.fingerprint
    }

    /// Vouches for a public message (HMAC-SHA-256, under the current key).
    #[must_use]
    pub fn vouch(&self, purpose: Purpose, message: &[u8]) -> [u8; PRF_BYTES] {
        self.current.mac(purpose, message)
    }

    /// Whether we vouched for `message`, under either key.
    #[must_use]
    pub fn vouched(&self, purpose: Purpose, message: &[u8], tag: &[u8]) -> bool {
        self.all()
            .any(|key| Secret::new(key.mac(purpose, message)).ct_eq(tag))
    }

    fn all(&self) -> impl Iterator<Item = &MasterKey> {
        core::iter::once(&self.current).chain(&self.previous)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;
    use proptest::prelude::*;

    fn text(byte: u8) -> Secret<String> {
        let mut key = [byte; 32];
        key[0] = 0xff;
        Secret::new(Base64::encode_string(&key))
    }

    fn refusal(text: &str) -> MasterKeyRefusal {
        MasterKeys::parse(&Secret::new(text.to_owned()), None).unwrap_err()
    }

    #[test]
    fn a_wrong_setting_is_told_what_is_wrong() {
        assert_eq!(refusal("not base64!"), MasterKeyRefusal::Encoding);
        assert_eq!(refusal("AAAA"), MasterKeyRefusal::Length(3));
        assert_eq!(
            refusal(&Base64::encode_string(&[0; 32])),
            MasterKeyRefusal::Weak
        );
        let same = MasterKeys::parse(&text(1), Some(&text(1))).unwrap_err();
        assert_eq!(same, MasterKeyRefusal::Unchanged);
        let spaced = Secret::new(format!("{}\n", text(1).expose()));
        assert!(MasterKeys::parse(&spaced, None).is_ok());
    }

    #[test]
    fn a_replaced_key_still_opens_and_asks_to_be_resealed() {
        let entropy = &mut Seeded::new(1);
        let old = MasterKeys::parse(&text(1), None).unwrap();
        let both = MasterKeys::parse(&text(2), Some(&text(1))).unwrap();
        let new = MasterKeys::parse(&text(2), None).unwrap();
        let sealed = old.seal(Purpose::RootSeed, b"1", b"seed", entropy);

        let opened = both.open(Purpose::RootSeed, b"1", &sealed).unwrap();
        assert!(opened.ct_eq(b"seed"));
        assert!(both.needs_resealing(&sealed));
        assert!(!old.needs_resealing(&sealed));
        assert_eq!(
            new.open(Purpose::RootSeed, b"1", &sealed).unwrap_err(),
            OpenRefusal::ForeignKey
        );
        let tag = old.vouch(Purpose::Csrf, b"form");
        assert!(both.vouched(Purpose::Csrf, b"form", &tag));
        assert!(!new.vouched(Purpose::Csrf, b"form", &tag));
    }

    #[test]
    fn nothing_opens_for_another_purpose_or_owner() {
        let entropy = &mut Seeded::new(2);
        let keys = MasterKeys::generate(entropy);
        let sealed = keys.seal(Purpose::Interaction, b"acme", b"x", entropy);
        for (purpose, owner) in [
            (Purpose::PushedRequest, b"acme"),
            (Purpose::Interaction, b"bcme"),
        ] {
            assert_eq!(
                keys.open(purpose, owner, &sealed).unwrap_err(),
                OpenRefusal::NotGenuine
            );
        }
    }

    #[test]
    fn a_sealed_value_survives_its_message() {
        let entropy = &mut Seeded::new(3);
        let keys = MasterKeys::generate(entropy);
        let sealed = keys.seal(Purpose::RootSeed, b"", b"x", entropy);
        let packed = rmp_serde::to_vec_named(&sealed).unwrap();
        assert_eq!(rmp_serde::from_slice::<Sealed>(&packed).unwrap(), sealed);
        assert!(Sealed::from_stored(vec![0; 43]).is_err());
    }

    proptest! {
        #[test]
        fn a_changed_byte_closes_it(plain: Vec<u8>, place: prop::sample::Index, flip in 1_u8..) {
            let entropy = &mut Seeded::new(4);
            let keys = MasterKeys::generate(entropy);
            let sealed = keys.seal(Purpose::RootSeed, b"a", &plain, entropy);
            let opened = keys.open(Purpose::RootSeed, b"a", &sealed).unwrap();
            prop_assert!(opened.ct_eq(&plain));

            let mut bytes = sealed.as_bytes().to_vec();
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            let changed = Sealed::from_stored(bytes).unwrap();
            prop_assert!(keys.open(Purpose::RootSeed, b"a", &changed).is_err());
        }
    }
}
