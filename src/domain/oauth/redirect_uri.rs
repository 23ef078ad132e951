//! Where may an answer be sent?

use super::text::text_type;
use crate::domain::web_url;
use url::Url;

/// Longer than any address a client sensibly registers.
pub const REDIRECT_URI_BYTES_MAX: usize = 2_048;

/// The hosts that never leave the machine (RFC 8252 §7.3 and §8.3), beside those
/// under `localhost` (RFC 6761 §6.3).
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

fn is_loopback(host: &str) -> bool {
    LOOPBACK.contains(&host) || host.ends_with(".localhost")
}

/// A redirect address, stored and compared octet for octet ([RFC 9700 §2.1]).
///
/// It is one of: `https`; `http` on a loopback host; a private-use scheme
/// named after a domain, as native applications have ([RFC 8252 §7.1]). Such a
/// scheme has a dot, which no dangerous scheme has (`javascript`, `data`, …).
///
/// [RFC 9700 §2.1]: https://www.rfc-editor.org/rfc/rfc9700#section-2.1
/// [RFC 8252 §7.1]: https://www.rfc-editor.org/rfc/rfc8252#section-7.1
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RedirectUri(String);

text_type!(RedirectUri);

/// What kind of place a redirect address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// A web server, or an application that claimed the address.
    Https,
    /// A server on the user's own machine.
    Loopback,
    /// A scheme of a native application's own.
    PrivateUse,
}

/// The first rule a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriRefusal {
    /// Over [`REDIRECT_URI_BYTES_MAX`].
    #[error("the redirect URI is too long")]
    TooLong,
    /// Not an absolute URI, or a character where no URI has it.
    #[error("the redirect URI is not an absolute URI")]
    Malformed,
    /// It has a fragment ([RFC 6749 §3.1.2]).
    ///
    /// [RFC 6749 §3.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2
    #[error("the redirect URI has a fragment")]
    Fragment,
    /// It has a user name or password, which make one host look like another.
    #[error("the redirect URI has user information")]
    UserInfo,
    /// `http` anywhere but on a loopback host.
    #[error("the redirect URI must be https, or http on a loopback address")]
    Insecure,
    /// A scheme that is neither a web scheme nor a domain turned around.
    #[error("the scheme of the redirect URI is not allowed")]
    Scheme,
}

impl RedirectUri {
    /// Reads an address.
    ///
    /// # Errors
    /// Names the first rule `text` breaks.
    pub fn parse(text: &str) -> Result<Self, RedirectUriRefusal> {
        use RedirectUriRefusal::{Fragment, Insecure, Malformed, Scheme, TooLong, UserInfo};
        if text.len() > REDIRECT_URI_BYTES_MAX {
            return Err(TooLong);
        }
        if !text.bytes().all(is_uri_byte) {
            return Err(Malformed);
        }
        if text.contains('#') {
            return Err(Fragment);
        }
        let url = web_url::parse(text).ok_or(Malformed)?;
        let (scheme, rest) = text.split_once(':').ok_or(Malformed)?;
        match scheme {
            "https" | "http" => {
                let authority = authority_of(rest).ok_or(Malformed)?;
                if authority.contains('@') {
                    return Err(UserInfo);
                }
                if url.host_str().is_none_or(str::is_empty) {
                    return Err(Malformed);
                }
                if scheme == "http" && !is_loopback(without_port(authority)) {
                    return Err(Insecure);
                }
            }
            _ if !is_private_use(scheme) => return Err(Scheme),
            _ if authority_of(rest).is_some_and(|a| a.contains('@')) => return Err(UserInfo),
            _ => {}
        }
        Ok(Self(text.to_owned()))
    }

    /// Which kind of place it is.
    #[must_use]
    pub fn kind(&self) -> RedirectKind {
        if self.0.starts_with("https:") {
            RedirectKind::Https
        } else if self.0.starts_with("http:") {
            RedirectKind::Loopback
        } else {
            RedirectKind::PrivateUse
        }
    }

    /// Whether a registered address allows `presented`.
    ///
    /// Octet for octet, except that a loopback address may have any port,
    /// which the application learns only when it starts ([RFC 8252 §7.3]).
    ///
    /// [RFC 8252 §7.3]: https://www.rfc-editor.org/rfc/rfc8252#section-7.3
    #[must_use]
    pub fn matches(&self, presented: &Self) -> bool {
        self == presented
            || self
                .around_port()
                .is_some_and(|parts| presented.around_port() == Some(parts))
    }

    /// A loopback address's host, and what follows the port.
    fn around_port(&self) -> Option<(&str, &str)> {
        let rest = self.0.strip_prefix("http://")?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end)?;
        Some((without_port(authority), tail))
    }

    /// The scheme, host and port a browser's form may be sent on to, for the
    /// `form-action` of a policy; `None` for a private-use scheme's.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// The visible ASCII that RFC 3986 lets stand in a URI.
fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

