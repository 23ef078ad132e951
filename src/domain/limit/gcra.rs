//! When may the next cell pass?
//!
//! The generic cell rate algorithm (ITU-T I.371, Annex A): one number, the
//! theoretical arrival time of the next cell, decides everything.
//!
//! A charge of `c` cells at `t` moves that number from `x` to
//! `max(x, t) + c·T`. Charges that may still be given back are kept as such
//! steps behind the number; those in between, which may not, compose into one
//! step, `max(x + a, b)`. So giving back leaves exactly what would be, had the
//! charge never been, whatever came after it.

use super::gauge::{Charge, Measure, Refusal};
use crate::domain::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// The longest a bucket may take to fill: ten years, far from where
/// milliseconds stop being exact.
pub const FILL_MS_MAX: i64 = 3_653 * DAY_MS;

/// A rate: one cell per period, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gcra {
    period_ms: i64,
    burst: u32,
}

impl Gcra {
    /// `burst` cells at once, refilled by one every `period_ms`; `None` when
    /// either is not positive, or it takes longer than [`FILL_MS_MAX`] to fill.
    #[must_use]
    pub const fn new(period_ms: i64, burst: u32) -> Option<Self> {
        if period_ms < 1 || burst == 0 || period_ms > FILL_MS_MAX / burst as i64 {
            None
        } else {
            Some(Self { period_ms, burst })
        }
    }

    /// The milliseconds in which one cell is refilled.
    #[must_use]
    pub const fn period_ms(&self) -> i64 {
        self.period_ms
    }

    /// The cells of a full bucket.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// How long `cells` take to come back.
    #[must_use]
    pub const fn refill_ms(&self, cells: u32) -> i64 {
        let ms = self.period_ms.saturating_mul(cells as i64);
        if ms > FILL_MS_MAX { FILL_MS_MAX } else { ms }
    }
}

/// One step of the theoretical arrival time: from `x` to `max(x + add, floor)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Step {
    /// The charge it is, while that may be given back.
    charge: Option<u32>,
    add_ms: i64,
    floor: Timestamp,
}

impl Step {
    fn from(self, next: Timestamp) -> Timestamp {
        next.plus(self.add_ms).max(self.floor)
    }

    /// The one step that does what both do.
    fn and(self, then: Self) -> Self {
        Self {
            charge: None,
            add_ms: self.add_ms.saturating_add(then.add_ms),
            floor: then.from(self.floor),
        }
    }
}

/// How far a subject is ahead of its rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cells {
    pub(super) limit: Gcra,
    /// The theoretical arrival time of the next cell, before `steps`.
    base: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    steps: Vec<Step>,
}

impl Cells {
    pub(super) fn new(limit: Gcra, spent: u32, now: Timestamp) -> Self {
        Self::at(limit, now.plus(limit.refill_ms(spent)))
    }

    /// A subject whose next cell is due at `base`.
    pub(super) const fn at(limit: Gcra, base: Timestamp) -> Self {
        Self {
            limit,
            base,
            steps: Vec::new(),
        }
    }

    fn next(&self) -> Timestamp {
        let step = |next, step: &Step| step.from(next);
        self.steps.iter().fold(self.base, step)
    }

    pub(super) fn covers(&self, actual: &Self) -> bool {
        self.limit == actual.limit && self.next() >= actual.next()
    }

    /// Takes steps that are final into the base, and pairs of them together.
    fn compact(&mut self) {
        let mut kept: Vec<Step> = Vec::new();
        for step in self.steps.drain(..) {
            if step.charge.is_some() {
                kept.push(step);
                continue;
            }
            match kept.last_mut() {
                None => self.base = step.from(self.base),
                Some(last) if last.charge.is_none() => *last = last.and(step),
                Some(_) => kept.push(step),
            }
        }
        self.steps = kept;
    }
}

impl Measure for Cells {
    fn roll(&mut self, _: Timestamp) {}

    fn refuses(&self, cost: u32, now: Timestamp) -> Option<Refusal> {
        if cost > self.limit.burst {
            return Some(Refusal::Never);
        }
        let free_ms = self.limit.refill_ms(self.limit.burst - cost);
        let earliest = self.next().plus(-free_ms);
        (earliest > now).then_some(Refusal::Until(earliest))
    }

    fn charge(&mut self, charge: &Charge) {
        let add_ms = self.limit.refill_ms(charge.cost);
        self.steps.push(Step {
            charge: charge.id,
            add_ms,
            floor: charge.at.plus(add_ms),
        });
        self.compact();
    }

    fn forget(&mut self, charge: &Charge) {
        for step in &mut self.steps {
            if step.charge == charge.id {
                step.charge = None;
            }
        }
        self.compact();
    }

    fn give_back(&mut self, charge: &Charge) {
        if charge.id.is_some() {
            self.steps.retain(|step| step.charge != charge.id);
        }
        self.compact();
    }

    fn remaining(&self, now: Timestamp) -> u32 {
        self.limit.burst.saturating_sub(self.spent(now))
    }

    fn spent(&self, now: Timestamp) -> u32 {
        let ahead_ms = self.next().since(now).max(0);
        let period_ms = self.limit.period_ms;
        let cells = ahead_ms.saturating_add(period_ms - 1) / period_ms;
        u32::try_from(cells).unwrap_or(u32::MAX)
    }

    fn full_at(&self) -> Timestamp {
        self.next()
    }
}
