//! Which rows does the bucket actor keep?

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "quotas",
        sql: include_str!("../../../migrations/bucket/0001_quotas.sql"),
    },
    Migration {
        number: 2,
        name: "standing",
        sql: include_str!("../../../migrations/bucket/0002_standing.sql"),
    },
];

pub(super) const TABLES: &[(&str, &str)] = tables!["standing"];

pub(super) const READ: &str = "SELECT document FROM standing";
pub(super) const PUT: &str = "INSERT INTO standing (id, document) VALUES (1, ?) \
     ON CONFLICT (id) DO UPDATE SET document = excluded.document";
pub(super) const READ_OLDER: &str =
    "SELECT period_ms, burst, next_ms FROM quota ORDER BY place, period_ms, burst";
pub(super) const FORGET_OLDER: &str = "DELETE FROM quota";
pub(super) const FORGET: &str = "DELETE FROM standing";
