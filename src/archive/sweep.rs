//! What is too old to be kept, and whose?

use super::{ArchiveFault, rows, schema, statement, written};
use crate::domain::time::{DAY_MS, HOUR_MS, Timestamp};
use serde_json::Value;

/// Holders looked at in one sweep: a thousand of them within hours, and each
/// sweep well within what one event may ask of the platform.
const HOLDERS_PER_SWEEP: u32 = 20;

/// A holder whose old records are all gone is looked at again after this.
const AGAIN_MS: i64 = HOUR_MS;

/// Records of a kind that one holder loses in one sweep: some milliseconds of
/// the database's time.
const DROPPED_MAX: u32 = 1_000;

/// A tenant whose records are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Which.
    pub tenant: String,
    /// For how many days its records stay, as far as that is known.
    pub days: Option<u32>,
}

/// Asks for the holders to look at next.
#[must_use]
pub fn next_holders(now: Timestamp) -> String {
    let until = now.plus(-AGAIN_MS).as_millis();
    let params = vec![until.into(), HOLDERS_PER_SWEEP.into()];
    written(vec![statement(schema::HOLDERS, params)])
}

/// Those holders.
///
/// # Errors
/// When the database answers something else.
pub fn holders(answer: &str) -> Result<Vec<Holder>, ArchiveFault> {
    let read = |row: &Value| {
        let days = row.get("days").and_then(Value::as_u64);
        Some(Holder {
            tenant: row.get("tenant")?.as_str()?.to_owned(),
            days: days.and_then(|days| days.try_into().ok()),
        })
    };
    let holders: Option<_> = rows(answer)?.iter().map(read).collect();
    holders.ok_or_else(|| ArchiveFault::Failed("a holder cannot be read".to_owned()))
}

/// Drops some of what a holder has kept for longer than `days`; without them,
/// since nobody could say, nothing.
#[must_use]
pub fn sweep(tenant: &str, days: Option<u32>, now: Timestamp) -> String {
    let swept = Value::from(now.as_millis());
    let tenant = Value::from(tenant);
    let Some(days) = days else {
        return written(vec![statement(schema::LOOKED, vec![tenant, swept])]);
    };
    let until = now.plus(-DAY_MS.saturating_mul(days.into())).as_millis();
    let until = Value::from(until);
    let some = |sql| {
        let params = vec![tenant.clone(), until.clone(), DROPPED_MAX.into()];
        statement(sql, params)
    };
    let mut statements = vec![some(schema::DROP_SESSIONS), some(schema::DROP_ACTS)];
    let params = vec![tenant.clone(), until, days.into(), swept];
    statements.push(statement(schema::SWEPT, params));
    statements.push(statement(schema::RELEASE, vec![tenant]));
    written(statements)
}
