//! What does the gateway receive and answer?

use crate::domain::secret::Secret;
use ::http::{HeaderMap, Method, StatusCode};
use core::{any::Any, fmt, net::IpAddr};
use std::rc::Rc;

/// The largest body any endpoint takes, in bytes. A host stops reading there
/// and hands over [`Body::TooLarge`].
pub const BODY_BYTES_MAX: usize = 64 * 1_024;

/// The longest request target (path and query) we look at, in bytes.
pub const TARGET_BYTES_MAX: usize = 16 * 1_024;

/// A request's body, as far as the host has read it.
#[derive(Clone, Debug)]
pub enum Body {
    /// All of it.
    Whole(Secret<Vec<u8>>),
    /// It was longer than [`BODY_BYTES_MAX`] and has not been read further.
    TooLarge,
}

/// A request, as a host hands it to the gateway.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The authority the client asked for, as sent in `Host`: name and port.
    pub host: String,
    /// The path as sent, not decoded.
    pub path: String,
    /// The query as sent, without `?` and not decoded; empty when there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// The client's address, from the one header we believe (DESIGN §6).
    pub client_address: Option<IpAddr>,
    /// Where the client seems to be, for its own eyes ("Kraków, PL").
    pub client_place: Option<String>,
    /// The id under which this request is logged.
    pub id: String,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers; several of one name are several header lines.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// What the host hands to the client by itself, instead of the body: the
    /// client's end of a socket that an actor has accepted, or a file.
    pub opened: Option<Opened>,
}

/// A socket's end or an open file, in the host's own type.
#[derive(Clone)]
pub struct Opened(Rc<dyn Any>);

impl Opened {
    /// Wraps what [`crate::actors::runtime::Transport::connect`] or
    /// [`super::platform::Platform::file`] has opened.
    #[must_use]
    pub fn new<T: 'static>(opened: T) -> Self {
        Self(Rc::new(opened))
    }

    /// The host's own type; `None` for another's.
    #[must_use]
    pub fn downcast<T: 'static>(self) -> Option<Rc<T>> {
        self.0.downcast().ok()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened")
    }
}
