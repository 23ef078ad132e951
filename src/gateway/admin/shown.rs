//! How is something of ours shown?

use crate::{
    domain::{calendar::Moment, time::Timestamp},
    gateway::{http::Response, platform::Platform, trouble::Answer, visit::Visit},
};
use ::http::{StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};

/// What a path segment may hold as it is ([RFC 3986 §2.3]).
///
/// [RFC 3986 §2.3]: https://www.rfc-editor.org/rfc/rfc3986#section-2.3
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An instant as people and programs read it alike ([RFC 3339]).
///
/// [RFC 3339]: https://www.rfc-editor.org/rfc/rfc3339
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant(pub(super) Timestamp);

impl Instant {
    /// `None` for what no calendar holds.
    pub(super) fn text(self) -> Option<String> {
        Moment::of(self.0).rfc3339()
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.text().serialize(serializer)
    }
}

/// 201 with what was made, and where it is: under the list it was sent to.
///
/// # Errors
/// When it cannot be encoded.
pub(super) fn created<P: Platform, T: Serialize>(
    visit: &Visit<'_, P>,
    name: &str,
    made: &T,
) -> Answer {
    let name = utf8_percent_encode(name, UNRESERVED);
    let location = visit.home.url(&format!("{}/{name}", visit.request.path));
    let response = Response::json(StatusCode::CREATED, made)?;
    Ok(response.with(header::LOCATION, &location))
}

/// 200 with what there is.
///
/// # Errors
/// When it cannot be encoded.
pub(super) fn ok<T: Serialize>(document: &T) -> Answer {
    Response::json(StatusCode::OK, document)
}

/// 204: it is done, and nothing is left to show.
pub(super) fn done() -> Response {
    Response::empty(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_utc() {
        let text = |millis| Instant(Timestamp::from_millis(millis)).text();
        assert_eq!(text(0).unwrap(), "1970-01-01T00:00:00Z");
        assert_eq!(text(1_763_722_283_866).unwrap(), "2025-11-21T10:51:23.866Z");
        assert_eq!(text(i64::MAX), None);
    }
}
