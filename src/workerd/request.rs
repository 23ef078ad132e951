//! What has a client asked, in the gateway's words?

use super::{entropy::HostEntropy, promise::settled};
use crate::{
    domain::{entropy::draw, ids::base32, secret::Secret},
    gateway::http::{BODY_BYTES_MAX, Body, Request},
};
use ::http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_LENGTH, COOKIE, HOST},
};
use core::net::IpAddr;
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use worker::web_sys::{self, ReadableStream, ReadableStreamDefaultReader};

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    #[wasm_bindgen(js_name = head)]
    fn read_head(request: &web_sys::Request) -> String;

    #[wasm_bindgen(js_name = body)]
    fn read_body(request: &web_sys::Request) -> Promise;
}

/// The longest `CF-Ray` taken as a request's id: theirs have 20 characters.
const RAY_CHARS_MAX: usize = 40;

/// Everything but the body.
#[derive(Debug)]
pub(super) struct Head {
    method: Method,
    host: String,
    path: String,
    query: String,
    headers: HeaderMap,
    client_place: Option<String>,
    /// Names the request in logs and in the answer to a fault.
    pub(super) id: String,
}

/// Reads all but the body.
///
/// # Errors
/// When the method is no method.
pub(super) fn head(request: &web_sys::Request) -> Result<Head, JsValue> {
    let text = read_head(request);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let method = Method::from_bytes(line().as_bytes());
    let method = method.map_err(|_| JsValue::from_str("not a method"))?;
    let (authority, path, query) = split(line());
    let headers = headers(lines);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    // Only somebody at a browser has a place worth telling, and asking for it
    // makes the runtime read a document about the connection.
    let is_browser = headers.contains_key(COOKIE);
    Ok(Head {
        method,
        host: host.unwrap_or(authority).to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        client_place: is_browser.then(|| place(request)).flatten(),
        id: id(&headers),
        headers,
    })
}

/// Reads the body, which completes the request.
///
/// # Errors
/// When the client goes away in the middle of it.
pub(super) async fn complete(
    head: Head,
    request: &web_sys::Request,
    client_ip_header: &HeaderName,
) -> Result<Request, JsValue> {
    let body = body(request, &head).await?;
    let address = head.headers.get(client_ip_header);
    // A list is what appears when several parties set the header: that is
    // nobody's word, and the missing address has a strict limit of its own.
    let client_address = address
        .and_then(|address| address.to_str().ok())
        .and_then(|address| address.trim().parse::<IpAddr>().ok());
    Ok(Request {
        method: head.method,
        host: head.host,
        path: head.path,
        query: head.query,
        headers: head.headers,
        body,
        client_address,
        client_place: head.client_place,
        id: head.id,
    })
}

/// The authority, path and query of a URL, which the runtime hands over as sent.
fn split(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split_once('#').map_or(rest, |(rest, _)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (authority, if path.is_empty() { "/" } else { path }, query)
}

/// A name in each line, and its value in the next.
fn headers<'a>(mut lines: impl Iterator<Item = &'a str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    headers
}

/// Cloudflare's id of the request where there is one, so that both logs agree.
fn id(headers: &HeaderMap) -> String {
    let is_ray = |ray: &&str| {
        (1..=RAY_CHARS_MAX).contains(&ray.len())
            && ray
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let ray = headers.get("cf-ray").and_then(|ray| ray.to_str().ok());
    ray.filter(is_ray)
        .map_or_else(|| base32(&draw::<10>(&mut HostEntropy)), str::to_owned)
}

/// "Kraków, PL", as far as the platform knows.
fn place(request: &web_sys::Request) -> Option<String> {
    let cf = Reflect::get(request, &JsValue::from_str("cf")).ok()?;
    if !cf.is_object() {
        return None;
    }
    let text = |name| {
        let value = Reflect::get(&cf, &JsValue::from_str(name)).ok()?;
        value.as_string()
    };
    match (text("city"), text("country")) {
        (Some(city), Some(country)) => Some(format!("{city}, {country}")),
        (city, country) => city.or(country),
    }
}

async fn body(request: &web_sys::Request, head: &Head) -> Result<Body, JsValue> {
    // The runtime gives neither a body.
    if matches!(head.method, Method::GET | Method::HEAD) {
        return Ok(Body::Whole(Secret::new(Vec::new())));
    }
    let announced = head.headers.get(CONTENT_LENGTH);
    let announced = announced
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    match announced {
        Some(length) if length > BODY_BYTES_MAX as u64 => Ok(Body::TooLarge),
        // The runtime reads no further than what was announced.
        Some(_) => Ok(Body::Whole(Secret::new(bytes(request).await?))),
        None => match request.body() {
            Some(stream) => read_bounded(&stream).await,
            None => Ok(Body::Whole(Secret::new(Vec::new()))),
        },
    }
}

/// All bytes of a body, however many.
///
/// # Errors
/// When the sender goes away in the middle of it.
pub(super) async fn bytes(request: &web_sys::Request) -> Result<Vec<u8>, JsValue> {
    let bytes = settled(&read_body(request)).await?;
    Ok(bytes.unchecked_into::<Uint8Array>().to_vec())
}

async fn read_bounded(stream: &ReadableStream) -> Result<Body, JsValue> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::new();
    loop {
        let read = settled(&reader.read()).await?;
        if Reflect::get(&read, &JsValue::from_str("done"))?.is_truthy() {
            return Ok(Body::Whole(Secret::new(bytes)));
        }
        let chunk = Uint8Array::new(&Reflect::get(&read, &JsValue::from_str("value"))?);
        if bytes.len().saturating_add(chunk.length() as usize) > BODY_BYTES_MAX {
            drop(reader.cancel());
            return Ok(Body::TooLarge);
        }
        bytes.extend(chunk.to_vec());
    }
}
