//! Which statements touch consents?

pub(crate) const READ: &str = "SELECT document FROM consent WHERE user = ? AND client = ?";
pub(crate) const OF_USER: &str = "SELECT document FROM consent WHERE user = ? ORDER BY client";
pub(crate) const PUT: &str =
    "INSERT OR REPLACE INTO consent (user, client, document) VALUES (?, ?, ?)";
pub(crate) const DELETE: &str = "DELETE FROM consent WHERE user = ? AND client = ?";
pub(crate) const DELETE_OF_USER: &str = "DELETE FROM consent WHERE user = ?";
pub(crate) const DELETE_OF_CLIENT: &str = "DELETE FROM consent WHERE client = ?";
