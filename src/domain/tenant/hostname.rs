//! Which names of its own may a tenant answer under?

use crate::domain::oauth::text::text_type;

/// The longest name DNS carries ([RFC 1035 §2.3.4]), as text.
///
/// [RFC 1035 §2.3.4]: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4
pub const HOSTNAME_BYTES_MAX: usize = 253;

/// The longest label of such a name.
const LABEL_BYTES_MAX: usize = 63;

/// A host name in lower case, without port: `login.acme.example`.
///
/// An international name comes encoded ([RFC 5890 §2.3.2.1]), as it stands in
/// a browser's `Host` header.
///
/// [RFC 5890 §2.3.2.1]: https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hostname(String);

text_type!(Hostname);

/// Why a text is not a host name of a tenant's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a hostname is a lower-case DNS name of two labels or more, without port")]
pub struct HostnameRefusal;

impl Hostname {
    /// Reads a name.
    ///
    /// One label is a machine in somebody's office, a last label that begins
    /// with a digit is an IPv4 address ([RFC 1123 §2.1]): neither can be had.
    ///
    /// # Errors
    /// When `text` is not such a name.
    ///
    /// [RFC 1123 §2.1]: https://www.rfc-editor.org/rfc/rfc1123#section-2.1
    pub fn parse(text: &str) -> Result<Self, HostnameRefusal> {
        let last = text.rsplit_once('.').map(|(_, last)| last);
        let is_name = |last: &str| !last.starts_with(|c: char| c.is_ascii_digit());
        let fits = text.len() <= HOSTNAME_BYTES_MAX && text.split('.').all(is_label);
        if fits && last.is_some_and(is_name) {
            Ok(Self(text.to_owned()))
        } else {
            Err(HostnameRefusal)
        }
    }
}

fn is_label(label: &str) -> bool {
    let inner = !label.starts_with('-') && !label.ends_with('-');
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    inner && (1..=LABEL_BYTES_MAX).contains(&label.len()) && label.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hostname_is_a_dns_name() {
        for text in [
            "login.acme.example",
            "a.b",
            "xn--bcher-kva.example",
            "1.2.c3",
        ] {
            assert_eq!(Hostname::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_no_browser_sends_is_refused() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = format!("{}example", "a.".repeat(130));
        for text in [
            "",
            "localhost",
            "127.0.0.1",
            "acme.example.",
            ".example",
            "a..b",
            "A.example",
            "a.example:443",
            "a_b.example",
            "-a.example",
            "a-.example",
            "é.example",
            "[::1]",
            "a.example/x",
            &long,
            &longer,
        ] {
            assert_eq!(Hostname::parse(text), Err(HostnameRefusal), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_hostname_is_the_host_of_a_url(text in "[a-z0-9.-]{1,20}") {
            if Hostname::parse(&text).is_ok() && !text.contains("xn--") {
                let url = url::Url::parse(&format!("https://{text}/")).unwrap();
                prop_assert_eq!(url.host_str().map(str::to_owned), Some(text));
            }
        }
    }
}
