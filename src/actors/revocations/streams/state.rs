//! How are streams and what waits in them read and written?

use super::schema;
use crate::{
    actors::{rows, runtime::Fault},
    domain::{
        ids::{SetId, StreamId, TenantId},
        keys::Sealed,
        oauth::ClientId,
        ssf::{Stream, Topic, Waiting},
        time::Timestamp,
    },
    store::{Row, Store, Value},
};

/// A stream with what only the actor knows of it.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) tenant: TenantId,
    pub(super) stream: Stream,
    pub(super) header: Option<Sealed>,
    pub(super) verified_at: Option<Timestamp>,
    /// The place of the event that comes next.
    pub(super) next: i64,
    pub(super) waiting: u32,
    /// The batch that was announced last.
    pub(super) batch: u32,
    /// Since when it is on its way.
    pub(super) sent_at: Option<Timestamp>,
    /// How often pushing has failed since it last did not.
    pub(super) failures: u32,
    pub(super) last_error: Option<String>,
}

fn key(id: StreamId) -> Value {
    id.as_bytes().as_slice().into()
}

fn count(store: &dyn Store, sql: &'static str, params: &[Value]) -> Result<u32, Fault> {
    let rows = store.query(sql, params)?;
    Ok(rows.first().map_or(Ok(0), |row| row.count(0))?)
}

pub(super) fn count_all(store: &dyn Store) -> Result<u32, Fault> {
    count(store, schema::COUNT, &[])
}

pub(super) fn count_of(store: &dyn Store, client: &ClientId) -> Result<u32, Fault> {
    count(store, schema::COUNT_OF_CLIENT, &[client.as_str().into()])
}

fn bytes(header: Option<&Sealed>) -> Value {
    header.map(Sealed::as_bytes).into()
}

pub(super) fn insert(
    store: &dyn Store,
    tenant: TenantId,
    stream: &Stream,
    header: Option<&Sealed>,
) -> Result<(), Fault> {
    let row = [
        key(stream.id),
        stream.client.as_str().into(),
        tenant.as_bytes().as_slice().into(),
        rows::json(stream)?.into(),
        bytes(header),
    ];
    store.query(schema::INSERT, &row)?;
    Ok(())
}

pub(super) fn find(store: &dyn Store, id: StreamId) -> Result<Option<Kept>, Fault> {
    let rows = store.query(schema::FIND, &[key(id)])?;
    rows.first().map(kept).transpose()
}

pub(super) fn all(store: &dyn Store) -> Result<Vec<Kept>, Fault> {
    store.query(schema::ALL, &[])?.iter().map(kept).collect()
}

pub(super) fn of(store: &dyn Store, client: &ClientId) -> Result<Vec<Kept>, Fault> {
    let rows = store.query(schema::OF_CLIENT, &[client.as_str().into()])?;
    rows.iter().map(kept).collect()
}

pub(super) fn update(store: &dyn Store, kept: &Kept) -> Result<(), Fault> {
    let row = [
        rows::json(&kept.stream)?.into(),
        bytes(kept.header.as_ref()),
        kept.verified_at.into(),
        kept.next.into(),
        kept.waiting.into(),
        kept.batch.into(),
        kept.sent_at.into(),
        kept.failures.into(),
        kept.last_error.as_deref().into(),
        key(kept.stream.id),
    ];
    store.query(schema::UPDATE, &row)?;
    Ok(())
}

pub(super) fn delete(store: &dyn Store, id: StreamId) -> Result<(), Fault> {
    for sql in [schema::CLEAR, schema::CLEAR_MUTES, schema::DELETE] {
        store.query(sql, &[key(id)])?;
    }
    Ok(())
}

/// Writes an event behind those that wait; one that waits already stays.
pub(super) fn put(store: &dyn Store, kept: &mut Kept, waiting: &Waiting) -> Result<(), Fault> {
    let row = [
        key(kept.stream.id),
        kept.next.into(),
        waiting.jti.as_bytes().as_slice().into(),
        rows::json(waiting)?.into(),
    ];
    let written = store.query(schema::PUT, &row)?.len();
    kept.next = kept.next.saturating_add(1);
    kept.waiting = kept.waiting.saturating_add(small(written));
    Ok(())
}

/// The oldest that wait.
pub(super) fn waiting(
    store: &dyn Store,
    stream: StreamId,
    most: u32,
) -> Result<Vec<Waiting>, Fault> {
    let rows = store.query(schema::WAITING, &[key(stream), most.into()])?;
    let read = |row: &Row| rows::from_json(row.text(0)?);
    rows.iter().map(read).collect()
}

/// Forgets one that waits; whether it did.
pub(super) fn forget(store: &dyn Store, kept: &mut Kept, jti: SetId) -> Result<bool, Fault> {
    let jti = jti.as_bytes().as_slice().into();
    let gone = store
        .query(schema::DROP, &[key(kept.stream.id), jti])?
        .len();
    kept.waiting = kept.waiting.saturating_sub(small(gone));
    Ok(gone > 0)
}

pub(super) fn clear(store: &dyn Store, kept: &mut Kept) -> Result<(), Fault> {
    store.query(schema::CLEAR, &[key(kept.stream.id)])?;
    kept.waiting = 0;
    Ok(())
}

/// Whether a receiver does not want to hear of a topic, or of a wider one.
pub(super) fn is_muted(store: &dyn Store, id: StreamId, topic: &Topic) -> Result<bool, Fault> {
    for wider in topic.wider() {
        let topic = rows::json(&wider)?.into();
        if !store.query(schema::IS_MUTED, &[key(id), topic])?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) fn count_mutes(store: &dyn Store, id: StreamId) -> Result<u32, Fault> {
    count(store, schema::COUNT_MUTES, &[key(id)])
}

pub(super) fn mute(store: &dyn Store, id: StreamId, topic: &Topic) -> Result<(), Fault> {
    store.query(schema::MUTE, &[key(id), rows::json(topic)?.into()])?;
    Ok(())
}

/// Forgets whatever stands in the way of a topic.
pub(super) fn unmute(store: &dyn Store, id: StreamId, topic: &Topic) -> Result<(), Fault> {
    for row in store.query(schema::MUTES, &[key(id)])? {
        let muted: Topic = rows::from_json(row.text(0)?)?;
        if muted.matches(topic) {
            store.query(schema::UNMUTE, &[key(id), row.text(0)?.into()])?;
        }
    }
    Ok(())
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn kept(row: &Row) -> Result<Kept, Fault> {
    let header = row.optional(2, Row::blob)?;
    let sealed = header.map(|bytes| Sealed::from_stored(bytes.to_vec()));
    let last_error = row.optional(9, Row::text)?;
    Ok(Kept {
        tenant: TenantId::from_bytes(rows::id(row, 0)?),
        stream: rows::from_json(row.text(1)?)?,
        header: sealed
            .transpose()
            .map_err(|_| Fault::Corrupt("a sealed header is none"))?,
        verified_at: row.optional(3, Row::instant)?,
        next: row.int(4)?,
        waiting: row.count(5)?,
        batch: row.count(6)?,
        sent_at: row.optional(7, Row::instant)?,
        failures: row.count(8)?,
        last_error: last_error.map(str::to_owned),
    })
}
