//! How is a policy shown?
//!
//! As it is read: what comes out goes in again, and every member is there.

use super::{
    Clause, Effect, Override, Policy,
    words::{MODES, ON_FAILURE, WINDOWS, word},
};
use crate::domain::{
    calendar::Moment,
    limit::{Limit, Window},
    time::Timestamp,
};
use serde_json::{Map, Value};

impl From<Policy> for Value {
    fn from(policy: Policy) -> Self {
        policy.document().into()
    }
}

impl Policy {
    /// The document that says it.
    #[must_use]
    pub fn document(&self) -> Map<String, Value> {
        let lease = self
            .lease
            .map(|lease| object([("cost", lease.cost.into()), ("ms", lease.ms.into())]));
        let overrides = self.overrides.iter().map(otherwise);
        members([
            ("name", self.name.as_str().into()),
            ("mode", word(MODES, &self.mode).into()),
            ("ahead", self.ahead.into()),
            ("lease", lease.into()),
            ("rules", clauses(&self.clauses)),
            ("overrides", overrides.collect()),
        ])
    }
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let owned = |(name, value): (&str, Value)| (name.to_owned(), value);
    members.into_iter().map(owned).collect()
}

fn object<const N: usize>(all: [(&str, Value); N]) -> Value {
    members(all).into()
}

fn clauses(clauses: &[Clause]) -> Value {
    clauses.iter().map(clause).collect()
}

fn clause(clause: &Clause) -> Value {
    let rule = &clause.rule;
    let mut shown = members([
        ("name", rule.name.as_str().into()),
        ("on_failure", word(ON_FAILURE, &clause.on_failure).into()),
        ("counts_cancelled", rule.counts_cancelled.into()),
    ]);
    let (kind, limits): (&str, Vec<(&str, Value)>) = match rule.limit {
        Limit::Gcra(limit) => {
            let period_ms = limit.period_ms().into();
            let burst = limit.burst().into();
            ("gcra", vec![("period_ms", period_ms), ("burst", burst)])
        }
        Limit::Quota(limit) => {
            let window = window(limit.window);
            (
                "quota",
                vec![("limit", limit.limit.into()), ("window", window)],
            )
        }
        Limit::SlidingLog(limit) => {
            let window_ms = limit.window_ms.into();
            let limit = limit.limit.into();
            (
                "sliding_log",
                vec![("limit", limit), ("window_ms", window_ms)],
            )
        }
        Limit::Concurrency(limit) => {
            let hold_ms = limit.hold_ms.into();
            let limit = limit.limit.into();
            ("concurrency", vec![("limit", limit), ("hold_ms", hold_ms)])
        }
        Limit::Penalty(limit) => {
            let limits = vec![
                ("free", limit.free.into()),
                ("base_ms", limit.base_ms.into()),
                ("wait_ms_max", limit.wait_ms_max.into()),
                ("forget_ms", limit.forget_ms.into()),
            ];
            ("penalty", limits)
        }
    };
    shown.insert("type".to_owned(), kind.into());
    for (name, value) in limits {
        shown.insert(name.to_owned(), value);
    }
    shown.into()
}

fn window(window: Window) -> Value {
    match (word(WINDOWS, &window), window) {
        (Some(word), _) => word.into(),
        (None, Window::Month { day }) => object([("month_from_day", day.into())]),
        (None, Window::Fixed { length_ms, anchor }) => {
            object([("length_ms", length_ms.into()), ("anchor", instant(anchor))])
        }
    }
}

fn otherwise(one: &Override) -> Value {
    let (effect, rules) = match &one.effect {
        Effect::Limit(rules) => ("limit", clauses(rules)),
        Effect::Exempt => ("exempt", Value::Null),
        Effect::Block => ("block", Value::Null),
    };
    object([
        ("subject", one.subject.as_str().into()),
        ("effect", effect.into()),
        ("rules", rules),
        ("expires_at", one.expires_at.map(instant).into()),
    ])
}

/// Documents are read from texts, so that each instant has one.
fn instant(at: Timestamp) -> Value {
    Moment::of(at).rfc3339().into()
}
