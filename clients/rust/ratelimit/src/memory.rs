//! Which refusals still hold?

use super::verdict::{Outcome, Verdict};
use aero2_tenant::Now;
use std::collections::BTreeMap;

/// Refusals that are remembered: as many as the service's own isolates do.
const REFUSALS_MAX: usize = 4_096;
/// For how long: a pardon or a changed policy is felt after that.
const REFUSAL_MS_MAX: u64 = 5_000;
/// Policies whose versions are remembered: as many as a tenant has.
const POLICIES_MAX: usize = 100;
/// Room is made by looking at all of them, no more often than this.
const SWEEP_MS: u64 = 1_000;

/// What was refused lately and would be again.
#[derive(Default)]
pub(crate) struct Memory {
    refusals: BTreeMap<String, Refused>,
    versions: BTreeMap<String, u64>,
    swept: Option<Now>,
}

struct Refused {
    cost: u32,
    at: Now,
    verdict: Verdict,
}

impl Refused {
    fn holds_ms(&self) -> u64 {
        let wait_ms = self.verdict.retry_after_ms.unwrap_or(0);
        wait_ms.min(REFUSAL_MS_MAX)
    }

    fn holds(&self, now: Now) -> bool {
        now.since(self.at) < self.holds_ms()
    }
}

impl Memory {
    /// The refusal of as much or less, as it would be said at `now`.
    pub(crate) fn recall(&self, key: &str, cost: u32, now: Now) -> Option<Verdict> {
        let refused = self.refusals.get(key)?;
        let is_outdated = |version: &u64| *version > refused.verdict.version;
        let is_meant = refused.cost <= cost
            && refused.holds(now)
            && !self.versions.get(policy_of(key)).is_some_and(is_outdated);
        is_meant.then(|| refused.verdict.clone().after(now.since(refused.at)))
    }

    /// Remembers a refusal; whatever else the answer is, an older refusal of as
    /// much no longer holds.
    pub(crate) fn note(&mut self, key: String, cost: u32, verdict: &Verdict, now: Now) {
        self.note_version(policy_of(&key), verdict.version);
        if verdict.allowed || verdict.outcome != Outcome::Refuse {
            self.forget(&key);
            return;
        }
        if self.refusals.len() >= REFUSALS_MAX && !self.refusals.contains_key(&key) {
            self.sweep(now);
            if self.refusals.len() >= REFUSALS_MAX {
                return;
            }
        }
        let verdict = verdict.clone();
        let refused = Refused {
            cost,
            at: now,
            verdict,
        };
        self.refusals.insert(key, refused);
    }

    /// A policy that has changed may allow what it refused.
    fn note_version(&mut self, policy: &str, version: u64) {
        if let Some(known) = self.versions.get_mut(policy) {
            *known = version.max(*known);
        } else if self.versions.len() < POLICIES_MAX {
            self.versions.insert(policy.to_owned(), version);
        }
    }

    /// Something was given back.
    pub(crate) fn forget(&mut self, key: &str) {
        self.refusals.remove(key);
    }

    fn sweep(&mut self, now: Now) {
        if self.swept.is_none_or(|swept| now.since(swept) >= SWEEP_MS) {
            self.swept = Some(now);
            self.refusals.retain(|_, refused| refused.holds(now));
        }
    }
}

/// The policy of an [`Ask::key`](super::Ask::key).
fn policy_of(key: &str) -> &str {
    key.split('\n').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aero2_tenant::json;

    fn at(mono_ms: u64) -> Now {
        Now {
            wall_ms: mono_ms,
            mono_ms,
        }
    }

    fn refused(wait_ms: u64) -> Verdict {
        let text = format!(r#"{{"allowed":false,"outcome":"refuse","retry_after_ms":{wait_ms}}}"#);
        Verdict::parse(&json::object(text.as_bytes()).unwrap()).unwrap()
    }

    fn admitted() -> Verdict {
        Verdict::parse(&json::object(br#"{"allowed":true,"outcome":"admit"}"#).unwrap()).unwrap()
    }

    #[test]
    fn a_refusal_is_remembered_for_its_time_and_for_five_seconds_at_most() {
        let mut memory = Memory::default();
        let wait = |memory: &Memory, ms| {
            let told = memory.recall("k", 1, at(ms))?;
            assert!(told.is_remembered);
            told.retry_after_ms
        };
        memory.note("k".to_owned(), 1, &refused(700), at(0));
        assert_eq!(wait(&memory, 0), Some(700));
        assert_eq!(wait(&memory, 699), Some(1));
        assert_eq!(wait(&memory, 700), None);
        memory.note("k".to_owned(), 1, &refused(60_000), at(0));
        assert_eq!(wait(&memory, 4_999), Some(55_001));
        assert_eq!(wait(&memory, 5_000), None);
    }

    #[test]
    fn who_asks_for_less_is_asked_about_again() {
        let mut memory = Memory::default();
        memory.note("k".to_owned(), 5, &refused(700), at(0));
        assert!(memory.recall("k", 4, at(1)).is_none());
        assert!(memory.recall("k", 5, at(1)).is_some());
        assert!(memory.recall("k", 6, at(1)).is_some());
        assert!(memory.recall("other", 5, at(1)).is_none());
    }

    #[test]
    fn an_admission_ends_what_was_remembered() {
        let mut memory = Memory::default();
        memory.note("k".to_owned(), 5, &refused(700), at(0));
        memory.note("k".to_owned(), 1, &admitted(), at(1));
        assert!(memory.recall("k", 5, at(2)).is_none());
    }

    #[test]
    fn a_newer_policy_ends_what_the_older_one_refused() {
        let mut memory = Memory::default();
        memory.note("t.api\nada".to_owned(), 1, &refused(700), at(0));
        memory.note("t.web\nbob".to_owned(), 1, &refused(700), at(0));
        let newer = Verdict {
            version: 1,
            ..admitted()
        };
        memory.note("t.api\nbob".to_owned(), 1, &newer, at(1));
        assert!(memory.recall("t.api\nada", 1, at(2)).is_none());
        assert!(memory.recall("t.web\nbob", 1, at(2)).is_some());
    }

    #[test]
    fn a_flood_of_subjects_fills_a_bounded_memory_that_empties_again() {
        let mut memory = Memory::default();
        for number in 0..10_000_u32 {
            memory.note(number.to_string(), 1, &refused(2_000), at(0));
        }
        assert_eq!(memory.refusals.len(), REFUSALS_MAX);
        assert!(memory.recall("0", 1, at(1)).is_some());
        memory.note("late".to_owned(), 1, &refused(2_000), at(2_000));
        assert!(memory.recall("late", 1, at(2_001)).is_some());
        assert_eq!(memory.refusals.len(), 1);
    }
}
