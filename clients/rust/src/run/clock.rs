//! What do the machine's clocks say?

use crate::time::Now;
use std::{
    sync::OnceLock,
    time::{Instant, SystemTime},
};

/// Both clocks, now.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine: everything else is handed the time"
)]
pub(super) fn now() -> Now {
    static START: OnceLock<Instant> = OnceLock::new();
    let started = *START.get_or_init(Instant::now);
    let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis());
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Now {
        // A clock that shows 1969 makes every token expire.
        wall_ms: wall.map_or(u64::MAX, |since| millis(since).unwrap_or(u64::MAX)),
        mono_ms: millis(started.elapsed()).unwrap_or(u64::MAX),
    }
}
