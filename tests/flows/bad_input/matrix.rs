//! What becomes of everything hostile at every endpoint?
//!
//! Which refusal it is, the other files say; here, that it is one, in a shape
//! the endpoint has promised.

use super::{
    atlas::{EVIL, Ground, Input, Stop},
    sound::Findings,
};
use crate::support::{Call, Reply, Site, call::encoded};
use aero2::gateway::route::Endpoint;
use std::cell::Cell;

const FORM: &str = "application/x-www-form-urlencoded";

/// Queries or forms made of an endpoint's own parameters.
fn params(names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let all = |value: &str| {
        let pairs = names.iter().map(|name| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("&").into_bytes()
    };
    let long = "a".repeat(2_000);
    let mut made = vec![
        ("nothing".to_owned(), Vec::new()),
        ("scripts".to_owned(), all(&encoded(EVIL))),
        ("zero octets".to_owned(), all("%00")),
        ("line ends".to_owned(), all("%0d%0aset-cookie:x=y")),
        ("empty values".to_owned(), all("")),
        ("other writing".to_owned(), all("%e2%80%ae%f0%9f%92%a9")),
        ("long values".to_owned(), all(&long)),
        ("a lone escape".to_owned(), b"%".to_vec()),
        ("separators".to_owned(), b"&=&==&;=&&".to_vec()),
        ("too many".to_owned(), "a=b&".repeat(200).into_bytes()),
        ("a long name".to_owned(), format!("{long}=x").into_bytes()),
        (
            "raw octets".to_owned(),
            b"\xff\xfe\x00\x80=\xc3\x28".to_vec(),
        ),
    ];
    for name in names {
        let each = [
            ("repeated", format!("{name}=a&{name}=b")),
            ("the same twice", format!("{name}=a&{name}=a")),
            ("not UTF-8", format!("{name}=%ff%fe")),
            ("a broken escape", format!("{name}=%zz")),
            ("a cut escape", format!("{name}=%2")),
            (
                "an oversized value",
                format!("{name}={}", "a".repeat(16_400)),
            ),
            ("a list", format!("{name}[]=a&{name}[x]=b")),
        ];
        made.extend(each.map(|(what, text)| (format!("{name} {what}"), text.into_bytes())));
    }
    made
}

/// Bodies that are JSON, nearly.
fn documents(members: &[&str]) -> Vec<(String, Vec<u8>)> {
    let deep = |open: &str, close: &str| open.repeat(5_000) + "1" + &close.repeat(5_000);
    let whole = [
        String::new(),
        "[]".to_owned(),
        "7".to_owned(),
        "-1e999".to_owned(),
        "\"text\"".to_owned(),
        "null".to_owned(),
        "{".to_owned(),
        "{}{}".to_owned(),
        "{\"a\":1,}".to_owned(),
        "\u{feff}{}".to_owned(),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{\"\\ud800\": {EVIL:?}}}"),
    ];
    let mut made: Vec<_> = whole
        .into_iter()
        .map(|text| (text.chars().take(40).collect(), text.into_bytes()))
        .collect();
    made.push(("not UTF-8".to_owned(), b"{\"name\":\"\xff\"}".to_vec()));
    let values = [
        "7",
        "-1",
        "1e308",
        "1e999",
        "18446744073709551616",
        "0.1",
        "true",
        "[]",
        "[7]",
        "{}",
        "[[[[]]]]",
        "{\"a\":{\"b\":[null]}}",
        "\"\"",
        "\"\\u0000\"",
    ];
    for name in members {
        let each = values.map(|value| format!("{{\"{name}\":{value}}}"));
        made.extend(each.map(|text| (text.clone(), text.into_bytes())));
        let more = [
            format!("{{\"{name}\":{EVIL:?}}}"),
            format!("{{\"{name}\":[{EVIL:?}]}}"),
            format!("{{\"{name}\":\"a\",\"{name}\":\"b\"}}"),
            format!("{{\"{name}\":\"{}\"}}", "a".repeat(20_000)),
        ];
        let label = |text: &String| text.chars().take(40).collect();
        made.extend(more.map(|text| (label(&text), text.into_bytes())));
    }
    made
}

/// What this stop is sent, in its own language.
fn inputs(stop: &Stop) -> Vec<(String, Vec<u8>)> {
    match stop.input() {
        Input::Json(members) if stop.takes_body() => documents(members),
        Input::Json(names) | Input::Params(names) => params(names),
    }
}

/// What would do what was asked: the keys of a deployment are everybody's, and
/// whoever signs out is asked no more.
fn would_succeed(stop: &Stop, body: &[u8]) -> bool {
    let rotates = stop.path.ends_with("/rotate") && (body.is_empty() || body.starts_with(b"{"));
    rotates || (stop.endpoint == Endpoint::Logout && stop.method == "POST")
}

fn with_input(ground: &Ground<'_>, stop: &Stop, input: &[u8]) -> Option<Call> {
    let mut call = ground.call(stop);
    if !stop.takes_body() {
        let query = core::str::from_utf8(input).ok()?;
        call.url.push('?');
        call.url.push_str(query);
        return Some(call);
    }
    let media_type = match stop.input() {
        Input::Json(_) => "application/json",
        Input::Params(_) => FORM,
    };
    call.body = input.to_vec();
    if stop.endpoint.is_opened() && stop.endpoint != Endpoint::Authorize {
        let proof = format!("csrf={}&", encoded(ground.csrf()));
        call.body.splice(0..0, proof.into_bytes());
    }
    Some(call.header("content-type", media_type))
}

/// Headers nobody should send.
fn headers() -> Vec<(&'static str, String)> {
    let long = "a".repeat(4_000);
    let mut made = Vec::new();
    for value in [
        "",
        "Basic",
        "Basic ",
        "Basic ====",
        "Basic !!!",
        "Basic YQ==",
        "Basic Og==",
        "Basic YTolZmY=",
        "Basic /////w==",
        "Bearer",
        "Bearer ",
        "Bearer x y",
        "Bearer a.b.c",
        "bearer ..",
        "Digest username=\"x\"",
        "Negotiate",
        ",",
        "Basic a, Basic b",
    ] {
        made.push(("authorization", value.to_owned()));
    }
    for value in [
        "session",
        "session=",
        "=x",
        ";;;=;",
        "session=x; session=y",
        "session=\"",
        "csrf=é",
        "session=a2s_AAAA",
        "csrf=%ff; session=%zz",
        "\u{1f4a9}=1",
    ] {
        made.push(("cookie", value.to_owned()));
    }
    for value in [
        "text/html;q=é",
        "*/*, text/html",
        "text/html, application/json",
        ",;=",
        "é",
    ] {
        made.push(("accept", value.to_owned()));
    }
    for value in [
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/x-www-form-urlencoded, application/json",
        ";",
        "é",
        "/",
    ] {
        made.push(("content-type", value.to_owned()));
    }
    for name in [
        "authorization",
        "cookie",
        "accept",
        "content-type",
        "user-agent",
        "origin",
    ] {
        made.push((name, long.clone()));
    }
    for value in ["null", "https://evil.example", "é", "://"] {
        made.push(("origin", value.to_owned()));
    }
    made
}

/// Registrations that one address may try at once, and half of them.
const TRIES: usize = 10;

/// Sends requests from ever other addresses: what is asked here is what an
/// endpoint says, not how often.
struct Sender<'a> {
    site: &'a Site,
    sent: Cell<usize>,
}

