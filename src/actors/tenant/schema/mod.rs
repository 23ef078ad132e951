//! Which rows does the tenant actor keep?

pub(super) mod audit;
pub(super) mod clients;
pub(super) mod consents;
pub(super) mod policies;
pub(super) mod sessions;
pub(super) mod settings;
pub(super) mod sign_in;
pub(super) mod usage;
pub(super) mod users;

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "tenant",
        sql: include_str!("../../../../migrations/tenant/0001_tenant.sql"),
    },
    Migration {
        number: 2,
        name: "endings",
        sql: include_str!("../../../../migrations/tenant/0002_endings.sql"),
    },
    Migration {
        number: 3,
        name: "policies",
        sql: include_str!("../../../../migrations/tenant/0003_policies.sql"),
    },
    Migration {
        number: 4,
        name: "audit",
        sql: include_str!("../../../../migrations/tenant/0004_audit.sql"),
    },
    Migration {
        number: 5,
        name: "usage",
        sql: include_str!("../../../../migrations/tenant/0005_usage.sql"),
    },
    Migration {
        number: 6,
        name: "archive",
        sql: include_str!("../../../../migrations/tenant/0006_archive.sql"),
    },
];

pub(super) const TABLES: &[(&str, &str)] = tables![
    "client",
    "farewell",
    "user",
    "consent",
    "policy",
    "audit",
    "usage",
    "offenders",
    "session"
];
