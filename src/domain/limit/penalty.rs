//! How long must somebody wait who keeps failing?
//!
//! A charge is a failure until it is given back, so that guesses sent at once
//! do not all pass before the first is counted. The first few are free; then
//! each doubles the wait. Quiet makes one failure after the other forgotten;
//! giving one back (the password was right) makes all.

use super::gauge::{Charge, Measure, Refusal};
use crate::domain::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest wait: longer would be a lock, which is an operator's to turn.
pub const WAIT_MS_MAX: i64 = DAY_MS;

/// The longest one failure is remembered.
pub const FORGET_MS_MAX: i64 = 30 * DAY_MS;

/// More failures than this need not be told apart.
const FAILURES_MAX: u32 = 64;

/// Failures for nothing, at most.
pub(super) const FREE_MAX: u32 = FAILURES_MAX - 1;

/// So many failures for nothing, then waits that double.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Penalty {
    pub(super) free: u32,
    pub(super) base_ms: i64,
    pub(super) wait_ms_max: i64,
    pub(super) forget_ms: i64,
}

impl Penalty {
    /// After `free` failures one waits `base_ms`, after each further twice as
    /// long, up to `wait_ms_max`; one failure is forgotten every `forget_ms`.
    /// `None` unless `1 ≤ base ≤ wait ≤ forget` and all are within bounds.
    #[must_use]
    pub const fn new(free: u32, base_ms: i64, wait_ms_max: i64, forget_ms: i64) -> Option<Self> {
        if free == 0
            || free > FREE_MAX
            || base_ms < 1
            || wait_ms_max < base_ms
            || wait_ms_max > WAIT_MS_MAX
            || forget_ms < wait_ms_max
            || forget_ms > FORGET_MS_MAX
        {
            return None;
        }
        Some(Self {
            free,
            base_ms,
            wait_ms_max,
            forget_ms,
        })
    }

    /// How long one waits after so many failures.
    #[must_use]
    pub fn wait_ms(&self, failures: u32) -> i64 {
        match failures.checked_sub(self.free) {
            None => 0,
            Some(over) => self
                .base_ms
                .saturating_mul(1 << over.min(40))
                .min(self.wait_ms_max),
        }
    }
}

/// How often somebody failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Failures {
    pub(super) limit: Penalty,
    count: u32,
    /// When the latest was.
    at: Timestamp,
}

impl Failures {
    pub(super) fn new(limit: Penalty) -> Self {
        Self {
            limit,
            count: 0,
            at: Timestamp::default(),
        }
    }

    fn remembered(&self, now: Timestamp) -> u32 {
        let forgotten = now.since(self.at).max(0) / self.limit.forget_ms.max(1);
        let forgotten = u32::try_from(forgotten).unwrap_or(u32::MAX);
        self.count.saturating_sub(forgotten)
    }
}

impl Measure for Failures {
    fn roll(&mut self, _: Timestamp) {}

    fn refuses(&self, _: u32, now: Timestamp) -> Option<Refusal> {
        let until = self.at.plus(self.limit.wait_ms(self.count));
        (until > now).then_some(Refusal::Until(until))
    }

    fn charge(&mut self, charge: &Charge) {
        let failures = self.remembered(charge.at).saturating_add(charge.cost);
        self.count = failures.min(FAILURES_MAX);
        self.at = charge.at;
    }

    fn forget(&mut self, _: &Charge) {}

    fn give_back(&mut self, _: &Charge) {
        self.count = 0;
    }

    fn remaining(&self, now: Timestamp) -> u32 {
        self.limit.free.saturating_sub(self.remembered(now))
    }

    fn spent(&self, now: Timestamp) -> u32 {
        self.remembered(now)
    }

    fn full_at(&self) -> Timestamp {
        let forget_ms = self.limit.forget_ms;
        self.at.plus(forget_ms.saturating_mul(self.count.into()))
    }
}
