//! How much may go on at the same time?

use super::gauge::{Charge, Measure, Refusal};
use crate::domain::time::{HOUR_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// The most slots there may be: each occupied one is remembered.
pub const SLOTS_MAX: u32 = 256;

/// The longest a slot stays occupied without a word.
pub const SLOT_MS_MAX: i64 = HOUR_MS;

/// So many slots at once, each free again when its holder says so, and after
/// `hold_ms` in any case: a holder that dies occupies nothing for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concurrency {
    pub(super) limit: u32,
    pub(super) hold_ms: i64,
}

impl Concurrency {
    /// `limit` slots, each for `hold_ms` at most; `None` when either is not
    /// positive, or too large ([`SLOTS_MAX`], [`SLOT_MS_MAX`]).
    #[must_use]
    pub const fn new(limit: u32, hold_ms: i64) -> Option<Self> {
        if limit == 0 || limit > SLOTS_MAX || hold_ms < 1 || hold_ms > SLOT_MS_MAX {
            None
        } else {
            Some(Self { limit, hold_ms })
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    charge: Option<u32>,
    cost: u32,
    until: Timestamp,
}

/// Who occupies what, soonest free first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Slots {
    pub(super) limit: Concurrency,
    slots: Vec<Slot>,
}

impl Slots {
    pub(super) const fn new(limit: Concurrency) -> Self {
        Self {
            limit,
            slots: Vec::new(),
        }
    }

    fn free(&mut self, charge: &Charge) {
        if charge.id.is_some() {
            self.slots.retain(|slot| slot.charge != charge.id);
        }
    }

    fn occupied(&self) -> u32 {
        let costs = self.slots.iter().map(|slot| slot.cost);
        costs.fold(0, u32::saturating_add)
    }
}

impl Measure for Slots {
    fn roll(&mut self, now: Timestamp) {
        self.slots.retain(|slot| slot.until > now);
    }

    fn refuses(&self, cost: u32, _: Timestamp) -> Option<Refusal> {
        if cost > self.limit.limit {
            return Some(Refusal::Never);
        }
        let occupied = self.occupied().saturating_add(cost);
        let mut over = occupied.saturating_sub(self.limit.limit);
        if over == 0 {
            return None;
        }
        let freed = |slot: &Slot| {
            over = over.saturating_sub(slot.cost);
            (over == 0).then_some(slot.until)
        };
        let free_at = self.slots.iter().find_map(freed);
        Some(free_at.map_or(Refusal::Never, Refusal::Until))
    }

    fn charge(&mut self, charge: &Charge) {
        self.slots.push(Slot {
            charge: charge.id,
            cost: charge.cost,
            until: charge.at.plus(self.limit.hold_ms),
        });
        self.slots.sort_by_key(|slot| slot.until);
    }

    /// Its slot stays occupied for its time.
    fn forget(&mut self, charge: &Charge) {
        for slot in &mut self.slots {
            if slot.charge == charge.id {
                slot.charge = None;
            }
        }
    }

    fn commit(&mut self, charge: &Charge) {
        self.free(charge);
    }

    fn give_back(&mut self, charge: &Charge) {
        self.free(charge);
    }

    fn remaining(&self, _: Timestamp) -> u32 {
        self.limit.limit.saturating_sub(self.occupied())
    }

    fn spent(&self, _: Timestamp) -> u32 {
        0
    }

    fn full_at(&self) -> Timestamp {
        let last = self.slots.last();
        last.map_or(Timestamp::default(), |slot| slot.until)
    }
}
