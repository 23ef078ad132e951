//! What may be written down, so that not everything must be?

use super::{gauge::Charge, level::Level, standing::Standing};

impl Standing {
    /// This standing with up to `ahead` more spent under every rule: what may be
    /// written down, so that as many may be spent without writing.
    #[must_use]
    pub fn ahead_by(&self, ahead: u32) -> Self {
        let mut written = self.clone();
        for level in &mut written.levels {
            let measure = level.gauge.measure_mut();
            let charge = Charge {
                id: None,
                cost: ahead.min(measure.remaining(self.seen)),
                at: self.seen,
            };
            measure.charge(&charge);
        }
        written
    }

    /// Whether a crash that loses what came after `self` was written over-admits
    /// nothing, given that `actual` is how things stand.
    #[must_use]
    pub fn covers(&self, actual: &Self) -> bool {
        self.records.is_empty()
            && actual.records.is_empty()
            && actual.levels.iter().all(|level| {
                let same = |written: &&Level| written.key == level.key;
                let written = self.levels.iter().find(same);
                written.is_some_and(|written| {
                    written.version == level.version && written.gauge.covers(&level.gauge)
                })
            })
    }

    /// Whether this may be written ahead at all.
    #[must_use]
    pub fn runs_ahead(&self) -> bool {
        let mut levels = self.levels.iter();
        self.records.is_empty() && levels.all(|level| level.gauge.limit().runs_ahead())
    }
}
