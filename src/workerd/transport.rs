//! How does a question travel to a Durable Object?

use super::{
    archive, clock,
    errors::{is_marked, message_of},
    host::gateway,
    object::ENVELOPE,
    promise::settled,
};
use crate::{
    actors::{
        archive::Archive,
        courier::Courier,
        runtime::{Connected, Fault, Party, Recipient, Transport},
    },
    domain::time::Timestamp,
    gateway::courier,
};
use base64ct::{Base64UrlUnpadded, Encoding};
use core::{pin::pin, time::Duration};
use futures::future::{Either, select};
use js_sys::{Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use worker::{Delay, Env, web_sys::WebSocket};

#[wasm_bindgen(module = "/src/workerd/glue.js")]
extern "C" {
    fn ask(namespace: &JsValue, name: &str, envelope: &Uint8Array, wait_ms: f64) -> Promise;

    #[cfg(feature = "test-hooks")]
    fn post(namespace: &JsValue, name: &str, address: &str, body: &Uint8Array) -> Promise;

    fn dial(
        namespace: &JsValue,
        name: &str,
        address: &str,
        header: &str,
        envelope: &str,
        wait_ms: f64,
    ) -> Promise;
}

/// An object looks at a header only; a request has to have some address.
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
        to: &Recipient,
        hook: &str,
        body: &[u8],
    ) -> Result<Vec<u8>, JsValue> {
        let namespace = namespace(&self.env, to)?;
        let address = format!("{ADDRESS}{hook}");
        let answer = settled(&post(
            &namespace,
            &to.name,
            &address,
            &Uint8Array::from(body),
        ))
        .await?;
        Ok(answer.unchecked_into::<Uint8Array>().to_vec())
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
        if to.kind == Archive::KIND {
            return within(deadline, archive::hand_over(&self.env, &envelope)).await;
        }
        let wait_ms = wait_ms(deadline)?;
        call(&self.env, to, &envelope, wait_ms)
            .await
            .map_err(|error| fault_of(&error))
    }

    async fn connect(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Connected<WebSocket>, Fault> {
        let wait_ms = wait_ms(deadline)?;
        let opened = open(&self.env, to, &envelope, wait_ms).await;
        opened.map_err(|error| fault_of(&error))
    }
}

impl StubTransport {
    /// The courier has no rows: it works wherever it is asked.
    async fn employ(&self, name: &str, envelope: &[u8]) -> Result<Vec<u8>, Fault> {
        let gateway = gateway(&self.env).map_err(|fault| Fault::Unreachable(fault.to_string()))?;
        courier::run(&gateway, name, envelope).await
    }
}

fn wait_ms(deadline: Timestamp) -> Result<u32, Fault> {
    u32::try_from(deadline.since(clock::now())).map_err(|_| Fault::Deadline)
}

async fn within<T>(
    deadline: Timestamp,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let wait = Duration::from_millis(wait_ms(deadline)?.into());
    match select(pin!(work), pin!(Delay::from(wait))).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(Fault::Deadline),
    }
}

/// Hands over an envelope and waits for the answer; too long a wait fails with
/// nothing.
async fn call(
    env: &Env,
    to: &Recipient,
    envelope: &[u8],
    wait_ms: u32,
) -> Result<Vec<u8>, JsValue> {
    let namespace = namespace(env, to)?;
    let envelope = Uint8Array::from(envelope);
    let answer = settled(&ask(&namespace, &to.name, &envelope, wait_ms.into())).await?;
    Ok(answer.unchecked_into::<Uint8Array>().to_vec())
}

/// The same with the wish for a socket, whose envelope is a header.
async fn open(
    env: &Env,
    to: &Recipient,
    envelope: &[u8],
    wait_ms: u32,
) -> Result<Connected<WebSocket>, JsValue> {
    let namespace = namespace(env, to)?;
    let envelope = Base64UrlUnpadded::encode_string(envelope);
    let dialled = dial(
        &namespace,
        &to.name,
        ADDRESS,
        ENVELOPE,
        &envelope,
        wait_ms.into(),
    );
    let answer = settled(&dialled).await?;
    Ok(match answer.dyn_into::<Uint8Array>() {
        Ok(bytes) => Connected::Answered(bytes.to_vec()),
        Err(socket) => Connected::Open(socket.unchecked_into()),
    })
}

fn namespace(env: &Env, to: &Recipient) -> Result<JsValue, JsValue> {
    let binding = to.kind.to_ascii_uppercase();
    let namespace = Reflect::get(env, &JsValue::from_str(&binding))?;
    if namespace.is_undefined() {
        let text = format!("nothing is bound as {binding}");
        return Err(JsValue::from_str(&text));
    }
    Ok(namespace)
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
