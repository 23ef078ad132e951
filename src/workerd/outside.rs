//! How does something reach other people's servers?
//!
//! The runtime connects to public addresses only, whatever a name resolves to
//! (on plain workerd its `internet` service, on Cloudflare the network itself).

use super::errors::message_of;
use crate::gateway::{
    outside::{POST_MS_MAX, POSTED_BYTES_MAX, Post, PostFault, Posted, may_send_to},
    settings::Settings,
};
use ::http::StatusCode;
use js_sys::{Error, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::{
    web_sys::{
        AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, RequestRedirect, Response,
        WebSocket,
    },
    worker_sys::{WebSocketPair, ext::WebSocketExt},
};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}

/// Sends something and waits for the answer.
pub(super) async fn post(settings: &Settings, post: Post) -> Result<Posted, PostFault> {
    if !may_send_to(&post.url, settings) {
        let why = "it is not https at a public name".to_owned();
        return Err(PostFault::Unreachable(why));
    }
    let (status, body) = exchange(post).await.map_err(|error| fault_of(&error))?;
    let status = StatusCode::from_u16(status);
    let status = status.map_err(|_| PostFault::Unreachable("no status".to_owned()))?;
    if status.is_redirection() {
        return Err(PostFault::Redirect);
    }
    Ok(Posted { status, body })
}

async fn exchange(post: Post) -> Result<(u16, Vec<u8>), JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &post.headers {
        headers.append(name.as_str(), value.expose())?;
    }
    let wait_ms = u32::try_from(POST_MS_MAX).unwrap_or_default();
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_headers(&headers);
    init.set_body_opt_u8_array(Some(&Uint8Array::from(post.body.as_slice())));
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(wait_ms)));
    let response = JsFuture::from(fetch(post.url.as_str(), &init)?).await?;
    let response: Response = response.unchecked_into();
    Ok((response.status(), beginning(&response).await?))
}

/// The body's first bytes; the rest is not waited for.
async fn beginning(response: &Response) -> Result<Vec<u8>, JsValue> {
    let mut bytes = Vec::new();
    let Some(stream) = response.body() else {
        return Ok(bytes);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    while bytes.len() < POSTED_BYTES_MAX {
        let read = JsFuture::from(reader.read()).await?;
        if Reflect::get(&read, &JsValue::from_str("done"))?.is_truthy() {
            return Ok(bytes);
        }
        let chunk = Uint8Array::new(&Reflect::get(&read, &JsValue::from_str("value"))?);
        let room = u32::try_from(POSTED_BYTES_MAX - bytes.len()).unwrap_or_default();
        bytes.extend(chunk.subarray(0, room).to_vec());
    }
    drop(reader.cancel());
    Ok(bytes)
}

fn fault_of(error: &JsValue) -> PostFault {
    let name = error.dyn_ref::<Error>().map(Error::name);
    if name.is_some_and(|name| name == "TimeoutError") {
        return PostFault::Deadline;
    }
    PostFault::Unreachable(message_of(error))
}

/// A socket that says something and closes.
pub(super) fn socket_to_nobody(frames: &[String], code: u16, reason: &str) -> WebSocket {
    // A pair cannot be refused; were it, the answer would be a 500.
    opened(frames, code, reason).unwrap_or_else(JsCast::unchecked_into)
}

fn opened(frames: &[String], code: u16, reason: &str) -> Result<WebSocket, JsValue> {
    let mut pair = WebSocketPair::new()?;
    let ours = pair.server()?;
    ours.accept()?;
    for frame in frames {
        ours.send_with_str(frame)?;
    }
    ours.close_with_code_and_reason(code, reason)?;
    pair.client()
}
