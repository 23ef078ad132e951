//! May somebody go on?

use super::{
    Ask, Config, LimitError, Mistake,
    call::{Caller, unusable},
    memory::Memory,
    verdict::{Outcome, Verdict},
};
use aero2_tenant::{
    ConfigRefusal, Fault,
    json::{self, Object},
    network, now,
};
use core::fmt::Write;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// Questions in a batch.
const BATCH_MAX: usize = 50;

/// Asks a tenant's rate limits. Cloning it shares connections, token and memory.
#[derive(Clone)]
pub struct Limiter {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) caller: Caller,
    memory: Mutex<Memory>,
}

impl core::fmt::Debug for Limiter {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut shown = f.debug_struct("Limiter");
        let config = &self.shared.caller.config;
        shown.field("config", config).finish_non_exhaustive()
    }
}

impl Limiter {
    /// Asks nothing yet: see [`Limiter::prepare`].
    ///
    /// # Errors
    /// When `config` cannot work.
    pub fn new(config: Config) -> Result<Self, ConfigRefusal> {
        let shared = Shared {
            caller: Caller::new(config)?,
            memory: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Gets a token, so that the first question needs not wait for one. For
    /// your readiness probe; ten seconds at most.
    ///
    /// # Errors
    /// When there is none.
    pub async fn prepare(&self) -> Result<(), Fault> {
        self.shared.caller.prepare().await
    }

    /// Charges under every rule, or under none of them.
    ///
    /// A refusal is remembered until its time, five seconds at most, and who
    /// asks for as much meanwhile is refused without a word to the service.
    ///
    /// # Errors
    /// When there is no verdict; a service that cannot be asked is none when
    /// [`Config::allow_unchecked`] was called.
    pub async fn check(&self, ask: &Ask) -> Result<Verdict, LimitError> {
        let request_id = self.request_id(ask)?;
        let body = ask.body(request_id.as_deref())?;
        if let Some(refusal) = self.shared.recall(ask) {
            return Ok(refusal);
        }
        let is_repeatable = request_id.is_some();
        let told = self.told("check", body, is_repeatable).await;
        self.shared.noted(ask, told)
    }

    /// Says what [`Limiter::check`] would, and charges nothing.
    ///
    /// # Errors
    /// As for [`Limiter::check`].
    pub async fn peek(&self, ask: &Ask) -> Result<Verdict, LimitError> {
        let body = ask.body(None)?;
        let told = self.told("peek", body, true).await;
        self.shared.caller.config.judged(told)
    }

    /// Up to 50 checks in one round trip, each decided by itself: all or none is for the rules of
    /// one policy.
    ///
    /// A bucket that the service could not reach is an [`Outcome::Unavailable`]
    /// among the verdicts.
    ///
    /// # Errors
    /// As for [`Limiter::check`]; a wrong question fails all of them.
    pub async fn batch(&self, asks: &[Ask]) -> Result<Vec<Verdict>, LimitError> {
        let mut checks = Vec::new();
        let mut is_repeatable = true;
        for ask in asks {
            let request_id = self.request_id(ask)?;
            is_repeatable &= request_id.is_some();
            checks.push(Value::Object(ask.body(request_id.as_deref())?));
        }
        if !(1..=BATCH_MAX).contains(&checks.len()) {
            return Err(Mistake::Batch.into());
        }
        let mut body = Object::new();
        body.insert("checks".to_owned(), Value::Array(checks));
        let caller = &self.shared.caller;
        let answered = caller.call("batch", body, is_repeatable).await;
        let told = answered.and_then(|members| {
            let verdicts = members.get("verdicts").and_then(Value::as_array);
            let read = |value: &Value| Verdict::parse(value.as_object()?);
            let verdicts = verdicts.and_then(|list| list.iter().map(read).collect());
            let verdicts = verdicts.filter(|list: &Vec<Verdict>| list.len() == asks.len());
            verdicts.ok_or_else(unusable)
        });
        match told {
            Ok(verdicts) => verdicts
                .into_iter()
                .map(|verdict| caller.config.judged_in_batch(verdict))
                .collect(),
            Err(error) => {
                let unchecked = caller.config.judged(Err(error))?;
                Ok(vec![unchecked; asks.len()])
            }
        }
    }

    /// The id under which a check may be repeated, if it may.
    fn request_id(&self, ask: &Ask) -> Result<Option<String>, LimitError> {
        match &ask.request_id {
            Some(id) => Ok(Some(id.clone())),
            None if self.shared.caller.config.is_retried => fresh_id().map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn told(
        &self,
        verb: &'static str,
        body: Object,
        is_repeatable: bool,
    ) -> Result<Verdict, LimitError> {
        let members = self.shared.caller.call(verb, body, is_repeatable).await?;
        Verdict::parse(&members).ok_or_else(unusable)
    }
}

impl Shared {
    /// What was refused lately and would be again. Who names their request is
    /// always asked about: it may have been charged before.
    pub(crate) fn recall(&self, ask: &Ask) -> Option<Verdict> {
        if ask.request_id.is_some() {
            return None;
        }
        self.memory(|memory| memory.recall(&ask.key(), ask.cost, now()))
    }

    /// Remembers a verdict, and judges what came instead of one.
    pub(crate) fn noted(
        &self,
        ask: &Ask,
        told: Result<Verdict, LimitError>,
    ) -> Result<Verdict, LimitError> {
        if let Ok(verdict) = &told {
            self.memory(|memory| memory.note(ask.key(), ask.cost, verdict, now()));
        }
        self.caller.config.judged(told)
    }

    pub(crate) fn forget(&self, ask: &Ask) {
        self.memory(|memory| memory.forget(&ask.key()));
    }

    fn memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        // It is whole between any two calls, so a panic elsewhere spoils nothing.
        work(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Config {
    /// What becomes of a question without an answer: who is allowed without
    /// one is told of, in any case.
    fn judged(&self, told: Result<Verdict, LimitError>) -> Result<Verdict, LimitError> {
        let told = match told {
            Ok(verdict) if is_unreached(&verdict) => Err(unreached(&verdict)),
            told => told,
        };
        match told {
            Err(error @ LimitError::Unavailable { .. }) if self.passes_unchecked => {
                (self.tell)(&error);
                Ok(Verdict::unchecked())
            }
            told => told,
        }
    }

    /// The same for one of many: it must not hide the others' verdicts.
    fn judged_in_batch(&self, verdict: Verdict) -> Result<Verdict, LimitError> {
        match self.judged(Ok(verdict.clone())) {
            Err(LimitError::Unavailable { .. }) => Ok(verdict),
            judged => judged,
        }
    }
}

/// Whether the service said so itself that there is no verdict.
fn is_unreached(verdict: &Verdict) -> bool {
    !verdict.allowed && verdict.outcome == Outcome::Unavailable
}

fn unreached(verdict: &Verdict) -> LimitError {
    let seconds = verdict.retry_after_s();
    LimitError::Unavailable {
        fault: Fault::Answer("the rate limit: its bucket does not answer"),
        retry_after_s: seconds.and_then(|seconds| u32::try_from(seconds).ok()),
    }
}

/// A request id that nobody else has: 128 bits by chance.
pub(crate) fn fresh_id() -> Result<String, LimitError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(network)?;
    let mut id = String::with_capacity(32);
    for byte in bytes {
        // Writing to a text cannot fail.
        write!(id, "{byte:02x}").ok();
    }
    Ok(id)
}

/// What a settled charge is said to be.
pub(crate) fn settled(members: &Object) -> Option<&str> {
    json::text(members, "settled")
}
