//! What is sent, and what comes back?

use http::HeaderMap;
use serde_json::Value;
use std::net::IpAddr;

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// Absolute: `http://acme.localhost:8787/login?…`.
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Call {
    pub(crate) fn new(method: &'static str, url: &str) -> Self {
        Self {
            method,
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let pair = format!("{}:{}", encoded(id), encoded(secret));
        let pair = data_encoding::BASE64.encode(pair.as_bytes());
        self.header("authorization", &format!("Basic {pair}"))
    }

    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.body = form_encoded(fields).into_bytes();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub(crate) fn json(mut self, document: &Value) -> Self {
        self.body = document.to_string().into_bytes();
        self.header("content-type", "application/json")
    }

    /// Where it comes from, as the one header that is believed says.
    pub(crate) fn address(&self) -> IpAddr {
        let mut headers = self.headers.iter();
        let said = headers.find(|(name, _)| name == "cf-connecting-ip");
        said.map_or(IpAddr::from([192, 0, 2, 1]), |(_, address)| {
            address.parse().unwrap()
        })
    }

    /// What `Host` says: that header when it is set, else as the URL.
    pub(crate) fn host(&self) -> &str {
        let set = self.headers.iter().find(|(name, _)| name == "host");
        set.map_or_else(|| self.authority(), |(_, value)| value)
    }

    /// Host and port of the URL.
    pub(crate) fn authority(&self) -> &str {
        let rest = self
            .url
            .split_once("://")
            .map_or(self.url.as_str(), |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default()
    }

    /// Path and query of the URL.
    pub(crate) fn target(&self) -> (&str, &str) {
        let rest = self
            .url
            .split_once("://")
            .map_or(self.url.as_str(), |(_, rest)| rest);
        let target = rest.find(['/', '?']).map_or("/", |at| &rest[at..]);
        target.split_once('?').unwrap_or((target, ""))
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The header's value, empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        core::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|why| panic!("{} is not JSON: {why}: {}", self.status, self.text()))
    }

    /// A member of the JSON document, as text.
    pub(crate) fn member(&self, name: &str) -> String {
        let document = self.json();
        document[name]
            .as_str()
            .unwrap_or_else(|| panic!("no text {name} in {document}"))
            .to_owned()
    }

    /// The same reply, once its status is the one expected.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// Checks for an OAuth error in the body.
    pub(crate) fn refused(self, status: u16, error: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.member("error"), error);
        reply
    }

    pub(crate) fn location(&self) -> &str {
        let location = self.header("location");
        assert!(
            !location.is_empty(),
            "no redirect but {}: {}",
            self.status,
            self.text()
        );
        location
    }
}

pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

pub(crate) fn form_encoded(fields: &[(&str, &str)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// A parameter of a URL's query.
pub(crate) fn query_of(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap_or_else(|why| panic!("{url}: {why}"));
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}
