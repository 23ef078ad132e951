//! Which rows does the session actor keep?

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "login",
        sql: include_str!("../../../migrations/session/0001_login.sql"),
    },
    Migration {
        number: 2,
        name: "endings",
        sql: include_str!("../../../migrations/session/0002_endings.sql"),
    },
];

pub(super) const TABLES: &[(&str, &str)] = tables![
    "session",
    "consent",
    "code",
    "client_grant",
    "revoked_token",
    "ticket"
];

// --- The login -------------------------------------------------------------

pub(super) const READ: &str = "SELECT tenant, session, user, cookie, authentication, device, \
     began_ms, used_ms, idle_ms, ends_ms, family_key, ending, issuer, \
     seen, told_ms FROM session";
pub(super) const BEGIN: &str = "INSERT INTO session (id, tenant, session, user, cookie, \
     authentication, device, began_ms, used_ms, idle_ms, ends_ms, family_key, issuer, told_ms) \
     VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const REAUTHENTICATE: &str =
    "UPDATE session SET cookie = ?, authentication = ?, device = ?, used_ms = ?";
pub(super) const TOUCH: &str = "UPDATE session SET used_ms = ?, seen = ?, told_ms = ?";
pub(super) const BIND: &str = "UPDATE session SET idle_ms = ?, ends_ms = ?";
pub(super) const END: &str = "UPDATE session SET ending = ?";
pub(super) const DROP_CONSENTS: &str = "DELETE FROM consent";
pub(super) const DROP_CODES: &str = "DELETE FROM code";
pub(super) const DROP_GRANTS: &str = "DELETE FROM client_grant";
pub(super) const DROP_REVOKED: &str = "DELETE FROM revoked_token";

// --- Consents --------------------------------------------------------------

pub(super) const CONSENT: &str = "SELECT consent FROM consent WHERE client_id = ?";
pub(super) const REMEMBER_CONSENT: &str = "INSERT INTO consent (client_id, consent, heard_ms) \
     VALUES (?, ?, ?) ON CONFLICT (client_id) DO UPDATE SET \
     consent = excluded.consent, heard_ms = excluded.heard_ms";
pub(super) const FORGET_OLD_CONSENTS: &str = "DELETE FROM consent WHERE client_id IN \
     (SELECT client_id FROM consent ORDER BY heard_ms DESC, client_id LIMIT -1 OFFSET ?)";
pub(super) const FORGET_CONSENT: &str = "DELETE FROM consent WHERE client_id = ?";

// --- Codes -----------------------------------------------------------------

pub(super) const COUNT_CODES: &str = "SELECT COUNT(*) FROM code";
pub(super) const CODE: &str = "SELECT digest, terms, expires_ms FROM code WHERE id = ?";
pub(super) const ADD_CODE: &str =
    "INSERT INTO code (id, digest, client_id, terms, expires_ms) VALUES (?, ?, ?, ?, ?)";
pub(super) const DROP_CODE: &str = "DELETE FROM code WHERE id = ?";
pub(super) const DROP_CODES_OF: &str = "DELETE FROM code WHERE client_id = ?";

// --- Grants ----------------------------------------------------------------

pub(super) const GRANT: &str = "SELECT id, code_id, code_digest, terms, made_ms, used_ms, \
     expires_ms, generation, current, previous, family_ends_ms, family_idle_ms \
     FROM client_grant WHERE id = ?";
pub(super) const GRANT_OF_CODE: &str = "SELECT id, code_id, code_digest, terms, made_ms, \
     used_ms, expires_ms, generation, current, previous, family_ends_ms, family_idle_ms \
     FROM client_grant WHERE code_id = ?";
pub(super) const GRANTS: &str = "SELECT id, code_id, code_digest, terms, made_ms, used_ms, \
     expires_ms, generation, current, previous, family_ends_ms, family_idle_ms \
     FROM client_grant ORDER BY made_ms, id";
pub(super) const ADD_GRANT: &str = "INSERT INTO client_grant (id, client_id, code_id, \
     code_digest, terms, made_ms, used_ms, expires_ms, generation, current, previous, \
     family_ends_ms, family_idle_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
pub(super) const ROTATE: &str = "UPDATE client_grant \
     SET generation = ?, current = ?, previous = ?, used_ms = ? WHERE id = ?";
pub(super) const DROP_GRANT: &str = "DELETE FROM client_grant WHERE id = ?";
pub(super) const DROP_GRANTS_OF: &str = "DELETE FROM client_grant WHERE client_id = ? RETURNING id";
pub(super) const OLD_GRANTS_OF: &str = "SELECT id, code_id, code_digest, terms, made_ms, \
     used_ms, expires_ms, generation, current, previous, family_ends_ms, family_idle_ms \
     FROM client_grant WHERE client_id = ? \
     ORDER BY used_ms DESC, made_ms DESC, id LIMIT -1 OFFSET ?";
pub(super) const OLD_GRANTS: &str = "SELECT id, code_id, code_digest, terms, made_ms, \
     used_ms, expires_ms, generation, current, previous, family_ends_ms, family_idle_ms \
     FROM client_grant ORDER BY used_ms DESC, made_ms DESC, id LIMIT -1 OFFSET ?";
pub(super) const CLIENTS: &str = "SELECT DISTINCT client_id FROM client_grant ORDER BY client_id";

// --- Revoked tokens --------------------------------------------------------

pub(super) const COUNT_REVOKED: &str = "SELECT COUNT(*) FROM revoked_token";
pub(super) const IS_REVOKED: &str = "SELECT 1 FROM revoked_token WHERE jti = ?";
pub(super) const REVOKE: &str =
    "INSERT INTO revoked_token (jti, expires_ms) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING";

// --- Tickets ---------------------------------------------------------------

pub(super) const COUNT_TICKETS: &str = "SELECT COUNT(*) FROM ticket";
pub(super) const ADD_TICKET: &str = "INSERT INTO ticket (digest, origin, expires_ms) \
     VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING";
pub(super) const SPEND_TICKET: &str =
    "DELETE FROM ticket WHERE digest = ? RETURNING origin, expires_ms";

// --- What has expired ------------------------------------------------------

pub(super) const PURGE_CODES: &str = "DELETE FROM code WHERE expires_ms <= ?";
pub(super) const PURGE_GRANTS: &str = "DELETE FROM client_grant WHERE expires_ms <= ?";
pub(super) const PURGE_REVOKED: &str = "DELETE FROM revoked_token WHERE expires_ms <= ?";
pub(super) const PURGE_TICKETS: &str = "DELETE FROM ticket WHERE expires_ms <= ?";
pub(super) const NEXT_EXPIRY: &str = "SELECT MIN(expires_ms) FROM \
     (SELECT expires_ms FROM code UNION ALL SELECT expires_ms FROM client_grant \
     UNION ALL SELECT expires_ms FROM revoked_token \
     UNION ALL SELECT expires_ms FROM ticket)";
