//! What is the actor's one alarm set for?

use super::Turn;
use crate::{
    domain::time::{HOUR_MS, SECOND_MS, Timestamp},
    store::{Store, StoreFault},
};
use serde::{Deserialize, Serialize};

/// Jobs done in one alarm; the rest follow in the next.
pub const JOBS_PER_ALARM: i64 = 16;

/// The longest wait before a failing job or delivery is tried again.
pub const BACK_OFF_MS_MAX: i64 = HOUR_MS;

const PUT: &str = "INSERT INTO job (name, due_ms, attempts) VALUES (?, ?, 0) \
     ON CONFLICT (name) DO UPDATE SET due_ms = excluded.due_ms, attempts = 0, last_error = NULL";
const REMOVE: &str = "DELETE FROM job WHERE name = ?";
const DUE: &str = "SELECT name, attempts FROM job WHERE due_ms <= ? ORDER BY due_ms, name LIMIT ?";
const FAIL: &str = "UPDATE job SET due_ms = ?, attempts = ?, last_error = ? WHERE name = ?";
const LIST: &str = "SELECT name, due_ms, attempts, last_error FROM job ORDER BY due_ms, name";
const DUE_OF: &str = "SELECT due_ms FROM job WHERE name = ?";
const NEXT: &str = "SELECT MIN(due_ms) FROM \
     (SELECT due_ms FROM job UNION ALL SELECT due_ms FROM outbox WHERE dead = 0)";

/// A planned job, as inspection shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What is done.
    pub name: String,
    /// When.
    pub due: Timestamp,
    /// How often it has failed.
    pub attempts: u32,
    /// Why it failed last.
    pub last_error: Option<String>,
}

/// The wait before the next attempt: doubling from a second, with up to a
/// quarter of jitter so that what failed together does not return together.
#[must_use]
pub fn back_off_ms(attempts: u32, chance: u8) -> i64 {
    let wait = SECOND_MS
        .saturating_mul(1 << attempts.min(12))
        .min(BACK_OFF_MS_MAX);
    wait.saturating_add(wait.saturating_mul(chance.into()) / 1_024)
}

pub(super) fn put(store: &dyn Store, name: &str, due: Timestamp) -> Result<(), StoreFault> {
    store.query(PUT, &[name.into(), due.into()]).map(drop)
}

pub(super) fn remove(store: &dyn Store, name: &str) -> Result<(), StoreFault> {
    store.query(REMOVE, &[name.into()]).map(drop)
}

/// For when a job is planned, this turn's own plans aside.
///
/// # Errors
/// When storage fails.
pub fn planned(store: &dyn Store, name: &str) -> Result<Option<Timestamp>, StoreFault> {
    let rows = store.query(DUE_OF, &[name.into()])?;
    rows.first().map(|row| row.instant(0)).transpose()
}

/// Plans a job, unless it is planned for no later.
///
/// # Errors
/// When storage fails.
pub fn plan(turn: &mut Turn<'_>, name: &str, due: Timestamp) -> Result<(), StoreFault> {
    if planned(turn.store, name)?.is_none_or(|planned| planned > due) {
        turn.effects.schedule(name, due);
    }
    Ok(())
}

pub(super) fn due(store: &dyn Store, now: Timestamp) -> Result<Vec<(String, u32)>, StoreFault> {
    let rows = store.query(DUE, &[now.into(), JOBS_PER_ALARM.into()])?;
    rows.iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.count(1)?)))
        .collect()
}

pub(super) fn fail(
    store: &dyn Store,
    name: &str,
    due: Timestamp,
    attempts: u32,
    why: &str,
) -> Result<(), StoreFault> {
    store
        .query(
            FAIL,
            &[due.into(), attempts.into(), why.into(), name.into()],
        )
        .map(drop)
}

pub(super) fn list(store: &dyn Store) -> Result<Vec<Job>, StoreFault> {
    let read = |row: &crate::store::Row| {
        Ok(Job {
            name: row.text(0)?.to_owned(),
            due: row.instant(1)?,
            attempts: row.count(2)?,
            last_error: row.optional(3, |row, index| row.text(index).map(str::to_owned))?,
        })
    };
    store.query(LIST, &[])?.iter().map(read).collect()
}

/// When the alarm must ring next, for a job or a delivery.
///
/// # Errors
/// When storage fails.
pub fn next_alarm(store: &dyn Store) -> Result<Option<Timestamp>, StoreFault> {
    match store.query(NEXT, &[])?.first() {
        Some(row) => row.optional(0, crate::store::Row::instant),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_wait_is_bounded_and_never_shorter_than_a_second(attempts: u32, chance: u8) {
            let wait = back_off_ms(attempts, chance);
            prop_assert!((SECOND_MS..=BACK_OFF_MS_MAX + BACK_OFF_MS_MAX / 4).contains(&wait));
        }
    }
}
