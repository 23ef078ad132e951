//! Does a request reach the gateway as it was sent, and its answer the client?

use crate::support::workerd::{Server, Variant, with_shared};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};

/// As the gateway's `BODY_BYTES_MAX`.
const BODY_BYTES_MAX: usize = 64 * 1_024;

/// Sends bytes as they are and reads until the server closes.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn echo_of(answer: &str) -> serde_json::Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

fn posted(server: &Server, body: Vec<u8>) -> serde_json::Value {
    let request = http::Request::post(server.url("/__test/echo")).body(body);
    server.client().send(request.unwrap()).json()["body"].clone()
}

#[test]
fn a_target_arrives_as_it_was_sent() {
    with_shared(Variant::Test, |server| {
        let request = "GET /__test/echo/../a%2Fb%zz//c?q=%2f&&z=../a%00+%C3%A9 HTTP/1.1\r\n\
            Host: acme.localhost:1234\r\nConnection: close\r\n\r\n";
        let seen = echo_of(&raw(server, request.as_bytes()));
        assert_eq!(seen["path"], "/__test/echo/../a%2Fb%zz//c");
        assert_eq!(seen["query"], "q=%2f&&z=../a%00+%C3%A9");
        assert_eq!(seen["host"], "acme.localhost:1234");
        assert_eq!(seen["body"], 0);
    });
}

#[test]
fn only_the_trusted_header_names_the_client() {
    with_shared(Variant::Test, |server| {
        let url = server.url("/__test/echo");
        let request = http::Request::get(url)
            .header("x-forwarded-for", "203.0.113.1")
            .header("cf-connecting-ip", "2001:db8::1")
            .body(Vec::new());
        let seen = server.client().send(request.unwrap()).json();
        assert_eq!(seen["client_address"], "2001:db8::1");
        assert!(server.hook("echo")["client_address"].is_null());
    });
}

#[test]
fn a_body_over_the_limit_is_not_handed_over() {
    with_shared(Variant::Test, |server| {
        assert_eq!(posted(server, vec![b'a'; BODY_BYTES_MAX]), BODY_BYTES_MAX);
        assert_eq!(posted(server, vec![b'a'; BODY_BYTES_MAX + 1]), "too large");
    });
}

#[test]
fn a_body_of_unknown_length_is_read_to_the_limit() {
    with_shared(Variant::Test, |server| {
        for (chunks, expected) in [(16, "65536"), (17, "\"too large\"")] {
            let mut request = "POST /__test/echo HTTP/1.1\r\nHost: localhost\r\n\
                Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                .to_owned();
            let chunk = format!("1000\r\n{}\r\n", "a".repeat(0x1000));
            request.push_str(&chunk.repeat(chunks));
            request.push_str("0\r\n\r\n");
            let seen = echo_of(&raw(server, request.as_bytes()));
            assert_eq!(seen["body"].to_string(), expected);
        }
    });
}

#[test]
fn two_cookies_are_two_lines() {
    with_shared(Variant::Test, |server| {
        let answer = server.get("/__test/echo");
        let cookies = answer.headers.get_all("set-cookie").iter();
        assert_eq!(cookies.count(), 2);
    });
}

#[test]
fn a_panic_in_the_gateway_answers_a_request_id_and_nothing_else() {
    with_shared(Variant::Test, |server| {
        let answer = server.get("/__test/unwind");
        assert_eq!(answer.status, 500);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert!(answer.json()["request_id"].is_string());
        assert!(!answer.text().contains("test asked"));
        assert_eq!(server.get("/healthz").status, 200);
    });
}
