//! The only folder that names the platform.
//!
//! * [`fetch`]: one request in, one answer out
//! * [`object`]: one Durable Object hosts one actor, on [`store`]
//! * [`classes`]: which class hosts which actor
//! * [`transport`]: the way from anywhere to an object
//! * [`host`]: what the gateway is lent: clock, entropy, settings, keys
//! * [`files`]: what was deployed beside the program
//! * [`log`](self): what the host logs when something fails
//! * [`outside`]: the way to other people's servers

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
mod selfcheck;
mod store;
mod subtle;
mod transport;
mod unwinding;

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

/// Rings by the clock. Actors have alarms of their own; this only makes a
/// deployment whose settings are wrong say so before the first request.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    drop(host::gateway(&env));
}
