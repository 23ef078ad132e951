//! Which rows does a log keep?

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "log",
        sql: include_str!("../../../migrations/revocations/0001_log.sql"),
    },
    Migration {
        number: 2,
        name: "streams",
        sql: include_str!("../../../migrations/revocations/0002_streams.sql"),
    },
];

pub(super) const TABLES: &[(&str, &str)] = tables![
    "record",
    "token",
    "issuer",
    "stream",
    "stream_set",
    "stream_mute"
];

pub(super) const LOG: &str =
    "SELECT epoch, head_seq, floor_seq, appended, retention_ms, ends_ms FROM log";
pub(super) const FOUND: &str = "INSERT INTO log \
     (one, epoch, head_seq, floor_seq, appended, retention_ms) VALUES (1, ?, ?, ?, 0, 0)";
pub(super) const MOVE_HEAD: &str = "UPDATE log \
     SET head_seq = ?, appended = ?, retention_ms = ?, ends_ms = ?";
pub(super) const MOVE_FLOOR: &str = "UPDATE log SET floor_seq = ?";

pub(super) const FIND_EVENT: &str = "SELECT seq FROM record WHERE event = ?";
pub(super) const ADD_RECORD: &str =
    "INSERT INTO record (seq, event, exp_s, revoked) VALUES (?, ?, ?, ?)";
pub(super) const ADD_TOKEN: &str = "INSERT INTO token (seq, issuer, text) VALUES (?, ?, ?)";
pub(super) const IS_RECORD: &str = "SELECT 1 FROM record WHERE seq = ?";
pub(super) const AFTER: &str = "SELECT record.seq, exp_s IS NOT NULL, text FROM record \
     LEFT JOIN token ON token.seq = record.seq AND token.issuer = ? \
     WHERE record.seq > ? ORDER BY record.seq LIMIT ?";
pub(super) const IN_FORCE: &str = "SELECT seq, revoked FROM record \
     WHERE seq > ? AND exp_s > ? AND revoked IS NOT NULL ORDER BY seq LIMIT ?";
pub(super) const COUNT_IN_FORCE: &str = "SELECT COUNT(*) FROM record \
     WHERE exp_s > ? AND revoked IS NOT NULL";
pub(super) const BACK: &str = "SELECT seq FROM record ORDER BY seq DESC LIMIT 1 OFFSET ?";

pub(super) const NEXT_FLOOR: &str = "SELECT MAX(seq) FROM \
     (SELECT seq FROM record WHERE seq > ? AND seq < ? ORDER BY seq LIMIT ?)";
pub(super) const PURGE_RECORDS: &str =
    "UPDATE record SET revoked = NULL WHERE seq > ? AND seq <= ? AND revoked IS NOT NULL";
pub(super) const PURGE_TOKENS: &str = "DELETE FROM token WHERE seq <= ?";
pub(super) const FORGET: &str = "DELETE FROM record WHERE seq IN \
     (SELECT seq FROM record WHERE seq <= ? AND seq < ? ORDER BY seq LIMIT ?)";
pub(super) const FIRST_AFTER: &str = "SELECT MIN(seq) FROM record WHERE seq > ?";

pub(super) const ISSUERS: &str = "SELECT issuer FROM issuer ORDER BY issuer";
pub(super) const ADD_ISSUER: &str = "INSERT INTO issuer (issuer) VALUES (?)";
pub(super) const DROP_ISSUER: &str = "DELETE FROM issuer WHERE issuer = ?";
