//! What does every answer carry?

use crate::gateway::{http::Response, settings::Settings};
use ::http::{HeaderName, HeaderValue, header};

/// Headers that make a browser strict, unless the answer has its own.
const STRICT: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Two years, as the preload lists ask.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// Adds what every answer carries.
pub fn harden(response: &mut Response, settings: &Settings) {
    for &(name, value) in STRICT {
        let name = HeaderName::from_static(name);
        if !response.headers.contains_key(&name) {
            response
                .headers
                .insert(name, HeaderValue::from_static(value));
        }
    }
    if settings.is_https() {
        let value = HeaderValue::from_static(HSTS);
        response
            .headers
            .insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}
