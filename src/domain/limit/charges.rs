//! What becomes of a charge later?

use super::{
    record::{End, HOLD_MS_MAX, Phase, RECORDS_MAX, REMEMBERED_MS, Record, RequestId, Settled},
    standing::Standing,
};
use crate::domain::time::Timestamp;

/// For how long a charge is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// It stands, and may be cancelled for a while ([`REMEMBERED_MS`]).
    Stands,
    /// It falls when it is not committed within so many milliseconds.
    Falls {
        /// At most [`HOLD_MS_MAX`].
        after_ms: i64,
    },
}

impl Standing {
    /// Makes a charge final; what it occupies becomes free.
    pub fn commit(&mut self, request: &RequestId, now: Timestamp) -> Settled {
        let now = self.pass(now);
        let Some(record) = self.find(request).and_then(|at| self.records.get_mut(at)) else {
            return Settled::Unknown;
        };
        if record.phase == Phase::Committed {
            return Settled::Already;
        }
        record.phase = Phase::Committed;
        record.until = now.plus(REMEMBERED_MS);
        let record = record.clone();
        self.settle(&record, End::Committed);
        Settled::Done
    }

    /// Gives a charge back, if there was one and it is not final.
    pub fn cancel(&mut self, request: &RequestId, now: Timestamp) -> Settled {
        self.pass(now);
        let Some(at) = self.find(request) else {
            return Settled::Unknown;
        };
        let is_final = |record: &Record| record.phase == Phase::Committed;
        if self.records.get(at).is_some_and(is_final) {
            return Settled::Stands;
        }
        let record = self.records.remove(at);
        self.settle(&record, End::Cancelled);
        Settled::Done
    }

    /// How many charges may still be given back or repeated.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.records.len()
    }

    /// When another charge can be remembered; `None` when at once.
    pub(super) fn room_at(&self) -> Option<Timestamp> {
        let is_held = |record: &Record| record.phase == Phase::Held;
        let is_full = self.records.len() >= RECORDS_MAX && self.records.iter().all(is_held);
        let soonest = self.records.iter().map(|record| record.until).min();
        soonest.filter(|_| is_full)
    }

    /// Remembers a charge, and forgets the oldest final one when there is no
    /// room.
    pub(super) fn record(
        &mut self,
        request: &RequestId,
        holding: Holding,
        cost: u32,
        places: &[usize],
    ) -> u32 {
        if self.records.len() >= RECORDS_MAX {
            let is_final = |record: &Record| record.phase != Phase::Held;
            if let Some(oldest) = self.records.iter().position(is_final) {
                let oldest = self.records.remove(oldest);
                self.settle(&oldest, End::Forgotten);
            }
        }
        self.numbered = self.numbered.wrapping_add(1);
        let (phase, life_ms) = match holding {
            Holding::Stands => (Phase::Charged, REMEMBERED_MS),
            Holding::Falls { after_ms } => (Phase::Held, after_ms.clamp(1, HOLD_MS_MAX)),
        };
        let keys = self.at(places).map(|level| level.key.clone()).collect();
        self.records.push(Record {
            id: self.numbered,
            request: request.clone(),
            phase,
            cost,
            at: self.seen,
            until: self.seen.plus(life_ms),
            keys,
        });
        self.numbered
    }

    pub(super) fn find(&self, request: &RequestId) -> Option<usize> {
        let mut records = self.records.iter();
        records.position(|record| record.request == *request)
    }

    /// Lets a charge come to its end in every state it was charged to.
    pub(super) fn settle(&mut self, record: &Record, end: End) {
        let charge = record.charge();
        for level in &mut self.levels {
            if !record.keys.contains(&level.key) {
                continue;
            }
            let measure = level.gauge.measure_mut();
            match end {
                End::Forgotten => measure.forget(&charge),
                End::Committed => measure.commit(&charge),
                End::Cancelled if level.counts_cancelled => measure.commit(&charge),
                End::Cancelled => measure.give_back(&charge),
            }
        }
    }
}
