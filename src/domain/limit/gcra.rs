//! When may the next cell pass?
//!
//! The generic cell rate algorithm (ITU-T I.371, Annex A): one number, the
//! theoretical arrival time of the next cell, decides everything.

use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A rate: one cell per period, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    period_ms: i64,
    burst: u32,
}

impl Quota {
    /// `burst` cells at once, refilled by one every `period_ms`; `None` when
    /// either is not positive.
    #[must_use]
    pub const fn new(period_ms: i64, burst: u32) -> Option<Self> {
        if period_ms < 1 || burst == 0 {
            None
        } else {
            Some(Self { period_ms, burst })
        }
    }

    /// The milliseconds in which one cell is refilled.
    #[must_use]
    pub const fn period_ms(&self) -> i64 {
        self.period_ms
    }

    /// The cells of a full bucket.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// How long a bucket takes to fill from empty.
    #[must_use]
    pub const fn full_after_ms(&self) -> i64 {
        self.period_ms.saturating_mul(self.burst as i64)
    }

    /// The theoretical arrival time after one cell is given back.
    #[must_use]
    pub const fn refund(&self, next: Timestamp) -> Timestamp {
        next.plus(-self.period_ms)
    }
}

/// What becomes of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It passes.
    Admit {
        /// The theoretical arrival time to remember.
        next: Timestamp,
    },
    /// It does not, and nothing changes.
    Refuse {
        /// The first instant at which it would.
        retry_at: Timestamp,
    },
}

/// Decides on one cell that arrives `now`, given the theoretical arrival time
/// `next` the last one left behind.
#[must_use]
pub fn decide(quota: Quota, next: Option<Timestamp>, now: Timestamp) -> Decision {
    let tolerance = quota.period_ms.saturating_mul(i64::from(quota.burst - 1));
    let next = next.map_or(now, |next| next.max(now));
    let earliest = next.plus(-tolerance);
    if now < earliest {
        Decision::Refuse { retry_at: earliest }
    } else {
        Decision::Admit {
            next: next.plus(quota.period_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_refusal_names_the_first_admissible_instant(
            period in 1_i64..100_000,
            burst in 1_u32..50,
            gaps in prop::collection::vec(0_i64..5_000, 1..200),
        ) {
            let quota = Quota::new(period, burst).unwrap();
            let (mut now, mut next) = (Timestamp::from_millis(1_000_000), None);
            for gap in gaps {
                now = now.plus(gap);
                match decide(quota, next, now) {
                    Decision::Admit { next: later } => next = Some(later),
                    Decision::Refuse { retry_at } => {
                        prop_assert!(retry_at > now);
                        let early = decide(quota, next, retry_at.plus(-1));
                        prop_assert_eq!(early, Decision::Refuse { retry_at });
                        let admits = matches!(decide(quota, next, retry_at), Decision::Admit { .. });
                        prop_assert!(admits);
                    }
                }
            }
        }

        #[test]
        fn no_window_admits_more_than_burst_and_refill(
            period in 1_i64..1_000,
            burst in 1_u32..20,
            gaps in prop::collection::vec(0_i64..300, 1..200),
        ) {
            let quota = Quota::new(period, burst).unwrap();
            let start = Timestamp::from_millis(0);
            let (mut now, mut next, mut admitted) = (start, None, 0_i64);
            for gap in gaps {
                now = now.plus(gap);
                if let Decision::Admit { next: later } = decide(quota, next, now) {
                    (next, admitted) = (Some(later), admitted + 1);
                }
                prop_assert!(admitted <= i64::from(burst) + now.since(start) / period);
            }
        }
    }

    #[test]
    fn a_refund_lets_one_more_pass() {
        let (quota, now) = (Quota::new(1_000, 1).unwrap(), Timestamp::from_millis(5));
        let Decision::Admit { next } = decide(quota, None, now) else {
            panic!("refused")
        };
        assert!(matches!(
            decide(quota, Some(next), now),
            Decision::Refuse { .. }
        ));
        assert!(matches!(
            decide(quota, Some(quota.refund(next)), now),
            Decision::Admit { .. }
        ));
    }
}
