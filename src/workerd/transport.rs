//! How does a question travel to a Durable Object?

use super::{
    clock,
    errors::{is_marked, message_of},
    host::gateway,
    object::ENVELOPE,
};
use crate::{
    actors::{
        courier::Courier,
        runtime::{Connected, Fault, Party, Recipient, Transport},
    },
    domain::time::Timestamp,
    gateway::courier,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use core::{pin::pin, time::Duration};
use futures::future::{Either, select};
use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::{
    Delay, Env,
    web_sys::{self, WebSocket},
};

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
    type Socket = WebSocket;

    fn now(&self) -> Timestamp {
        clock::now()
    }

    async fn carry(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        if to.kind == Courier::KIND {
            // Boxed: the courier asks actors in its turn.
            return within(deadline, Box::pin(self.employ(&to.name, &envelope))).await;
        }
        let call = call(&self.env, to, ADDRESS, &envelope);
        within(deadline, async {
            call.await.map_err(|error| fault_of(&error))
        })
        .await
    }

    async fn connect(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Connected<WebSocket>, Fault> {
        let open = open(&self.env, to, &envelope);
        within(deadline, async {
            open.await.map_err(|error| fault_of(&error))
        })
        .await
    }
}

impl StubTransport {
    /// The courier has no rows: it works wherever it is asked.
    async fn employ(&self, name: &str, envelope: &[u8]) -> Result<Vec<u8>, Fault> {
        let gateway = gateway(&self.env).map_err(|fault| Fault::Unreachable(fault.to_string()))?;
        courier::run(&gateway, name, envelope).await
    }
}

async fn within<T>(
    deadline: Timestamp,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let wait_ms = u64::try_from(deadline.since(clock::now())).map_err(|_| Fault::Deadline)?;
    let timer = pin!(Delay::from(Duration::from_millis(wait_ms)));
    match select(pin!(work), timer).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(Fault::Deadline),
    }
}

async fn call(env: &Env, to: &Recipient, address: &str, body: &[u8]) -> Result<Vec<u8>, JsValue> {
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body_opt_u8_array(Some(&Uint8Array::from(body)));
    bytes_of(&fetch(env, to, address, &init).await?).await
}

async fn open(env: &Env, to: &Recipient, envelope: &[u8]) -> Result<Connected<WebSocket>, JsValue> {
    let headers = web_sys::Headers::new()?;
    headers.set("upgrade", "websocket")?;
    headers.set(ENVELOPE, &Base64UrlUnpadded::encode_string(envelope))?;
    let init = web_sys::RequestInit::new();
    init.set_headers(&headers);
    let response = fetch(env, to, ADDRESS, &init).await?;
    let socket = Reflect::get(&response, &JsValue::from_str("webSocket"))?;
    if socket.is_truthy() {
        return Ok(Connected::Open(socket.unchecked_into()));
    }
    bytes_of(&response).await.map(Connected::Answered)
}

async fn fetch(
    env: &Env,
    to: &Recipient,
    address: &str,
    init: &web_sys::RequestInit,
) -> Result<web_sys::Response, JsValue> {
    let binding = to.kind.to_ascii_uppercase();
    let namespace = Reflect::get(env, &JsValue::from_str(&binding))?;
    if namespace.is_undefined() {
        let text = format!("nothing is bound as {binding}");
        return Err(JsValue::from_str(&text));
    }
    let stub = namespace
        .unchecked_ref::<Namespace>()
        .get_by_name(&to.name)?;
    let response = JsFuture::from(stub.fetch(address, init)?).await?;
    Ok(response.unchecked_into())
}

async fn bytes_of(response: &web_sys::Response) -> Result<Vec<u8>, JsValue> {
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
