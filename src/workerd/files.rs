//! How does a file that was deployed with the Worker reach the client?
//!
//! Its bytes never enter Wasm: the runtime connects the file with the client.

use super::{errors::message_of, promise::settled};
use crate::{
    actors::runtime::Fault,
    gateway::http::{Opened, Response},
};
use ::http::{HeaderValue, StatusCode, header};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker::{Env, web_sys};

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    #[wasm_bindgen(js_name = file)]
    fn fetch_file(env: &Env, name: &str, known: Option<&str>) -> Promise;
}

/// Opens a file, unless the client knows it already.
///
/// # Errors
/// When no files are bound.
pub(super) async fn open(
    env: &Env,
    name: &str,
    known: Option<&HeaderValue>,
) -> Result<Response, Fault> {
    let known = known.and_then(|known| known.to_str().ok());
    let found = settled(&fetch_file(env, name, known)).await;
    let found = found.map_err(|error| Fault::Unreachable(message_of(&error)))?;
    let found: web_sys::Response = found.unchecked_into();
    let status = StatusCode::from_u16(found.status()).unwrap_or(StatusCode::NOT_FOUND);
    let version = found.headers().get("etag").ok().flatten();
    let mut answer = Response::empty(status).with(header::ETAG, &version.unwrap_or_default());
    answer.opened = Some(Opened::new(found));
    Ok(answer)
}
