//! Where may we send what others asked to be told?
//!
//! A receiver of events or a client that wants to hear of logouts names the
//! address and we send there, from inside our network: it must not lead to a
//! neighbour. What is written is checked here; where it
//! leads, and that it is no redirect, by whoever sends. A bare address is
//! refused, public or not: no certificate for one is worth anything.

use super::web_url;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longer than any address somebody sensibly has.
pub const OUTSIDE_BYTES_MAX: usize = 2_048;

/// Below this, ports belong to other protocols; 443 apart.
const PORT_MIN: u16 = 1_024;

/// Names that lead nowhere, or to whoever is near ([RFC 6761], [RFC 6762],
/// [RFC 8375], [RFC 9476], and `.internal`, which is reserved for that).
///
/// [RFC 6761]: https://www.rfc-editor.org/rfc/rfc6761
/// [RFC 6762]: https://www.rfc-editor.org/rfc/rfc6762
/// [RFC 8375]: https://www.rfc-editor.org/rfc/rfc8375
/// [RFC 9476]: https://www.rfc-editor.org/rfc/rfc9476
const NEAR: [&str; 9] = [
    "localhost",
    "local",
    "internal",
    "arpa",
    "invalid",
    "onion",
    "alt",
    "lan",
    "home",
];

/// An address of somebody else's, kept octet for octet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OutsideUrl(String);

/// The first rule a text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutsideRefusal {
    /// Over [`OUTSIDE_BYTES_MAX`].
    #[error("is too long")]
    TooLong,
    /// Not an absolute URL, or with a character where no URL has it.
    #[error("is not an absolute URL")]
    Malformed,
    /// Anything but `https`.
    #[error("is not https")]
    Insecure,
    /// A user name or password, which make one host look like another.
    #[error("has user information")]
    UserInfo,
    /// A fragment, which is never sent.
    #[error("has a fragment")]
    Fragment,
    /// A port of another protocol.
    #[error("has a port below 1024 other than 443")]
    Port,
    /// An address, or a name that is not public.
    #[error("does not name a public host")]
    NotPublic,
}

