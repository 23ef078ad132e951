//! Which rows does a shard of the registry keep?

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "entries",
    sql: include_str!("../../../migrations/registry/0001_entries.sql"),
}];

pub(super) const TABLES: &[(&str, &str)] = tables!["entry", "tally"];

pub(super) const FIND: &str = "SELECT name, born_ms, ended_ms FROM entry \
     WHERE kind = ? AND is_live IN (0, 1) AND name = ?";
pub(super) const PAGE: &str = "SELECT name, born_ms, ended_ms FROM entry \
     WHERE kind = ? AND is_live = ? AND name >= ? AND name < ? ORDER BY name LIMIT ?";
pub(super) const REMOVE: &str = "DELETE FROM entry WHERE kind = ? AND is_live = ? AND name = ?";
pub(super) const ADD: &str =
    "INSERT INTO entry (kind, is_live, name, born_ms, ended_ms) VALUES (?, ?, ?, ?, ?)";

pub(super) const ENDED_UNTIL: &str = "SELECT kind, name FROM entry \
     WHERE is_live = 0 AND ended_ms <= ? ORDER BY ended_ms LIMIT ?";
pub(super) const FIRST_ENDED: &str =
    "SELECT ended_ms FROM entry WHERE is_live = 0 ORDER BY ended_ms LIMIT 1";

pub(super) const TALLY: &str = "INSERT INTO tally (owner, kind, live, ended) VALUES (?, ?, ?, ?) \
     ON CONFLICT (owner, kind) DO UPDATE SET \
     live = live + excluded.live, ended = ended + excluded.ended";
pub(super) const DROP_TALLY: &str =
    "DELETE FROM tally WHERE owner = ? AND kind = ? AND live = 0 AND ended = 0";
pub(super) const COUNTS: &str = "SELECT kind, live, ended FROM tally WHERE owner = ? ORDER BY kind";
