//! How does a value travel through a browser and come back unread, unchanged
//! and in time?

use super::entropy::Entropy;
use super::ids::TenantId;
use super::keys::master::{MasterKeys, OpenRefusal, Purpose, Sealed};
use super::secret::Secret;
use super::time::Timestamp;
use crate::domain::tree;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest text opened: a whole authorization request, sealed.
pub const SEALED_TEXT_MAX: usize = 16 * 1024;

const EXPIRY_BYTES: usize = 8;

/// Why a value cannot be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealRefusal {
    /// It would be, or is, longer than [`SEALED_TEXT_MAX`].
    #[error("a sealed value longer than 16 KiB")]
    TooLong,
    /// It is not what was asked for, or not JSON.
    #[error("a sealed value of another shape")]
    Shape,
    /// It was changed, or sealed elsewhere, for another tenant or purpose.
    #[error("not sealed by us for this use")]
    NotGenuine,
    /// Its time is over.
    #[error("a sealed value whose time is over")]
    Expired,
}

/// What a sealed value is for, whose it is and how long it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding {
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is.
    pub tenant: TenantId,
}

/// Seals `value` as a text that is safe in a URL.
///
/// # Errors
/// When it is too long, or cannot be spelled as JSON.
pub fn seal_json<T: Serialize>(
    keys: &MasterKeys,
    binding: Binding,
    expires_at: Timestamp,
    value: &T,
    entropy: &mut dyn Entropy,
) -> Result<String, SealRefusal> {
    let mut plain = expires_at.as_millis().to_be_bytes().to_vec();
    serde_json::to_writer(&mut plain, value).map_err(|_| SealRefusal::Shape)?;
    let plain = Secret::new(plain);
    let aad = binding.tenant.as_bytes();
    let sealed = keys.seal(binding.purpose, aad, plain.expose(), entropy);
    let text = Base64UrlUnpadded::encode_string(sealed.as_bytes());
    if text.len() > SEALED_TEXT_MAX {
        return Err(SealRefusal::TooLong);
    }
    Ok(text)
}

/// Opens what [`seal_json`] made for the same use.
///
/// # Errors
/// When it is not that, or its time is over.
pub fn open_json<T: DeserializeOwned>(
    keys: &MasterKeys,
    binding: Binding,
    text: &str,
    now: Timestamp,
) -> Result<T, SealRefusal> {
    if text.len() > SEALED_TEXT_MAX {
        return Err(SealRefusal::TooLong);
    }
    let bytes = Base64UrlUnpadded::decode_vec(text).map_err(|_| SealRefusal::Shape)?;
    let sealed = Sealed::from_stored(bytes).map_err(|_| SealRefusal::Shape)?;
    let plain = keys
        .open(binding.purpose, binding.tenant.as_bytes(), &sealed)
        .map_err(|refusal| match refusal {
            OpenRefusal::Shape => SealRefusal::Shape,
            OpenRefusal::ForeignKey | OpenRefusal::NotGenuine => SealRefusal::NotGenuine,
        })?;
    let (expires_at, json) = plain
        .expose()
        .split_first_chunk::<EXPIRY_BYTES>()
        .ok_or(SealRefusal::Shape)?;
    if Timestamp::from_millis(i64::from_be_bytes(*expires_at)) <= now {
        return Err(SealRefusal::Expired);
    }
    tree::from_json(json).map_err(|_| SealRefusal::Shape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp::from_seconds(43_200);

    fn world() -> (MasterKeys, Binding, Seeded) {
        let mut entropy = Seeded::new(1);
        let binding = Binding {
            purpose: Purpose::Interaction,
            tenant: TenantId::generate(&mut entropy),
        };
        (MasterKeys::generate(&mut entropy), binding, entropy)
    }

    #[test]
    fn a_value_returns_until_its_time_is_over() {
        let (keys, binding, mut entropy) = world();
        let text = seal_json(&keys, binding, NOON, &("state", 7), &mut entropy).unwrap();
        let open = |now| open_json::<(String, u8)>(&keys, binding, &text, now);
        assert_eq!(open(NOON.plus(-1)), Ok(("state".to_owned(), 7)));
        assert_eq!(open(NOON), Err(SealRefusal::Expired));
    }

    #[test]
    fn a_value_is_for_one_tenant_and_one_use() {
        let (keys, binding, mut entropy) = world();
        let text = seal_json(&keys, binding, NOON, &1, &mut entropy).unwrap();
        let elsewhere = Binding {
            tenant: TenantId::generate(&mut entropy),
            ..binding
        };
        let otherwise = Binding {
            purpose: Purpose::PushedRequest,
            ..binding
        };
        for wrong in [elsewhere, otherwise] {
            let opened = open_json::<u8>(&keys, wrong, &text, Timestamp::default());
            assert_eq!(opened, Err(SealRefusal::NotGenuine));
        }
        let shape = open_json::<String>(&keys, binding, &text, Timestamp::default());
        assert_eq!(shape, Err(SealRefusal::Shape));
    }

    #[test]
    fn nothing_is_sealed_that_could_not_be_opened() {
        let (keys, binding, mut entropy) = world();
        let long = "x".repeat(SEALED_TEXT_MAX);
        let sealed = seal_json(&keys, binding, NOON, &long, &mut entropy);
        assert_eq!(sealed, Err(SealRefusal::TooLong));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[A-Za-z0-9_-]{0,200}|.*") {
            let (keys, binding, _) = world();
            prop_assert!(open_json::<u8>(&keys, binding, &text, NOON).is_err());
        }
    }
}
