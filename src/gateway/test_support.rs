//! What do the gateway's tests share? A host from which nothing leaves, and
//! requests to the tenant `acme`.

use super::{
    http::{Body, Request, Response},
    log::Level,
    outside::{Post, PostFault, Posted},
    platform::Platform,
    settings::{Log, Scheme, Settings},
};
use crate::{
    actors::runtime::{Fault, Transport},
    archive::ArchiveFault,
    domain::{
        entropy::Entropy,
        keys::{Crypto, MasterKeys},
        secret::Secret,
        time::Timestamp,
    },
};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method};

/// A host made of its parts.
pub(super) struct Host<T: Transport, E, C> {
    pub(super) transport: T,
    pub(super) entropy: E,
    pub(super) crypto: C,
    pub(super) settings: Settings,
    /// Makes a socket to nobody, of its frames and the code it is closed with.
    pub(super) nobody: fn(Vec<String>, u16) -> T::Socket,
}

impl<T: Transport + Clone, E: Entropy + Clone, C: Crypto> Platform for Host<T, E, C> {
    type Transport = T;
    type Crypto = C;
    fn now(&self) -> Timestamp {
        self.transport.now()
    }
    fn entropy(&self) -> impl Entropy {
        self.entropy.clone()
    }
    fn transport(&self) -> T {
        self.transport.clone()
    }
    fn crypto(&self) -> &C {
        &self.crypto
    }
    async fn pause(&self, millis: i64) {
        panic!("nobody waits here: {millis}")
    }
    async fn post(&self, post: Post) -> Result<Posted, PostFault> {
        panic!("nothing leaves the house: {post:?}")
    }
    async fn archive(&self, _: String) -> Result<String, ArchiveFault> {
        Err(ArchiveFault::Missing)
    }
    async fn file(&self, name: &str, _: Option<&HeaderValue>) -> Result<Response, Fault> {
        panic!("nobody opens a file here: {name}")
    }
    fn socket_to_nobody(&self, frames: Vec<String>, code: u16, _: &'static str) -> T::Socket {
        (self.nobody)(frames, code)
    }
    fn settings(&self) -> &Settings {
        &self.settings
    }
    fn log(&self, _: Level, line: &str) {
        panic!("{line}");
    }
}

/// A deployment at `example`.
pub(super) fn settings(master_keys: MasterKeys) -> Settings {
    Settings {
        platform_domain: "example".to_owned(),
        scheme: Scheme::Https,
        audience: "urn:admin".to_owned(),
        master_keys,
        bootstrap_admin_email: None,
        bootstrap_client_secret: None,
        client_ip_header: HeaderName::from_static("cf-connecting-ip"),
        cf_zone_id: None,
        cf_api_token: None,
        github: None,
        google: None,
        outbound_allow: Vec::new(),
        log: Log::Errors,
    }
}

/// `METHOD path?query` at `acme.example`, with headers and a body.
pub(super) fn request(line: &str, headers: &[(&str, &str)], body: Body) -> Request {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    Request {
        method: method.parse::<Method>().unwrap(),
        host: "acme.example".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body,
        client_address: Some([192, 0, 2, 1].into()),
        client_place: None,
        id: "req".to_owned(),
    }
}

/// A body that was read whole.
pub(super) fn whole(body: &str) -> Body {
    Body::Whole(Secret::new(body.as_bytes().to_vec()))
}

/// Where a response leads.
pub(super) fn location(response: &Response) -> &str {
    response.headers["location"].to_str().unwrap()
}
