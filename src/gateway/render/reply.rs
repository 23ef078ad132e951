//! How are the plain shapes of an answer made?

use crate::{
    actors::runtime::Fault,
    gateway::{
        http::{Opened, Response},
        trouble::Trouble,
    },
};
use ::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// `Cache-Control` of everything that holds a token or somebody's data
/// ([RFC 6749 §5.1]).
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
pub const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

impl Response {
    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
            opened: None,
        }
    }

    /// The way into a socket, with the subprotocol that was chosen
    /// ([RFC 6455 §4.2.2]).
    ///
    /// [RFC 6455 §4.2.2]: https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2
    #[must_use]
    pub fn switching<S: 'static>(socket: S, subprotocol: &str) -> Self {
        let response = Self::empty(StatusCode::SWITCHING_PROTOCOLS);
        Self {
            opened: Some(Opened::new(socket)),
            ..response.with(header::SEC_WEBSOCKET_PROTOCOL, subprotocol)
        }
    }

    /// A body of a given media type. Not to be stored, unless a header says
    /// otherwise later.
    #[must_use]
    pub fn of(status: StatusCode, media_type: &'static str, body: Vec<u8>) -> Self {
        let mut response = Self {
            status,
            headers: HeaderMap::new(),
            body,
            opened: None,
        };
        response
            .headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        response.headers.insert(header::CACHE_CONTROL, NO_STORE);
        response
    }

    /// A JSON document.
    ///
    /// # Errors
    /// When `document` cannot be encoded.
    pub fn json<T: Serialize>(status: StatusCode, document: &T) -> Result<Self, Trouble> {
        let body = serde_json::to_vec(document)
            .map_err(|error| Fault::Unreachable(format!("rendering JSON: {error}")))?;
        Ok(Self::of(status, "application/json", body))
    }

    /// A redirect that is always followed by GET ([RFC 9700 §4.12]).
    ///
    /// [RFC 9700 §4.12]: https://www.rfc-editor.org/rfc/rfc9700#section-4.12
    #[must_use]
    pub fn see_other(location: &str) -> Self {
        Self::empty(StatusCode::SEE_OTHER)
            .with(header::LOCATION, location)
            .with(header::CACHE_CONTROL, "no-store")
    }

    /// The same answer with one header set. Characters a header cannot carry
    /// make it absent: a location is encoded before it comes here.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same answer with one more header line of a name.
    #[must_use]
    pub fn and(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }
}
