//! What time is it?

/// How far clocks may differ: the longest leeway, and how long a revocation is
/// kept beyond the life of the tokens it took away.
pub const LEEWAY_S_MAX: u64 = 60;

/// An instant, told by two clocks.
///
/// How old knowledge is, is measured by both, and the larger age counts: the
/// monotonic clock stands still while a machine sleeps, and the wall clock may
/// be set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since the Unix epoch.
    pub wall_ms: u64,
    /// Milliseconds since some instant that stays the same while the process lives.
    pub mono_ms: u64,
}

impl Now {
    /// Before anything has happened.
    pub(crate) const ZERO: Self = Self {
        wall_ms: 0,
        mono_ms: 0,
    };

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn wall_s(self) -> u64 {
        self.wall_ms / 1_000
    }

    /// How long ago `earlier` was, by the clock that says more.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        let by_mono = self.mono_ms.saturating_sub(earlier.mono_ms);
        let by_wall = self.wall_ms.saturating_sub(earlier.wall_ms);
        by_mono.max(by_wall)
    }
}
