//! Is it admitted, under every rule at once?
//!
//! A [`Standing`] is all that is known of one subject. Every question first lets
//! time pass, which never runs backwards, then asks all rules, then charges all
//! or none.

use super::{
    charges::Holding,
    gauge::{Charge, Gauge, Refusal},
    gcra::{Cells, Gcra},
    level::{LEVELS_MAX, Level, STATES_MAX, Shown},
    record::{Record, RequestId},
    rule::{Bound, Key, Name, Rule},
    verdict::{Outcome, Verdict},
};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What migration 1 kept: rules known by their numbers alone. Not a [`Name`]
/// that can be parsed, so no rule of today is called so.
const OLDER: Name = Name::fixed("migration 1");

/// All that is known of one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The latest instant at which it was asked.
    pub(super) seen: Timestamp,
    /// Charges that were given a number.
    pub(super) numbered: u32,
    pub(super) levels: Vec<Level>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) records: Vec<Record>,
}

impl Standing {
    /// Charges `cost` under every rule of `policy`, or under none. `true` beside
    /// the verdict means that something was charged and must be written down.
    ///
    /// A request that is still remembered is admitted again and not charged.
    pub fn take(
        &mut self,
        policy: &Bound,
        cost: u32,
        request: Option<(&RequestId, Holding)>,
        now: Timestamp,
    ) -> (Verdict, bool) {
        // Asking for nothing would be a way to ask for ever.
        let cost = cost.max(1);
        let now = self.pass(now);
        if let Some(retry_at) = self.crowded_until(policy) {
            let refused = self.verdict(Outcome::Refuse { retry_at }, &[], &[], now);
            return (refused, false);
        }
        let places = self.places(policy, now);
        let repeats = request.is_some_and(|(request, _)| self.find(request).is_some());
        if repeats {
            let verdict = self.verdict(Outcome::Admit, &places, &[], now);
            return (verdict, false);
        }
        let (outcome, refused) = self.ask(&places, cost, request, now);
        if outcome == Outcome::Admit {
            self.charge(&places, cost, request, now);
        }
        let verdict = self.verdict(outcome, &places, &refused, now);
        (verdict, outcome == Outcome::Admit)
    }

    /// What [`Standing::take`] would say, without charging.
    pub fn peek(&mut self, policy: &Bound, cost: u32, now: Timestamp) -> Verdict {
        let now = self.pass(now);
        if let Some(retry_at) = self.crowded_until(policy) {
            return self.verdict(Outcome::Refuse { retry_at }, &[], &[], now);
        }
        let places = self.places(policy, now);
        let (outcome, refused) = self.ask(&places, cost.max(1), None, now);
        self.verdict(outcome, &places, &refused, now)
    }

    /// From when on it says nothing that a new standing would not.
    #[must_use]
    pub fn full_at(&self) -> Timestamp {
        let levels = self.levels.iter().map(Level::full_at);
        let records = self.records.iter().map(|record| record.until);
        levels.chain(records).max().unwrap_or_default()
    }

    /// Takes over what migration 1 kept of a rule.
    pub fn inherit(&mut self, limit: Gcra, next: Timestamp) {
        self.levels.push(Level {
            key: Key {
                name: OLDER,
                scope: None,
            },
            version: 0,
            counts_cancelled: false,
            gauge: Gauge::Gcra(Cells::at(limit, next)),
        });
    }

    /// The latest instant at which it was asked: it stands so from then on.
    #[must_use]
    pub const fn seen(&self) -> Timestamp {
        self.seen
    }

