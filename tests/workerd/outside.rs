//! Does the Worker reach those it may, and nobody else?

use crate::support::workerd::{Server, Variant};
use serde_json::json;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
};

/// More than is read of any answer.
const LONG: usize = 1_024 * 1_024;

/// Somebody else's server; answers by path and tells what it got.
fn outside() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, hears) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let told = told.clone();
            std::thread::spawn(move || told.send(serve(stream.unwrap())));
        }
    });
    (port, hears)
}

fn serve(stream: TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut got = String::new();
    while !got.ends_with("\r\n\r\n") {
        reader.read_line(&mut got).unwrap();
    }
    let mut body = [0; 6];
    reader.read_exact(&mut body).unwrap();
    got.push_str(core::str::from_utf8(&body).unwrap());
    let mut answer = |answer: &str| drop(reader.get_mut().write_all(answer.as_bytes()));
    match got.split(' ').nth(1).unwrap() {
        "/accepts" => answer("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok"),
        "/redirects" => {
            answer("HTTP/1.1 302 Found\r\nLocation: /accepts\r\nContent-Length: 0\r\n\r\n");
        }
        "/long" => {
            let body = "a".repeat(LONG);
            answer(&format!(
                "HTTP/1.1 400 Bad Request\r\nContent-Length: {LONG}\r\n\r\n{body}"
            ));
        }
        // Nobody answers until the client goes away.
        _ => drop(reader.read_to_end(&mut Vec::new())),
    }
    got
}

fn post(server: &Server, url: &str) -> serde_json::Value {
    let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    server.hook(&format!("post?url={url}"))
}

#[test]
fn a_post_arrives_and_its_answer_is_read_to_a_limit() {
    let (port, hears) = outside();
    let allow = format!("127.0.0.1:{port}");
    let both = format!("{allow},localhost:{port}");
    let server = Server::start_with(Variant::Test, &[("OUTBOUND_ALLOW", &both)]);
    let at = |path: &str| post(&server, &format!("http://{allow}{path}"));

    assert_eq!(at("/accepts"), json!({ "status": 202, "bytes": 2 }));
    let got = hears.recv().unwrap();
    assert!(got.starts_with("POST /accepts HTTP/1.1\r\n"), "{got}");
    assert!(
        got.to_lowercase()
            .contains("\r\nauthorization: bearer secret\r\n")
    );
    assert!(got.ends_with("\r\n\r\nposted"), "{got}");

    let named = format!("http://localhost:{port}/accepts");
    assert_eq!(post(&server, &named)["status"], 202);

    assert_eq!(at("/long"), json!({ "status": 400, "bytes": 4_096 }));
    assert_eq!(at("/redirects")["fault"], "the answer was a redirect");
    assert_eq!(at("/silent")["fault"], "no answer came in time");

    let (other, _) = outside();
    let refused = "it could not be reached: it is not https at a public name";
    let url = format!("http://127.0.0.1:{other}/accepts");
    assert_eq!(post(&server, &url)["fault"], refused);
}

#[test]
fn nobody_on_this_machine_is_reached_unless_allowed() {
    let (port, hears) = outside();
    let server = Server::start(Variant::Test);
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        assert!(post(&server, &format!("https://{host}:{port}/accepts"))["fault"].is_string());
        assert!(post(&server, &format!("http://{host}:{port}/accepts"))["fault"].is_string());
    }
    assert!(hears.try_recv().is_err());
}

#[test]
fn a_public_name_that_leads_to_this_machine_leads_nowhere() {
    let (port, hears) = outside();
    // As good as public in our eyes; workerd still sees where it leads.
    let name = format!("localhost:{port}");
    let server = Server::start_with(Variant::Test, &[("OUTBOUND_ALLOW", &name)]);
    let answer = post(&server, &format!("http://{name}/accepts"));
    let fault = answer["fault"].as_str().unwrap();
    assert!(fault.starts_with("it could not be reached: "), "{fault}");
    assert!(hears.try_recv().is_err());
}
