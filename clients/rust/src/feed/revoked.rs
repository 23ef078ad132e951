//! Which tokens are known to be revoked, in bounded memory?

use super::revocation::{Facts, Key, Revocation, Takes, keys_of};
use crate::time::LEEWAY_S_MAX;
use aero2_tenant::Now;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What is known, and up to which expiry it may be incomplete.
///
/// A record is forgotten once every token it took away has expired, or, when
/// there are more than the cap allows, before: the one that expires first. Of
/// a token that expires no later than a record that was forgotten nothing can
/// be said: that is the `horizon`.
#[derive(Clone, Debug)]
pub(super) struct Revoked {
    entries: BTreeMap<Arc<str>, Entry>,
    by_exp: BTreeSet<(u64, Arc<str>)>,
    horizon: u64,
    entries_max: usize,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    exp: u64,
    not_before: Option<u64>,
}

impl Revoked {
    pub(super) const fn new(entries_max: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            by_exp: BTreeSet::new(),
            horizon: 0,
            entries_max,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes a record in. Taking it in again changes nothing.
    pub(super) fn take(&mut self, revocation: Revocation, now: Now) {
        match revocation.takes {
            Takes::Unknown => self.horizon = self.horizon.max(revocation.exp),
            Takes::Keys(keys) => {
                for key in keys {
                    self.insert(key, revocation.exp);
                }
            }
        }
        self.forget(now);
    }

    /// Forgets what no living token can need, by any leeway.
    pub(super) fn forget(&mut self, now: Now) {
        while let Some((exp, _)) = self.by_exp.first()
            && exp.saturating_add(LEEWAY_S_MAX) <= now.wall_s()
        {
            self.forget_first();
        }
    }

    pub(super) fn includes(&self, token: &Facts<'_>) -> bool {
        keys_of(token).any(|name| {
            let entry = self.entries.get(name.as_str());
            entry.is_some_and(|entry| {
                let not_before = entry.not_before;
                not_before.is_none_or(|not_before| token.issued_at <= not_before)
            })
        })
    }

    /// Whether a record about this token may have been forgotten.
    pub(super) const fn may_have_forgotten(&self, token: &Facts<'_>) -> bool {
        token.expires_at <= self.horizon
    }

    fn insert(&mut self, key: Key, exp: u64) {
        let name: Arc<str> = key.name.into();
        let mut entry = Entry {
            exp,
            not_before: key.not_before,
        };
        if let Some(known) = self.entries.get(&name) {
            self.by_exp.remove(&(known.exp, Arc::clone(&name)));
            entry.exp = entry.exp.max(known.exp);
            entry.not_before = entry.not_before.max(known.not_before);
        }
        self.by_exp.insert((entry.exp, Arc::clone(&name)));
        self.entries.insert(name, entry);
        if self.entries.len() > self.entries_max {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((exp, name)) = self.by_exp.pop_first() {
            self.entries.remove(&name);
            self.horizon = self.horizon.max(exp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Now = Now {
        wall_ms: 1_000_000,
        mono_ms: 0,
    };

    fn of_session(sid: u8, exp: u64) -> Revocation {
        let json = format!(r#"{{"kind":"sessions","sids":["s{sid}"],"exp":{exp}}}"#);
        Revocation::parse(&aero2_tenant::json::object(json.as_bytes()).unwrap()).unwrap()
    }

    fn token(session: &str, expires_at: u64) -> Facts<'_> {
        Facts {
            subject: "u",
            client: "c",
            session: Some(session),
            id: "g.1",
            issued_at: 900,
            expires_at,
        }
    }

    proptest! {
        /// Whatever is forgotten: no living token that was taken away is ever called good.
        #[test]
        fn nothing_opens_by_forgetting(
            records in prop::collection::vec((0_u8..20, 900_u64..1_400), 0..60),
            entries_max in 1_usize..10,
            later_ms in 0_u64..400_000,
        ) {
            let mut revoked = Revoked::new(entries_max);
            for (sid, exp) in &records {
                revoked.take(of_session(*sid, *exp), NOW);
                prop_assert!(revoked.len() <= entries_max);
                prop_assert_eq!(revoked.entries.len(), revoked.by_exp.len());
            }
            let later = Now { wall_ms: NOW.wall_ms + later_ms, mono_ms: later_ms };
            revoked.forget(later);
            for (sid, exp) in &records {
                let name = format!("s{sid}");
                let token = token(&name, *exp);
                prop_assert!(revoked.includes(&token) || revoked.may_have_forgotten(&token));
            }
        }

        /// With room for all, nothing is uncertain that lives.
        #[test]
        fn with_room_nothing_living_is_uncertain(
            records in prop::collection::vec((0_u8..20, 900_u64..1_400), 0..60),
            later_ms in 0_u64..400_000,
        ) {
            let mut revoked = Revoked::new(1_000);
            let later = Now { wall_ms: NOW.wall_ms + later_ms, mono_ms: later_ms };
            for (sid, exp) in records {
                revoked.take(of_session(sid, exp), later);
            }
            let living = token("other", later.wall_s() - LEEWAY_S_MAX + 1);
            prop_assert!(!revoked.may_have_forgotten(&living));
        }

        #[test]
        fn order_and_repetition_do_not_matter(
            mut records in prop::collection::vec((0_u8..5, 1_000_u64..1_400), 1..20),
        ) {
            let of = |records: &[(u8, u64)]| {
                let mut revoked = Revoked::new(100);
                for (sid, exp) in records {
                    revoked.take(of_session(*sid, *exp), NOW);
                }
                format!("{revoked:?}")
            };
            let forwards = of(&records);
            records.reverse();
            records.extend(records.clone());
            prop_assert_eq!(of(&records), forwards);
        }
    }
}
