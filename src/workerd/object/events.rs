//! What happens to an object, and what becomes of it?

use super::sockets::{self, Open};
use crate::{
    actors::runtime::{
        After, Awake, Fault, Host,
        cause::failure_of,
        envelope::{self, Returned},
        outbox::Parcel,
        socket::Heard,
    },
    domain::time::{MINUTE_MS, Timestamp},
    gateway::settings::SettingsFault,
    workerd::{
        clock,
        entropy::HostEntropy,
        errors::message_of,
        log,
        promise::{self, Outcome},
        response::upgrade,
        store::{ObjectStore, Storage},
        transport::StubTransport,
    },
};
use base64ct::{Base64UrlUnpadded, Encoding};
use core::{
    cell::RefCell,
    panic::{AssertUnwindSafe, RefUnwindSafe},
};
use js_sys::Uint8Array;
use std::{panic::catch_unwind, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use worker::{
    Env, State, console_error,
    web_sys::{self, WebSocket},
    worker_sys::DurableObjectState,
};

/// Wakes the actors of one class.
pub(in crate::workerd) type Wake = fn(&Env, Timestamp) -> Result<Box<dyn Awake>, SettingsFault>;

/// The header that carries a packed envelope, as base64url, with the wish for a
/// socket. Every other envelope is the argument of a call.
pub(in crate::workerd) const ENVELOPE: &str = "aero2-envelope";

/// How long an alarm that failed waits. The platform itself retries six times
/// only, and an actor's alarm must never be lost.
const ALARM_AGAIN_MS: i64 = MINUTE_MS;

/// The last instant a JavaScript `Date` knows, in milliseconds.
const DATE_MS_MAX: i64 = 8_640_000_000_000_000;

/// Codes with which sockets are closed ([RFC 6455 §7.4.1]): the actor is no
/// more, was never founded, or failed.
///
/// [RFC 6455 §7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;
const FAILED: u16 = 1011;

/// One Durable Object; clones share it.
#[derive(Clone)]
pub(in crate::workerd) struct Object(pub(super) Rc<Inner>);

pub(super) struct Inner {
    class: &'static str,
    pub(super) name: String,
    pub(super) state: DurableObjectState,
    storage: Storage,
    store: ObjectStore,
    env: Env,
    pub(super) transport: StubTransport,
    wake: Wake,
    /// Absent until the first event, and again after a panic or an erasure.
    awake: RefCell<Option<Box<dyn Awake>>>,
}

/// What a panic may leave half-done is the actor, and [`Object::event`] takes
/// it out while it works.
impl RefUnwindSafe for Inner {}

/// What is left to do once an event is committed.
pub(super) struct Done<T> {
    value: T,
    pub(super) first: Vec<Parcel>,
    pub(super) rest: Vec<Parcel>,
    /// The client's end of a socket the actor has accepted.
    opened: Option<WebSocket>,
}

/// An answer, and what it must not overtake.
pub(in crate::workerd) struct Received {
    answer: Vec<u8>,
    /// The client's end of a socket, which stands for the answer.
    opened: Option<WebSocket>,
    first: Vec<Parcel>,
    rest: Vec<Parcel>,
}

/// What whoever asks would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workerd) enum Wish {
    Answer,
    Socket,
}

impl Object {
    pub(in crate::workerd) fn new(class: &'static str, state: State, env: Env, wake: Wake) -> Self {
        log::tell_of_panics();
        let state = state._inner();
        // An object that was not reached by name has none to show.
        let name = state.id().ok().and_then(|id| id.name()).unwrap_or_default();
        let storage = state.storage().map_or(JsValue::UNDEFINED, JsValue::from);
        let storage: Storage = storage.unchecked_into();
        Self(Rc::new(Inner {
            class,
            name,
            state,
            store: ObjectStore::new(storage.clone()),
            storage,
            transport: StubTransport::new(env.clone()),
            env,
            wake,
            awake: RefCell::default(),
        }))
    }

