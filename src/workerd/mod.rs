//! The only folder that names the platform.
//!
//! * [`fetch`]: one request in, one answer out
//! * [`object`]: one Durable Object hosts one actor, on [`store`]
//! * [`classes`]: which class hosts which actor
//! * [`transport`]: the way from anywhere to an object
//! * [`host`]: what the gateway is lent: clock, entropy, settings, keys
//! * [`archive`]: the way to the archive's queue and database
//! * [`files`]: what was deployed beside the program
//! * [`log`](self): what the host logs when something fails
//! * [`outside`]: the way to other people's servers

mod archive;
mod classes;
mod clock;
mod crypto;
mod entropy;
mod errors;
mod fetch;
mod files;
#[cfg(feature = "test-hooks")]
mod hooks;
mod host;
mod log;
mod object;
mod outside;
mod promise;
mod request;
mod response;
#[cfg(feature = "test-hooks")]
mod seed;
#[cfg(feature = "test-hooks")]
mod selfcheck;
mod store;
mod subtle;
mod transport;
mod unwinding;

use crate::archive::ArchiveFault;
use wasm_bindgen::prelude::*;
use worker::{Env, ScheduleContext, ScheduledEvent, event, web_sys, worker_sys::Context};

/// The Worker's handler, which the macro of `worker` would make always wait.
///
/// # Errors
/// When the runtime refuses what we hand it.
#[wasm_bindgen]
pub fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<JsValue, JsValue> {
    promise::answer(async move { Ok(fetch::fetch(&request, &env, &context).await?.into()) })
}

/// The Worker's ear for the archive's queue.
///
/// # Errors
/// When the runtime refuses what we hand it; the queue brings the batch again.
#[wasm_bindgen]
pub fn queue(batch: JsValue, env: Env, _context: Context) -> Result<JsValue, JsValue> {
    promise::answer(async move { archive::take(&batch, &env).await })
}

/// Rings by the clock. Actors have alarms of their own; the archive, which is no
/// actor, lets go of what is too old. A deployment whose settings are wrong says
/// so before the first request.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    let Ok(gateway) = host::gateway(&env) else {
        return;
    };
    match gateway.sweep().await {
        Ok(()) | Err(ArchiveFault::Missing) => {}
        Err(fault) => log::failed("archive.unanswered", None, &fault.to_string()),
    }
}
