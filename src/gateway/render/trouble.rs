//! How is trouble told? To people as a page, to programs as JSON.

use crate::{
    actors::runtime::{Fault, FaultCode},
    domain::oauth::{ErrorCode, OAuthError},
    gateway::{
        http::{Request, Response},
        pages::error,
        route::{self, Endpoint, Route},
        trouble::{Problem, Trouble},
    },
};
use ::http::{StatusCode, header};
use serde::Serialize;

/// Seconds after which an unavailable actor is worth another try: an object
/// that moves answers elsewhere within twenty (DESIGN §9).
const RETRY_AFTER_S: i64 = 5;

/// Problem details on the wire ([RFC 9457 §3]).
///
/// [RFC 9457 §3]: https://www.rfc-editor.org/rfc/rfc9457#section-3
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    instance: String,
    #[serde(rename = "violated-policies", skip_serializing_if = "is_nothing")]
    violated: &'a [String],
}

fn is_nothing(violated: &&[String]) -> bool {
    violated.is_empty()
}

/// Renders whatever kept an endpoint from answering. Only the log learns the
/// cause of a fault; the caller gets the request's id.
#[must_use]
pub fn render(request: &Request, trouble: Trouble) -> Response {
    match trouble {
        Trouble::OAuth(error) if error::is_for_people(request) => {
            let detail = format!("The request is not in order: {}.", error.description());
            problem(
                &Problem::new(error.code.status(), "bad-request", detail),
                request,
            )
        }
        Trouble::OAuth(error) => oauth(&error, request),
        Trouble::Problem(told) => {
            let response = problem(&told, request);
            if told.status == StatusCode::METHOD_NOT_ALLOWED.as_u16() {
                return with_allow(response, &request.path);
            }
            response
        }
        Trouble::Fault(fault) => problem(&of_fault(&fault), request),
    }
}

fn of_fault(fault: &Fault) -> Problem {
    if matches!(fault.code(), FaultCode::Unavailable | FaultCode::Deadline) {
        let detail = "This part of the service cannot be reached at the moment.";
        let problem = Problem::new(503, "temporarily-unavailable", detail);
        return Problem {
            retry_after_s: Some(RETRY_AFTER_S),
            ..problem
        };
    }
    Problem::new(
        500,
        "internal-error",
        "Something failed here. It has been logged.",
    )
}

fn status_of(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Renders an OAuth error as JSON ([RFC 6749 §5.2], [RFC 6750 §3]).
///
/// Whoever failed to authenticate is told how ([RFC 9110 §11.6.1]), and so is a
/// request whose access token could not be found.
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
/// [RFC 6750 §3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
/// [RFC 9110 §11.6.1]: https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
#[must_use]
pub fn oauth(error: &OAuthError, request: &Request) -> Response {
    let status = status_of(error.code.status());
    let body = serde_json::to_vec(error).unwrap_or_default();
    let response = Response::of(status, "application/json", body);
    match error.code {
        code if is_of_bearer(code, request) => {
            let challenge = format!(
                "Bearer error=\"{}\", error_description=\"{}\"",
                error.code.as_str(),
                error.description()
            );
            response.with(header::WWW_AUTHENTICATE, &challenge)
        }
        ErrorCode::InvalidClient => {
            response.with(header::WWW_AUTHENTICATE, "Basic realm=\"oauth\"")
        }
        _ => response,
    }
}

/// Whether it is about an access token that was not good, or not there to be read.
fn is_of_bearer(code: ErrorCode, request: &Request) -> bool {
    let takes_token = |route: Route| {
        matches!(
            route.endpoint,
            Endpoint::Userinfo
                | Endpoint::Registration
                | Endpoint::RevocationFeed
                | Endpoint::RateLimit
                | Endpoint::SsfStream
                | Endpoint::SsfStatus
                | Endpoint::SsfAddSubject
                | Endpoint::SsfRemoveSubject
                | Endpoint::SsfVerify
                | Endpoint::SsfPoll
        )
    };
    match code {
        ErrorCode::InvalidToken | ErrorCode::InsufficientScope => true,
        ErrorCode::InvalidRequest => route::find(&request.path).is_some_and(takes_token),
        _ => false,
    }
}

fn problem(problem: &Problem, request: &Request) -> Response {
    let page = error::is_for_people(request).then(|| error::problem(request, problem));
    let response = match page {
        Some(Ok(page)) => page,
        Some(Err(_)) | None => details(problem, request),
    };
    let response = match problem.retry_after_s {
        Some(seconds) => response.with(header::RETRY_AFTER, &seconds.to_string()),
        None => response,
    };
    match problem.told.as_deref() {
        Some(told) => told.onto(response),
        None => response,
    }
}

/// Problem details as JSON, for an answer that has headers of its own.
#[must_use]
pub fn details(problem: &Problem, request: &Request) -> Response {
    let status = status_of(problem.status);
    let told = problem.told.as_deref();
    let document = Document {
        r#type: match told {
            Some(told) => told.problem.to_owned(),
            None => format!("urn:aero2:problem:{}", problem.slug),
        },
        title: status.canonical_reason().unwrap_or_default(),
        status: problem.status,
        detail: &problem.detail,
        instance: format!("urn:aero2:request:{}", request.id),
        violated: told.map_or(&[], |told| &told.violated),
    };
    let body = serde_json::to_vec(&document).unwrap_or_default();
    Response::of(status, "application/problem+json", body)
}

fn with_allow(response: Response, path: &str) -> Response {
    let methods = route::find(path)
        .map(|route| route.methods)
        .unwrap_or_default();
    let names: Vec<&str> = methods.iter().map(::http::Method::as_str).collect();
    response.with(header::ALLOW, &names.join(", "))
}
