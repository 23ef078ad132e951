//! How often is a policy asked, and who is refused most?
//!
//! Counted in memory, so nothing here decides anything. Who is refused most is
//! found in little room by the space-saving algorithm (Metwally, Agrawal,
//! El Abbadi: Efficient Computation of Frequent and Top-k Elements in Data
//! Streams, 2005): whoever is not among the kept takes the place of the least of
//! them, with its count.

use core::cmp::Reverse;
use serde::{Deserialize, Serialize};

/// Subjects kept: whoever has more than a thirty-second of all refusals is one.
pub const OFFENDERS_MAX: usize = 32;

/// What came of checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Let through.
    pub admitted: u32,
    /// Not let through.
    pub refused: u32,
    /// Let through, and would not have been but for shadow mode.
    pub shadow_refused: u32,
    /// Decided without the bucket, which did not answer.
    pub degraded: u32,
}

impl Counts {
    /// One check that was let through or not.
    #[must_use]
    pub const fn one(is_admitted: bool) -> Self {
        Self {
            admitted: is_admitted as u32,
            refused: !is_admitted as u32,
            shadow_refused: 0,
            degraded: 0,
        }
    }

    /// Adds others.
    pub const fn add(&mut self, other: &Self) {
        self.admitted = self.admitted.saturating_add(other.admitted);
        self.refused = self.refused.saturating_add(other.refused);
        self.shadow_refused = self.shadow_refused.saturating_add(other.shadow_refused);
        self.degraded = self.degraded.saturating_add(other.degraded);
    }
}

/// Somebody who is refused often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offender {
    /// Who.
    pub subject: String,
    /// How often, at most.
    pub refused: u32,
    /// By how many that may be too much.
    pub surplus: u32,
}

/// Who is refused most.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Offenders(Vec<Offender>);

impl Offenders {
    /// Counts one refusal.
    pub fn count(&mut self, subject: &str) {
        let known = self.0.iter_mut().find(|known| known.subject == subject);
        if let Some(known) = known {
            known.refused = known.refused.saturating_add(1);
            return;
        }
        let mut new = Offender {
            subject: subject.to_owned(),
            refused: 1,
            surplus: 0,
        };
        if self.0.len() < OFFENDERS_MAX {
            self.0.push(new);
        } else if let Some(least) = self.0.iter_mut().min_by_key(|known| known.refused) {
            new.surplus = least.refused;
            new.refused = least.refused.saturating_add(1);
            *least = new;
        }
    }

    /// Adds what others have counted. Whoever is not among the kept of one side
    /// may have been refused there as often as the least of them.
    pub fn merge(&mut self, other: &Self) {
        let (ours, theirs) = (self.least(), other.least());
        let mut all = core::mem::take(&mut self.0);
        for one in &mut all {
            let same = other.0.iter().find(|other| other.subject == one.subject);
            let (refused, surplus) =
                same.map_or((theirs, theirs), |same| (same.refused, same.surplus));
            one.refused = one.refused.saturating_add(refused);
            one.surplus = one.surplus.saturating_add(surplus);
        }
        for new in &other.0 {
            if !all.iter().any(|one| one.subject == new.subject) {
                all.push(Offender {
                    subject: new.subject.clone(),
                    refused: new.refused.saturating_add(ours),
                    surplus: new.surplus.saturating_add(ours),
                });
            }
        }
        all.sort_by_key(|one| Reverse(one.refused));
        all.truncate(OFFENDERS_MAX);
        self.0 = all;
    }

    /// The kept, most often refused first.
    #[must_use]
    pub fn ranked(mut self) -> Vec<Offender> {
        self.0.sort_by_key(|one| Reverse(one.refused));
        self.0
    }

    /// Whether nobody was refused.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often somebody may have been refused who is not among the kept.
    fn least(&self) -> u32 {
        if self.0.len() < OFFENDERS_MAX {
            return 0;
        }
        self.0.iter().map(|one| one.refused).min().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// What is said of each subject's refusals must hold.
    fn check(offenders: Offenders, truth: &BTreeMap<u32, u32>) -> Result<(), TestCaseError> {
        let all: u32 = truth.values().sum();
        let ranked = offenders.ranked();
        prop_assert!(ranked.len() <= OFFENDERS_MAX);
        for one in &ranked {
            let true_count = truth
                .get(&one.subject.parse().unwrap())
                .copied()
                .unwrap_or(0);
            prop_assert!(one.refused >= true_count);
            prop_assert!(one.refused - one.surplus <= true_count);
        }
        for (subject, count) in truth {
            let is_kept = ranked.iter().any(|one| one.subject == subject.to_string());
            let is_frequent = u64::from(*count) * OFFENDERS_MAX as u64 > u64::from(all);
            prop_assert!(is_kept || !is_frequent, "{} of {}", count, all);
        }
        Ok(())
    }

    fn skewed() -> impl Strategy<Value = Vec<u32>> {
        prop::collection::vec(prop_oneof![0..4_u32, 0..40_u32, 0..400_u32], 0..600)
    }

    proptest! {
        #[test]
        fn whoever_is_refused_often_is_told_and_how_often(subjects in skewed()) {
            let (mut offenders, mut truth) = (Offenders::default(), BTreeMap::new());
            for subject in subjects {
                offenders.count(&subject.to_string());
                *truth.entry(subject).or_insert(0) += 1;
            }
            check(offenders, &truth)?;
        }

        #[test]
        fn what_several_have_counted_is_true_together(parts in prop::collection::vec(skewed(), 1..5)) {
            let (mut all, mut truth) = (Offenders::default(), BTreeMap::new());
            for subjects in parts {
                let mut offenders = Offenders::default();
                for subject in subjects {
                    offenders.count(&subject.to_string());
                    *truth.entry(subject).or_insert(0) += 1;
                }
                all.merge(&offenders);
            }
            check(all, &truth)?;
        }
    }
}
