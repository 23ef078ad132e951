//! How does one secret become many?

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// Bytes of everything derived here.
pub(crate) const PRF_BYTES: usize = 32;
const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 ([RFC 2104]) of the parts, one after another.
///
/// The caller sees to it that the parts cannot be divided differently.
///
/// [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104
pub(crate) fn hmac(key: &[u8; PRF_BYTES], parts: &[&[u8]]) -> [u8; PRF_BYTES] {
    // A key filled up with zeros to the block is the same key (RFC 2104 §2),
    // and this constructor cannot fail.
    let mut block = [0; BLOCK_BYTES];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA-256 ([RFC 5869]) of `secret`: 32 bytes for this use alone.
///
/// Each part of the use is preceded by its length, so that no two uses meet.
///
/// [RFC 5869]: https://www.rfc-editor.org/rfc/rfc5869
pub(crate) fn derive(secret: &[u8], salt: &[u8], uses: &[&[u8]]) -> [u8; PRF_BYTES] {
    let (mut extracted, _) = Hkdf::<Sha256>::extract(Some(salt), secret);
    let mut info = Vec::new();
    for part in uses {
        info.extend(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        info.extend_from_slice(part);
    }
    // RFC 5869 §2.3: for one block the output is T(1) = HMAC(PRK, info | 0x01).
    let derived = hmac(extracted.as_ref(), &[&info, &[1]]);
    extracted.zeroize();
    derived
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivation_is_hkdf() {
        let mut expected = [0; 32];
        let info = [
            &3_u64.to_be_bytes()[..],
            b"one",
            &2_u64.to_be_bytes(),
            b"ab",
        ]
        .concat();
        Hkdf::<Sha256>::new(Some(b"salt"), b"secret")
            .expand(&info, &mut expected)
            .unwrap();
        assert_eq!(derive(b"secret", b"salt", &[b"one", b"ab"]), expected);
    }

    #[test]
    fn uses_that_read_alike_differ() {
        let of = |uses: &[&[u8]]| derive(b"secret", b"salt", uses);
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        assert_ne!(of(&[b"abc"]), of(&[b"abc", b""]));
    }
}
