//! What do the letters of an opaque token say?
//!
//! A prefix that names the kind, then base64url without padding ([RFC 4648 §5])
//! of the payload and a CRC-32 of prefix and payload. Secret scanners know the
//! prefix, and a mistyped or invented token is refused before any actor is asked.
//!
//! [RFC 4648 §5]: https://www.rfc-editor.org/rfc/rfc4648#section-5

use crate::domain::secret::Secret;
use base64ct::{Base64UrlUnpadded, Encoding};
use zeroize::Zeroize;

/// Characters in the longest opaque token, with room to spare.
pub const TEXT_MAX: usize = 160;

const CHECKSUM_BYTES: usize = 4;

/// Why a text is not a token of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefusal {
    /// It begins like another kind of token, or like none of ours.
    #[error("not a token of this kind")]
    Kind,
    /// It is not the base64url of as many bytes as this kind has.
    #[error("a token of the wrong shape")]
    Shape,
    /// It was mistyped, cut or invented.
    #[error("a token whose checksum is wrong")]
    Checksum,
}

/// Spells `payload` as a token of the kind `prefix`.
pub(super) fn write(prefix: &str, payload: &[u8]) -> Secret<String> {
    let mut framed = payload.to_vec();
    framed.extend(checksum(prefix, payload));
    let text = format!("{prefix}{}", Base64UrlUnpadded::encode_string(&framed));
    framed.zeroize();
    Secret::new(text)
}

/// Reads the `N` bytes of payload of a token of the kind `prefix`.
pub(super) fn read<const N: usize>(
    prefix: &str,
    text: &str,
) -> Result<Secret<[u8; N]>, TokenRefusal> {
    let body = text.strip_prefix(prefix).ok_or(TokenRefusal::Kind)?;
    if text.len() > TEXT_MAX {
        return Err(TokenRefusal::Shape);
    }
    let framed = Base64UrlUnpadded::decode_vec(body).map_err(|_| TokenRefusal::Shape)?;
    let framed = Secret::new(framed);
    let (payload, sum) = framed
        .expose()
        .split_last_chunk::<CHECKSUM_BYTES>()
        .ok_or(TokenRefusal::Shape)?;
    let payload: [u8; N] = payload.try_into().map_err(|_| TokenRefusal::Shape)?;
    let payload = Secret::new(payload);
    if *sum == checksum(prefix, payload.expose()) {
        Ok(payload)
    } else {
        Err(TokenRefusal::Checksum)
    }
}

/// The next `N` bytes of `payload`, which is moved past them.
pub(super) fn take<const N: usize>(payload: &mut &[u8]) -> Result<[u8; N], TokenRefusal> {
    let (head, rest) = payload
        .split_first_chunk::<N>()
        .ok_or(TokenRefusal::Shape)?;
    *payload = rest;
    Ok(*head)
}

fn checksum(prefix: &str, payload: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let bytes = prefix.bytes().chain(payload.iter().copied());
    (!bytes.fold(u32::MAX, crc32)).to_be_bytes()
}

/// One byte more of a CRC-32 ([RFC 1952 §8]), bit by bit: the tables with which
/// crates do it faster have more bytes than all tokens of a second.
///
/// [RFC 1952 §8]: https://www.rfc-editor.org/rfc/rfc1952#section-8
fn crc32(sum: u32, byte: u8) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    (0..u8::BITS).fold(sum ^ u32::from(byte), |sum, _| {
        let carry = sum & 1;
        (sum >> 1) ^ (POLYNOMIAL * carry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_frame_has_its_published_spelling() {
        let text = write("a2x_", b"abc");
        assert_eq!(text.expose(), "a2x_YWJjabYSow");
    }

    proptest! {
        #[test]
        fn the_checksum_is_everybody_elses(payload: Vec<u8>) {
            let mut known = crc32fast::Hasher::new();
            known.update(b"a2x_");
            known.update(&payload);
            prop_assert_eq!(checksum("a2x_", &payload), known.finalize().to_be_bytes());
        }

        #[test]
        fn what_is_written_is_read(payload: [u8; 24]) {
            let text = write("a2x_", &payload);
            let read = read::<24>("a2x_", text.expose()).unwrap();
            prop_assert_eq!(read.expose(), &payload);
        }

        #[test]
        fn another_prefix_length_or_letter_is_refused(
            payload: [u8; 24],
            place in 4_usize..42,
            letter in "[A-Za-z0-9_-]",
        ) {
            let text = write("a2x_", &payload);
            let text = text.expose();
            prop_assert_eq!(read::<24>("a2y_", text).unwrap_err(), TokenRefusal::Kind);
            prop_assert_eq!(read::<23>("a2x_", text).unwrap_err(), TokenRefusal::Shape);
            let mut changed = text.clone();
            changed.replace_range(place..=place, &letter);
            prop_assert_eq!(read::<24>("a2x_", &changed).is_ok(), changed == *text);
        }

        #[test]
        fn no_text_panics(text in "(a2x_)?.{0,200}") {
            if let Ok(payload) = read::<8>("a2x_", &text) {
                let written = write("a2x_", payload.expose());
                prop_assert_eq!(written.expose(), &text);
            }
        }
    }
}