    /// Answers a packed envelope, and delivers what it caused: the answer's
    /// bytes, or the promise of them where something is told first.
    pub(in crate::workerd) fn ask(&self, envelope: &[u8]) -> Outcome {
        #[cfg(feature = "test-hooks")]
        if crate::workerd::hooks::is_slow(self) {
            let (object, envelope) = (self.clone(), envelope.to_vec());
            return promise::answer(async move {
                crate::workerd::hooks::dawdle().await;
                Ok(object.delivered(&envelope).await.into())
            });
        }
        let received = self.receive(envelope, Wish::Answer);
        let answer = Uint8Array::from(received.answer.as_slice()).into();
        if received.first.is_empty() {
            self.deliver_later(received.rest);
            return Ok(answer);
        }
        let object = self.clone();
        promise::answer(async move {
            object.deliver(received.first, received.rest).await;
            Ok(answer)
        })
    }

    #[cfg(feature = "test-hooks")]
    async fn delivered(&self, envelope: &[u8]) -> Uint8Array {
        let received = self.receive(envelope, Wish::Answer);
        self.deliver(received.first, received.rest).await;
        Uint8Array::from(received.answer.as_slice())
    }

    /// Answers the wish for a socket, whose envelope is a header.
    pub(in crate::workerd) async fn fetch(
        &self,
        request: worker::Request,
    ) -> worker::Result<worker::Response> {
        #[cfg(feature = "test-hooks")]
        if let Some(answer) = crate::workerd::hooks::at_object(self, &request).await {
            return answer;
        }
        let envelope = request.inner().headers().get(ENVELOPE)?;
        let envelope = Base64UrlUnpadded::decode_vec(&envelope.unwrap_or_default());
        let received = self.receive(&envelope.unwrap_or_default(), Wish::Socket);
        self.deliver(received.first, received.rest).await;
        let answer = match &received.opened {
            Some(socket) => upgrade(&web_sys::ResponseInit::new(), socket),
            None => answer(&received.answer),
        };
        Ok(answer?.into())
    }

    /// Answers a packed envelope, and leaves the deliveries to the caller.
    pub(in crate::workerd) fn receive(&self, envelope: &[u8], wish: Wish) -> Received {
        let outcome = self.event(|awake, host| {
            let (answer, mut after) = awake.receive(host, envelope);
            // Who did not wish for a socket has nothing to hold it with.
            after.accept = after.accept.filter(|_| wish == Wish::Socket);
            Ok((answer, after))
        });
        match outcome {
            Ok(done) => Received {
                answer: done.value,
                opened: done.opened,
                first: done.first,
                rest: done.rest,
            },
            Err(fault) => {
                self.log(&fault);
                Received {
                    answer: envelope::pack(&Returned::fault(&fault)).unwrap_or_default(),
                    opened: None,
                    first: Vec::new(),
                    rest: Vec::new(),
                }
            }
        }
    }

    /// Does what has come due.
    pub(in crate::workerd) fn alarm(&self) -> worker::Result<worker::Response> {
        match self.event(|awake, host| Ok(((), awake.alarm(host)?))) {
            Ok(done) => self.deliver_later([done.first, done.rest].concat()),
            Err(fault) => {
                self.log(&fault);
                self.set_alarm(Some(clock::now().plus(ALARM_AGAIN_MS)))
                    .map_err(|fault| worker::Error::RustError(fault.to_string()))?;
            }
        }
        worker::Response::empty()
    }

    /// A message has come on a socket.
    pub(in crate::workerd) fn hear(&self, socket: &WebSocket, message: &JsValue) {
        self.tell(socket, || sockets::heard(message));
    }

    /// A client has closed its socket, or the connection broke.
    pub(in crate::workerd) fn hear_close(&self, socket: &WebSocket) {
        self.tell(socket, || Heard::Closed);
        sockets::part(socket);
    }

    fn tell(&self, socket: &WebSocket, heard: impl FnOnce() -> Heard) {
        let Some(known) = sockets::socket_of(socket) else {
            return;
        };
        match self.event(|awake, host| Ok(((), awake.hear(host, &known, heard())?))) {
            Ok(done) => self.deliver_later([done.first, done.rest].concat()),
            Err(Fault::Absent) => sockets::close(socket, POLICY, "nobody is here"),
            Err(fault) => {
                self.log(&fault);
                sockets::close(socket, FAILED, "something failed");
            }
        }
    }

