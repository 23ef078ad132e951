//! What is a client called?

use super::text::text_type;
use crate::domain::entropy::{Entropy, draw};
use crate::domain::ids::{ID_BYTES, base32};

/// Longer than any id people type, short enough for an index.
pub const CLIENT_ID_BYTES_MAX: usize = 128;

/// The identifier of a client, unique within its tenant ([RFC 6749 §2.2]).
///
/// Visible ASCII without a colon: a colon would end it in HTTP Basic
/// credentials, and a space is lost when people copy it.
///
/// [RFC 6749 §2.2]: https://www.rfc-editor.org/rfc/rfc6749#section-2.2
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(String);

text_type!(ClientId);

/// Why a text is not a client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client_id is 1 to 128 visible ASCII characters without a colon")]
pub struct ClientIdRefusal;

impl ClientId {
    /// What every generated id begins with.
    pub const PREFIX: &'static str = "cli_";

    /// A new id nobody else has.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        let bytes: [u8; ID_BYTES] = draw(entropy);
        Self(format!("{}{}", Self::PREFIX, base32(&bytes)))
    }

    /// Reads an id.
    ///
    /// # Errors
    /// When `text` is empty, too long, or has another character.
    pub fn parse(text: &str) -> Result<Self, ClientIdRefusal> {
        let fits = (1..=CLIENT_ID_BYTES_MAX).contains(&text.len());
        let visible = text.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        if fits && visible {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientIdRefusal)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entropy::Seeded;

    #[test]
    fn a_generated_id_parses() {
        let id = ClientId::generate(&mut Seeded::new(3));
        assert_eq!(ClientId::parse(id.as_str()), Ok(id));
    }

    #[test]
    fn an_id_has_no_colon_space_or_control() {
        for text in ["", "a:b", "a b", "a\n", "é", &"x".repeat(129)] {
            assert_eq!(ClientId::parse(text), Err(ClientIdRefusal), "{text}");
        }
        assert!(ClientId::parse("https//app.example/@1").is_ok());
    }
}
