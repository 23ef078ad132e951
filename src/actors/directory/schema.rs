//! Which rows does the directory actor keep?

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "tenants",
        sql: include_str!("../../../migrations/directory/0001_tenants.sql"),
    },
    Migration {
        number: 2,
        name: "counted",
        sql: include_str!("../../../migrations/directory/0002_counted.sql"),
    },
];

pub(super) const TABLES: &[(&str, &str)] = tables!["tenant", "hostname", "counted"];

pub(super) const COUNT: &str = "SELECT COUNT(*) FROM tenant";
pub(super) const COUNT_BY_STATUS: &str =
    "SELECT status, COUNT(*) FROM tenant GROUP BY status ORDER BY status";
pub(super) const INSERT: &str = "INSERT INTO tenant \
     (id, slug, status, status_change, created_ms) VALUES (?, ?, ?, 0, ?)";
pub(super) const BY_ID: &str = "SELECT id, slug, status, created_ms FROM tenant WHERE id = ?";
pub(super) const BY_SLUG: &str = "SELECT id, slug, status, created_ms FROM tenant WHERE slug = ?";
pub(super) const BY_HOSTNAME: &str = "SELECT t.id, t.slug, t.status, t.created_ms \
     FROM hostname h JOIN tenant t ON t.id = h.tenant WHERE h.name = ?";
/// No slug has a character after `~`.
pub(super) const PAGE: &str = "SELECT id, slug, status, created_ms FROM tenant \
     WHERE slug >= ? AND slug < ? || '~' AND slug > ? ORDER BY slug LIMIT ?";
pub(super) const SET_SLUG: &str = "UPDATE tenant SET slug = ? WHERE id = ?";
pub(super) const SET_STATUS: &str = "UPDATE tenant \
     SET status = ?, status_change = status_change + 1 WHERE id = ? RETURNING status_change";
pub(super) const DELETE: &str = "DELETE FROM tenant WHERE id = ?";

pub(super) const HOSTNAMES: &str = "SELECT name FROM hostname WHERE tenant = ? ORDER BY name";
pub(super) const ADD_HOSTNAME: &str = "INSERT INTO hostname (name, tenant) VALUES (?, ?)";
pub(super) const DELETE_HOSTNAMES: &str = "DELETE FROM hostname WHERE tenant = ?";

/// Of two counts of one shard the later one stays.
pub(super) const NOTE_COUNTS: &str = "INSERT INTO counted (shard, at_ms, document) \
     VALUES (?, ?, ?) ON CONFLICT (shard) DO UPDATE \
     SET at_ms = excluded.at_ms, document = excluded.document \
     WHERE excluded.at_ms >= at_ms";
pub(super) const COUNTS: &str = "SELECT document FROM counted ORDER BY shard";
