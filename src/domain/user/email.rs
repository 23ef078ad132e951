//! When are two e-mail addresses one?

use crate::domain::oauth::text::text_type;
use email_address::{EmailAddress, Options};

/// What SMTP can carry ([RFC 5321 §4.5.3.1.3]).
///
/// [RFC 5321 §4.5.3.1.3]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3
pub const EMAIL_BYTES_MAX: usize = 254;

/// An e-mail address, without spaces around it and with a lower-case domain.
///
/// The local part keeps its case for display and delivery ([RFC 5321 §2.4]),
/// but two people never differ by it: see [`Email::canonical`].
///
/// [RFC 5321 §2.4]: https://www.rfc-editor.org/rfc/rfc5321#section-2.4
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

text_type!(Email);

/// Why a text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct EmailRefusal;

impl Email {
    /// Reads an address.
    ///
    /// Display names, quoted local parts and domain literals are refused: they
    /// are legal, and nobody who signs in has one.
    ///
    /// # Errors
    /// When `text` is not an address.
    pub fn parse(text: &str) -> Result<Self, EmailRefusal> {
        let text = text.trim();
        let options = Options::default()
            .without_display_text()
            .without_domain_literal();
        if text.len() > EMAIL_BYTES_MAX || text.chars().any(|c| c.is_control() || c == '"') {
            return Err(EmailRefusal);
        }
        let address = EmailAddress::parse_with_options(text, options).map_err(|_| EmailRefusal)?;
        let domain = address.domain().to_lowercase();
        Ok(Self(format!("{}@{domain}", address.local_part())))
    }

    /// The key under which an address is unique: all of it in lower case.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_lowercase()
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _)| local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_trimmed_and_its_domain_lowered() {
        let email = Email::parse(" Jane.Doe+x@Example.COM ").unwrap();
        assert_eq!(email.as_str(), "Jane.Doe+x@example.com");
        assert_eq!(email.canonical(), "jane.doe+x@example.com");
        assert_eq!(email.local_part(), "Jane.Doe+x");
    }

    #[test]
    fn what_is_not_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "jane",
            "@example.com",
            "jane@",
            "a b@example.com",
            "Jane <j@example.com>",
            "\"a b\"@example.com",
            "j@[127.0.0.1]",
            "a@b@c.example",
            "j@example..com",
            "j@exa\nmple.com",
            &long,
        ] {
            assert_eq!(Email::parse(text), Err(EmailRefusal), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_parses_to_itself(text in "\\PC{1,12}@[a-zA-Z.é]{1,12}") {
            if let Ok(email) = Email::parse(&text) {
                prop_assert_eq!(Email::parse(email.as_str()), Ok(email));
            }
        }
    }
}
