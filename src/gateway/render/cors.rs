//! Which answers may a script of another origin read?
//!
//! Those of the endpoints an application in a browser calls by itself: they
//! take no cookie, so any origin may, and none with credentials
//! ([Fetch §3.3.2]).
//!
//! [Fetch §3.3.2]: https://fetch.spec.whatwg.org/#http-responses

use crate::gateway::{
    http::Response,
    route::{Endpoint, Route},
};
use ::http::{HeaderName, HeaderValue, Method, StatusCode, header};

/// How long a browser may remember the answer to its preflight: what browsers
/// keep at most.
const PREFLIGHT_S_MAX: &str = "7200";

/// Headers a script may send, and may read.
const SENT: &str = "Authorization, Content-Type";
const READ: &str = "WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy";

const fn is_open(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::Discovery
            | Endpoint::Jwks
            | Endpoint::Token
            | Endpoint::Userinfo
            | Endpoint::Revoke
            | Endpoint::PushedAuthorization
            | Endpoint::SessionTickets
    )
}

/// The answer to a browser that asks what it may send; `None` when the request
/// is not that question, or the endpoint is not open.
#[must_use]
pub fn preflight(route: &Route, method: &Method) -> Option<Response> {
    if method != Method::OPTIONS || !is_open(route.endpoint) {
        return None;
    }
    let names: Vec<&str> = route.methods.iter().map(Method::as_str).collect();
    let response = Response::empty(StatusCode::NO_CONTENT)
        .with(header::ACCESS_CONTROL_ALLOW_METHODS, &names.join(", "))
        .with(header::ACCESS_CONTROL_ALLOW_HEADERS, SENT)
        .with(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_S_MAX);
    Some(response)
}

/// Lets scripts of any origin read the answer of an open endpoint, errors too.
pub fn open(response: &mut Response, route: &Route) {
    if !is_open(route.endpoint) {
        return;
    }
    let open: [(HeaderName, HeaderValue); 2] = [
        (
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ),
        (
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(READ),
        ),
    ];
    response.headers.extend(open);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::route;

    #[test]
    fn a_script_may_ask_for_tokens_and_not_for_somebodys_sessions() {
        let preflight = |path| preflight(&route::find(path).unwrap(), &Method::OPTIONS);
        let token = preflight("/oauth/token").unwrap();
        assert_eq!(token.headers["access-control-allow-methods"], "POST");
        for path in ["/v1/sessions", "/oauth/introspect", "/oauth/authorize"] {
            assert!(preflight(path).is_none(), "{path}");
        }
    }

    #[test]
    fn an_open_answer_names_any_origin_and_no_credentials() {
        let mut response = Response::empty(StatusCode::OK);
        open(&mut response, &route::find("/oauth/userinfo").unwrap());
        assert_eq!(response.headers["access-control-allow-origin"], "*");
        assert!(
            !response
                .headers
                .contains_key("access-control-allow-credentials")
        );
        let mut closed = Response::empty(StatusCode::OK);
        open(&mut closed, &route::find("/login").unwrap());
        assert!(closed.headers.is_empty());
    }
}
