//! What does every kind of rule measure?

use super::{
    concurrency::Slots, gcra::Cells, penalty::Failures, quota::Used, rule::Limit, sliding_log::Log,
};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a gauge refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Too soon; the first instant at which the same would be admitted, if
    /// nobody else is before then.
    Until(Timestamp),
    /// More is asked than there will ever be.
    Never,
}

/// Something that has been charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Its number, when it may still be given back.
    pub id: Option<u32>,
    /// How much.
    pub cost: u32,
    /// When.
    pub at: Timestamp,
}

/// One rule's measure of one subject.
///
/// Instants never run backwards: whoever asks has seen to it.
pub(super) trait Measure {
    /// Forgets what no longer counts.
    fn roll(&mut self, now: Timestamp);

    /// Why `cost` may not be charged; `None` when it may.
    fn refuses(&self, cost: u32, now: Timestamp) -> Option<Refusal>;

    /// Charges what was not refused.
    fn charge(&mut self, charge: &Charge);

    /// A charge that could be given back no longer can.
    fn forget(&mut self, charge: &Charge);

    /// What was charged for is over: it stays spent, and is occupied no longer.
    fn commit(&mut self, charge: &Charge) {
        self.forget(charge);
    }

    /// Gives a charge back: from here on it never was.
    fn give_back(&mut self, charge: &Charge);

    /// How much may be charged at once.
    fn remaining(&self, now: Timestamp) -> u32;

    /// How much counts as spent: what another rule in its place begins with.
    fn spent(&self, now: Timestamp) -> u32;

    /// From when on it says nothing that a new one would not.
    fn full_at(&self) -> Timestamp;
}

/// A gauge of any kind, with the limit it measures against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Gauge {
    Gcra(Cells),
    Quota(Used),
    SlidingLog(Log),
    Concurrency(Slots),
    Penalty(Failures),
}

impl Gauge {
    /// A gauge of `limit` of which `spent` is gone.
    pub(super) fn new(limit: Limit, spent: u32, now: Timestamp) -> Self {
        match limit {
            Limit::Gcra(limit) => Self::Gcra(Cells::new(limit, spent, now)),
            Limit::Quota(limit) => Self::Quota(Used::new(limit, spent, now)),
            Limit::SlidingLog(limit) => Self::SlidingLog(Log::new(limit, spent, now)),
            Limit::Concurrency(limit) => Self::Concurrency(Slots::new(limit)),
            Limit::Penalty(limit) => Self::Penalty(Failures::new(limit)),
        }
    }

    /// The limit it measures against.
    pub(super) fn limit(&self) -> Limit {
        match self {
            Self::Gcra(cells) => Limit::Gcra(cells.limit),
            Self::Quota(used) => Limit::Quota(used.limit),
            Self::SlidingLog(log) => Limit::SlidingLog(log.limit),
            Self::Concurrency(slots) => Limit::Concurrency(slots.limit),
            Self::Penalty(failures) => Limit::Penalty(failures.limit),
        }
    }

    /// Measures against `limit` from now on. What was spent stays spent: a
    /// change of rules refills nothing. `true` when single charges can no longer
    /// be told apart, and so none of them can be given back.
    pub(super) fn conform(&mut self, limit: Limit, now: Timestamp) -> bool {
        match (&mut *self, limit) {
            (Self::SlidingLog(log), Limit::SlidingLog(limit)) => log.limit = limit,
            (Self::Concurrency(slots), Limit::Concurrency(limit)) => slots.limit = limit,
            (Self::Penalty(failures), Limit::Penalty(limit)) => failures.limit = limit,
            (gauge, limit) => {
                *self = Self::new(limit, gauge.measure().spent(now), now);
                return true;
            }
        }
        false
    }

    /// Whether a crash that loses what came after `self` was written over-admits
    /// nothing, given that `actual` is how things stand. Says no when in doubt.
    pub(super) fn covers(&self, actual: &Self) -> bool {
        match (self, actual) {
            (Self::Gcra(written), Self::Gcra(actual)) => written.covers(actual),
            (Self::Quota(written), Self::Quota(actual)) => written.covers(actual),
            _ => false,
        }
    }

    pub(super) fn measure(&self) -> &dyn Measure {
        match self {
            Self::Gcra(cells) => cells,
            Self::Quota(used) => used,
            Self::SlidingLog(log) => log,
            Self::Concurrency(slots) => slots,
            Self::Penalty(failures) => failures,
        }
    }

    pub(super) fn measure_mut(&mut self) -> &mut dyn Measure {
        match self {
            Self::Gcra(cells) => cells,
            Self::Quota(used) => used,
            Self::SlidingLog(log) => log,
            Self::Concurrency(slots) => slots,
            Self::Penalty(failures) => failures,
        }
    }
}
