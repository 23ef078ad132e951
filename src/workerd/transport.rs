//! How does a question travel to a Durable Object?

use super::{
    clock,
    errors::{is_marked, message_of},
    promise::settled,
};
use crate::{
    actors::runtime::{Fault, Recipient, Transport},
    domain::time::Timestamp,
};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use worker::Env;

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    fn ask(
        namespace: &JsValue,
        name: &str,
        address: &str,
        body: &Uint8Array,
        wait_ms: f64,
    ) -> Promise;
}

/// An object looks at the body only; a request has to have some address.
const ADDRESS: &str = "http://actor/";

/// A hook may fill an object; a test waits for it.
#[cfg(feature = "test-hooks")]
const HOOK_WAIT_MS: u32 = 60_000;

/// The way to the actors: a namespace of Durable Objects for each kind, bound
/// under the kind's name in upper case.
#[derive(Clone, Debug)]
pub(super) struct StubTransport {
    env: Env,
}

impl StubTransport {
    pub(super) const fn new(env: Env) -> Self {
        Self { env }
    }

    /// Calls one of an object's test hooks.
    #[cfg(feature = "test-hooks")]
    pub(super) async fn post(
        &self,
        kind: &str,
        name: &str,
        hook: &str,
        body: &[u8],
    ) -> Result<Vec<u8>, JsValue> {
        let to = Recipient {
            kind: kind.to_owned(),
            name: name.to_owned(),
        };
        call(
            &self.env,
            &to,
            &format!("{ADDRESS}{hook}"),
            body,
            HOOK_WAIT_MS,
        )
        .await
    }
}

impl Transport for StubTransport {
    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn carry(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        let wait_ms = u32::try_from(deadline.since(clock::now())).map_err(|_| Fault::Deadline)?;
        call(&self.env, to, ADDRESS, &envelope, wait_ms)
            .await
            .map_err(|error| fault_of(&error))
    }
}

/// Posts `body` and waits for the answer; too long a wait fails with nothing.
async fn call(
    env: &Env,
    to: &Recipient,
    address: &str,
    body: &[u8],
    wait_ms: u32,
) -> Result<Vec<u8>, JsValue> {
    let binding = to.kind.to_ascii_uppercase();
    let namespace = Reflect::get(env, &JsValue::from_str(&binding))?;
    if namespace.is_undefined() {
        let text = format!("nothing is bound as {binding}");
        return Err(JsValue::from_str(&text));
    }
    let body = Uint8Array::from(body);
    let answer = settled(&ask(&namespace, &to.name, address, &body, wait_ms.into())).await?;
    Ok(answer.unchecked_into::<Uint8Array>().to_vec())
}

/// The platform marks what it did not do for lack of capacity; asking again
/// would only make that worse. Everything else is a failure of the way there
/// or of the object, and who asks decides whether it may be repeated.
fn fault_of(error: &JsValue) -> Fault {
    if error.is_undefined() {
        return Fault::Deadline;
    }
    if is_marked(error, "overloaded") {
        return Fault::Overloaded;
    }
    let mut text = message_of(error);
    if is_marked(error, "retryable") {
        text.push_str(" (may be asked again)");
    }
    Fault::Unreachable(text)
}
