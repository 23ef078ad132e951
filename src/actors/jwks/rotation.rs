//! How do epochs come, go, and stay sealed under today's master key?

use super::{Jwks, ROTATION, memory::Memory, state};
use crate::{
    actors::{
        archive::{Archive, Keep, Shelf},
        runtime::{Fault, Turn},
    },
    domain::{
        keys::{
            OpenRefusal, RootSeed, SigningKey,
            epoch::{Epoch, Schedule, Step},
        },
        time::Timestamp,
    },
};
use serde::Serialize;

/// The job that does what the schedule says is due.
pub(super) const ROTATE: &str = "rotate";

/// The job that seals anew what is sealed under the previous master key.
pub(super) const RESEAL: &str = "reseal";

/// RSA keys sealed anew in one turn: some milliseconds of work.
const RESEALED_PER_TURN: u32 = 256;

/// An epoch that is gone, as the archive keeps it: when it signed, and no key.
#[derive(Serialize)]
struct Retired {
    id: String,
    at: Timestamp,
    announced_at: Timestamp,
    signs_from: Timestamp,
    retires_at: Option<Timestamp>,
}

impl Retired {
    fn of(epoch: &Epoch, now: Timestamp) -> Self {
        Self {
            id: epoch.number.0.to_string(),
            at: now,
            announced_at: epoch.announced_at,
            signs_from: epoch.signs_from,
            retires_at: epoch.retires_at,
        }
    }
}

impl Jwks {
    /// The schedule, begun when there is none.
    pub(super) fn schedule(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
    ) -> Result<Schedule, Fault> {
        let schedule = state::schedule(turn.store)?;
        if schedule.epochs().is_empty() {
            return self.apply(turn, memory, schedule.advance(&ROTATION, turn.now));
        }
        Ok(schedule)
    }

    /// Writes a step of the schedule, and plans the next one.
    pub(super) fn apply(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
        step: Step,
    ) -> Result<Schedule, Fault> {
        for epoch in step.schedule.epochs() {
            if step.announced == Some(epoch.number) {
                let seed = RootSeed::generate(turn.entropy);
                let sealed = seed.seal(&self.master_keys, epoch.number, turn.entropy);
                state::add_epoch(turn.store, epoch, &sealed)?;
            } else {
                state::plan_retirement(turn.store, epoch)?;
            }
        }
        let known = state::schedule(turn.store)?;
        for epoch in known.epochs() {
            if step.retired.contains(&epoch.number) {
                let keep = Keep::one(Shelf::Keys, &Retired::of(epoch, turn.now))?;
                turn.effects.tell(&Archive::address(), keep)?;
            }
        }
        for gone in step.retired {
            state::drop_epoch(turn.store, gone)?;
            memory.forget_epoch(gone);
        }
        turn.effects.schedule(ROTATE, step.wake_at);
        Ok(step.schedule)
    }

    /// Seals anew, under the current master key, every seed and a batch of RSA
    /// keys; plans itself again until all are done.
    pub(super) fn reseal(&self, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let keys = &self.master_keys;
        let limit = RESEALED_PER_TURN;
        let batch = state::rsa_under_another_key(turn.store, &keys.fingerprint(), limit)?;
        if batch.len() >= limit as usize {
            turn.effects.schedule(RESEAL, turn.now);
        }
        for mut key in batch {
            let opened = SigningKey::open(keys, key.tenant, &key.sealed).map_err(foreign)?;
            let sealed = opened.seal(keys, key.tenant, turn.entropy);
            key.sealed = sealed.map_err(|_| Fault::Corrupt("an RSA key does not seal"))?;
            state::reseal_rsa(turn.store, &key)?;
        }
        for epoch in state::schedule(turn.store)?.epochs() {
            let seed = state::seed(turn.store, epoch.number)?;
            if let Some(seed) = seed.filter(|seed| keys.needs_resealing(seed)) {
                let opened = RootSeed::open(keys, epoch.number, &seed).map_err(foreign)?;
                let seed = opened.seal(keys, epoch.number, turn.entropy);
                state::reseal_seed(turn.store, epoch.number, &seed)?;
            }
        }
        Ok(())
    }
}

/// What a sealed row that stays closed means.
pub(super) const fn foreign(_: OpenRefusal) -> Fault {
    Fault::Corrupt("a stored key does not open: is MASTER_KEY the one it was sealed under?")
}
