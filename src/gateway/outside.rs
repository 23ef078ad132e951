//! What do we send to other people's servers, and what comes back?

use super::settings::Settings;
use crate::domain::{outside::OutsideUrl, secret::Secret, time::SECOND_MS};
use ::http::{HeaderName, StatusCode};
use url::Url;

/// How long somebody else's server may take: five seconds are what Shared
/// Signals receivers and logout endpoints are commonly given.
pub const POST_MS_MAX: i64 = 5 * SECOND_MS;

/// Bytes of an answer that are read: it says why something was refused, and
/// nothing else interests us.
pub const POSTED_BYTES_MAX: usize = 4_096;

/// Whether we may send to an address that a tenant has written down: https at
/// a public name, or what `OUTBOUND_ALLOW` lists ([`OutsideUrl`]).
///
/// Where the name leads is checked by the host as it connects.
#[must_use]
pub fn may_send_to(url: &Url, settings: &Settings) -> bool {
    OutsideUrl::parse(url.as_str(), &settings.outbound_allow).is_ok()
}

/// A POST to somebody else's server. Whoever makes one has checked the address
/// as written; the host checks where it leads.
#[derive(Debug)]
pub struct Post {
    /// Where.
    pub url: Url,
    /// The headers; some are secret.
    pub headers: Vec<(HeaderName, Secret<String>)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The status.
    pub status: StatusCode,
    /// The body's first [`POSTED_BYTES_MAX`] bytes.
    pub body: Vec<u8>,
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostFault {
    /// It took longer than [`POST_MS_MAX`].
    #[error("no answer came in time")]
    Deadline,
    /// It answered with a redirect, which nobody follows.
    #[error("the answer was a redirect")]
    Redirect,
    /// The connection failed, or led to an address that is not public.
    #[error("it could not be reached: {0}")]
    Unreachable(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &[(&str, &str)] = &[
        ("PLATFORM_DOMAIN", "localhost:8787"),
        ("AUDIENCE", "urn:test"),
        ("MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("OUTBOUND_ALLOW", "127.0.0.1:4000,127.0.0.1:4001"),
    ];

    fn may(url: &str) -> bool {
        let read = |name: &str| SETTINGS.iter().find(|(other, _)| *other == name);
        let settings = Settings::read(&|name| read(name).map(|(_, value)| (*value).to_owned()));
        may_send_to(&Url::parse(url).unwrap(), &settings.unwrap())
    }

    #[test]
    fn others_are_reached_by_https_at_a_public_name() {
        assert!(may("https://app.example/logout?a=b"));
        assert!(may("https://app.example:8443/"));
        for url in [
            "http://app.example/",
            "https://user@app.example/",
            "https://:secret@app.example/",
            "ftp://app.example/",
            "data:,x",
        ] {
            assert!(!may(url), "{url}");
        }
    }

    #[test]
    fn a_test_reaches_what_it_lists() {
        assert!(may("http://127.0.0.1:4000/x"));
        assert!(may("http://127.0.0.1:4001/"));
        assert!(!may("http://127.0.0.1:4002/"));
        assert!(!may("http://localhost:4000/"));
        assert!(!may("http://user@127.0.0.1:4000/"));
    }
}
