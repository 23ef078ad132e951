//! What does an isolate remember?
//!
//! Bounded and short: a cache saves a call, it never decides how long a truth
//! holds. Values leave when they are old, when they are named, or when the
//! cache is full: then an eighth at once, those unused longest, so that a flood
//! of new keys does not have all the others looked through for each.

use crate::domain::time::Timestamp;
use core::cell::RefCell;
use std::collections::BTreeMap;

struct Entry<V> {
    value: V,
    until: Timestamp,
    used: u64,
}

struct Inner<K, V> {
    entries: BTreeMap<K, Entry<V>>,
    uses: u64,
}

/// Which part of a full cache leaves at once.
const PARTED: usize = 8;

impl<K: Ord, V> Inner<K, V> {
    /// Lets go of the `count` values that were unused longest, of one at least.
    fn part(&mut self, count: usize) {
        let mut uses: Vec<u64> = self.entries.values().map(|entry| entry.used).collect();
        uses.sort_unstable();
        if let Some(latest) = uses.get(count.saturating_sub(1)) {
            self.entries.retain(|_, entry| entry.used > *latest);
        }
    }
}

/// A bounded map whose values expire.
pub(super) struct Cache<K, V> {
    inner: RefCell<Inner<K, V>>,
    entries_max: usize,
}

impl<K: Ord, V: Clone> Cache<K, V> {
    /// An empty cache of at most `entries_max`.
    #[must_use]
    pub(super) const fn new(entries_max: usize) -> Self {
        let inner = RefCell::new(Inner {
            entries: BTreeMap::new(),
            uses: 0,
        });
        Self { inner, entries_max }
    }

    /// The value of `key`, unless it has expired.
    pub(super) fn find(&self, key: &K, now: Timestamp) -> Option<V> {
        let mut inner = self.inner.borrow_mut();
        inner.uses = inner.uses.wrapping_add(1);
        let uses = inner.uses;
        let entry = inner.entries.get_mut(key)?;
        if entry.until <= now {
            inner.entries.remove(key);
            return None;
        }
        entry.used = uses;
        Some(entry.value.clone())
    }

    /// Remembers `value` until `until`.
    pub(super) fn put(&self, key: K, value: V, until: Timestamp) {
        let mut inner = self.inner.borrow_mut();
        if inner.entries.len() >= self.entries_max && !inner.entries.contains_key(&key) {
            inner.part(self.entries_max / PARTED);
        }
        inner.uses = inner.uses.wrapping_add(1);
        let used = inner.uses;
        inner.entries.insert(key, Entry { value, until, used });
    }

    /// Whether `key` is one of the first so many that have not expired, or may
    /// become one.
    pub(super) fn has_room(&self, key: &K, entries_max: usize, now: Timestamp) -> bool {
        let mut inner = self.inner.borrow_mut();
        if inner.entries.len() >= entries_max && !inner.entries.contains_key(key) {
            inner.entries.retain(|_, entry| entry.until > now);
            return inner.entries.len() < entries_max;
        }
        true
    }

    /// Whether nothing is remembered, expired values aside.
    pub(super) fn is_empty(&self) -> bool {
        self.inner.borrow().entries.is_empty()
    }

    /// Forgets everything whose key `is_stale`.
    pub(super) fn forget(&self, is_stale: impl Fn(&K) -> bool) {
        self.inner
            .borrow_mut()
            .entries
            .retain(|key, _| !is_stale(key));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_value_lives_until_its_time() {
        let cache = Cache::new(2);
        cache.put("a", 1, at(10));
        assert_eq!(cache.find(&"a", at(9)), Some(1));
        assert_eq!(cache.find(&"a", at(10)), None);
    }

    #[test]
    fn a_full_cache_drops_what_was_unused_longest() {
        let cache = Cache::new(2);
        cache.put("a", 1, at(10));
        cache.put("b", 2, at(10));
        cache.find(&"a", at(0));
        cache.put("c", 3, at(10));
        let found = ["a", "b", "c"].map(|key| cache.find(&key, at(0)));
        assert_eq!(found, [Some(1), None, Some(3)]);
    }

    #[test]
    fn a_flood_of_keys_has_the_others_looked_through_seldom() {
        let cache = Cache::new(64);
        for key in 0..64 {
            cache.put(key, (), at(10));
        }
        cache.find(&0, at(0));
        cache.put(64, (), at(10));
        let left: Vec<i32> = cache.inner.borrow().entries.keys().copied().collect();
        let kept: Vec<i32> = [0].into_iter().chain(9..65).collect();
        assert_eq!(left, kept, "the eight unused longest have left at once");
    }

    #[test]
    fn what_is_named_is_forgotten() {
        let cache = Cache::new(4);
        cache.put(("x", 1), 1, at(10));
        cache.put(("y", 1), 2, at(10));
        cache.forget(|(tenant, _)| *tenant == "x");
        assert_eq!(cache.find(&("x", 1), at(0)), None);
        assert_eq!(cache.find(&("y", 1), at(0)), Some(2));
    }
}
