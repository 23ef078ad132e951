//! How does a log read and write its rows?

use super::{Signed, schema};
use crate::{
    actors::runtime::Fault,
    domain::{
        entropy::Entropy,
        ids::EventId,
        revocation::{Cursor, Epoch, Seq},
        time::Timestamp,
    },
    store::{Row, Store, StoreFault, Value},
};
use std::collections::BTreeSet;

/// The log, apart from its records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    pub(super) epoch: Epoch,
    /// The last record.
    pub(super) head: Seq,
    /// The last record whose contents are gone.
    pub(super) floor: Seq,
    /// Records so far.
    pub(super) appended: i64,
    pub(super) retention_ms: i64,
    /// When it ends.
    pub(super) ends_at: Option<Timestamp>,
}

impl Log {
    pub(super) const fn at(&self, seq: Seq) -> Cursor {
        let epoch = self.epoch;
        Cursor { epoch, seq }
    }
}

/// A record as it is told one by one.
pub(super) struct Entry {
    pub(super) seq: Seq,
    /// Whether it takes anything away.
    pub(super) revokes: bool,
    /// Its token for the issuer asked for.
    pub(super) set: Option<String>,
}

fn number(seq: Seq) -> Value {
    seq.as_i64().into()
}

fn seq(row: &Row, index: usize) -> Result<Seq, StoreFault> {
    row.int(index).map(Seq::from_i64)
}

fn maybe_seq(rows: &[Row]) -> Result<Option<Seq>, StoreFault> {
    match rows.first() {
        Some(row) => row.optional(0, seq),
        None => Ok(None),
    }
}

pub(super) fn log(store: &dyn Store) -> Result<Option<Log>, Fault> {
    let rows = store.query(schema::LOG, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let epoch = Epoch::parse(row.text(0)?);
    Ok(Some(Log {
        epoch: epoch.ok_or(Fault::Corrupt("a stored epoch is none"))?,
        head: seq(row, 1)?,
        floor: seq(row, 2)?,
        appended: row.int(3)?,
        retention_ms: row.int(4)?,
        ends_at: row.optional(5, Row::instant)?,
    }))
}

/// Begins an empty log. It ends where the clock stands, so that it has no
/// cursor of an earlier one, should their epochs ever be alike.
pub(super) fn found(
    store: &dyn Store,
    entropy: &mut dyn Entropy,
    now: Timestamp,
) -> Result<Log, Fault> {
    let log = Log {
        epoch: Epoch::generate(entropy),
        head: Seq::at(now),
        floor: Seq::at(now),
        appended: 0,
        retention_ms: 0,
        ends_at: None,
    };
    let head = number(log.head);
    store.query(
        schema::FOUND,
        &[log.epoch.to_string().into(), head.clone(), head],
    )?;
    Ok(log)
}

pub(super) fn move_head(store: &dyn Store, log: &Log) -> Result<(), StoreFault> {
    let values = [
        number(log.head),
        log.appended.into(),
        log.retention_ms.into(),
        log.ends_at.into(),
    ];
    store.query(schema::MOVE_HEAD, &values).map(drop)
}

pub(super) fn find_event(store: &dyn Store, event: &EventId) -> Result<Option<Seq>, StoreFault> {
    let event = event.as_bytes().as_slice().into();
    maybe_seq(&store.query(schema::FIND_EVENT, &[event])?)
}

/// Adds a record; `revoked` is how a snapshot shows it, and until when.
pub(super) fn add_record(
    store: &dyn Store,
    seq: Seq,
    event: &EventId,
    revoked: Option<(String, Timestamp)>,
) -> Result<(), StoreFault> {
    let (text, until) = revoked.unzip();
    let row = [
        number(seq),
        event.as_bytes().as_slice().into(),
        until.map(Timestamp::as_seconds).into(),
        text.into(),
    ];
    store.query(schema::ADD_RECORD, &row).map(drop)
}

pub(super) fn add_token(store: &dyn Store, seq: Seq, signed: &Signed) -> Result<(), StoreFault> {
    let (issuer, set) = (signed.issuer.as_str(), signed.set.as_str());
    let row = [number(seq), issuer.into(), set.into()];
    store.query(schema::ADD_TOKEN, &row).map(drop)
}

pub(super) fn is_record(store: &dyn Store, seq: Seq) -> Result<bool, StoreFault> {
    Ok(!store.query(schema::IS_RECORD, &[number(seq)])?.is_empty())
}

/// Up to `limit` records after one, with their tokens for an issuer.
pub(super) fn after(
    store: &dyn Store,
    last: Seq,
    issuer: &str,
    limit: usize,
) -> Result<Vec<Entry>, StoreFault> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = store.query(schema::AFTER, &[issuer.into(), number(last), limit.into()])?;
    let read = |row: &Row| {
        Ok(Entry {
            seq: seq(row, 0)?,
            revokes: row.truth(1)?,
            set: row.optional(2, |row, index| row.text(index).map(str::to_owned))?,
        })
    };
    rows.iter().map(read).collect()
}

