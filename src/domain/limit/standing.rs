//! Is it admitted, under every rule at once?
//!
//! A [`Standing`] is all that is known of one subject. Every question first lets
//! time pass, which never runs backwards, then asks all rules, then charges all
//! or none.

use super::{
    gauge::{Charge, Gauge, Refusal},
    gcra::{Cells, Gcra},
    level::{LEVELS_MAX, Level, Shown},
    record::{End, HOLD_MS_MAX, Phase, RECORDS_MAX, REMEMBERED_MS, Record, RequestId, Settled},
    rule::{Key, Name, Policy, Rule},
    verdict::{Outcome, Verdict},
};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What migration 1 kept: rules known by their numbers alone. Not a [`Name`]
/// that can be parsed, so no rule of today is called so.
const OLDER: Name = Name::fixed("migration 1");

/// For how long a charge is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// It stands, and may be cancelled for a while ([`REMEMBERED_MS`]).
    Stands,
    /// It falls when it is not committed within so many milliseconds.
    Falls {
        /// At most [`HOLD_MS_MAX`].
        after_ms: i64,
    },
}

/// All that is known of one subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The latest instant at which it was asked.
    seen: Timestamp,
    /// Charges that were given a number.
    numbered: u32,
    levels: Vec<Level>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    records: Vec<Record>,
}

impl Standing {
    /// Charges `cost` under every rule of `policy`, or under none. `true` beside
    /// the verdict means that something was charged and must be written down.
    ///
    /// A request that is still remembered is admitted again and not charged.
    pub fn take(
        &mut self,
        policy: &Policy,
        cost: u32,
        request: Option<(&RequestId, Holding)>,
        now: Timestamp,
    ) -> (Verdict, bool) {
        // Asking for nothing would be a way to ask for ever.
        let cost = cost.max(1);
        let now = self.pass(now);
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
    pub fn peek(&mut self, policy: &Policy, cost: u32, now: Timestamp) -> Verdict {
        let now = self.pass(now);
        let places = self.places(policy, now);
        let (outcome, refused) = self.ask(&places, cost.max(1), None, now);
        self.verdict(outcome, &places, &refused, now)
    }

    /// Makes a charge final; what it occupies becomes free.
    pub fn commit(&mut self, request: &RequestId, now: Timestamp) -> Settled {
        let now = self.pass(now);
        let Some(record) = self.find(request).and_then(|at| self.records.get_mut(at)) else {
            return Settled::Unknown;
        };
        if record.phase == Phase::Committed {
            return Settled::Already;
        }
        record.phase = Phase::Committed;
        record.until = now.plus(REMEMBERED_MS);
        let record = record.clone();
        self.settle(&record, End::Committed);
        Settled::Done
    }

    /// Gives a charge back, if there was one and it is not final.
    pub fn cancel(&mut self, request: &RequestId, now: Timestamp) -> Settled {
        self.pass(now);
        let Some(at) = self.find(request) else {
            return Settled::Unknown;
        };
        let is_final = |record: &Record| record.phase == Phase::Committed;
        if self.records.get(at).is_some_and(is_final) {
            return Settled::Stands;
        }
        let record = self.records.remove(at);
        self.settle(&record, End::Cancelled);
        Settled::Done
    }

    /// From when on it says nothing that a new standing would not.
    #[must_use]
    pub fn full_at(&self) -> Timestamp {
        let levels = self.levels.iter().map(Level::full_at);
        let records = self.records.iter().map(|record| record.until);
        levels.chain(records).max().unwrap_or_default()
    }

    /// This standing with up to `ahead` more spent under every rule: what may be
    /// written down, so that as many may be spent without writing.
    #[must_use]
    pub fn ahead_by(&self, ahead: u32) -> Self {
        let mut written = self.clone();
        for level in &mut written.levels {
            let measure = level.gauge.measure_mut();
            let charge = Charge {
                id: None,
                cost: ahead.min(measure.remaining(self.seen)),
                at: self.seen,
            };
            measure.charge(&charge);
        }
        written
    }

    /// Whether a crash that loses what came after `self` was written over-admits
    /// nothing, given that `actual` is how things stand.
    #[must_use]
    pub fn covers(&self, actual: &Self) -> bool {
        self.records.is_empty()
            && actual.records.is_empty()
            && actual.levels.iter().all(|level| {
                let same = |written: &&Level| written.key == level.key;
                let written = self.levels.iter().find(same);
                written.is_some_and(|written| {
                    written.version == level.version && written.gauge.covers(&level.gauge)
                })
            })
    }

    /// Whether this may be written ahead at all.
    #[must_use]
    pub fn runs_ahead(&self) -> bool {
        let mut levels = self.levels.iter();
        self.records.is_empty() && levels.all(|level| level.gauge.limit().runs_ahead())
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

    /// How it stands, for an operator's eyes.
    pub fn shown(&self, now: Timestamp) -> impl Iterator<Item = Shown<'_>> {
        let now = now.max(self.seen);
        self.levels.iter().map(move |level| level.show(now))
    }

    /// How many charges may still be given back or repeated.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.records.len()
    }

    /// Lets time pass: holds fall, what no longer counts is forgotten.
    fn pass(&mut self, now: Timestamp) -> Timestamp {
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

    /// Where the rules' states are, made where they were missing.
    fn places(&mut self, policy: &Policy, now: Timestamp) -> Vec<usize> {
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

    fn at(&self, places: &[usize]) -> impl Iterator<Item = &Level> {
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

    /// When another charge can be remembered; `None` when at once.
    fn room_at(&self) -> Option<Timestamp> {
        let is_held = |record: &Record| record.phase == Phase::Held;
        let is_full = self.records.len() >= RECORDS_MAX && self.records.iter().all(is_held);
        let soonest = self.records.iter().map(|record| record.until).min();
        soonest.filter(|_| is_full)
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

    /// Remembers a charge, and forgets the oldest final one when there is no
    /// room.
    fn record(
        &mut self,
        request: &RequestId,
        holding: Holding,
        cost: u32,
        places: &[usize],
    ) -> u32 {
        if self.records.len() >= RECORDS_MAX {
            let is_final = |record: &Record| record.phase != Phase::Held;
            if let Some(oldest) = self.records.iter().position(is_final) {
                let oldest = self.records.remove(oldest);
                self.settle(&oldest, End::Forgotten);
            }
        }
        self.numbered = self.numbered.wrapping_add(1);
        let (phase, life_ms) = match holding {
            Holding::Stands => (Phase::Charged, REMEMBERED_MS),
            Holding::Falls { after_ms } => (Phase::Held, after_ms.clamp(1, HOLD_MS_MAX)),
        };
        let keys = self.at(places).map(|level| level.key.clone()).collect();
        self.records.push(Record {
            id: self.numbered,
            request: request.clone(),
            phase,
            cost,
            at: self.seen,
            until: self.seen.plus(life_ms),
            keys,
        });
        self.numbered
    }

    fn find(&self, request: &RequestId) -> Option<usize> {
        let mut records = self.records.iter();
        records.position(|record| record.request == *request)
    }

    /// Lets a charge come to its end in every state it was charged to.
    fn settle(&mut self, record: &Record, end: End) {
        let charge = record.charge();
        for level in &mut self.levels {
            if !record.keys.contains(&level.key) {
                continue;
            }
            let measure = level.gauge.measure_mut();
            match end {
                End::Forgotten => measure.forget(&charge),
                End::Committed => measure.commit(&charge),
                End::Cancelled if level.counts_cancelled => measure.commit(&charge),
                End::Cancelled => measure.give_back(&charge),
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