    /// Runs one event and everything that commits with it.
    pub(super) fn event<T>(
        &self,
        work: impl FnOnce(&mut dyn Awake, &mut Host<'_>) -> Result<(T, After), Fault>,
    ) -> Result<Done<T>, Fault> {
        let inner = &*self.0;
        let now = clock::now();
        let busy = |_| Fault::Unreachable("it is in the middle of a turn".to_owned());
        let mut slot = inner.awake.try_borrow_mut().map_err(busy)?;
        let mut awake = match slot.take() {
            Some(awake) => awake,
            None => (inner.wake)(&inner.env, now)
                .map_err(|fault| Fault::Unreachable(fault.to_string()))?,
        };
        let mut host = Host {
            name: &inner.name,
            now,
            entropy: &mut HostEntropy,
            store: &inner.store,
            sockets: &Open(&inner.state),
        };
        // The runtime catches what an actor does. Should it panic itself, the
        // actor is not put back, and the next event wakes a fresh one.
        let done = catch_unwind(AssertUnwindSafe(|| work(awake.as_mut(), &mut host)));
        let (value, after) = match done.unwrap_or(Err(Fault::Panicked)) {
            Ok(done) => done,
            Err(fault) => {
                *slot = (!matches!(fault, Fault::Panicked)).then_some(awake);
                return Err(fault);
            }
        };
        if !after.erase {
            *slot = Some(awake);
        }
        self.finish(value, after, now)
    }

    /// Does what belongs to the event's own commit.
    fn finish<T>(&self, value: T, after: After, now: Timestamp) -> Result<Done<T>, Fault> {
        let state = &self.0.state;
        for line in &after.log {
            console_error!("{line}");
        }
        if after.erase {
            self.erase()?;
        } else if let Some(alarm) = after.alarm {
            self.set_alarm(alarm)?;
        }
        let opened = after.accept.as_ref();
        let opened = opened.map(|accept| sockets::accept(state, accept, now));
        let opened = opened.transpose().map_err(|error| refused(&error))?;
        if !after.sockets.is_empty() {
            sockets::apply(state, after.sockets);
        }
        if after.erase {
            sockets::close_all(state, GOING_AWAY, "it has ended");
        }
        Ok(Done {
            value,
            first: after.first,
            rest: after.parcels,
            opened,
        })
    }

    /// The actor's name.
    #[cfg(feature = "test-hooks")]
    pub(in crate::workerd) fn name(&self) -> &str {
        &self.0.name
    }

    /// Forgets the actor, as the platform does with one that sleeps.
    #[cfg(feature = "test-hooks")]
    pub(in crate::workerd) fn evict(&self) {
        self.0.awake.take();
    }

    /// Issues the alarm's write; the output gate waits for it, so we need not.
    #[expect(clippy::cast_precision_loss, reason = "clamped to 53 bits")]
    fn set_alarm(&self, at: Option<Timestamp>) -> Result<(), Fault> {
        let storage = &self.0.storage;
        let issued = match at {
            Some(at) => storage.set_alarm(at.as_millis().clamp(0, DATE_MS_MAX) as f64),
            None => storage.delete_alarm(),
        };
        issued.map(drop).map_err(|error| refused(&error))
    }

    fn erase(&self) -> Result<(), Fault> {
        let storage = &self.0.storage;
        let issued = storage.delete_alarm().and_then(|_| storage.delete_all());
        issued.map(drop).map_err(|error| refused(&error))
    }

    /// Holds the object's store to the contract; names what it breaks.
    #[cfg(feature = "test-hooks")]
    pub(in crate::workerd) async fn keeps_the_contract(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (name, case) in crate::store::contract::CASES {
            if let Err(why) = case(&self.0.store) {
                failures.push(format!("{name}: {why}"));
            }
            if let Ok(erased) = self.0.storage.delete_all() {
                drop(wasm_bindgen_futures::JsFuture::from(erased).await);
            }
        }
        failures
    }

    pub(super) fn log(&self, fault: &Fault) {
        let kind = self.0.class.trim_end_matches("Object").to_ascii_lowercase();
        let line = failure_of("actor.failed", clock::now(), (&kind, &self.0.name));
        console_error!("{}", line.text("error", &fault.to_string()).end());
    }
}

/// An answer in bytes.
fn answer(returned: &[u8]) -> Result<web_sys::Response, JsValue> {
    web_sys::Response::new_with_opt_js_u8_array(Some(&Uint8Array::from(returned)))
}

fn refused(error: &JsValue) -> Fault {
    Fault::Store(crate::store::StoreFault::Engine(message_of(error)))
}
