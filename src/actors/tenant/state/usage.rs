//! How is kept what gateways have counted?

use crate::{
    actors::{
        rows,
        runtime::Fault,
        tenant::{PolicyUsage, schema::usage as schema},
    },
    domain::{
        limit::usage::{Counts, Offenders},
        time::{HOUR_MS, MINUTE_MS, Timestamp},
    },
    store::{Row, Store},
};

/// When the minute or hour around `at` began.
fn begin(at: Timestamp, length_ms: i64) -> Timestamp {
    at.plus(-at.as_millis().rem_euclid(length_ms))
}

/// Adds what was counted of one policy around `at`.
pub(crate) fn add(store: &dyn Store, usage: &PolicyUsage, at: Timestamp) -> Result<(), Fault> {
    let policy = || usage.policy.as_str().into();
    let counts = usage.counts;
    let params = [
        policy(),
        begin(at, MINUTE_MS).into(),
        counts.admitted.into(),
        counts.refused.into(),
        counts.shadow_refused.into(),
        counts.degraded.into(),
    ];
    store.query(schema::ADD, &params)?;
    if usage.offenders.is_empty() {
        return Ok(());
    }
    let hour = begin(at, HOUR_MS);
    let rows = store.query(schema::OFFENDERS_OF, &[policy(), hour.into()])?;
    let known = rows.first().map(offenders).transpose()?;
    let mut all = known.unwrap_or_default();
    all.merge(&usage.offenders);
    let params = [policy(), hour.into(), rows::json(&all)?.into()];
    store.query(schema::PUT_OFFENDERS, &params)?;
    Ok(())
}

/// What was counted of one policy from the minute of `since` on, oldest first.
pub(crate) fn read(
    store: &dyn Store,
    policy: &str,
    since: Timestamp,
) -> Result<Vec<(Timestamp, Counts)>, Fault> {
    let since = begin(since, MINUTE_MS);
    let rows = store.query(schema::READ, &[policy.into(), since.into()])?;
    let read = |row: &Row| {
        let counts = Counts {
            admitted: row.count(1)?,
            refused: row.count(2)?,
            shadow_refused: row.count(3)?,
            degraded: row.count(4)?,
        };
        Ok((row.instant(0)?, counts))
    };
    rows.iter().map(read).collect()
}

/// Who was refused most from the hour of `since` on.
pub(crate) fn refused(
    store: &dyn Store,
    policy: &str,
    since: Timestamp,
) -> Result<Offenders, Fault> {
    let since = begin(since, HOUR_MS);
    let rows = store.query(schema::OFFENDERS, &[policy.into(), since.into()])?;
    let mut all = Offenders::default();
    for row in &rows {
        all.merge(&offenders(row)?);
    }
    Ok(all)
}

/// Drops what is from before `until`, and says when the oldest left is from.
pub(crate) fn expire(store: &dyn Store, until: Timestamp) -> Result<Option<Timestamp>, Fault> {
    store.query(schema::EXPIRE, &[until.into()])?;
    store.query(schema::EXPIRE_OFFENDERS, &[begin(until, HOUR_MS).into()])?;
    let rows = store.query(schema::OLDEST, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(row.optional(0, Row::instant)?)
}

fn offenders(row: &Row) -> Result<Offenders, Fault> {
    rows::from_json(row.text(0)?)
}