impl<'a> Sender<'a> {
    const fn new(site: &'a Site) -> Self {
        Self {
            site,
            sent: Cell::new(0),
        }
    }

    fn send(&self, call: &Call) -> Reply {
        let number = u32::try_from(self.sent.get() / TRIES).unwrap();
        self.sent.set(self.sent.get() + 1);
        let [_, a, b, c] = number.to_be_bytes();
        let address = format!("11.{a}.{b}.{c}");
        self.site
            .send(&call.clone().header("cf-connecting-ip", &address))
    }
}

/// Notes that an endpoint was not reached.
fn reached(findings: &mut Findings, told: &str, reply: &Reply) {
    findings.same(&format!("{told} 429"), reply.status == 429, false);
}

flows! {
    fn no_parameter_makes_an_endpoint_fail(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let sender = Sender::new(site);
        for stop in ground.stops() {
            for (what, input) in inputs(&stop) {
                if would_succeed(&stop, &input) {
                    continue;
                }
                if let Some(call) = with_input(&ground, &stop, &input) {
                    let reply = sender.send(&call);
                    findings.sound(&stop, &what, &call, &reply);
                    reached(&mut findings, &format!("{stop:?} {what}"), &reply);
                }
            }
        }
        findings.none();
    }

    fn no_header_makes_an_endpoint_fail(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let sender = Sender::new(site);
        for stop in ground.stops() {
            for (name, value) in headers() {
                let mut call = ground.call(&stop);
                call.headers.retain(|(other, _)| other != name);
                if stop.takes_body() {
                    call.body = b"[]".to_vec();
                }
                let call = call.header(name, &value);
                let reply = sender.send(&call);
                findings.sound(&stop, &format!("{name}: {value}"), &call, &reply);
                reached(&mut findings, &format!("{stop:?} {name}"), &reply);
            }
        }
        findings.none();
    }

    fn no_program_is_answered_with_a_page(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let sender = Sender::new(site);
        for stop in ground.stops().iter().filter(|stop| stop.takes_body()) {
            let mut call = Call::new(stop.method, &ground.url(stop));
            call.body = b"{}".to_vec();
            for media_type in ["", "application/json", "text/plain"] {
                let call = match media_type {
                    "" => call.clone(),
                    given => call.clone().header("content-type", given),
                };
                let reply = sender.send(&call);
                reached(&mut findings, &format!("{stop:?}"), &reply);
                findings.sound(stop, media_type, &call, &reply);
                let is_refused = reply.status >= 400 || reply.status == 303;
                findings.same(&format!("{stop:?} {media_type}"), is_refused, true);
            }
        }
        findings.none();
    }
}

/// In-process alone: no HTTP client would send it.
#[test]
fn an_authorization_beyond_ascii_makes_no_endpoint_fail() {
    let site = Site::in_process();
    let (ground, mut findings) = (Ground::new(&site), Findings::default());
    for stop in ground.stops() {
        for value in ["é", "Bearer é", "Basic é"] {
            let mut call = ground.call(&stop);
            call.headers.retain(|(name, _)| name != "authorization");
            let call = call.header("authorization", value);
            findings.sound(&stop, value, &call, &site.send(&call));
        }
    }
    findings.none();
}
