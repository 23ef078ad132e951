//! How does a shard of the registry read and write its rows?

use super::{Count, Entry, owner, schema};
use crate::{
    domain::time::Timestamp,
    store::{Row, Store, StoreFault},
};

/// Under whom all actors are counted together.
pub(super) const EVERYBODY: &str = "";

/// More than any name that begins like another.
const LAST: char = char::MAX;

fn entry(row: &Row) -> Result<Entry, StoreFault> {
    Ok(Entry {
        name: row.text(0)?.to_owned(),
        born_at: row.optional(1, Row::instant)?,
        ended_at: row.optional(2, Row::instant)?,
    })
}

pub(super) fn find(store: &dyn Store, kind: &str, name: &str) -> Result<Option<Entry>, StoreFault> {
    let rows = store.query(schema::FIND, &[kind.into(), name.into()])?;
    rows.first().map(entry).transpose()
}

/// Up to `limit` entries whose name begins with `prefix` and follows `after`.
pub(super) fn page(
    store: &dyn Store,
    (kind, is_live): (&str, bool),
    prefix: &str,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<Entry>, StoreFault> {
    // The name that follows another at once is the same with a zero.
    let next = after.map(|after| format!("{after}\0")).unwrap_or_default();
    let params = [
        kind.into(),
        is_live.into(),
        prefix.max(&next).into(),
        format!("{prefix}{LAST}").into(),
        limit.into(),
    ];
    let rows = store.query(schema::PAGE, &params)?;
    rows.iter().map(entry).collect()
}

/// Puts `entry` in the place of what was known of the same actor, and counts.
pub(super) fn put(
    store: &dyn Store,
    kind: &str,
    known: Option<&Entry>,
    entry: &Entry,
) -> Result<(), StoreFault> {
    let mut change = [0, 0];
    if let Some(known) = known {
        remove(store, kind, known.is_live(), &known.name)?;
        count_into(&mut change, known.is_live(), -1);
    }
    let row = [
        kind.into(),
        entry.is_live().into(),
        entry.name.as_str().into(),
        entry.born_at.into(),
        entry.ended_at.into(),
    ];
    store.query(schema::ADD, &row)?;
    count_into(&mut change, entry.is_live(), 1);
    if change == [0, 0] {
        return Ok(());
    }
    tally(store, owner(&entry.name), kind, change)?;
    tally(store, EVERYBODY, kind, change)
}

fn count_into([live, ended]: &mut [i64; 2], is_live: bool, by: i64) {
    *(if is_live { live } else { ended }) += by;
}

pub(super) fn remove(
    store: &dyn Store,
    kind: &str,
    is_live: bool,
    name: &str,
) -> Result<(), StoreFault> {
    let key = [kind.into(), is_live.into(), name.into()];
    store.query(schema::REMOVE, &key).map(drop)
}

/// Kind and name of up to `limit` actors that ended until `until`.
pub(super) fn ended_until(
    store: &dyn Store,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<(String, String)>, StoreFault> {
    let rows = store.query(schema::ENDED_UNTIL, &[until.into(), limit.into()])?;
    rows.iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned())))
        .collect()
}

/// When the first of those that have ended did.
pub(super) fn first_ended(store: &dyn Store) -> Result<Option<Timestamp>, StoreFault> {
    let rows = store.query(schema::FIRST_ENDED, &[])?;
    rows.first().map(|row| row.instant(0)).transpose()
}

/// Counts so many more, or fewer, that live and that have ended.
pub(super) fn tally(
    store: &dyn Store,
    owner: &str,
    kind: &str,
    [live, ended]: [i64; 2],
) -> Result<(), StoreFault> {
    let row = [owner.into(), kind.into(), live.into(), ended.into()];
    store.query(schema::TALLY, &row).map(drop)
}

/// Forgets a count of nobody.
pub(super) fn drop_tally(store: &dyn Store, owner: &str, kind: &str) -> Result<(), StoreFault> {
    let key = [owner.into(), kind.into()];
    store.query(schema::DROP_TALLY, &key).map(drop)
}

pub(super) fn counts(store: &dyn Store, owner: &str) -> Result<Vec<Count>, StoreFault> {
    let rows = store.query(schema::COUNTS, &[owner.into()])?;
    let count = |row: &Row| {
        Ok(Count {
            kind: row.text(0)?.to_owned(),
            live: row.count(1)?,
            ended: row.count(2)?,
        })
    };
    rows.iter().map(count).collect()
}
