//! How are tenants and hostnames read and written?

use super::{NoteCounts, TenantRecord, schema};
use crate::{
    actors::{registry::Count, rows, runtime::Fault},
    domain::{
        ids::TenantId,
        tenant::{Hostname, Slug, Status},
        time::Timestamp,
    },
    store::{Row, Store, StoreFault, Value},
};

fn key(id: TenantId) -> Value {
    id.as_bytes().as_slice().into()
}

pub(super) fn count(store: &dyn Store) -> Result<u32, Fault> {
    let rows = store.query(schema::COUNT, &[])?;
    Ok(rows.first().map_or(Ok(0), |row| row.count(0))?)
}

/// How many tenants have each status.
pub(super) fn count_by_status(store: &dyn Store) -> Result<Vec<(String, u32)>, StoreFault> {
    let rows = store.query(schema::COUNT_BY_STATUS, &[])?;
    rows.iter()
        .map(|row| Ok((row.text(0)?.to_owned(), row.count(1)?)))
        .collect()
}

pub(super) fn insert(
    store: &dyn Store,
    id: TenantId,
    slug: &Slug,
    now: Timestamp,
) -> Result<(), Fault> {
    let status = rows::word(Status::Live)?;
    let row = [key(id), slug.as_str().into(), status.into(), now.into()];
    store.query(schema::INSERT, &row)?;
    Ok(())
}

pub(super) fn by_id(store: &dyn Store, id: TenantId) -> Result<Option<TenantRecord>, Fault> {
    first(store, &store.query(schema::BY_ID, &[key(id)])?)
}

pub(super) fn by_slug(store: &dyn Store, slug: &Slug) -> Result<Option<TenantRecord>, Fault> {
    let slug = slug.as_str().into();
    first(store, &store.query(schema::BY_SLUG, &[slug])?)
}

pub(super) fn by_hostname(store: &dyn Store, name: &str) -> Result<Option<TenantRecord>, Fault> {
    first(store, &store.query(schema::BY_HOSTNAME, &[name.into()])?)
}

/// Up to `limit` tenants whose slug begins with `prefix` and follows `after`.
pub(super) fn page(
    store: &dyn Store,
    prefix: &str,
    after: Option<&Slug>,
    limit: u32,
) -> Result<Vec<TenantRecord>, Fault> {
    let after = after.map_or("", Slug::as_str);
    let params = [prefix.into(), prefix.into(), after.into(), limit.into()];
    let rows = store.query(schema::PAGE, &params)?;
    rows.iter().map(|row| record(store, row)).collect()
}

pub(super) fn set_slug(store: &dyn Store, id: TenantId, slug: &Slug) -> Result<(), Fault> {
    store.query(schema::SET_SLUG, &[slug.as_str().into(), key(id)])?;
    Ok(())
}

/// Sets the status, and answers the number of this change.
pub(super) fn set_status(store: &dyn Store, id: TenantId, status: Status) -> Result<u32, Fault> {
    let rows = store.query(schema::SET_STATUS, &[rows::word(status)?.into(), key(id)])?;
    let row = rows.first().ok_or(Fault::Corrupt("no such tenant"))?;
    Ok(row.count(0)?)
}

pub(super) fn delete(store: &dyn Store, id: TenantId) -> Result<(), Fault> {
    store.query(schema::DELETE, &[key(id)])?;
    delete_hostnames(store, id)
}

/// Makes `names` all the hostnames of a tenant.
pub(super) fn set_hostnames(
    store: &dyn Store,
    id: TenantId,
    names: &[Hostname],
) -> Result<(), Fault> {
    delete_hostnames(store, id)?;
    for name in names {
        store.query(schema::ADD_HOSTNAME, &[name.as_str().into(), key(id)])?;
    }
    Ok(())
}

fn delete_hostnames(store: &dyn Store, id: TenantId) -> Result<(), Fault> {
    store.query(schema::DELETE_HOSTNAMES, &[key(id)])?;
    Ok(())
}

pub(super) fn note_counts(store: &dyn Store, m: &NoteCounts) -> Result<(), Fault> {
    let document = rows::json(&m.items)?;
    let row = [m.shard.as_str().into(), m.at.into(), document.into()];
    store.query(schema::NOTE_COUNTS, &row)?;
    Ok(())
}

/// What all shards of the registry have counted, added up.
pub(super) fn counts(store: &dyn Store) -> Result<Vec<Count>, Fault> {
    let rows = store.query(schema::COUNTS, &[])?;
    let read = |row: &Row| rows::from_json::<Vec<Count>>(row.text(0)?);
    let counts: Result<Vec<_>, Fault> = rows.iter().map(read).collect();
    Ok(Count::sum(counts?.into_iter().flatten()))
}

fn hostnames(store: &dyn Store, id: TenantId) -> Result<Vec<String>, StoreFault> {
    let rows = store.query(schema::HOSTNAMES, &[key(id)])?;
    rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect()
}

fn first(store: &dyn Store, rows: &[Row]) -> Result<Option<TenantRecord>, Fault> {
    rows.first().map(|row| record(store, row)).transpose()
}

fn record(store: &dyn Store, row: &Row) -> Result<TenantRecord, Fault> {
    let id = TenantId::from_bytes(rows::id(row, 0)?);
    let slug = Slug::parse(row.text(1)?).map_err(|_| Fault::Corrupt("a stored slug is none"))?;
    Ok(TenantRecord {
        id,
        slug,
        status: rows::from_word(row.text(2)?)?,
        created_at: row.instant(3)?,
        hostnames: hostnames(store, id)?,
    })
}
