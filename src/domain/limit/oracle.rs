//! What do the definitions of the rules say?
//!
//! Knows nothing of how a bucket keeps its books: only what was charged when,
//! what of it fell, and what each rule promises of every window. Slow, and so
//! simple that it can be believed.

use super::{Limit, Window};
use crate::domain::time::{DAY_MS, Timestamp};

/// Something that was charged and has not fallen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charged {
    pub(crate) at: Timestamp,
    pub(crate) cost: u32,
    /// By which it is named, if it is.
    pub(crate) request: Option<u32>,
    /// When what it occupied became free, if somebody said so.
    pub(crate) freed: Option<Timestamp>,
    /// From when on it was never charged, if nobody says a word.
    pub(crate) falls: Option<Timestamp>,
}

impl Charged {
    pub(crate) const fn new(cost: u32, at: Timestamp) -> Self {
        Self {
            at,
            cost,
            request: None,
            freed: None,
            falls: None,
        }
    }
}

/// Whether `limit` allows all of `charged`, and `cost` more at `at`.
pub(crate) fn allows(limit: Limit, charged: &[Charged], cost: u32, at: Timestamp) -> bool {
    let stands = |c: &&Charged| c.falls.is_none_or(|falls| falls > at);
    let mut all: Vec<Charged> = charged.iter().filter(stands).copied().collect();
    all.push(Charged::new(cost, at));
    match limit {
        // In every window [a, b]: no more than the burst, and one a period.
        Limit::Gcra(gcra) => every_window(&all, at, |a, b, sum| {
            sum <= u64::from(gcra.burst()) + span(a, b) / gcra.period_ms().unsigned_abs()
        }),
        // In every window of that length, its end included and its beginning not.
        Limit::SlidingLog(log) => all.iter().filter(|end| end.at >= at).all(|end| {
            let begin = end.at.plus(-log.window_ms);
            sum(all.iter().filter(|c| c.at > begin && c.at <= end.at)) <= u64::from(log.limit)
        }),
        Limit::Quota(quota) => {
            let window = calendar(quota.window, at);
            let within = all
                .iter()
                .filter(|c| calendar(quota.window, c.at) == window);
            sum(within) <= u64::from(quota.limit)
        }
        Limit::Concurrency(slots) => {
            let occupies = |c: &&Charged| {
                c.at.plus(slots.hold_ms) > at && c.freed.is_none_or(|freed| freed > at)
            };
            sum(all.iter().filter(occupies)) <= u64::from(slots.limit)
        }
        Limit::Penalty(_) => panic!("a penalty depends on order, and has tests of its own"),
    }
}

/// Which window of the calendar, counted by hand.
fn calendar(window: Window, at: Timestamp) -> i64 {
    match window {
        Window::Fixed { length_ms, anchor } => at.since(anchor).div_euclid(length_ms),
        Window::Month { .. } => at.as_millis().div_euclid(31 * DAY_MS),
    }
}

fn span(a: Timestamp, b: Timestamp) -> u64 {
    b.since(a).unsigned_abs()
}

fn sum<'a>(charged: impl Iterator<Item = &'a Charged>) -> u64 {
    charged.map(|c| u64::from(c.cost)).sum()
}

/// Every window that has `at` in it and charges at both ends.
fn every_window(
    all: &[Charged],
    at: Timestamp,
    holds: impl Fn(Timestamp, Timestamp, u64) -> bool,
) -> bool {
    let mut order: Vec<&Charged> = all.iter().collect();
    order.sort_by_key(|c| c.at);
    order
        .iter()
        .enumerate()
        .filter(|(_, a)| a.at <= at)
        .all(|(index, a)| {
            let mut within = 0;
            let mut later = order[index..].iter().peekable();
            while let Some(b) = later.next() {
                within += u64::from(b.cost);
                // Charges of one instant are in a window together.
                let is_last = later.peek().is_none_or(|next| next.at > b.at);
                if is_last && b.at >= at && !holds(a.at, b.at, within) {
                    return false;
                }
            }
            true
        })
}
