//! How does the Worker reach the archive's queue and its database?

use super::{errors::message_of, host::gateway, log, promise::settled};
use crate::{
    actors::{archive::Archive, runtime::Fault},
    archive::ArchiveFault,
};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker::Env;

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    fn keep(env: &JsValue, text: &str) -> Promise;
    fn cold(env: &JsValue, statements: &str) -> Promise;
    fn texts(batch: &JsValue) -> Vec<String>;
    fn again(batch: &JsValue, env: &JsValue) -> Promise;
}

/// Hands a packed message to the queue, and answers it. Where there is no
/// archive at all, there is nobody to hand it to, and it is done with.
pub(super) async fn hand_over(env: &Env, envelope: &[u8]) -> Result<Vec<u8>, Fault> {
    let text = Archive::open(envelope)?;
    settled(&keep(env, &text))
        .await
        .map_err(|error| Fault::Unreachable(message_of(&error)))?;
    Archive::taken()
}

/// Asks the database.
pub(super) async fn ask(env: &Env, statements: &str) -> Result<String, ArchiveFault> {
    let answer = settled(&cold(env, statements))
        .await
        .map_err(|error| ArchiveFault::Failed(message_of(&error)))?;
    answer.as_string().ok_or(ArchiveFault::Missing)
}

/// Takes a batch of the queue's; what cannot be taken now comes again.
pub(super) async fn take(batch: &JsValue, env: &Env) -> Result<JsValue, JsValue> {
    let taken = match gateway(env) {
        Ok(gateway) => gateway
            .take(&texts(batch))
            .await
            .map_err(|fault| fault.to_string()),
        Err(fault) => Err(fault.to_string()),
    };
    if let Err(why) = taken {
        log::failed("archive.unanswered", None, &why);
        settled(&again(batch, env)).await?;
    }
    Ok(JsValue::UNDEFINED)
}
