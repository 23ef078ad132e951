//! How does a test speak to a server on this machine?

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test program uses its part"
)]

use super::call::{Call, Reply};
use http::{HeaderMap, Method, StatusCode, Uri};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use ureq::{
    Agent, Body,
    config::Config,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{DefaultConnector, NextTimeout},
    },
};

/// Longer than anything a test waits for.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The largest answer a test looks at, in bytes.
const ANSWER_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// Every name is this machine: `acme.localhost` is unknown to the system
/// resolver of many.
#[derive(Debug)]
struct ThisMachine;

impl Resolver for ThisMachine {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        let port = uri.port_u16().unwrap_or(80);
        addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        Ok(addresses)
    }
}

/// An HTTP client that follows no redirect and keeps no cookie: both are what
/// tests are about.
#[derive(Clone, Debug)]
pub(crate) struct Client(Agent);

/// An answer, whatever its status.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Default for Client {
    fn default() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .allow_non_standard_methods(true)
            .proxy(None)
            .build();
        let connector = DefaultConnector::default();
        Self(Agent::with_parts(config, connector, ThisMachine))
    }
}

impl Client {
    /// Sends a request; `None` when the connection broke.
    pub(crate) fn try_send(&self, request: http::Request<Vec<u8>>) -> Option<Answer> {
        // A GET with an empty body would otherwise carry a Content-Length.
        let response = if request.body().is_empty() && request.method() != Method::POST {
            self.0.run(request.map(|_| ()))
        } else {
            self.0.run(request)
        };
        let (parts, body) = response.ok()?.into_parts();
        Some(Answer {
            status: parts.status,
            headers: parts.headers,
            body: read(body)?,
        })
    }

    /// Sends a request.
    pub(crate) fn send(&self, request: http::Request<Vec<u8>>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        self.try_send(request)
            .unwrap_or_else(|| panic!("{asked}: the connection broke"))
    }

    /// Sends a call; `None` when the connection broke.
    pub(crate) fn try_call(&self, call: &Call) -> Option<Reply> {
        let mut request = http::Request::builder().method(call.method).uri(&call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let answer = self.try_send(request.body(call.body.clone()).unwrap())?;
        Some(Reply {
            status: answer.status.as_u16(),
            headers: answer.headers,
            body: answer.body,
        })
    }

    /// Sends a call.
    pub(crate) fn call(&self, call: &Call) -> Reply {
        self.try_call(call)
            .unwrap_or_else(|| panic!("{} {}: the connection broke", call.method, call.url))
    }

    /// Gets a URL.
    pub(crate) fn get(&self, url: &str) -> Answer {
        self.send(http::Request::get(url).body(Vec::new()).unwrap())
    }

    /// Posts a form.
    pub(crate) fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = http::Request::post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into_bytes());
        self.send(request.unwrap())
    }
}

fn read(mut body: Body) -> Option<Vec<u8>> {
    let reader = body.with_config().limit(ANSWER_BYTES_MAX);
    reader.read_to_vec().ok()
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|why| panic!("{}: {why}: {}", self.status, self.text()))
    }

    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
