//! When is an epoch of keys published, when does it sign, when is it gone?
//!
//! An epoch is *announced* (published, not yet signing) until every cache of
//! the key set may know it, then *signs* until its successor does, and stays
//! published until the last token it signed has expired. All of its times are
//! fixed when its successor is announced, so a late alarm harms nothing.

use super::derive::EpochNumber;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long the parts of a rotation take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationPolicy {
    /// How long an epoch signs before its successor is announced.
    pub sign_ms: i64,
    /// How long a key set may be cached (`max-age`), with its margin.
    pub jwks_max_age_ms: i64,
    /// How long a gateway may keep signing with a key it has leased.
    pub lease_ms_max: i64,
    /// How long the longest-lived token signed with these keys is accepted.
    pub token_life_ms_max: i64,
}

/// One epoch's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epoch {
    /// Which epoch.
    pub number: EpochNumber,
    /// When it began to be published.
    pub announced_at: Timestamp,
    /// When it begins to sign.
    pub signs_from: Timestamp,
    /// When it stops being published; unknown until it has a successor.
    pub retires_at: Option<Timestamp>,
}

impl Epoch {
    const fn is_published(&self, now: Timestamp) -> bool {
        match self.retires_at {
            Some(at) => now.as_millis() < at.as_millis(),
            None => true,
        }
    }
}

/// The epochs that are not gone, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    epochs: Vec<Epoch>,
}

/// What a step of the schedule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to write.
    pub schedule: Schedule,
    /// The epoch to make a root seed for, in the same transaction.
    pub announced: Option<EpochNumber>,
    /// The epochs whose seeds and keys to erase and archive.
    pub retired: Vec<EpochNumber>,
    /// When to step again; not before then, whatever happens.
    pub wake_at: Timestamp,
}

impl Schedule {
    /// Reads a stored schedule; the order of the rows does not matter.
    #[must_use]
    pub fn from_stored(mut epochs: Vec<Epoch>) -> Self {
        epochs.sort_by_key(|epoch| epoch.number);
        Self { epochs }
    }

    /// The epochs that are not gone, oldest first.
    #[must_use]
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The epochs whose public keys are published.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &Epoch> {
        self.epochs
            .iter()
            .filter(move |epoch| epoch.is_published(now))
    }

    /// The epoch that signs; `None` only before the first step.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> Option<&Epoch> {
        let mut newest_first = self.epochs.iter().rev();
        newest_first.find(|epoch| epoch.signs_from <= now && epoch.is_published(now))
    }

    /// Does what is due: begins, announces a successor, retires.
    #[must_use]
    pub fn advance(mut self, policy: &RotationPolicy, now: Timestamp) -> Step {
        let announced = match self.epochs.last() {
            None => Some(self.announce(now, now)),
            Some(newest) if newest.signs_from.plus(policy.sign_ms) <= now => {
                let signs_from = now.plus(policy.jwks_max_age_ms);
                // Until its lease ends a gateway that has not heard of the
                // successor still signs with the old key.
                let last_signed = signs_from.plus(policy.lease_ms_max);
                self.supersede(last_signed.plus(policy.token_life_ms_max));
                Some(self.announce(now, signs_from))
            }
            Some(_) => None,
        };
        self.finish(announced, policy, now)
    }

    /// Replaces every key at once, because one may be known to somebody else.
    ///
    /// Nothing signed before is accepted any longer, and verifiers that cache
    /// the key set refuse new tokens until they look again.
    #[must_use]
    pub fn replace_now(mut self, policy: &RotationPolicy, now: Timestamp) -> Step {
        for epoch in &mut self.epochs {
            epoch.retires_at = Some(now);
        }
        let announced = self.announce(now, now);
        self.finish(Some(announced), policy, now)
    }

    fn announce(&mut self, now: Timestamp, signs_from: Timestamp) -> EpochNumber {
        let last = self.epochs.last().map_or(0, |epoch| epoch.number.0);
        let number = EpochNumber(last.saturating_add(1));
        self.epochs.push(Epoch {
            number,
            announced_at: now,
            signs_from,
            retires_at: None,
        });
        number
    }

    fn supersede(&mut self, retires_at: Timestamp) {
        for epoch in &mut self.epochs {
            epoch.retires_at.get_or_insert(retires_at);
        }
    }

    fn finish(
        mut self,
        announced: Option<EpochNumber>,
        policy: &RotationPolicy,
        now: Timestamp,
    ) -> Step {
        let gone = |epoch: &Epoch| !epoch.is_published(now);
        let retired = self.epochs.iter().filter(|epoch| gone(epoch));
        let retired = retired.map(|epoch| epoch.number).collect();
        self.epochs.retain(|epoch| !gone(epoch));
        let announces_at = |epoch: &Epoch| epoch.signs_from.plus(policy.sign_ms);
        let due = self
            .epochs
            .iter()
            .map(|epoch| epoch.retires_at.unwrap_or_else(|| announces_at(epoch)));
        Step {
            wake_at: due.min().unwrap_or(now),
            schedule: self,
            announced,
            retired,
        }
    }
}
