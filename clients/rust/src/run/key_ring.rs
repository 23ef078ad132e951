//! When are the tenant's keys read again?

use crate::token::Keys;
use aero2_tenant::Now;
use std::sync::Arc;

/// What the tenant allows caches to keep them for.
const FRESH_MS: u64 = 300_000;
/// While they cannot be read again, older ones do for an hour: longer, and a
/// key that was retired in an emergency would go on verifying.
const USABLE_MS: u64 = 3_600_000;
/// Tokens with made-up key ids must not make us ask more often.
const PAUSE_MS: u64 = 30_000;
/// As long as there are none at all.
const FIRST_PAUSE_MS: u64 = 1_000;

/// The keys, and when they were read.
#[derive(Debug, Default)]
pub(super) struct KeyRing {
    keys: Option<(Arc<Keys>, Now)>,
    tried: Option<Now>,
}

impl KeyRing {
    /// The keys, while they are not too old.
    pub(super) fn usable(&self, now: Now) -> Option<Arc<Keys>> {
        let (keys, read) = self.keys.as_ref()?;
        (now.since(*read) < USABLE_MS).then(|| Arc::clone(keys))
    }

    /// Whether to read them: they are old, or a token names one that is not
    /// among them; and the last attempt was not just now.
    pub(super) fn wants(&self, is_one_unknown: bool, now: Now) -> bool {
        let has_some = self.usable(now).is_some();
        let pause_ms = if has_some { PAUSE_MS } else { FIRST_PAUSE_MS };
        let may_ask = self.tried.is_none_or(|tried| now.since(tried) >= pause_ms);
        let is_old = |(_, read): &(Arc<Keys>, Now)| now.since(*read) >= FRESH_MS;
        may_ask && (is_one_unknown || self.keys.as_ref().is_none_or(is_old))
    }

    /// They are about to be read.
    pub(super) fn trying(&mut self, now: Now) {
        self.tried = Some(now);
    }

    /// They have been read.
    pub(super) fn put(&mut self, keys: Keys, now: Now) {
        self.keys = Some((Arc::new(keys), now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: u64) -> Now {
        Now {
            wall_ms: mono_ms,
            mono_ms,
        }
    }

    #[test]
    fn keys_are_read_when_old_or_lacking_and_never_often() {
        let mut ring = KeyRing::default();
        assert!(ring.wants(false, at(0)) && ring.usable(at(0)).is_none());
        ring.trying(at(0));
        assert!(!ring.wants(false, at(999)) && ring.wants(false, at(1_000)));
        ring.trying(at(1_000));
        ring.put(Keys::default(), at(1_000));
        assert!(!ring.wants(false, at(300_999)) && ring.wants(false, at(301_000)));
        assert!(!ring.wants(true, at(30_999)) && ring.wants(true, at(31_000)));
        ring.trying(at(31_000));
        assert!(!ring.wants(true, at(60_999)));
        assert!(ring.usable(at(3_600_999)).is_some() && ring.usable(at(3_601_000)).is_none());
    }
}
