//! How much was there within the last while?
//!
//! Every charge is remembered until the window has passed over it, so the
//! answer is exact in every window, at the price of the memory.

use super::{
    gauge::{Charge, Measure, Refusal},
    quota::WINDOW_MS_MAX,
};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The most a log may allow: it is rewritten at every charge.
pub const LOG_MAX: u32 = 1_000;

/// So much within any window of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlidingLog {
    pub(super) limit: u32,
    pub(super) window_ms: i64,
}

impl SlidingLog {
    /// `limit` within any `window_ms`; `None` when either is not positive, or
    /// too large ([`LOG_MAX`], [`WINDOW_MS_MAX`]).
    #[must_use]
    pub const fn new(limit: u32, window_ms: i64) -> Option<Self> {
        if limit == 0 || limit > LOG_MAX || window_ms < 1 || window_ms > WINDOW_MS_MAX {
            None
        } else {
            Some(Self { limit, window_ms })
        }
    }
}

/// What was charged when, oldest first, one entry a millisecond.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Log {
    pub(super) limit: SlidingLog,
    entries: Vec<(Timestamp, u32)>,
}

impl Log {
    pub(super) fn new(limit: SlidingLog, spent: u32, now: Timestamp) -> Self {
        let entries = if spent == 0 {
            Vec::new()
        } else {
            vec![(now, spent)]
        };
        Self { limit, entries }
    }

    fn sum(&self) -> u32 {
        let costs = self.entries.iter().map(|(_, cost)| *cost);
        costs.fold(0, u32::saturating_add)
    }
}

impl Measure for Log {
    fn roll(&mut self, now: Timestamp) {
        let gone = now.plus(-self.limit.window_ms);
        self.entries.retain(|(at, cost)| *at > gone && *cost > 0);
    }

    fn refuses(&self, cost: u32, _: Timestamp) -> Option<Refusal> {
        let SlidingLog { limit, window_ms } = self.limit;
        if cost > limit {
            return Some(Refusal::Never);
        }
        let mut over = self.sum().saturating_add(cost).saturating_sub(limit);
        if over == 0 {
            return None;
        }
        let freed = |(at, cost): &(Timestamp, u32)| {
            over = over.saturating_sub(*cost);
            (over == 0).then(|| at.plus(window_ms))
        };
        let free_at = self.entries.iter().find_map(freed);
        Some(free_at.map_or(Refusal::Never, Refusal::Until))
    }

    fn charge(&mut self, charge: &Charge) {
        match self.entries.last_mut() {
            Some((at, cost)) if *at == charge.at => *cost = cost.saturating_add(charge.cost),
            _ => self.entries.push((charge.at, charge.cost)),
        }
    }

    fn forget(&mut self, _: &Charge) {}

    fn give_back(&mut self, charge: &Charge) {
        let entry = self.entries.iter_mut().find(|(at, _)| *at == charge.at);
        if let Some((_, cost)) = entry {
            *cost = cost.saturating_sub(charge.cost);
        }
    }

    fn remaining(&self, _: Timestamp) -> u32 {
        self.limit.limit.saturating_sub(self.sum())
    }

    fn spent(&self, _: Timestamp) -> u32 {
        self.sum()
    }

    fn full_at(&self) -> Timestamp {
        let last = self.entries.last();
        last.map_or(Timestamp::default(), |(at, _)| {
            at.plus(self.limit.window_ms)
        })
    }
}
