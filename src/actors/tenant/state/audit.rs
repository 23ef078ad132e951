//! How are records of acts kept?

use crate::{
    actors::{rows, runtime::Fault, tenant::schema::audit as schema},
    domain::{audit::Record, time::Timestamp},
    store::{INTEGER_MAX, Row, Store},
};

/// Appends a record, and drops the oldest when there are more than `most`.
pub(crate) fn append(store: &dyn Store, record: &Record, most: u32) -> Result<(), Fault> {
    let params = [record.at.into(), rows::json(record)?.into()];
    store.query(schema::APPEND, &params)?;
    store.query(schema::BOUND, &[most.into()])?;
    Ok(())
}

/// Up to `limit` records before number `before`, latest first.
pub(crate) fn page(
    store: &dyn Store,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<(i64, Record)>, Fault> {
    let before = before.unwrap_or(INTEGER_MAX).clamp(0, INTEGER_MAX);
    let rows = store.query(schema::PAGE, &[before.into(), limit.into()])?;
    let read = |row: &Row| Ok((row.int(0)?, rows::from_json(row.text(1)?)?));
    rows.iter().map(read).collect()
}

/// Up to `limit` records the archive has not been told of, as they are written.
pub(crate) fn unarchived(store: &dyn Store, limit: u32) -> Result<Vec<(i64, String)>, Fault> {
    let rows = store.query(schema::UNARCHIVED, &[limit.into()])?;
    let read = |row: &Row| Ok((row.int(0)?, row.text(1)?.to_owned()));
    rows.iter().map(read).collect()
}

/// The archive has been told of all up to number `seq`.
pub(crate) fn archived(store: &dyn Store, seq: i64) -> Result<(), Fault> {
    store.query(schema::ARCHIVED, &[seq.into()])?;
    Ok(())
}

/// When the oldest was done.
pub(crate) fn oldest(store: &dyn Store) -> Result<Option<Timestamp>, Fault> {
    let rows = store.query(schema::OLDEST, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(row.optional(0, Row::instant)?)
}

/// Drops up to `limit` of those done until `until`.
pub(crate) fn expire(store: &dyn Store, until: Timestamp, limit: u32) -> Result<(), Fault> {
    store.query(schema::EXPIRE, &[until.into(), limit.into()])?;
    Ok(())
}
