//! How does what an event wants told reach others?

use super::Object;
use crate::{
    actors::runtime::{Fault, Recipient, deliver, outbox::Parcel},
    domain::time::SECOND_MS,
    workerd::{errors::message_of, log},
};
use core::{panic::AssertUnwindSafe, pin::pin, time::Duration};
use futures::future::{join_all, select};
use js_sys::Promise;
use std::collections::BTreeMap;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use worker::Delay;

/// How long an answer waits for what is delivered first. Who was told by then
/// knows; the outbox goes on with the others, and the caller has not given up.
const FIRST_MS_MAX: i64 = 3 * SECOND_MS;

impl Object {
    /// Delivers after the commit: what comes first, and then the rest. Waits
    /// for the former, unless that takes too long.
    pub(super) async fn deliver(&self, first: Vec<Parcel>, rest: Vec<Parcel>) {
        if first.is_empty() {
            self.deliver_later(rest);
            return;
        }
        let object = self.clone();
        let delivered = self.in_background(async move { object.deliver_all(first).await });
        let (object, before) = (self.clone(), delivered.clone());
        if !rest.is_empty() {
            drop(self.in_background(async move {
                drop(JsFuture::from(before).await);
                object.deliver_all(rest).await;
            }));
        }
        let wait = Duration::from_millis(FIRST_MS_MAX.unsigned_abs());
        let delivered = pin!(JsFuture::from(delivered));
        select(delivered, pin!(Delay::from(wait))).await;
    }

    /// Delivers after the commit, without keeping anybody waiting.
    pub(super) fn deliver_later(&self, parcels: Vec<Parcel>) {
        if !parcels.is_empty() {
            let object = self.clone();
            drop(self.in_background(async move { object.deliver_all(parcels).await }));
        }
    }

    fn in_background(&self, work: impl Future<Output = ()> + 'static) -> Promise {
        let work = future_to_promise(AssertUnwindSafe(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        }));
        if let Err(error) = self.0.state.wait_until(&work) {
            // The alarm delivers what this does not.
            log::failed("delivery.refused", None, &message_of(&error));
        }
        work
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
                Ok(done) => {
                    caused.extend(done.first);
                    caused.extend(done.rest);
                }
                Err(fault) => self.log(&fault),
            }
        }
        caused
    }
}

/// Whether nobody answered, rather than somebody with a fault of their own.
const fn is_silence(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Unreachable(_) | Fault::Overloaded | Fault::Deadline
    )
}
