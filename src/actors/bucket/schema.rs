//! Which rows does the bucket actor keep?

use crate::store::migrate::Migration;

pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "quotas",
    sql: include_str!("../../../migrations/bucket/0001_quotas.sql"),
}];

pub(super) const TABLES: &[(&str, &str)] = &[("quota", "SELECT COUNT(*) FROM quota")];

pub(super) const LIST: &str =
    "SELECT place, period_ms, burst, next_ms FROM quota ORDER BY place, period_ms, burst";
pub(super) const PUT: &str = "INSERT INTO quota (place, period_ms, burst, next_ms) \
     VALUES (?, ?, ?, ?) \
     ON CONFLICT (place, period_ms, burst) DO UPDATE SET next_ms = excluded.next_ms";
pub(super) const FORGET_FULL: &str = "DELETE FROM quota WHERE next_ms <= ?";
