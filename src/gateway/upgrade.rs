//! Does a request ask for a socket?

use super::{
    http::{Request, Response},
    render::trouble::details,
    trouble::Problem,
};
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
    fn whoever_must_upgrade_is_told_to_what() {
        let response = required(&request(&[]));
        assert_eq!(response.status, 426);
        assert_eq!(response.headers["upgrade"], "websocket");
    }
}
