//! What time is it?

use core::time::Duration;
use std::{sync::OnceLock, time::SystemTime};
use tokio::time::Instant;

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
    pub const ZERO: Self = Self {
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

/// Both clocks, now. The monotonic one is Tokio's, which tests can pause.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine: everything else is handed the time"
)]
pub fn now() -> Now {
    static START: OnceLock<Instant> = OnceLock::new();
    let started = *START.get_or_init(Instant::now);
    let millis = |duration: Duration| u64::try_from(duration.as_millis());
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Now {
        // A clock that shows 1969 makes every token expire.
        wall_ms: wall.map_or(u64::MAX, |since| millis(since).unwrap_or(u64::MAX)),
        mono_ms: millis(started.elapsed()).unwrap_or(u64::MAX),
    }
}
