//! What is a person to a tenant?

mod email;
mod password_policy;
mod patch;

pub use email::{EMAIL_BYTES_MAX, Email, EmailRefusal};
pub use password_policy::{
    PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PasswordPolicy, PasswordRefusal,
};

use super::ids::UserId;
use super::oauth::claims::UserClaims;
use super::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a person may sign in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// They may.
    #[default]
    Active,
    /// An operator said no: no session of theirs is alive, and none begins.
    Disabled,
}

impl UserStatus {
    /// Whether a session may begin or go on.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }
}

/// What a user may do beyond being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Operates the tenant; at tenant `platform`, the whole platform.
    Admin,
}

/// A user, their credentials aside: what pages and the admin API show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their name in tokens; it never changes and is never given to another.
    pub sub: UserId,
    /// Whether they may sign in.
    #[serde(default)]
    pub status: UserStatus,
    /// What they may do beyond being a user.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Whether they can sign in with a password.
    #[serde(default)]
    pub has_password: bool,
    /// When they came.
    pub created_at: Timestamp,
    /// What is known of them, `email` included.
    #[serde(flatten)]
    pub claims: UserClaims,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_user_is_one_flat_document_in_every_encoding() {
        let user = User {
            sub: UserId::from_bytes([7; 16]),
            status: UserStatus::Active,
            roles: vec![Role::Admin],
            has_password: true,
            created_at: Timestamp::from_millis(5),
            claims: serde_json::from_value(json!({
                "email": "jane@example.com", "email_verified": true, "updated_at": 3,
                "address": {"country": "US"},
            }))
            .unwrap(),
        };
        let packed = rmp_serde::to_vec_named(&user).unwrap();
        assert_eq!(rmp_serde::from_slice::<User>(&packed).unwrap(), user);
        let json = serde_json::to_value(&user).unwrap();
        assert_eq!(json["email"], "jane@example.com");
        assert_eq!(json["status"], "active");
    }
}
