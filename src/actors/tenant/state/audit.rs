//! How are records of acts kept?

use crate::{
    actors::{
        rows,
        runtime::Fault,
        tenant::{ActPage, Only, schema::audit as schema},
    },
    domain::{
        audit::{Event, Outcome, Record},
        time::Timestamp,
    },
    store::{INTEGER_MAX, Row, Store},
};

/// Appends a record, and drops the oldest when there are more than `most`.
pub(crate) fn append(store: &dyn Store, record: &Record, most: u32) -> Result<(), Fault> {
    let params = [record.at.into(), rows::json(record)?.into()];
    store.query(schema::APPEND, &params)?;
    store.query(schema::BOUND, &[most.into()])?;
    Ok(())
}

/// Records among which a page is looked for.
const STRETCH: i64 = 5_000;

/// Up to `limit` of those records asked for, before number `before`, latest first;
/// and the number before which to look on.
pub(crate) fn page(
    store: &dyn Store,
    before: Option<i64>,
    only: &Only,
    limit: u32,
) -> Result<ActPage, Fault> {
    let top = match before {
        Some(before) => before.clamp(0, INTEGER_MAX),
        None => top(store)?,
    };
    let floor = top.saturating_sub(STRETCH).max(0);
    let from = only.from.unwrap_or_default();
    let to = only.to.unwrap_or(Timestamp::from_millis(INTEGER_MAX));
    let actor = only.actor.as_deref().unwrap_or_default();
    let params = [
        top.into(),
        floor.into(),
        from.into(),
        to.into(),
        only.event.map_or("", Event::as_str).into(),
        actor.into(),
        only.outcome.map_or("", Outcome::as_str).into(),
        limit.into(),
    ];
    let rows = store.query(schema::PAGE, &params)?;
    let read = |row: &Row| Ok((row.int(0)?, rows::from_json(row.text(1)?)?));
    let items = rows.iter().map(read).collect::<Result<_, Fault>>()?;
    let older = store.query(schema::IS_OLDER, &[floor.into(), from.into()])?;
    let next = (!older.is_empty()).then_some(floor);
    Ok(ActPage { items, next })
}

/// What comes after the latest.
fn top(store: &dyn Store) -> Result<i64, Fault> {
    let rows = store.query(schema::TOP, &[])?;
    let latest = rows.first().map(|row| row.optional(0, Row::int));
    Ok(latest
        .transpose()?
        .flatten()
        .unwrap_or_default()
        .saturating_add(1))
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
