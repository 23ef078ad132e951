//! How is the text of an address read?

use url::Url;

/// The schemes after which the parser looks for a host's name, however many
/// slashes there are, and whatever case they have ([URL §3.1]).
///
/// [URL §3.1]: https://url.spec.whatwg.org/#special-scheme
const NAMING: [&str; 6] = ["https", "http", "wss", "ws", "ftp", "file"];

/// Reads an absolute URL of visible ASCII.
///
/// A host's name is spelled out. The parser decodes what is encoded in one
/// ([URL §3.5]), which makes one host look like another; and of what is then
/// beyond ASCII, our build of it knows nothing (`idna_adapter` 1.0.0).
///
/// [URL §3.5]: https://url.spec.whatwg.org/#concept-host-parser
#[must_use]
pub fn parse(text: &str) -> Option<Url> {
    let (scheme, rest) = text.split_once(':')?;
    let is_naming = NAMING.iter().any(|name| name.eq_ignore_ascii_case(scheme));
    let is_spelled_out = !is_naming || host_and_port(rest).bytes().all(is_host_byte);
    if !is_spelled_out || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return None;
    }
    Url::parse(text).ok()
}

/// What the parser takes for host and port after such a scheme.
fn host_and_port(rest: &str) -> &str {
    let rest = rest.trim_start_matches(['/', '\\']);
    let authority = rest.split(['/', '\\', '?', '#']).next();
    let named = authority.and_then(|authority| authority.rsplit('@').next());
    named.unwrap_or_default()
}

/// What names in ASCII, IP addresses and ports are made of; some names have an
/// underscore.
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_host_is_spelled_out() {
        for text in [
            "https://R%ceiver.E%2F",
            "HTTPS://R%ceiver.E%2F",
            "https:R%ceiver.E%2F",
            "https:\\\\R%ceiver.E%2F",
            "https:///R%ceiver.E%2F",
            "https://user@R%ceiver.E%2F",
            "https://user@receiver@R%ceiver.E%2F",
            "ftp://R%ceiver.E%2F",
            "file://R%ceiver.E%2F",
            "wss://R%ceiver.E%2F?a",
            "http://%6c%6fcalhost/",
            "https://*.example/",
            "https://a+b.example/",
            "https://é.example/",
            "https://receiver.example/é",
            "https://receiver.example/a b",
            "/events",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn elsewhere_anything_may_be_encoded() {
        for text in [
            "https://Receiver.Example:8443/a%2F?b=%20#%20",
            "https://us%40er:%20@receiver.example/",
            "https://[2606:4700::1111]/",
            "https://a_b.example",
            "urn:example:a%2Fb",
            "com.example.app:/cb%20",
            "com.example.app://a%20b/",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(
            text in "\\PC{0,40}|(https?|HTTPS|file|urn|a\\.b):[/\\\\]{0,3}([a-zA-Z0-9.:@\\[\\]/?#_-]|%[a-f0-9]{2}){0,20}"
        ) {
            if let Some(url) = parse(&text) {
                let is_naming = NAMING.contains(&url.scheme());
                let host = url.host_str().unwrap_or_default();
                prop_assert!(!is_naming || host.bytes().all(is_host_byte), "{}", url);
            }
        }
    }
}
