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

    /// When the set of published keys, or the key that signs, changes next.
    #[must_use]
    pub fn next_change(&self, policy: &RotationPolicy, now: Timestamp) -> Option<Timestamp> {
        let newest = self.epochs.last();
        let successor = newest.map(|epoch| epoch.signs_from.plus(policy.sign_ms));
        let begins = self.epochs.iter().map(|epoch| epoch.signs_from);
        let ends = self.epochs.iter().filter_map(|epoch| epoch.retires_at);
        let changes = begins.chain(ends).chain(successor);
        changes.filter(|change| *change > now).min()
    }

    /// Does what is due: begins, announces a successor, retires.
    #[must_use]
    pub fn advance(self, policy: &RotationPolicy, now: Timestamp) -> Step {
        self.succeeded_after(policy.sign_ms, policy, now)
    }

    /// Announces a successor before its time, unless one waits already.
    #[must_use]
    pub fn rotate(self, policy: &RotationPolicy, now: Timestamp) -> Step {
        self.succeeded_after(0, policy, now)
    }

    fn succeeded_after(mut self, sign_ms: i64, policy: &RotationPolicy, now: Timestamp) -> Step {
        let announced = match self.epochs.last() {
            None => Some(self.announce(now, now)),
            Some(newest) if newest.signs_from.plus(sign_ms) <= now => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp::from_seconds(43_200);
    const POLICY: RotationPolicy = RotationPolicy {
        sign_ms: 10_000,
        jwks_max_age_ms: 300,
        lease_ms_max: 50,
        token_life_ms_max: 600,
    };

    fn begun() -> Step {
        Schedule::default().advance(&POLICY, NOON)
    }

    #[test]
    fn the_first_epoch_signs_at_once() {
        let step = begun();
        assert_eq!(step.announced, Some(EpochNumber(1)));
        assert_eq!(step.wake_at, NOON.plus(10_000));
        assert_eq!(step.schedule.signing(NOON).unwrap().number, EpochNumber(1));
        let early = step.schedule.advance(&POLICY, NOON.plus(9_999));
        assert_eq!((early.announced, early.retired), (None, vec![]));
    }

    #[test]
    fn a_rotation_is_announced_then_signs_then_retires_its_predecessor() {
        let due = NOON.plus(10_000);
        let step = begun().schedule.advance(&POLICY, due);
        assert_eq!(step.announced, Some(EpochNumber(2)));
        let signing = |at| step.schedule.signing(at).unwrap().number;
        assert_eq!(signing(due.plus(299)), EpochNumber(1));
        assert_eq!(signing(due.plus(300)), EpochNumber(2));
        assert_eq!(step.schedule.published(due.plus(949)).count(), 2);
        assert_eq!(step.schedule.published(due.plus(950)).count(), 1);
        assert_eq!(step.wake_at, due.plus(950));

        let last = step.schedule.advance(&POLICY, due.plus(950));
        assert_eq!(last.retired, [EpochNumber(1)]);
        assert_eq!(last.wake_at, due.plus(10_300));
    }

    #[test]
    fn an_emergency_leaves_only_the_new_key() {
        let later = NOON.plus(10_000);
        let rotating = begun().schedule.advance(&POLICY, later).schedule;
        let step = rotating.replace_now(&POLICY, later.plus(1));
        assert_eq!(step.announced, Some(EpochNumber(3)));
        assert_eq!(step.retired, [EpochNumber(1), EpochNumber(2)]);
        let published: Vec<_> = step.schedule.published(later.plus(1)).collect();
        assert_eq!(published.len(), 1);
        assert_eq!(
            step.schedule.signing(later.plus(1)),
            published.first().copied()
        );
    }

    #[test]
    fn a_rotation_on_request_is_staged_and_does_not_pile_up() {
        let soon = NOON.plus(5);
        let step = begun().schedule.rotate(&POLICY, soon);
        assert_eq!(step.announced, Some(EpochNumber(2)));
        let signing = |at| step.schedule.signing(at).unwrap().number;
        assert_eq!(signing(soon.plus(299)), EpochNumber(1));
        assert_eq!(signing(soon.plus(300)), EpochNumber(2));
        let change = |at| step.schedule.next_change(&POLICY, at);
        assert_eq!(change(soon), Some(soon.plus(300)));
        assert_eq!(change(soon.plus(300)), Some(soon.plus(950)));
        assert_eq!(change(soon.plus(950)), Some(soon.plus(10_300)));
        assert_eq!(step.schedule.clone().rotate(&POLICY, soon).announced, None);
    }

    #[test]
    fn a_stored_schedule_reads_in_any_order() {
        let schedule = begun()
            .schedule
            .advance(&POLICY, NOON.plus(10_000))
            .schedule;
        let rows = schedule.epochs().iter().rev().copied().collect();
        assert_eq!(Schedule::from_stored(rows), schedule);
    }

    proptest! {
        /// However late the alarms are, every token can be verified by whoever
        /// fetched the key set within its age, from its signing to its expiry.
        #[test]
        fn what_signs_is_known_before_and_after(
            waits in prop::collection::vec(1..15_000_i64, 1..40),
        ) {
            let mut now = NOON;
            let mut schedule = begun().schedule;
            let mut last = EpochNumber(1);
            let mut owed: Vec<(EpochNumber, Timestamp)> = Vec::new();
            for wait_ms in waits {
                now = now.plus(wait_ms);
                if let Some(epoch) = schedule.signing(now) {
                    // The lease may be used to its end, the token to its expiry.
                    let signed_at = now.plus(POLICY.lease_ms_max);
                    owed.push((epoch.number, signed_at.plus(POLICY.token_life_ms_max)));
                }
                let step = schedule.advance(&POLICY, now);
                if let Some(number) = step.announced {
                    prop_assert!(number > last);
                    last = number;
                }
                schedule = step.schedule;
                let signing = *schedule.signing(now).unwrap();
                let is_first = signing.number == EpochNumber(1);
                prop_assert!(is_first || now.since(signing.announced_at) >= POLICY.jwks_max_age_ms);
                owed.retain(|(_, until)| *until > now);
                for (number, _) in &owed {
                    prop_assert!(schedule.published(now).any(|epoch| epoch.number == *number));
                }
                prop_assert!(step.wake_at > now);
                prop_assert!(schedule.epochs().len() <= 3);
            }
        }
    }
}
