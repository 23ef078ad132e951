//! Which statements touch policies?

pub(crate) const COUNT: &str = "SELECT COUNT(*) FROM policy";
pub(crate) const READ: &str = "SELECT document, version, updated_ms FROM policy WHERE name = ?";
pub(crate) const PAGE: &str =
    "SELECT document, version, updated_ms FROM policy WHERE name > ? ORDER BY name LIMIT ?";
pub(crate) const PUT: &str = "INSERT OR REPLACE INTO policy (name, document, version, updated_ms) \
     VALUES (?, ?, ?, ?)";
pub(crate) const DELETE: &str = "DELETE FROM policy WHERE name = ?";
pub(crate) const NEXT_VERSION: &str =
    "UPDATE tenant SET policies_version = policies_version + 1 RETURNING policies_version";
