//! What can keep an endpoint from its answer?

use super::{http::Response, limit::told::Told};
use crate::{actors::runtime::Fault, domain::oauth::OAuthError};

/// What an endpoint answers.
pub type Answer = Result<Response, Trouble>;

/// Why an endpoint has no answer of its own.
#[derive(Debug)]
pub enum Trouble {
    /// The machine failed: logged with the request's id, told as 500 or 503.
    Fault(Fault),
    /// The client made a mistake the OAuth documents name: told as JSON with
    /// `error` and `error_description`.
    OAuth(OAuthError),
    /// The caller of a JSON API made a mistake: told as problem details.
    Problem(Problem),
}

/// Problem details ([RFC 9457]).
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// A stable word for programs: the last part of `type`.
    pub slug: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// Seconds until trying again makes sense.
    pub retry_after_s: Option<i64>,
    /// What is said of the limits it met.
    pub told: Option<Box<Told>>,
}

impl Problem {
    /// A problem without a time to wait.
    pub fn new(status: u16, slug: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            slug,
            detail: detail.into(),
            retry_after_s: None,
            told: None,
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<OAuthError> for Trouble {
    fn from(error: OAuthError) -> Self {
        Self::OAuth(error)
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}
