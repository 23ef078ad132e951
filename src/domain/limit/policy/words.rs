//! Which words stand in documents, and for what?

use super::{Mode, OnFailure};
use crate::domain::{
    limit::Window,
    time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp},
};

pub(super) const MODES: &[(&str, Mode)] = &[("enforce", Mode::Enforce), ("shadow", Mode::Shadow)];

pub(super) const ON_FAILURE: &[(&str, OnFailure)] = &[
    ("deny", OnFailure::Deny),
    ("degrade", OnFailure::Degrade),
    ("allow", OnFailure::Allow),
];

/// Windows of the calendar in UTC. The epoch was a Thursday; weeks begin on
/// Mondays (ISO 8601).
pub(super) const WINDOWS: &[(&str, Window)] = &[
    ("minute", fixed(MINUTE_MS, 0)),
    ("hour", fixed(HOUR_MS, 0)),
    ("day", fixed(DAY_MS, 0)),
    ("week", fixed(7 * DAY_MS, 4 * DAY_MS)),
    ("month", Window::Month { day: 1 }),
];

const fn fixed(length_ms: i64, anchor: i64) -> Window {
    Window::Fixed {
        length_ms,
        anchor: Timestamp::from_millis(anchor),
    }
}

/// The word for a value, when there is one.
pub(super) fn word<T: PartialEq>(words: &[(&'static str, T)], value: &T) -> Option<&'static str> {
    let mut words = words.iter();
    words
        .find(|(_, other)| other == value)
        .map(|(word, _)| *word)
}