/// Up to `limit` records in force, as a snapshot shows them, after one.
pub(super) fn in_force(
    store: &dyn Store,
    last: Seq,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<(Seq, String)>, StoreFault> {
    let now = now.as_seconds().into();
    let rows = store.query(schema::IN_FORCE, &[number(last), now, limit.into()])?;
    rows.iter()
        .map(|row| Ok((seq(row, 0)?, row.text(1)?.to_owned())))
        .collect()
}

pub(super) fn count_in_force(store: &dyn Store, now: Timestamp) -> Result<u32, StoreFault> {
    let rows = store.query(schema::COUNT_IN_FORCE, &[now.as_seconds().into()])?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}

/// The record with `count` records after it; `None` when there are no more.
pub(super) fn back(store: &dyn Store, count: u32) -> Result<Option<Seq>, StoreFault> {
    maybe_seq(&store.query(schema::BACK, &[count.into()])?)
}

/// Lets go of the contents of up to `limit` records written before an instant;
/// answers where the contents begin.
pub(super) fn purge(
    store: &dyn Store,
    floor: Seq,
    before: Timestamp,
    limit: u32,
) -> Result<Seq, StoreFault> {
    let before = number(Seq::at(before));
    let rows = store.query(schema::NEXT_FLOOR, &[number(floor), before, limit.into()])?;
    let Some(next) = maybe_seq(&rows)? else {
        return Ok(floor);
    };
    store.query(schema::PURGE_RECORDS, &[number(floor), number(next)])?;
    store.query(schema::PURGE_TOKENS, &[number(next)])?;
    store.query(schema::MOVE_FLOOR, &[number(next)])?;
    Ok(next)
}

/// Forgets up to `limit` purged records written before an instant.
pub(super) fn forget(
    store: &dyn Store,
    floor: Seq,
    before: Timestamp,
    limit: u32,
) -> Result<(), StoreFault> {
    let before = number(Seq::at(before));
    let params = [number(floor), before, limit.into()];
    store.query(schema::FORGET, &params).map(drop)
}

/// The first record after a place.
pub(super) fn first_after(store: &dyn Store, last: Seq) -> Result<Option<Seq>, StoreFault> {
    maybe_seq(&store.query(schema::FIRST_AFTER, &[number(last)])?)
}

pub(super) fn issuers(store: &dyn Store) -> Result<BTreeSet<String>, Fault> {
    let rows = store.query(schema::ISSUERS, &[])?;
    let read = |row: &Row| Ok(row.text(0)?.to_owned());
    rows.iter().map(read).collect()
}

pub(super) fn add_issuer(store: &dyn Store, issuer: &str) -> Result<(), StoreFault> {
    store.query(schema::ADD_ISSUER, &[issuer.into()]).map(drop)
}

pub(super) fn drop_issuer(store: &dyn Store, issuer: &str) -> Result<(), StoreFault> {
    store.query(schema::DROP_ISSUER, &[issuer.into()]).map(drop)
}
