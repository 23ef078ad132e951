//! What time is it?

use crate::domain::time::Timestamp;

/// The isolate's clock. It stands still between two arrivals of I/O.
#[expect(
    clippy::cast_possible_truncation,
    reason = "whole milliseconds within 53 bits"
)]
pub(super) fn now() -> Timestamp {
    Timestamp::from_millis(js_sys::Date::now() as i64)
}
