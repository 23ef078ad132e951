//! Which statements touch the tenant's own row?

pub(crate) const FOUND: &str = "INSERT INTO tenant \
     (one, id, settings, status, status_change, version, founded_ms) VALUES (1, ?, ?, ?, 0, 1, ?)";
pub(crate) const READ: &str =
    "SELECT id, settings, status, version, ends_until_ms, founded_ms, signed_out FROM tenant";
pub(crate) const SET_SETTINGS: &str = "UPDATE tenant SET settings = ?";
/// News of an older change than the last is not taken.
pub(crate) const SET_STATUS: &str = "UPDATE tenant SET status = ?, status_change = ? \
     WHERE status_change < ? AND status <> ? RETURNING status";
pub(crate) const SET_DELETING: &str = "UPDATE tenant SET status = ?";
pub(crate) const SIGN_OUT: &str = "UPDATE tenant SET ends_until_ms = ?, signed_out = ?";
pub(crate) const END_SIGN_OUT: &str = "UPDATE tenant SET ends_until_ms = NULL";
pub(crate) const BUMP: &str = "UPDATE tenant SET version = version + 1";