impl OutsideUrl {
    /// Reads an address. An authority (`host:port`) the operator has `allowed`
    /// may be any, and without TLS: tests have others on this machine.
    ///
    /// # Errors
    /// Names the first rule `text` breaks.
    pub fn parse(text: &str, allowed: &[String]) -> Result<Self, OutsideRefusal> {
        if text.len() > OUTSIDE_BYTES_MAX {
            return Err(OutsideRefusal::TooLong);
        }
        // The parser would turn some of these into others, or drop them.
        let is_plain = |b: u8| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b);
        if !text.bytes().all(is_plain) {
            return Err(OutsideRefusal::Malformed);
        }
        let url = web_url::parse(text).ok_or(OutsideRefusal::Malformed)?;
        // The parser finds a host after any number of slashes.
        let is_web = ["https://", "http://"].iter().any(|s| text.starts_with(s));
        let has_authority = is_web && !authority(text).is_empty();
        if !has_authority && ["https", "http"].contains(&url.scheme()) {
            return Err(OutsideRefusal::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return Err(OutsideRefusal::UserInfo);
        }
        if text.contains('#') {
            return Err(OutsideRefusal::Fragment);
        }
        let is_allowed = has_authority && allowed.iter().any(|one| one == authority(text));
        if !is_allowed {
            check_public(&url)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// It as a URL; `None` never for one that was parsed.
    #[must_use]
    pub fn url(&self) -> Option<Url> {
        Url::parse(&self.0).ok()
    }

    /// The text, octet for octet.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host: the path may hold what only the receiver should know.
    #[must_use]
    pub fn host(&self) -> String {
        let url = self.url();
        let host = url.as_ref().and_then(Url::host_str);
        host.unwrap_or_default().to_owned()
    }
}

/// Host and port as written.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn check_public(url: &Url) -> Result<(), OutsideRefusal> {
    if url.scheme() != "https" {
        return Err(OutsideRefusal::Insecure);
    }
    let port = url.port_or_known_default().unwrap_or_default();
    if port != 443 && port < PORT_MIN {
        return Err(OutsideRefusal::Port);
    }
    match url.host() {
        Some(Host::Domain(name)) if is_public_name(name) => Ok(()),
        _ => Err(OutsideRefusal::NotPublic),
    }
}

fn is_public_name(name: &str) -> bool {
    let mut labels = name.rsplit('.');
    let last = labels.next().unwrap_or_default();
    // A last label of digits is an address to some resolvers.
    let is_number = last.bytes().all(|b| b.is_ascii_digit());
    let is_label = |label: &str| !label.is_empty() && label.len() <= 63;
    name.contains('.') && name.split('.').all(is_label) && !is_number && !NEAR.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use OutsideRefusal::{Fragment, Insecure, Malformed, NotPublic, Port, TooLong, UserInfo};
    use proptest::prelude::*;

    #[test]
    fn public_addresses_keep_their_octets() {
        for text in [
            "https://receiver.example/events",
            "https://Receiver.Example:8443/Events?a=%2F",
            "https://receiver.example",
        ] {
            assert_eq!(OutsideUrl::parse(text, &[]).unwrap().as_str(), text);
        }
    }

    #[test]
    fn hostile_targets_are_named() {
        for (text, refusal) in [
            ("", Malformed),
            ("/events", Malformed),
            ("https:receiver.example", Malformed),
            ("https:/receiver.example", Malformed),
            ("HTTPS://receiver.example/", Malformed),
            ("https:///events", Malformed),
            ("https://receiver.example/a b", Malformed),
            ("https://receiver.example\\@evil.example/", Malformed),
            ("https://receiver.example/\r\nx: y", Malformed),
            ("https://réceiver.example/", Malformed),
            ("https://R%ceiver.E%2F", Malformed),
            ("https://receiver%2eexample/", Malformed),
            ("http://receiver.example/events", Insecure),
            ("ftp://receiver.example/", Insecure),
            ("file:///etc/passwd", Insecure),
            ("javascript:alert(1)", Insecure),
            ("https://user@receiver.example/", UserInfo),
            ("https://user:pass@receiver.example/", UserInfo),
            ("https://@receiver.example/", UserInfo),
            ("https://receiver.example@127.0.0.1/", UserInfo),
            ("https://receiver.example/#x", Fragment),
            ("https://receiver.example/#", Fragment),
            ("https://receiver.example:25/", Port),
            ("https://receiver.example:22/", Port),
            ("https://receiver.example:0/", Port),
            ("https://localhost/", NotPublic),
            ("https://LOCALHOST:8443/", NotPublic),
            ("https://receiver/", NotPublic),
            ("https://a.localhost/", NotPublic),
            ("https://printer.local/", NotPublic),
            ("https://metadata.google.internal/", NotPublic),
            ("https://router.home.arpa/", NotPublic),
            ("https://receiver.example./", NotPublic),
            ("https://a..example/", NotPublic),
            ("https://hidden.onion/", NotPublic),
        ] {
            assert_eq!(OutsideUrl::parse(text, &[]), Err(refusal), "{text}");
        }
        let long = format!("https://receiver.example/{}", "a".repeat(OUTSIDE_BYTES_MAX));
        assert_eq!(OutsideUrl::parse(&long, &[]), Err(TooLong));
    }

    #[test]
    fn no_bare_address_is_public() {
        for (text, refusal) in [
            ("https://93.184.216.34/events", NotPublic),
            ("https://[2606:4700::1111]/", NotPublic),
            ("https://127.0.0.1/", NotPublic),
            ("https://127.1/", NotPublic),
            ("https://2130706433/", NotPublic),
            ("https://0x7f.0.0.1/", NotPublic),
            ("https://0177.0.0.1/", NotPublic),
            ("https://0.0.0.0/", NotPublic),
            ("https://10.1.2.3/", NotPublic),
            ("https://172.16.0.1/", NotPublic),
            ("https://172.31.255.255/", NotPublic),
            ("https://192.168.1.1/", NotPublic),
            ("https://169.254.169.254/latest/meta-data/", NotPublic),
            ("https://100.64.0.1/", NotPublic),
            ("https://192.0.2.7/", NotPublic),
            ("https://198.18.0.1/", NotPublic),
            ("https://198.51.100.1/", NotPublic),
            ("https://203.0.113.9/", NotPublic),
            ("https://224.0.0.1/", NotPublic),
            ("https://255.255.255.255/", NotPublic),
            ("https://[::1]/", NotPublic),
            ("https://[::]/", NotPublic),
            ("https://[::ffff:127.0.0.1]/", NotPublic),
            ("https://[::ffff:93.184.216.34]/", NotPublic),
            ("https://[64:ff9b::a00:1]/", NotPublic),
            ("https://[fe80::1]/", NotPublic),
            ("https://[fc00::1]/", NotPublic),
            ("https://[fd12:3456::1]/", NotPublic),
            ("https://[ff02::1]/", NotPublic),
            ("https://[2001:db8::1]/", NotPublic),
            ("https://[2001::1]/", NotPublic),
            ("https://[2002:7f00:1::]/", NotPublic),
            ("https://[3fff::1]/", NotPublic),
        ] {
            assert_eq!(OutsideUrl::parse(text, &[]), Err(refusal), "{text}");
        }
    }

    #[test]
    fn what_the_operator_allows_may_be_here() {
        let allowed = ["127.0.0.1:9000".to_owned()];
        assert!(OutsideUrl::parse("http://127.0.0.1:9000/x", &allowed).is_ok());
        for text in [
            "http://127.0.0.1:9001/x",
            "http://127.0.0.1/x",
            "http://u@127.0.0.1:9000/x",
            "http://127.0.0.1:9000/x#y",
            "ftp://127.0.0.1:9000/x",
        ] {
            assert!(OutsideUrl::parse(text, &allowed).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}|https://[a-zA-Z0-9.:@\\[\\]/?%#]{0,30}") {
            if let Ok(target) = OutsideUrl::parse(&text, &[]) {
                let url = target.url().unwrap();
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(url.username().is_empty() && url.fragment().is_none());
                prop_assert!(matches!(url.host(), Some(Host::Domain(name)) if name.contains('.')));
            }
        }
    }
}
