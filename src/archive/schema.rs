//! Which statements touch the archive?

use crate::actors::archive::Shelf;

/// How the records of a shelf are kept, of an array of them.
pub(super) const fn keep(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Sessions => {
            "INSERT OR IGNORE INTO session (id, tenant, at_ms, user, document) \
             SELECT value->>'id', value->>'tenant', value->>'at', CAST(value->>'user' AS TEXT), \
             value FROM json_each(?)"
        }
        Shelf::Audit => {
            "INSERT OR IGNORE INTO audit (id, tenant, at_ms, event, actor, target, document) \
             SELECT value->>'id', value->>'tenant', value->>'at', CAST(value->>'event' AS TEXT), \
             CAST(value->>'$.origin.actor.id' AS TEXT), CAST(value->>'$.target.id' AS TEXT), \
             value FROM json_each(?)"
        }
        Shelf::Keys => {
            "INSERT OR IGNORE INTO key_epoch (id, at_ms, document) \
             SELECT value->>'id', value->>'at', value FROM json_each(?)"
        }
        Shelf::Tenants => {
            "INSERT OR IGNORE INTO tenant (id, at_ms, document) \
             SELECT value->>'id', value->>'at', value FROM json_each(?)"
        }
    }
}

/// Remembers whose records are here.
pub(super) const HOLD: &str = "INSERT OR IGNORE INTO holder (tenant) \
     SELECT DISTINCT value->>'tenant' FROM json_each(?)";

/// How a search of a shelf begins; conditions follow, then [`PAGE`].
pub(super) const fn find(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Sessions => "SELECT id, at_ms, document FROM session WHERE 1",
        Shelf::Audit => "SELECT id, at_ms, document FROM audit WHERE 1",
        Shelf::Keys => "SELECT id, at_ms, document FROM key_epoch WHERE 1",
        Shelf::Tenants => "SELECT id, at_ms, document FROM tenant WHERE 1",
    }
}

pub(super) const OF_TENANT: &str = " AND tenant = ?";
pub(super) const OF_ID: &str = " AND id = ?";
pub(super) const OF_USER: &str = " AND user = ?";
/// Whoever acted, and whomever it was done to; each has an index.
pub(super) const ABOUT_USER: &str = " AND id IN (SELECT id FROM audit WHERE actor = ? \
     UNION SELECT id FROM audit WHERE target = ?)";
pub(super) const OF_EVENT: &str = " AND event = ?";
pub(super) const FROM: &str = " AND at_ms >= ?";
pub(super) const TO: &str = " AND at_ms < ?";
pub(super) const BEFORE: &str = " AND (at_ms, id) < (?, ?)";
pub(super) const PAGE: &str = " ORDER BY at_ms DESC, id DESC LIMIT ?";

pub(super) const HOLDERS: &str =
    "SELECT tenant, days FROM holder WHERE swept_ms <= ? ORDER BY swept_ms, tenant LIMIT ?";
pub(super) const DROP_SESSIONS: &str = "DELETE FROM session WHERE id IN \
     (SELECT id FROM session WHERE tenant = ? AND at_ms < ? ORDER BY at_ms LIMIT ?)";
pub(super) const DROP_ACTS: &str = "DELETE FROM audit WHERE id IN \
     (SELECT id FROM audit WHERE tenant = ? AND at_ms < ? ORDER BY at_ms LIMIT ?)";
/// While there is more to drop the holder stays among the first.
pub(super) const SWEPT: &str = "UPDATE holder SET days = ?3, swept_ms = CASE WHEN \
     EXISTS (SELECT 1 FROM session WHERE tenant = ?1 AND at_ms < ?2) OR \
     EXISTS (SELECT 1 FROM audit WHERE tenant = ?1 AND at_ms < ?2) \
     THEN swept_ms ELSE ?4 END WHERE tenant = ?1";
pub(super) const LOOKED: &str = "UPDATE holder SET swept_ms = ?2 WHERE tenant = ?1";
pub(super) const RELEASE: &str = "DELETE FROM holder WHERE tenant = ?1 AND \
     NOT EXISTS (SELECT 1 FROM session WHERE tenant = ?1) AND \
     NOT EXISTS (SELECT 1 FROM audit WHERE tenant = ?1)";
