//! What does a bucket know without reading, and what must it write?
//!
//! The durable high-water mark: where a policy says so, the row runs ahead of
//! what was spent, and what is spent up to it is not written. A crash then
//! loses the subject as much as the row was ahead, and never admits more.

use super::state;
use crate::{
    actors::runtime::{Fault, Turn},
    domain::{
        limit::{Bound, Standing, Verdict},
        time::{MINUTE_MS, Timestamp},
    },
    store::Store,
};

/// How long a full bucket waits for its subject to come back before it goes:
/// founding an actor costs more than keeping one for a minute, and a clock that
/// steps back less than that finds it as it was.
pub const LINGER_MS: i64 = MINUTE_MS;

/// The job that erases a bucket that says nothing a missing one would not.
const IDLE: &str = "idle";

/// How the subject stands, while the actor is awake.
#[derive(Debug)]
pub(super) struct Known {
    /// How it truly stands.
    pub(super) actual: Standing,
    /// What the row says, where it runs ahead.
    written: Option<Standing>,
    has_row: bool,
    has_older: bool,
}

/// See [`Known`]; rebuilt from rows.
#[derive(Debug, Default)]
pub struct Memory(Option<Known>);

impl Memory {
    /// How the subject stands, read when it is not known.
    pub(super) fn open(&mut self, store: &dyn Store) -> Result<&mut Known, Fault> {
        let known = match self.0.take() {
            Some(known) => known,
            None => Known::read(store)?,
        };
        Ok(self.0.insert(known))
    }

    /// The verdict that needs nothing written: a refusal, or a charge up to which
    /// the row has run ahead.
    pub(super) fn recall(&mut self, policy: &Bound, cost: u32, now: Timestamp) -> Option<Verdict> {
        let known = self.0.as_mut()?;
        if policy.ahead == 0 || policy.check().is_err() {
            return None;
        }
        let mut actual = known.actual.clone();
        let (verdict, is_charged) = actual.take(policy, cost, None, now);
        if is_charged && !known.is_covered(&actual) {
            return None;
        }
        known.actual = actual;
        Some(verdict)
    }

    /// Ends the bucket. Its rows go at once: should it be charged again before
    /// the platform has erased it, it is a new one.
    pub(super) fn end(&mut self, turn: &mut Turn<'_>) -> Result<(), Fault> {
        self.0 = None;
        state::forget(turn.store)?;
        turn.effects.end();
        Ok(())
    }

    /// Plans when to look again, or ends the bucket.
    pub(super) fn tidy(&mut self, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let idle_at = self.open(turn.store)?.idle_at();
        if idle_at <= turn.now {
            return self.end(turn);
        }
        turn.effects.schedule(IDLE, idle_at);
        Ok(())
    }
}

impl Known {
    fn read(store: &dyn Store) -> Result<Self, Fault> {
        let stored = state::read(store)?;
        Ok(Self {
            actual: stored.standing,
            written: None,
            has_row: stored.is_written,
            has_older: stored.is_older,
        })
    }

    /// Whether what is written says at least as much as this.
    fn is_covered(&self, actual: &Standing) -> bool {
        let covers = |written: &Standing| actual.runs_ahead() && written.covers(actual);
        self.written.as_ref().is_some_and(covers)
    }

    /// Writes how the subject stands, up to `ahead` more spent, unless what is
    /// written covers it.
    pub(super) fn write(&mut self, turn: &mut Turn<'_>, ahead: u32) -> Result<(), Fault> {
        if ahead > 0 && self.actual.runs_ahead() {
            if self.is_covered(&self.actual) {
                return Ok(());
            }
            let written = self.actual.ahead_by(ahead);
            state::put(turn.store, &written)?;
            self.written = Some(written);
        } else {
            state::put(turn.store, &self.actual)?;
            self.written = None;
        }
        if self.has_older {
            state::forget_older(turn.store)?;
            self.has_older = false;
        }
        // Where there are rows the job is planned; it plans itself anew.
        if !self.has_row {
            turn.effects.schedule(IDLE, self.idle_at());
            turn.effects.stay();
            self.has_row = true;
        }
        Ok(())
    }

    fn idle_at(&self) -> Timestamp {
        let written = self.written.as_ref().map(Standing::full_at);
        let full_at = written.max(Some(self.actual.full_at()));
        full_at.unwrap_or_default().plus(LINGER_MS)
    }
}
