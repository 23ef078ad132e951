//! What must be true of every answer, whatever was asked?

use super::atlas::{EVIL, Stop};
use crate::support::{Call, Reply};
use aero2::{domain::oauth::ErrorCode, gateway::route::Endpoint};
use serde_json::Value;

/// What was found wrong, all of it: a matrix that stops at the first is slow
/// to mend.
#[derive(Default)]
pub(super) struct Findings(Vec<String>);

impl Findings {
    pub(super) fn note(&mut self, finding: String) {
        self.0.push(finding);
    }

    /// Notes `what` unless it is `expected`.
    pub(super) fn same<T: PartialEq + core::fmt::Debug>(&mut self, told: &str, is: T, want: T) {
        let [is, want] = &[is, want];
        if is != want {
            self.note(format!("{told}: {is:?}, not {want:?}"));
        }
    }

    /// Notes all that is not sound about an answer.
    pub(super) fn sound(&mut self, stop: &Stop, what: &str, call: &Call, reply: &Reply) {
        let mut rules = Rules {
            stop,
            reply,
            broken: Vec::new(),
        };
        rules.check(call);
        for broken in rules.broken {
            let (method, path) = (call.method, &stop.path);
            let body: String = String::from_utf8_lossy(&reply.body)
                .chars()
                .take(200)
                .collect();
            let status = reply.status;
            self.note(format!(
                "{method} {path}, {what}: {broken} [{status} {body}]"
            ));
        }
    }

    /// # Panics
    /// When anything was found.
    pub(super) fn none(self) {
        let (count, listed) = (self.0.len(), self.0.join("\n"));
        assert!(count == 0, "{count} findings:\n{listed}");
    }
}

struct Rules<'a> {
    stop: &'a Stop,
    reply: &'a Reply,
    broken: Vec<&'static str>,
}

impl Rules<'_> {
    fn must(&mut self, holds: bool, rule: &'static str) {
        if !holds {
            self.broken.push(rule);
        }
    }

    fn check(&mut self, call: &Call) {
        self.must(self.reply.status < 500, "it fails");
        self.headers();
        self.told_by_status();
        let wants_page = call
            .headers
            .iter()
            .any(|(name, value)| name == "accept" && value == "text/html");
        if !self.reply.body.is_empty() {
            self.body(wants_page && self.stop.endpoint.is_opened());
        }
    }

    fn headers(&mut self) {
        let reply = self.reply;
        self.must(
            reply.header("x-content-type-options") == "nosniff",
            "no nosniff",
        );
        self.must(
            reply.header("x-frame-options") == "DENY",
            "it can be framed",
        );
        self.must(
            !reply.header("referrer-policy").is_empty(),
            "no referrer policy",
        );
        let policy = reply.header("content-security-policy");
        let is_strict = policy.contains("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe");
        self.must(is_strict, "no strict policy");
    }

    /// RFC 9110 §11.6.1, §10.2.1 and §10.2.3.
    fn told_by_status(&mut self) {
        let reply = self.reply;
        match reply.status {
            // No scheme is registered for a cookie, so there is none to name.
            401 if self.stop.endpoint != Endpoint::OwnSessions => {
                self.must(
                    !reply.header("www-authenticate").is_empty(),
                    "401 without a challenge",
                );
            }
            405 => self.must(!reply.header("allow").is_empty(), "405 without Allow"),
            429 | 503 => {
                let seconds = reply.header("retry-after").parse::<u32>();
                self.must(seconds.is_ok(), "it does not say when to come back");
            }
            303 => {
                let location = reply.header("location");
                let is_ours = location.starts_with('/') || location.starts_with("https://app.");
                self.must(is_ours, "it redirects to a stranger");
            }
            _ => {}
        }
    }

    fn body(&mut self, wants_page: bool) {
        let reply = self.reply;
        let is_public = matches!(
            self.stop.endpoint,
            Endpoint::Discovery | Endpoint::Jwks | Endpoint::Asset | Endpoint::SsfConfiguration
        ) || self.stop.path.ends_with("openapi.json");
        let may_be_kept = is_public && reply.status == 200;
        let is_kept = reply.header("cache-control") != "no-store";
        self.must(may_be_kept || !is_kept, "it may be stored");
        let media_type = reply.header("content-type");
        self.must(
            !wants_page || media_type.starts_with("text/html"),
            "no page for a browser",
        );
        match media_type {
            "application/problem+json" => self.problem(&reply.json()),
            "application/json" if reply.status >= 400 => self.error(&reply.json()),
            "application/json" => {}
            "text/html; charset=utf-8" => {
                self.must(self.stop.endpoint.is_opened(), "a page for a program");
                let text = reply.text();
                let is_raw = text.contains("<script>alert") || text.contains(EVIL);
                self.must(!is_raw, "it repeats a script");
            }
            "text/css; charset=utf-8" | "text/javascript; charset=utf-8" => {
                self.must(self.stop.endpoint == Endpoint::Asset, "a style of nobody's");
            }
            _ => self.broken.push("a media type it never promised"),
        }
    }

    /// RFC 9457 §3.1.
    fn problem(&mut self, document: &Value) {
        let text = |name: &str| document[name].as_str().unwrap_or_default();
        // Ours, or of the registry of problem types.
        let kinds = [
            "urn:aero2:problem:",
            "https://iana.org/assignments/http-problem-types#",
        ];
        let is_known = kinds.iter().any(|kind| text("type").starts_with(kind));
        self.must(is_known, "a problem without type");
        self.must(!text("detail").is_empty(), "a problem without detail");
        self.must(
            document["status"] == self.reply.status,
            "a problem of another status",
        );
    }

    /// RFC 6749 §5.2.
    fn error(&mut self, document: &Value) {
        let code = document["error"].as_str();
        let is_known = ErrorCode::ALL
            .iter()
            .any(|known| Some(known.as_str()) == code);
        self.must(is_known, "an error nobody registered");
        let description = document["error_description"].as_str().unwrap_or_default();
        let is_plain = |c: char| matches!(c, ' '..='~') && c != '"' && c != '\\';
        self.must(
            description.chars().all(is_plain),
            "a description out of its grammar",
        );
    }
}
