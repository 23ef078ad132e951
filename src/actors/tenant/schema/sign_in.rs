//! Which statements touch credentials?

pub(crate) const BY_EMAIL: &str =
    "SELECT id, password FROM user WHERE email_key = ? AND status = ?";
pub(crate) const BY_ID: &str = "SELECT id, password FROM user WHERE id = ? AND status = ?";
pub(crate) const SET_PASSWORD: &str = "UPDATE user SET password = ? WHERE id = ?";

pub(crate) const READ_SETUP: &str = "SELECT email, token, is_used FROM setup";
pub(crate) const PUT_SETUP: &str = "INSERT OR REPLACE INTO setup \
     (one, email, token, is_used) VALUES (1, ?, ?, 0)";
pub(crate) const USE_SETUP: &str = "UPDATE setup SET is_used = 1";
pub(crate) const DROP_SETUP: &str = "DELETE FROM setup";
