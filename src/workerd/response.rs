//! How does the gateway's answer reach the client?

use crate::gateway::{
    http::{Opened, Response},
    log::REQUEST_ID,
};
use ::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE},
};
use core::cell::RefCell;
use js_sys::{JSON, Reflect, Uint8Array};
use std::collections::VecDeque;
use wasm_bindgen::JsValue;
use worker::web_sys::{self, Headers, ResponseInit, WebSocket};

/// Heads kept: about as many as there are sorts of answers in demand.
const HEADS_MAX: usize = 16;

/// Everything of an answer but its body, as the runtime wants it.
struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    init: ResponseInit,
}

thread_local! {
    // The runtime takes longer to read ten headers than to do anything else
    // with an answer, and most have those of the one before.
    static HEADS: RefCell<VecDeque<Kept>> = const { RefCell::new(VecDeque::new()) };
}

/// Converts an answer.
///
/// # Errors
/// When the runtime refuses the status or a header.
pub(super) fn response(answer: &Response) -> Result<web_sys::Response, JsValue> {
    if let Some(opened) = &answer.opened {
        return hand_on(opened, &new_head(answer)?);
    }
    // A status that has no body refuses even an empty one.
    let body = (!answer.body.is_empty()).then(|| Uint8Array::from(answer.body.as_slice()));
    let init = head(answer)?;
    web_sys::Response::new_with_opt_js_u8_array_and_init(body.as_ref(), &init)
}

/// The head of an answer: one of those kept, or a new one.
fn head(answer: &Response) -> Result<ResponseInit, JsValue> {
    let kept = HEADS.with_borrow_mut(|heads| {
        let is_it = |kept: &Kept| kept.status == answer.status && kept.headers == answer.headers;
        let place = heads.iter().position(is_it)?;
        heads.swap(0, place);
        heads.front().map(|kept| kept.init.clone())
    });
    if let Some(init) = kept {
        return Ok(init);
    }
    let init = new_head(answer)?;
    let mut own = [SET_COOKIE, LOCATION, REQUEST_ID].into_iter();
    if !own.any(|name| answer.headers.contains_key(name)) {
        HEADS.with_borrow_mut(|heads| {
            heads.truncate(HEADS_MAX - 1);
            heads.push_front(Kept {
                status: answer.status,
                headers: answer.headers.clone(),
                init: init.clone(),
            });
        });
    }
    Ok(init)
}

fn new_head(answer: &Response) -> Result<ResponseInit, JsValue> {
    // Pairs, so that two cookies are two lines; all at once, because every
    // crossing into JavaScript costs as much as a header.
    let pairs = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), latin1(value)));
    let pairs = serde_json::to_string(&pairs.collect::<Vec<_>>());
    let pairs = pairs.map_err(|error| JsValue::from_str(&error.to_string()))?;
    let init = ResponseInit::new();
    init.set_status(answer.status.as_u16());
    init.set_headers(Headers::new_with_str_sequence_sequence(&JSON::parse(&pairs)?)?.as_ref());
    Ok(init)
}

/// Lets the runtime connect the client with what it has opened.
fn hand_on(opened: &Opened, init: &ResponseInit) -> Result<web_sys::Response, JsValue> {
    if let Some(file) = opened.clone().downcast::<web_sys::Response>() {
        let body = file.body();
        return web_sys::Response::new_with_opt_readable_stream_and_init(body.as_ref(), init);
    }
    let socket = opened.clone().downcast::<WebSocket>();
    let socket = socket.ok_or_else(|| JsValue::from_str("a socket of another host's"))?;
    upgrade(init, &socket)
}

/// Hands over the client's end of a socket: the runtime connects the two.
///
/// # Errors
/// When the runtime refuses a header.
pub(super) fn upgrade(
    init: &ResponseInit,
    socket: &WebSocket,
) -> Result<web_sys::Response, JsValue> {
    init.set_status(StatusCode::SWITCHING_PROTOCOLS.as_u16());
    Reflect::set(init, &JsValue::from_str("webSocket"), socket)?;
    web_sys::Response::new_with_opt_str_and_init(None, init)
}

/// A header's bytes as the runtime wants them: one character for each.
fn latin1(value: &HeaderValue) -> String {
    let bytes = value.as_bytes().iter();
    bytes.map(|byte| char::from(*byte)).collect()
}

/// An answer about a failure of ours ([RFC 9457]).
///
/// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
pub(super) fn problem(status: StatusCode, member: &str, value: &str) -> Response {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason(),
        "status": status.as_u16(),
        member: value,
    });
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/problem+json");
    headers.insert(CONTENT_TYPE, json);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response {
        status,
        headers,
        body: body.to_string().into_bytes(),
        opened: None,
    }
}
