//! How does a question travel to a Durable Object?

use super::{
    clock,
    errors::{is_marked, message_of},
};
use crate::{
    actors::runtime::{Fault, Recipient, Transport},
    domain::time::Timestamp,
};
use core::{pin::pin, time::Duration};
use futures::future::{Either, select};
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::{Delay, Env, web_sys};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Object)]
    type Namespace;

    #[wasm_bindgen(method, catch, js_name = getByName)]
    fn get_by_name(this: &Namespace, name: &str) -> Result<Stub, JsValue>;

    #[wasm_bindgen(extends = Object)]
    type Stub;

    #[wasm_bindgen(method, catch)]
    fn fetch(this: &Stub, url: &str, init: &web_sys::RequestInit) -> Result<Promise, JsValue>;
}

/// An object looks at the body only; a request has to have some address.
const ADDRESS: &str = "http://actor/";

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
        call(&self.env, &to, &format!("{ADDRESS}{hook}"), body).await
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
        let wait_ms = u64::try_from(deadline.since(clock::now())).map_err(|_| Fault::Deadline)?;
        let call = pin!(call(&self.env, to, ADDRESS, &envelope));
        let timer = pin!(Delay::from(Duration::from_millis(wait_ms)));
        match select(call, timer).await {
            Either::Left((answer, _)) => answer.map_err(|error| fault_of(&error)),
            Either::Right(_) => Err(Fault::Deadline),
        }
    }
}

async fn call(env: &Env, to: &Recipient, address: &str, body: &[u8]) -> Result<Vec<u8>, JsValue> {
    let binding = to.kind.to_ascii_uppercase();
    let namespace = Reflect::get(env, &JsValue::from_str(&binding))?;
    if namespace.is_undefined() {
        let text = format!("nothing is bound as {binding}");
        return Err(JsValue::from_str(&text));
    }
    let stub = namespace
        .unchecked_ref::<Namespace>()
        .get_by_name(&to.name)?;
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body_opt_u8_array(Some(&Uint8Array::from(body)));
    let response = JsFuture::from(stub.fetch(address, &init)?).await?;
    let response: web_sys::Response = response.unchecked_into();
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    if !response.ok() {
        let text = format!("it answered {}", response.status());
        return Err(JsValue::from_str(&text));
    }
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// The platform marks what it did not do for lack of capacity; asking again
/// would only make that worse. Everything else is a failure of the way there
/// or of the object, and who asks decides whether it may be repeated.
fn fault_of(error: &JsValue) -> Fault {
    if is_marked(error, "overloaded") {
        return Fault::Overloaded;
    }
    let mut text = message_of(error);
    if is_marked(error, "retryable") {
        text.push_str(" (may be asked again)");
    }
    Fault::Unreachable(text)
}