/// The authority that `//` introduces; `None` when there is none.
fn authority_of(after_scheme: &str) -> Option<&str> {
    let rest = after_scheme.strip_prefix("//")?;
    rest.split(['/', '?'])
        .next()
        .filter(|text| !text.is_empty())
}

/// Leaves the colons of an IPv6 literal alone.
fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// A domain's labels turned around: at least one dot, no empty label.
fn is_private_use(scheme: &str) -> bool {
    scheme.contains('.')
        && scheme.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-".contains(&b))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use RedirectUriRefusal::{Fragment, Insecure, Malformed, Scheme, TooLong, UserInfo};
    use proptest::prelude::*;

    fn uri(text: &str) -> RedirectUri {
        RedirectUri::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"))
    }

    #[test]
    fn good_addresses_keep_their_octets_and_kind() {
        for (text, kind) in [
            ("https://App.example/cb?x=%2F&y", RedirectKind::Https),
            ("https://app.example", RedirectKind::Https),
            ("http://127.0.0.1:9999/cb", RedirectKind::Loopback),
            ("http://[::1]/cb", RedirectKind::Loopback),
            ("http://localhost:3000", RedirectKind::Loopback),
            ("http://acme.localhost:8787/cb", RedirectKind::Loopback),
            ("com.example.app:/callback", RedirectKind::PrivateUse),
            ("com.example.app://callback", RedirectKind::PrivateUse),
        ] {
            assert_eq!(uri(text).as_str(), text);
            assert_eq!(uri(text).kind(), kind);
        }
    }

    #[test]
    fn bad_addresses_are_named() {
        for (text, refusal) in [
            ("", Malformed),
            ("/cb", Malformed),
            ("https:/app.example/cb", Malformed),
            ("https:app.example", Malformed),
            ("https:///cb", Malformed),
            ("https://*.example/cb", Malformed),
            ("https://A%cepp.E%2F/cb", Malformed),
            ("https://app.example\\@evil.example/", Malformed),
            ("https://app.example/a b", Malformed),
            ("https://app.example/\n", Malformed),
            ("https://app.example/é", Malformed),
            ("https://app.example/cb#", Fragment),
            ("https://app.example@evil.example/", UserInfo),
            ("com.example.app://u@host/", UserInfo),
            ("http://app.example/cb", Insecure),
            ("http://127.0.0.1.evil.example/", Insecure),
            ("http://127.1/", Insecure),
            ("http://localhost.evil.example/", Insecure),
            ("http://evillocalhost/", Insecure),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("HTTPS://app.example/cb", Scheme),
            ("myapp:/cb", Scheme),
            ("file:///etc/passwd", Scheme),
            ("com.example.:/cb", Scheme),
        ] {
            assert_eq!(RedirectUri::parse(text), Err(refusal), "{text}");
        }
        let long = format!("https://app.example/{}", "a".repeat(REDIRECT_URI_BYTES_MAX));
        assert_eq!(RedirectUri::parse(&long), Err(TooLong));
    }

    #[test]
    fn only_the_port_of_a_loopback_address_is_free() {
        let registered = uri("http://127.0.0.1/cb?a=b");
        assert!(registered.matches(&uri("http://127.0.0.1:51004/cb?a=b")));
        assert!(uri("http://[::1]:1/cb").matches(&uri("http://[::1]:2/cb")));
        assert!(uri("http://localhost:1").matches(&uri("http://localhost")));
        for other in [
            "http://127.0.0.1:51004/cb",
            "http://127.0.0.1/cb/?a=b",
            "http://localhost/cb?a=b",
            "http://[::1]/cb?a=b",
            "https://127.0.0.1/cb?a=b",
        ] {
            assert!(!registered.matches(&uri(other)), "{other}");
        }
        assert!(!uri("https://app.example/").matches(&uri("https://app.example:444/")));
        assert!(!uri("https://app.example/").matches(&uri("https://app.example")));
        assert!(!uri("https://app.example/%41").matches(&uri("https://app.example/A")));
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(
            uri("https://app.example:444/cb").origin().as_deref(),
            Some("https://app.example:444")
        );
        assert_eq!(uri("com.example.app:/cb").origin(), None);
    }

    proptest! {
        #[test]
        fn no_text_panics_or_parses_to_another(text in "\\PC{0,60}") {
            if let Ok(parsed) = RedirectUri::parse(&text) {
                prop_assert_eq!(parsed.as_str(), text);
            }
        }

        #[test]
        fn what_parses_goes_where_a_browser_would_go(
            text in "https?://[a-z.:@\\[\\]/?%0-9]{1,30}"
        ) {
            if let Ok(parsed) = RedirectUri::parse(&text) {
                let url = Url::parse(&text).unwrap();
                prop_assert!(url.username().is_empty() && url.password().is_none());
                let local = url.host_str().is_some_and(is_loopback);
                prop_assert!(url.scheme() == "https" || local);
                prop_assert!(parsed.matches(&parsed));
            }
        }
    }
}
