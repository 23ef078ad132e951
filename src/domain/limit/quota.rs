//! How much may be used up within a window of the calendar?

use super::gauge::{Charge, Measure, Refusal};
use crate::domain::{
    calendar::{civil, days_of},
    time::{DAY_MS, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The longest window: a leap year and a day.
pub const WINDOW_MS_MAX: i64 = 367 * DAY_MS;

/// How far from the epoch a window may be anchored, either way: a hundred
/// thousand years. Milliseconds from there to now can be counted.
const ANCHOR_MS_MAX: u64 = 100_000 * 366 * DAY_MS.unsigned_abs();

/// Every month has this day; billing that begins on the 29th does not exist.
pub(super) const DAY_OF_MONTH_MAX: u8 = 28;

/// Which windows follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Windows of one length, one of which begins at `anchor`. Anchored at the
    /// epoch, hours and days are those of UTC.
    Fixed {
        /// How long each is.
        length_ms: i64,
        /// When one of them begins.
        anchor: Timestamp,
    },
    /// Months of the calendar in UTC, beginning on `day`.
    Month {
        /// From 1 to 28.
        day: u8,
    },
}

impl Window {
    /// Whether such windows exist.
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        match *self {
            Self::Fixed { length_ms, anchor } => {
                let from_epoch_ms = anchor.as_millis().unsigned_abs();
                length_ms >= 1 && length_ms <= WINDOW_MS_MAX && from_epoch_ms <= ANCHOR_MS_MAX
            }
            Self::Month { day } => day >= 1 && day <= DAY_OF_MONTH_MAX,
        }
    }

    /// The window around `now`: when it began, and when the next begins.
    #[must_use]
    pub fn around(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        match *self {
            Self::Fixed { length_ms, anchor } => {
                let length_ms = length_ms.max(1);
                let begin = now.plus(-now.since(anchor).rem_euclid(length_ms));
                (begin, begin.plus(length_ms))
            }
            Self::Month { day } => {
                let day = i64::from(day);
                let (year, month, today) = civil(now.as_millis().div_euclid(DAY_MS));
                let month = year * 12 + month - i64::from(today < day);
                (first_of(month, day), first_of(month + 1, day))
            }
        }
    }
}

/// The instant at which `day` of a month begins, months counted from year 0.
fn first_of(month: i64, day: i64) -> Timestamp {
    let days = days_of(month.div_euclid(12), month.rem_euclid(12), day);
    Timestamp::from_millis(days * DAY_MS)
}

/// So much in every window of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub(super) limit: u32,
    pub(super) window: Window,
}

impl Quota {
    /// `limit` in every `window`; `None` when it is nothing, or there are no
    /// such windows.
    #[must_use]
    pub const fn new(limit: u32, window: Window) -> Option<Self> {
        if limit == 0 || !window.is_sound() {
            None
        } else {
            Some(Self { limit, window })
        }
    }
}

/// How much of a window is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Used {
    pub(super) limit: Quota,
    begin: Timestamp,
    sum: u32,
}

impl Used {
    pub(super) fn new(limit: Quota, used: u32, now: Timestamp) -> Self {
        let (begin, _) = limit.window.around(now);
        Self {
            limit,
            begin,
            sum: used,
        }
    }

    fn end(&self) -> Timestamp {
        self.limit.window.around(self.begin).1
    }

    pub(super) fn covers(&self, actual: &Self) -> bool {
        self.limit == actual.limit && self.begin == actual.begin && self.sum >= actual.sum
    }
}

impl Measure for Used {
    fn roll(&mut self, now: Timestamp) {
        let (begin, _) = self.limit.window.around(now);
        if begin > self.begin {
            (self.begin, self.sum) = (begin, 0);
        }
    }

    fn refuses(&self, cost: u32, _: Timestamp) -> Option<Refusal> {
        if cost > self.limit.limit {
            return Some(Refusal::Never);
        }
        let is_over = self.sum.saturating_add(cost) > self.limit.limit;
        is_over.then(|| Refusal::Until(self.end()))
    }

    fn charge(&mut self, charge: &Charge) {
        self.sum = self.sum.saturating_add(charge.cost);
    }

    fn forget(&mut self, _: &Charge) {}

    /// What was used in an earlier window went with it.
    fn give_back(&mut self, charge: &Charge) {
        if charge.at >= self.begin {
            self.sum = self.sum.saturating_sub(charge.cost);
        }
    }

    fn remaining(&self, _: Timestamp) -> u32 {
        self.limit.limit.saturating_sub(self.sum)
    }

    fn spent(&self, _: Timestamp) -> u32 {
        self.sum
    }

    fn full_at(&self) -> Timestamp {
        if self.sum == 0 {
            self.begin
        } else {
            self.end()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn months_are_those_of_the_calendar() {
        let at = |days| Timestamp::from_millis(days * DAY_MS + 5);
        let month = |days: i64, day| {
            let (begin, end) = Window::Month { day }.around(at(days));
            (begin.as_millis() / DAY_MS, end.as_millis() / DAY_MS)
        };
        // 1970-01-15; 2000-02-29; 2100-02-28, which no leap day follows.
        assert_eq!(month(14, 1), (0, 31));
        assert_eq!(month(14, 20), (-12, 19));
        assert_eq!(month(11_016, 1), (10_988, 11_017));
        assert_eq!(month(47_540, 28), (47_540, 47_568));
    }

    proptest! {
        #[test]
        fn windows_follow_one_another(
            now in -1_000_000_000_000_i64..4_000_000_000_000,
            length_ms in 1..WINDOW_MS_MAX,
            day in 1_u8..=28,
        ) {
            let now = Timestamp::from_millis(now);
            let anchor = Timestamp::from_millis(77);
            for window in [Window::Fixed { length_ms, anchor }, Window::Month { day }] {
                let (begin, end) = window.around(now);
                prop_assert!(begin <= now && now < end);
                prop_assert_eq!(window.around(end).0, end);
                prop_assert_eq!(window.around(begin), (begin, end));
            }
        }
    }
}