    /// How it stands, for an operator's eyes.
    pub fn shown(&self, now: Timestamp) -> impl Iterator<Item = Shown<'_>> {
        let now = now.max(self.seen);
        self.levels.iter().map(move |level| level.show(now))
    }

    /// Lets time pass: holds fall, what no longer counts is forgotten.
    pub(super) fn pass(&mut self, now: Timestamp) -> Timestamp {
        let now = now.max(self.seen);
        self.seen = now;
        let (over, open) = self
            .records
            .drain(..)
            .partition(|record| record.until <= now);
        let over: Vec<Record> = over;
        self.records = open;
        for record in &over {
            self.settle(record, record.end());
        }
        for level in &mut self.levels {
            level.gauge.measure_mut().roll(now);
        }
        let is_open = |level: &Level| {
            let mut records = self.records.iter();
            records.any(|record| record.keys.contains(&level.key))
        };
        self.levels
            .retain(|level| level.full_at() > now || is_open(level));
        now
    }

    /// When there may be room for states that are missing; `None` when there is.
    fn crowded_until(&self, policy: &Bound) -> Option<Timestamp> {
        let is_missing = |rule: &&Rule| !self.levels.iter().any(|level| level.key == rule.key());
        let missing = policy.rules.iter().filter(is_missing).count();
        let is_crowded = missing > 0 && self.levels.len() + missing > STATES_MAX;
        let soonest = self.levels.iter().map(Level::full_at).min();
        soonest
            .filter(|_| is_crowded)
            .map(|at| at.max(self.seen.plus(1)))
    }

    /// Where the rules' states are, made where they were missing.
    fn places(&mut self, policy: &Bound, now: Timestamp) -> Vec<usize> {
        let rules = policy.rules.iter();
        rules
            .map(|rule| self.place(rule, policy.version, now))
            .collect()
    }

    fn place(&mut self, rule: &Rule, version: u32, now: Timestamp) -> usize {
        let mut key = rule.key();
        let find = |levels: &[Level], key: &Key| levels.iter().position(|level| level.key == *key);
        let older = |level: &Level| level.key.name == OLDER && level.gauge.limit() == rule.limit;
        let mut found = find(&self.levels, &key);
        if found.is_none()
            && let Some(at) = self.levels.iter().position(older)
            && let Some(level) = self.levels.get_mut(at)
        {
            level.key = key.clone();
            found = Some(at);
        }
        if found.is_none() && rule.scope.is_some() && self.levels.len() >= LEVELS_MAX {
            key = key.crowd();
            found = find(&self.levels, &key);
        }
        if let Some(at) = found {
            let begins_anew = |level: &mut Level| level.conform(rule, version, now);
            if self.levels.get_mut(at).is_some_and(begins_anew) {
                for record in &mut self.records {
                    record.keys.retain(|charged| *charged != key);
                }
            }
            return at;
        }
        self.levels.push(Level::new(key, rule, version, now));
        self.levels.len() - 1
    }

    pub(super) fn at(&self, places: &[usize]) -> impl Iterator<Item = &Level> {
        places.iter().filter_map(|at| self.levels.get(*at))
    }

    /// What all rules say together, and which refuse.
    fn ask(
        &self,
        places: &[usize],
        cost: u32,
        request: Option<(&RequestId, Holding)>,
        now: Timestamp,
    ) -> (Outcome, Vec<bool>) {
        let refusals: Vec<Option<Refusal>> = self
            .at(places)
            .map(|level| level.gauge.measure().refuses(cost, now))
            .collect();
        let refused = refusals.iter().map(Option::is_some).collect();
        let mut retry_at: Option<Timestamp> = None;
        for refusal in refusals.into_iter().flatten() {
            match refusal {
                Refusal::Never => return (Outcome::Never, refused),
                Refusal::Until(until) => retry_at = retry_at.max(Some(until)),
            }
        }
        if request.is_some() {
            retry_at = retry_at.max(self.room_at());
        }
        let outcome = match retry_at {
            Some(retry_at) => Outcome::Refuse { retry_at },
            None => Outcome::Admit,
        };
        (outcome, refused)
    }

    fn charge(
        &mut self,
        places: &[usize],
        cost: u32,
        request: Option<(&RequestId, Holding)>,
        now: Timestamp,
    ) {
        let id = request.map(|(request, holding)| self.record(request, holding, cost, places));
        let charge = Charge { id, cost, at: now };
        for at in places {
            if let Some(level) = self.levels.get_mut(*at) {
                level.gauge.measure_mut().charge(&charge);
            }
        }
    }

    fn verdict(
        &self,
        outcome: Outcome,
        places: &[usize],
        refused: &[bool],
        now: Timestamp,
    ) -> Verdict {
        let refused = refused.iter().copied().chain(core::iter::repeat(false));
        let levels = self.at(places).zip(refused);
        let readings = levels.map(|(level, refuses)| level.read(refuses, now));
        Verdict {
            at: now,
            outcome,
            readings: readings.collect(),
        }
    }
}
