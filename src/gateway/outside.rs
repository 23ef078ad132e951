//! What do we send to other people's servers, and what comes back?

use crate::domain::{secret::Secret, time::SECOND_MS};
use ::http::{HeaderName, StatusCode};
use url::Url;

/// How long somebody else's server may take: five seconds are what Shared
/// Signals receivers and logout endpoints are commonly given.
pub const POST_MS_MAX: i64 = 5 * SECOND_MS;

/// Bytes of an answer that are read: it says why something was refused, and
/// nothing else interests us.
pub const POSTED_BYTES_MAX: usize = 4_096;

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
