//! Under which host name does a tenant live?

use crate::domain::oauth::text::text_type;

/// Shorter than a DNS label may be, so that prefixes can be put before it.
pub const SLUG_BYTES_MAX: usize = 40;

/// Names that are ours, or that people would take for ours or for a server's.
const RESERVED: &str = "
    abuse account accounts admin administrator aero2 api assets auth autoconfig autodiscover
    billing cdn console dashboard dns docs email ftp hostmaster id imap internal isatap jwks
    localdomain localhost login logout mail mx ns ns1 ns2 oauth oauth2 oidc operator
    platform pop pop3 postmaster root security signin signup smtp ssl sso static status
    support system tls usenet uucp webmail webmaster wpad www
";

/// A tenant's label in DNS: `acme` in `acme.example.com`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

text_type!(Slug);

/// Why a text is not a slug, or not one to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlugRefusal {
    /// Not a lower-case DNS label of at most 40 characters.
    #[error("a slug is 1 to 40 of a-z, 0-9 and inner hyphens")]
    Malformed,
    /// One of the names kept back.
    #[error("this slug is reserved")]
    Reserved,
}

impl Slug {
    /// The tenant whose users operate the platform.
    pub const PLATFORM: &'static str = "platform";

    /// The slug of the tenant whose users operate the platform.
    #[must_use]
    pub fn platform() -> Self {
        Self(Self::PLATFORM.to_owned())
    }

    /// Reads a slug, reserved or not, as it stands in a host name.
    ///
    /// Two hyphens in third place would be an encoded name ([RFC 5891 §4.2.3.1]),
    /// which may look like another's, so they are refused.
    ///
    /// # Errors
    /// When it is not a label.
    ///
    /// [RFC 5891 §4.2.3.1]: https://www.rfc-editor.org/rfc/rfc5891#section-4.2.3.1
    pub fn parse(text: &str) -> Result<Self, SlugRefusal> {
        let fits = (1..=SLUG_BYTES_MAX).contains(&text.len());
        let label = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let inner = !text.starts_with('-') && !text.ends_with('-');
        let encoded = text.get(2..4) == Some("--");
        if fits && inner && !encoded && text.bytes().all(label) {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugRefusal::Malformed)
        }
    }

    /// Reads a slug for a new tenant.
    ///
    /// # Errors
    /// When it is not a label, or reserved.
    pub fn parse_new(text: &str) -> Result<Self, SlugRefusal> {
        let slug = Self::parse(text)?;
        if slug.is_reserved() {
            Err(SlugRefusal::Reserved)
        } else {
            Ok(slug)
        }
    }

    /// Whether it is kept back from tenants.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.split_ascii_whitespace().any(|name| name == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_slug_is_a_lower_case_label() {
        for text in ["a", "acme", "a-1", "1a", &"a".repeat(40)] {
            assert_eq!(Slug::parse(text).unwrap().as_str(), text);
        }
        for text in [
            "",
            "-a",
            "a-",
            "Acme",
            "a.b",
            "a_b",
            "xn--a",
            "é",
            "a b",
            &"a".repeat(41),
        ] {
            assert_eq!(Slug::parse(text), Err(SlugRefusal::Malformed), "{text}");
        }
    }

    #[test]
    fn a_reserved_slug_reads_but_is_not_to_be_had() {
        assert!(Slug::parse(Slug::PLATFORM).is_ok());
        for text in ["platform", "www", "admin", "api"] {
            assert_eq!(Slug::parse_new(text), Err(SlugRefusal::Reserved), "{text}");
        }
        assert!(Slug::parse_new("acme").is_ok());
        let mut names = RESERVED.split_ascii_whitespace();
        assert!(names.clone().is_sorted() && names.all(|text| Slug::parse(text).is_ok()));
    }

    proptest! {
        #[test]
        fn every_slug_is_one_label_of_a_url(text in "[a-z0-9-]{1,42}") {
            if let Ok(slug) = Slug::parse(&text) {
                let url = url::Url::parse(&format!("https://{slug}.example/")).unwrap();
                prop_assert_eq!(url.host_str().map(str::to_owned), Some(format!("{text}.example")));
            }
        }
    }
}
