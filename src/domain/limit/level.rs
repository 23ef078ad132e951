//! How does a subject stand under one rule?

use super::{
    gauge::{Gauge, Refusal},
    rule::{Key, Limit, RULES_MAX, Rule},
    verdict::Reading,
};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// States kept for one subject. Beyond it those of a rule's new scopes share
/// one, so that nobody fills a bucket by making scopes up.
pub const LEVELS_MAX: usize = 64;

/// States kept altogether: those, one shared by each rule's further scopes, and
/// one of each rule without scopes. Who changes rules so fast that more would be
/// alive waits until one is full.
pub(super) const STATES_MAX: usize = LEVELS_MAX + 2 * RULES_MAX;

/// One state, and by which rule it is measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Level {
    pub(super) key: Key,
    /// The version of the policy its limit is from.
    pub(super) version: u32,
    #[serde(default)]
    pub(super) counts_cancelled: bool,
    pub(super) gauge: Gauge,
}

/// How a subject stands under one rule, for an operator's eyes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Whom within the subject it concerns.
    pub scope: Option<&'a str>,
    /// What is allowed.
    pub limit: Limit,
    /// What is left.
    pub reading: Reading,
    /// Until when it refuses, if it does.
    pub refuses_until: Option<Timestamp>,
}

impl Level {
    pub(super) fn new(key: Key, rule: &Rule, version: u32, now: Timestamp) -> Self {
        Self {
            key,
            version,
            counts_cancelled: rule.counts_cancelled,
            gauge: Gauge::new(rule.limit, 0, now),
        }
    }

    /// Takes over what a policy says, unless a newer one has been heard of.
    /// `true` when charges so far can no longer be given back.
    pub(super) fn conform(&mut self, rule: &Rule, version: u32, now: Timestamp) -> bool {
        if version < self.version {
            return false;
        }
        self.version = version;
        self.counts_cancelled = rule.counts_cancelled;
        self.gauge.limit() != rule.limit && self.gauge.conform(rule.limit, now)
    }

    pub(super) fn full_at(&self) -> Timestamp {
        self.gauge.measure().full_at()
    }

    pub(super) fn read(&self, refuses: bool, now: Timestamp) -> Reading {
        let (limit, window_ms) = self.gauge.limit().told();
        Reading {
            name: self.key.name.clone(),
            limit,
            window_ms,
            remaining: self.gauge.measure().remaining(now),
            reset_ms: self.full_at().since(now).max(0),
            refuses,
        }
    }

    pub(super) fn show(&self, now: Timestamp) -> Shown<'_> {
        let refuses_until = match self.gauge.measure().refuses(1, now) {
            Some(Refusal::Until(until)) => Some(until),
            Some(Refusal::Never) | None => None,
        };
        Shown {
            scope: self.key.scope.as_deref(),
            limit: self.gauge.limit(),
            reading: self.read(refuses_until.is_some(), now),
            refuses_until,
        }
    }
}
