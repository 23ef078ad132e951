//! Does a request ask for a socket, and for the protocol we speak on it?

use super::{
    http::{Request, Response},
    platform::Platform,
    render::trouble::details,
    trouble::Problem,
    visit::Visit,
};
use crate::domain::{live::BEARER, revocation::listener::Closing, secret::Secret};
use ::http::{HeaderName, Method, header};

/// Whether it asks for a WebSocket ([RFC 6455 §4.2.1]).
///
/// [RFC 6455 §4.2.1]: https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1
#[must_use]
pub fn is_wanted(request: &Request) -> bool {
    let mut wanted = listed(request, &header::UPGRADE);
    request.method == Method::GET && wanted.any(|name| name.eq_ignore_ascii_case("websocket"))
}

/// The subprotocols it offers, in its order.
pub fn offered(request: &Request) -> impl Iterator<Item = &str> {
    listed(request, &header::SEC_WEBSOCKET_PROTOCOL)
}

fn listed<'a>(request: &'a Request, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = request.headers.get_all(name).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

/// The access token that a page has put into a subprotocol, when it asks for a
/// socket.
#[must_use]
pub fn bearer(request: &Request) -> Option<Secret<String>> {
    let mut names = offered(request).filter(|_| is_wanted(request));
    let token = names.find_map(|name| name.strip_prefix(BEARER))?;
    Some(Secret::new(token.to_owned()))
}

/// Checks that it offers the one subprotocol there is.
///
/// # Errors
/// 400 when it does not.
pub fn check_subprotocol(request: &Request, subprotocol: &str) -> Result<(), Problem> {
    if offered(request).any(|name| name == subprotocol) {
        return Ok(());
    }
    let detail = format!("The subprotocol here is {subprotocol}.");
    Err(Problem::new(400, "wrong-subprotocol", detail))
}

/// Tells whoever asked why there is no socket, on one to nobody: a page sees no
/// status of an upgrade that was refused.
pub fn refused<P: Platform>(
    visit: &Visit<'_, P>,
    subprotocol: &str,
    frames: Vec<String>,
    (code, why): Closing,
) -> Response {
    let socket = visit.platform().socket_to_nobody(frames, code, why);
    Response::switching(socket, subprotocol)
}

/// The answer to a request that does not ask for a socket where there is
/// nothing else ([RFC 9110 §15.5.22]).
///
/// [RFC 9110 §15.5.22]: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.22
#[must_use]
pub fn required(request: &Request) -> Response {
    let detail = "This address opens a WebSocket, and nothing else.";
    let problem = Problem::new(426, "upgrade-required", detail);
    details(&problem, request).with(header::UPGRADE, "websocket")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::test_support::{self, whole};

    fn request(headers: &[(&str, &str)]) -> Request {
        test_support::request("GET /", headers, whole(""))
    }

    #[test]
    fn a_socket_is_asked_for_by_get_in_any_case() {
        assert!(is_wanted(&request(&[("upgrade", "WebSocket")])));
        assert!(is_wanted(&request(&[("upgrade", "h2c, websocket")])));
        assert!(!is_wanted(&request(&[("upgrade", "h2c")])));
        assert!(!is_wanted(&request(&[])));
        let head = Request {
            method: Method::HEAD,
            ..request(&[("upgrade", "websocket")])
        };
        assert!(!is_wanted(&head));
    }

    #[test]
    fn subprotocols_come_in_one_line_or_several() {
        let name = "sec-websocket-protocol";
        let request = request(&[(name, "a, b"), (name, "c")]);
        assert!(offered(&request).eq(["a", "b", "c"]));
    }

    #[test]
    fn the_subprotocol_is_one_of_those_offered() {
        let name = "sec-websocket-protocol";
        let offering = |names| check_subprotocol(&request(&[(name, names)]), "x.v1");
        assert!(offering("chat, x.v1").is_ok());
        assert_eq!(offering("x.v2").unwrap_err().status, 400);
        assert!(check_subprotocol(&request(&[]), "x.v1").is_err());
    }

    #[test]
    fn a_token_comes_with_the_wish_for_a_socket_alone() {
        let offer = ("sec-websocket-protocol", "aero2.live.v1, bearer.a.b.c");
        let wanted = request(&[offer, ("upgrade", "websocket")]);
        assert_eq!(bearer(&wanted).unwrap().expose(), "a.b.c");
        assert!(bearer(&request(&[offer])).is_none());
        assert!(bearer(&request(&[("upgrade", "websocket")])).is_none());
    }

    #[test]
    fn whoever_must_upgrade_is_told_to_what() {
        let response = required(&request(&[]));
        assert_eq!(response.status, 426);
        assert_eq!(response.headers["upgrade"], "websocket");
    }
}
