//! Which statements touch users?

pub(crate) const READ: &str = "SELECT id, claims, status, roles, password IS NOT NULL, created_ms FROM user \
     WHERE id = ?";
pub(crate) const BY_EMAIL: &str = "SELECT id, claims, status, roles, password IS NOT NULL, created_ms FROM user \
     WHERE email_key = ?";
pub(crate) const PAGE: &str = "SELECT id, claims, status, roles, password IS NOT NULL, created_ms FROM user \
     WHERE id > ? ORDER BY id LIMIT ?";
pub(crate) const PUT: &str = "INSERT INTO user \
     (id, email_key, claims, status, roles, created_ms) VALUES (?, ?, ?, ?, ?, ?) \
     ON CONFLICT (id) DO UPDATE SET email_key = excluded.email_key, claims = excluded.claims, \
     status = excluded.status, roles = excluded.roles";
pub(crate) const DELETE: &str = "DELETE FROM user WHERE id = ?";
/// The condition is the one of the index `user_admin`.
pub(crate) const ADMIN: &str =
    "SELECT 1 FROM user WHERE instr(roles, '\"admin\"') > 0 AND status = ? LIMIT 1";
