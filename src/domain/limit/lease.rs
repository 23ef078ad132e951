//! What may be spent that was debited before?
//!
//! An isolate that is asked about one subject again and again debits many cells
//! at once and spends them from memory. Whatever it spends was debited no longer
//! than the lease runs before, so what is admitted within any window was debited
//! within that window or so much earlier: of cells, no more than
//! `burst + (window + lease) / period`. What is left when a lease ends is lost
//! to the subject, and an isolate that dies loses no more than that.

use super::{
    policy::Lease,
    rule::{Bound, Limit},
    verdict::{Outcome, Reading, Verdict},
};
use crate::domain::time::{SECOND_MS, Timestamp};

/// Checks within [`HOT_MS`] that make a subject worth a lease: fewer, and most of
/// it would be lost.
pub const HOT_CHECKS: usize = 8;

/// See [`HOT_CHECKS`].
pub const HOT_MS: i64 = SECOND_MS;

/// How long no lease is asked for after one was refused: the subject is near its
/// limit, where every cell counts.
const REFUSED_MS: i64 = SECOND_MS;

/// How long one waits for the answer to a lease before asking for another: longer
/// than any ask takes.
const TAKING_MS: i64 = 30 * SECOND_MS;

/// What becomes of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// It was paid for in advance.
    Spent(Verdict),
    /// The bucket is to be asked for a lease; [`Heat::leased`] hears the answer.
    Lease,
    /// The bucket is to be asked for this check alone.
    Ask,
}

/// What has been debited and not spent.
#[derive(Clone, Debug)]
struct Held {
    left: u32,
    from: Timestamp,
    until: Timestamp,
    /// How the subject stood when it was debited.
    at: Timestamp,
    readings: Vec<Reading>,
}

/// How much one isolate is asked about one subject, and what it may spend.
#[derive(Clone, Debug, Default)]
pub struct Heat {
    /// When it was asked, the latest last.
    asked: [Timestamp; HOT_CHECKS],
    held: Option<Held>,
    /// No lease is asked for before then.
    not_before: Timestamp,
}

impl Heat {
    /// Decides a check of `cost` at `now`, by this isolate's clock.
    pub fn check(&mut self, lease: Lease, cost: u32, now: Timestamp) -> Way {
        self.asked.rotate_left(1);
        if let Some(latest) = self.asked.last_mut() {
            *latest = now;
        }
        if let Some(verdict) = self.spend(cost, now) {
            return Way::Spent(verdict);
        }
        let is_hot = self.asked.iter().all(|at| now.since(*at) < HOT_MS);
        // A clock that was set back must not make one wait for ever.
        let is_held_off = (1..=TAKING_MS).contains(&self.not_before.since(now));
        if !is_hot || is_held_off || cost >= lease.cost {
            return Way::Ask;
        }
        self.not_before = now.plus(TAKING_MS);
        Way::Lease
    }

    fn spend(&mut self, cost: u32, now: Timestamp) -> Option<Verdict> {
        let held = self.held.as_mut()?;
        // A clock that was set back must not make a lease longer.
        if now < held.from || now >= held.until {
            self.held = None;
            return None;
        }
        held.left = held.left.checked_sub(cost)?;
        Some(held.verdict(now))
    }

    /// Hears what became of a lease asked for at `asked_at`, of which `cost` is
    /// spent at once. `None` when it was refused, and the bucket is to be asked
    /// for the check alone.
    pub fn leased(
        &mut self,
        (lease, bound): (Lease, &Bound),
        verdict: &Verdict,
        cost: u32,
        asked_at: Timestamp,
    ) -> Option<Verdict> {
        if !verdict.is_admitted() {
            self.not_before = asked_at.plus(REFUSED_MS);
            return None;
        }
        self.not_before = Timestamp::default();
        // It was debited after it was asked for: counted from there, it runs no
        // longer than it may.
        let life_ms = calendar_ms(bound, verdict.at).min(lease.ms);
        let held = Held {
            left: lease.cost.saturating_sub(cost),
            from: asked_at,
            until: asked_at.plus(life_ms),
            at: verdict.at,
            readings: verdict.readings.clone(),
        };
        let told = held.verdict(asked_at);
        self.held = Some(held);
        Some(told)
    }

    /// Hears that nobody answered.
    pub fn unanswered(&mut self, now: Timestamp) {
        self.not_before = now.plus(REFUSED_MS);
    }
}

impl Held {
    fn verdict(&self, now: Timestamp) -> Verdict {
        let elapsed_ms = now.since(self.from).max(0);
        let readings = self.readings.iter().map(|reading| Reading {
            remaining: reading
                .remaining
                .saturating_add(self.left)
                .min(reading.limit),
            reset_ms: reading.reset_ms.saturating_sub(elapsed_ms).max(0),
            ..reading.clone()
        });
        Verdict {
            at: self.at.plus(elapsed_ms),
            outcome: Outcome::Admit,
            readings: readings.collect(),
        }
    }
}

/// How long what was debited at `at` may be spent before a window of the calendar
/// ends: in the next one it would be too much.
fn calendar_ms(bound: &Bound, at: Timestamp) -> i64 {
    let rules = bound.rules.iter();
    let ends = rules.filter_map(|rule| match rule.limit {
        Limit::Quota(quota) => Some(quota.window.around(at).1.since(at)),
        _ => None,
    });
    ends.min().unwrap_or(i64::MAX)
}
