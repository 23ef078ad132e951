//! What holds while a bucket cannot be asked?
//!
//! An isolate knows only of what passes through itself, and there are others: so
//! it allows a quarter, and at least one.

use super::{
    Concurrency, Gcra, Penalty, Quota, SlidingLog,
    rule::{Bound, Limit, Rule},
};

/// How many isolates one subject is spread over, at a guess.
const ISOLATES: u32 = 4;

impl Bound {
    /// The same rules, each allowing a quarter.
    #[must_use]
    pub fn narrowed(&self) -> Self {
        let rules = self.rules.iter().map(|rule| Rule {
            limit: rule.limit.narrowed().unwrap_or(rule.limit),
            ..rule.clone()
        });
        Self {
            rules: rules.collect(),
            ..*self
        }
    }
}

impl Limit {
    /// `None` where the periods of a slower rate would be too long.
    fn narrowed(&self) -> Option<Self> {
        let few = |limit: u32| (limit / ISOLATES).max(1);
        Some(match *self {
            Self::Gcra(limit) => {
                let period_ms = limit.period_ms().saturating_mul(ISOLATES.into());
                Self::Gcra(Gcra::new(period_ms, few(limit.burst()))?)
            }
            Self::Quota(limit) => Self::Quota(Quota::new(few(limit.limit), limit.window)?),
            Self::SlidingLog(limit) => {
                Self::SlidingLog(SlidingLog::new(few(limit.limit), limit.window_ms)?)
            }
            Self::Concurrency(limit) => {
                Self::Concurrency(Concurrency::new(few(limit.limit), limit.hold_ms)?)
            }
            Self::Penalty(limit) => Self::Penalty(Penalty {
                free: few(limit.free),
                ..limit
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        limit::{Name, Window, gcra::FILL_MS_MAX},
        time::{DAY_MS, HOUR_MS, SECOND_MS},
    };

    #[test]
    fn every_kind_of_rule_allows_a_quarter_and_at_least_one() {
        let gcra = |period_ms, burst| Limit::Gcra(Gcra::new(period_ms, burst).unwrap());
        let quota = |limit| Limit::Quota(Quota::new(limit, Window::Month { day: 1 }).unwrap());
        let log = |limit| Limit::SlidingLog(SlidingLog::new(limit, HOUR_MS).unwrap());
        let slots = |limit| Limit::Concurrency(Concurrency::new(limit, HOUR_MS).unwrap());
        let penalty = |free| Limit::Penalty(Penalty::new(free, 1, SECOND_MS, DAY_MS).unwrap());
        for (whole, narrow) in [
            (gcra(1_000, 10), gcra(4_000, 2)),
            (gcra(1_000, 1), gcra(4_000, 1)),
            // No period is longer than this.
            (gcra(FILL_MS_MAX, 1), gcra(FILL_MS_MAX, 1)),
            (quota(1_000), quota(250)),
            (log(3), log(1)),
            (slots(8), slots(2)),
            (penalty(5), penalty(1)),
        ] {
            let bound = Bound {
                version: 7,
                ahead: 0,
                rules: vec![Rule::new(Name::fixed("a"), whole)],
            };
            let narrowed = bound.narrowed();
            assert_eq!(narrowed.rules.first().unwrap().limit, narrow);
            assert_eq!(narrowed.version, 7);
        }
    }
}
