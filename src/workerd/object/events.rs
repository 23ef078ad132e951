//! How does a Durable Object host an actor?
//!
//! One event is one synchronous stretch: the turn with its transaction, and
//! the alarm it wants. The platform commits the stretch as a whole, and holds
//! back the answer and every delivery until the commit is on disk. Nothing is
//! borrowed while anything is awaited.

use super::{
    clock,
    entropy::HostEntropy,
    errors::message_of,
    store::{ObjectStore, Storage},
    transport::StubTransport,
};
use crate::{
    actors::runtime::{
        After, Awake, Fault, Host, Recipient, deliver,
        envelope::{self, Returned},
        outbox::Parcel,
    },
    domain::time::{MINUTE_MS, Timestamp},
    gateway::settings::SettingsFault,
};
use core::{
    cell::RefCell,
    panic::{AssertUnwindSafe, RefUnwindSafe},
};
use futures::future::join_all;
use js_sys::Uint8Array;
use std::{collections::BTreeMap, panic::catch_unwind, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::{Env, State, console_error, web_sys, worker_sys::DurableObjectState};

/// Wakes the actors of one class.
pub(super) type Wake = fn(&Env, Timestamp) -> Result<Box<dyn Awake>, SettingsFault>;

/// How long an alarm that failed waits. The platform itself retries six times
/// only, and an actor's alarm must never be lost.
const ALARM_AGAIN_MS: i64 = MINUTE_MS;

/// The last instant a JavaScript `Date` knows, in milliseconds.
const DATE_MS_MAX: i64 = 8_640_000_000_000_000;

/// One Durable Object; clones share it.
#[derive(Clone)]
pub(super) struct Object(Rc<Inner>);

struct Inner {
    name: String,
    state: DurableObjectState,
    storage: Storage,
    store: ObjectStore,
    env: Env,
    transport: StubTransport,
    wake: Wake,
    /// Absent until the first event, and again after a panic or an erasure.
    awake: RefCell<Option<Box<dyn Awake>>>,
}

/// What a panic may leave half-done is the actor, and [`Object::event`] takes
/// it out while it works.
impl RefUnwindSafe for Inner {}

impl Object {
    pub(super) fn new(state: State, env: Env, wake: Wake) -> Self {
        console_error_panic_hook::set_once();
        let state = state._inner();
        // An object that was not reached by name has none to show.
        let name = state.id().ok().and_then(|id| id.name()).unwrap_or_default();
        let storage = state.storage().map_or(JsValue::UNDEFINED, JsValue::from);
        let storage: Storage = storage.unchecked_into();
        Self(Rc::new(Inner {
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

    /// Answers a packed envelope, and delivers what it caused.
    pub(super) async fn fetch(&self, request: worker::Request) -> worker::Result<worker::Response> {
        #[cfg(feature = "test-hooks")]
        if let Some(answer) = super::hooks::at_object(self, &request).await {
            return answer;
        }
        let (answer, parcels) = self.receive(&request).await?;
        self.deliver_later(parcels);
        answer
    }

    /// Answers a packed envelope, and leaves the deliveries to the caller.
    pub(super) async fn receive(
        &self,
        request: &worker::Request,
    ) -> worker::Result<(worker::Result<worker::Response>, Vec<Parcel>)> {
        let body = JsFuture::from(request.inner().array_buffer()?).await?;
        let envelope = Uint8Array::new(&body).to_vec();
        let outcome = self.event(|awake, host| Ok(awake.receive(host, &envelope)));
        let (answer, parcels) = outcome.unwrap_or_else(|fault| {
            self.log(&fault);
            let returned = envelope::pack(&Returned::fault(&fault));
            (returned.unwrap_or_default(), Vec::new())
        });
        let body = Uint8Array::from(answer.as_slice());
        let response = web_sys::Response::new_with_opt_js_u8_array(Some(&body));
        let response = response.map(worker::Response::from);
        Ok((response.map_err(worker::Error::from), parcels))
    }

    /// Does what has come due.
    pub(super) fn alarm(&self) -> worker::Result<worker::Response> {
        match self.event(|awake, host| Ok(((), awake.alarm(host)?))) {
            Ok(((), parcels)) => self.deliver_later(parcels),
            Err(fault) => {
                self.log(&fault);
                self.set_alarm(Some(clock::now().plus(ALARM_AGAIN_MS)))
                    .map_err(|fault| worker::Error::RustError(fault.to_string()))?;
            }
        }
        worker::Response::empty()
    }

    /// Runs one event and everything that commits with it.
    fn event<T>(
        &self,
        work: impl FnOnce(&mut dyn Awake, &mut Host<'_>) -> Result<(T, After), Fault>,
    ) -> Result<(T, Vec<Parcel>), Fault> {
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
        if after.erase {
            self.erase()?;
        } else {
            *slot = Some(awake);
            if let Some(alarm) = after.alarm {
                self.set_alarm(alarm)?;
            }
        }
        Ok((value, after.parcels))
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

    /// Delivers after the commit, without keeping anybody waiting.
    fn deliver_later(&self, parcels: Vec<Parcel>) {
        if parcels.is_empty() {
            return;
        }
        let object = self.clone();
        let delivered = future_to_promise(AssertUnwindSafe(async move {
            object.deliver_all(parcels).await;
            Ok(JsValue::UNDEFINED)
        }));
        if let Err(error) = self.0.state.wait_until(&delivered) {
            // The alarm delivers what this does not.
            console_error!("{}: {}", self.0.name, message_of(&error));
        }
    }

    async fn deliver_all(&self, mut parcels: Vec<Parcel>) {
        while !parcels.is_empty() {
            // In order to each recipient; one that does not answer delays
            // nobody else.
            let mut rounds: BTreeMap<Recipient, Vec<Parcel>> = BTreeMap::new();
            for parcel in parcels {
                rounds.entry(parcel.to.clone()).or_default().push(parcel);
            }
            let rounds = rounds.into_values().map(|round| self.deliver_round(round));
            parcels = join_all(rounds).await.concat();
        }
    }

    async fn deliver_round(&self, round: Vec<Parcel>) -> Vec<Parcel> {
        let mut caused = Vec::new();
        let mut silence: Option<String> = None;
        for parcel in round {
            // Who did not answer the last one is not asked again now: waiting
            // for each in turn would take longer than until the next alarm.
            let failure = match &silence {
                Some(why) => Some(why.clone()),
                None => match deliver(&self.0.transport, &parcel).await {
                    Ok(()) => None,
                    Err(fault) => {
                        let why = fault.to_string();
                        silence = is_silence(&fault).then(|| why.clone());
                        Some(why)
                    }
                },
            };
            let settled = self
                .event(|awake, host| Ok(((), awake.settle(host, &parcel.id, failure.as_deref())?)));
            match settled {
                Ok(((), more)) => caused.extend(more),
                Err(fault) => self.log(&fault),
            }
        }
        caused
    }

    /// Holds the object's store to the contract; names what it breaks.
    #[cfg(feature = "test-hooks")]
    pub(super) async fn keeps_the_contract(&self) -> Vec<String> {
        let mut failures = Vec::new();
        for (name, case) in crate::store::contract::CASES {
            if let Err(why) = case(&self.0.store) {
                failures.push(format!("{name}: {why}"));
            }
            if let Ok(erased) = self.0.storage.delete_all() {
                drop(JsFuture::from(erased).await);
            }
        }
        failures
    }

    fn log(&self, fault: &Fault) {
        console_error!("{}: {fault}", self.0.name);
    }
}

/// Whether nobody answered, rather than somebody with a fault of their own.
const fn is_silence(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Unreachable(_) | Fault::Overloaded | Fault::Deadline
    )
}

fn refused(error: &JsValue) -> Fault {
    Fault::Store(crate::store::StoreFault::Engine(message_of(error)))
}
