//! What does an isolate remember of limits?
//!
//! Refusals, until it is worth asking again: somebody who hammers costs no
//! actor. And the names of the buckets it has lately asked, so that a flood of
//! made-up names ends in buckets that are there already. And who has failed
//! ([`failures`]). What tenants' backends ask is remembered apart, so that no
//! tenant's flood drives out what protects us.

use super::failures::{self, Failures};
use crate::{
    domain::{
        ids::TenantId,
        limit::{Bound, Standing, Verdict, lease::Heat},
        time::{MINUTE_MS, SECOND_MS, Timestamp},
    },
    gateway::cache::Cache,
};
use core::cell::{Cell, RefCell};
use std::{collections::BTreeMap, rc::Rc};

/// Refusals an isolate remembers.
const REFUSALS_MAX: usize = 4_096;

/// How long it does: a pardon is felt after that.
const REFUSAL_MS_MAX: i64 = 5 * SECOND_MS;

/// Buckets an isolate may wake within [`NAME_MS`]: more people than sign in to
/// one isolate, few enough that what a flood leaves behind is small.
const NAMES_MAX: usize = 2_048;

/// Subjects of tenants that an isolate is asked about so often that it may spend
/// for them by itself.
const HEATS_MAX: usize = 1_024;

/// How long it knows how often: many times a lease.
const HEAT_MS: i64 = MINUTE_MS;

/// Subjects whose buckets did not answer that an isolate measures by itself.
const DEGRADED_MAX: usize = 4_096;

/// For those beyond: all that one policy binds are measured together, strictly,
/// for so many policies.
const CROWDS_MAX: usize = 1_024;

/// How long it does so after the latest check.
const DEGRADED_MS: i64 = 10 * MINUTE_MS;

/// How long a name counts: as long as a bucket waits for its subject at least.
const NAME_MS: i64 = MINUTE_MS;

/// A bucket's subject at a tenant.
type Named = (TenantId, [u8; 32]);

/// Refusals, and when they were heard of.
pub(super) struct Refusals(Cache<String, (Verdict, Timestamp)>);

/// What an isolate remembers of the subjects of tenants.
pub(super) struct Customers {
    pub(super) refusals: Refusals,
    heats: Cache<String, Rc<RefCell<Heat>>>,
    degraded: Cache<String, Standing>,
}

/// What an isolate remembers of limits.
pub(in crate::gateway) struct Memory {
    pub(super) refusals: Refusals,
    pub(super) customers: Customers,
    names: RefCell<BTreeMap<Named, Timestamp>>,
    /// Before this no name leaves: a flood does not look through them each time.
    names_stay_until: Cell<Timestamp>,
    has_met_unknown: Cell<bool>,
    pub(super) failures: Failures,
    /// Tabs that want sockets: apart, for after a deploy they all do.
    pub(super) tabs: Failures,
}

impl Refusals {
    const fn new() -> Self {
        Self(Cache::new(REFUSALS_MAX))
    }

    /// What was refused lately and would be again, as it would be said at `now`.
    pub(super) fn find(&self, key: &String, now: Timestamp) -> Option<Verdict> {
        let (verdict, noted) = self.0.find(key, now)?;
        let at = verdict.at.plus(now.since(noted).max(0));
        Some(Verdict { at, ..verdict })
    }

    /// Remembers a refusal for as long as it surely holds.
    pub(super) fn note(&self, key: String, verdict: &Verdict, now: Timestamp) {
        if let Some(wait_ms) = verdict.wait_ms() {
            let until = now.plus(wait_ms.min(REFUSAL_MS_MAX));
            self.0.put(key, (verdict.clone(), now), until);
        }
    }
}

impl Customers {
    /// How often this isolate is asked about a subject.
    pub(super) fn heat(&self, key: String, now: Timestamp) -> Rc<RefCell<Heat>> {
        if let Some(known) = self.heats.find(&key, now) {
            return known;
        }
        let heat = Rc::default();
        self.heats.put(key, Rc::clone(&heat), now.plus(HEAT_MS));
        heat
    }

    /// Measures by this isolate's memory alone: under the first key, or where that
    /// is full under the second, which a subject shares with others. Forgetting
    /// some would let them begin anew.
    pub(super) fn degraded(
        &self,
        (own, shared): (String, String),
        bound: &Bound,
        cost: u32,
        now: Timestamp,
    ) -> Verdict {
        let has_room = self.degraded.has_room(&own, DEGRADED_MAX, now);
        let key = if has_room { own } else { shared };
        let mut standing = self.degraded.find(&key, now).unwrap_or_default();
        let (verdict, _) = standing.take(bound, cost, None, now);
        let until = standing.full_at().max(now.plus(DEGRADED_MS));
        self.degraded.put(key, standing, until);
        verdict
    }
}

impl Memory {
    pub(in crate::gateway) const fn new() -> Self {
        Self {
            refusals: Refusals::new(),
            customers: Customers {
                refusals: Refusals::new(),
                heats: Cache::new(HEATS_MAX),
                degraded: Cache::new(DEGRADED_MAX + CROWDS_MAX),
            },
            names: RefCell::new(BTreeMap::new()),
            names_stay_until: Cell::new(Timestamp::from_millis(0)),
            has_met_unknown: Cell::new(false),
            failures: failures::none(),
            tabs: failures::none(),
        }
    }

    /// Forgets what it remembers of buckets whose keys `is_stale`.
    pub(super) fn forget(&self, is_stale: &dyn Fn(&String) -> bool) {
        let customers = &self.customers;
        self.refusals.0.forget(is_stale);
        customers.refusals.0.forget(is_stale);
        customers.heats.forget(is_stale);
        customers.degraded.forget(is_stale);
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
            if now < self.names_stay_until.get() {
                return false;
            }
            names.retain(|_, until| *until > now);
            if names.len() >= NAMES_MAX {
                let first = names.values().min().copied();
                self.names_stay_until.set(first.unwrap_or(now));
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
        let refusals = Refusals::new();
        // The bucket's clock is another than ours.
        let (now, there) = (
            Timestamp::from_millis(1_000),
            Timestamp::from_millis(77_000),
        );
        let key = "k".to_owned();
        refusals.note(key.clone(), &refused(there, 700), now);
        let wait = |refusals: &Refusals, millis| {
            let refusal = refusals.find(&"k".to_owned(), now.plus(millis));
            refusal.and_then(|verdict| verdict.wait_ms())
        };
        assert_eq!(wait(&refusals, 0), Some(700));
        assert_eq!(wait(&refusals, 699), Some(1));
        assert_eq!(wait(&refusals, 700), None);
        refusals.note(key, &refused(there, 60_000), now);
        assert_eq!(wait(&refusals, 4_999), Some(55_001));
        assert_eq!(wait(&refusals, 5_000), None);
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
        let own = (0..1_000_000).filter(|number| memory.has_room(tenant, &named(*number), now));
        assert_eq!(own.count(), NAMES_MAX);
        assert!(
            memory.has_room(tenant, &named(7), now),
            "who is known stays so"
        );
        assert!(!memory.has_room(tenant, &named(2_000_000), now.plus(NAME_MS - 1)));
        let later = now.plus(NAME_MS);
        assert!(memory.has_room(tenant, &named(2_000_000), later));
        assert_eq!(memory.names.borrow().len(), 1, "the others have left");
    }
}
