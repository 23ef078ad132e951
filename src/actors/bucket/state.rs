//! How does the bucket actor read and write its rows?

use super::schema;
use crate::{
    domain::{limit::Quota, time::Timestamp},
    store::{Store, StoreFault},
};

/// One rule's state.
pub(super) struct Level {
    pub(super) place: u32,
    pub(super) quota: Quota,
    /// The theoretical arrival time of the next cell.
    pub(super) next: Timestamp,
}

pub(super) fn levels(store: &dyn Store) -> Result<Vec<Level>, StoreFault> {
    let rows = store.query(schema::LIST, &[])?;
    let read = |row: &crate::store::Row| {
        let quota = Quota::new(row.int(1)?, row.count(2)?);
        Ok(Level {
            place: row.count(0)?,
            quota: quota.ok_or(StoreFault::Column { index: 1 })?,
            next: row.instant(3)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) fn put(store: &dyn Store, level: &Level) -> Result<(), StoreFault> {
    let quota = level.quota;
    let values = [
        level.place.into(),
        quota.period_ms().into(),
        quota.burst().into(),
        level.next.into(),
    ];
    store.query(schema::PUT, &values).map(drop)
}

pub(super) fn forget_full(store: &dyn Store, now: Timestamp) -> Result<(), StoreFault> {
    store.query(schema::FORGET_FULL, &[now.into()]).map(drop)
}
