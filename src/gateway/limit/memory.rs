//! What does an isolate remember of limits?
//!
//! Refusals, until it is worth asking again: somebody who hammers costs no
//! actor. And the names of the buckets it has lately asked, so that a flood of
//! made-up names ends in buckets that are there already. And who has failed
//! ([`failures`]).

use super::failures::{self, Failures};
use crate::{
    domain::{
        ids::TenantId,
        limit::Verdict,
        time::{MINUTE_MS, SECOND_MS, Timestamp},
    },
    gateway::cache::Cache,
};
use core::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Refusals an isolate remembers.
const REFUSALS_MAX: usize = 4_096;

/// How long it does: a pardon is felt after that.
const REFUSAL_MS_MAX: i64 = 5 * SECOND_MS;

/// Buckets an isolate may wake within [`NAME_MS`]: more people than sign in to
/// one isolate, few enough that what a flood leaves behind is small.
const NAMES_MAX: usize = 2_048;

/// How long a name counts: as long as a bucket waits for its subject at least.
const NAME_MS: i64 = MINUTE_MS;

/// A bucket's subject at a tenant.
type Named = (TenantId, [u8; 32]);

/// What an isolate remembers of limits.
pub(in crate::gateway) struct Memory {
    refusals: Cache<String, (Verdict, Timestamp)>,
    names: RefCell<BTreeMap<Named, Timestamp>>,
    has_met_unknown: Cell<bool>,
    pub(super) failures: Failures,
}

impl Memory {
    pub(in crate::gateway) const fn new() -> Self {
        Self {
            refusals: Cache::new(REFUSALS_MAX),
            names: RefCell::new(BTreeMap::new()),
            has_met_unknown: Cell::new(false),
            failures: failures::none(),
        }
    }

    /// What was refused lately and would be again, as it would be said at `now`.
    pub(super) fn refusal(&self, key: &String, now: Timestamp) -> Option<Verdict> {
        let (verdict, noted) = self.refusals.find(key, now)?;
        let at = verdict.at.plus(now.since(noted).max(0));
        Some(Verdict { at, ..verdict })
    }

    /// Remembers a refusal for as long as it surely holds.
    pub(super) fn note(&self, key: String, verdict: &Verdict, now: Timestamp) {
        if let Some(wait_ms) = verdict.wait_ms() {
            let until = now.plus(wait_ms.min(REFUSAL_MS_MAX));
            self.refusals.put(key, (verdict.clone(), now), until);
        }
    }

    /// Forgets what it remembers of buckets whose keys `is_stale`.
    pub(super) fn forget(&self, is_stale: &dyn Fn(&String) -> bool) {
        self.refusals.forget(is_stale);
    }

    /// Whether this is the first client without an address: worth an alert, and
    /// one is enough.
    pub(super) fn is_first_unknown(&self) -> bool {
        !self.has_met_unknown.replace(true)
    }

    /// Whether `subject` may have a bucket of its own.
    pub(super) fn has_room(&self, tenant: TenantId, subject: &[u8; 32], now: Timestamp) -> bool {
        let mut names = self.names.borrow_mut();
        let key = (tenant, *subject);
        if names.len() >= NAMES_MAX && !names.contains_key(&key) {
            names.retain(|_, until| *until > now);
            if names.len() >= NAMES_MAX {
                return false;
            }
        }
        names.insert(key, now.plus(NAME_MS));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limit::Outcome;

    fn refused(at: Timestamp, wait_ms: i64) -> Verdict {
        Verdict {
            at,
            outcome: Outcome::Refuse {
                retry_at: at.plus(wait_ms),
            },
            readings: Vec::new(),
        }
    }

    #[test]
    fn a_refusal_is_remembered_for_its_time_and_for_five_seconds_at_most() {
        let memory = Memory::new();
        // The bucket's clock is another than ours.
        let (now, there) = (
            Timestamp::from_millis(1_000),
            Timestamp::from_millis(77_000),
        );
        let key = "k".to_owned();
        memory.note(key.clone(), &refused(there, 700), now);
        let wait = |memory: &Memory, millis| {
            let refusal = memory.refusal(&"k".to_owned(), now.plus(millis));
            refusal.and_then(|verdict| verdict.wait_ms())
        };
        assert_eq!(wait(&memory, 0), Some(700));
        assert_eq!(wait(&memory, 699), Some(1));
        assert_eq!(wait(&memory, 700), None);
        memory.note(key, &refused(there, 60_000), now);
        assert_eq!(wait(&memory, 4_999), Some(55_001));
        assert_eq!(wait(&memory, 5_000), None);
    }

    #[test]
    fn a_million_names_wake_few_buckets() {
        let memory = Memory::new();
        let tenant = TenantId::from_bytes([1; 16]);
        let now = Timestamp::from_millis(0);
        let named = |number: u32| {
            let mut subject = [0; 32];
            subject[..4].copy_from_slice(&number.to_be_bytes());
            subject
        };
        let own = (0..10_000).filter(|number| memory.has_room(tenant, &named(*number), now));
        assert_eq!(own.count(), NAMES_MAX);
        assert!(
            memory.has_room(tenant, &named(7), now),
            "who is known stays so"
        );
        let later = now.plus(NAME_MS);
        assert!(memory.has_room(tenant, &named(1_000_000), later));
    }
}
