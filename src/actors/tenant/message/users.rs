//! What can be asked about users?

use crate::domain::{
    ids::{SessionId, UserId},
    oauth::UserClaims,
    password::PasswordHash,
    user::{Email, Role, User},
};
use serde::{Deserialize, Serialize};

/// Adds a user. Used by administrators and by sign-up.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreateUser {
    /// The user's id, drawn by the gateway.
    pub id: UserId,
    /// What is known of the user. `email`, which he signs in with, must be there.
    pub claims: Box<UserClaims>,
    /// His password, when he has one.
    pub password: Option<PasswordHash>,
    /// What he may do.
    pub roles: Vec<Role>,
}

/// Reads one user.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadUser {
    /// Which.
    pub id: UserId,
}

/// Changes a user. A new password or a disabled account ends his sessions.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangeUser {
    /// Which.
    pub id: UserId,
    /// What changes of `claims`, `status` and `roles`: a JSON merge patch of the
    /// user as [`UserRead::Found`] shows it.
    pub patch: serde_json::Value,
    /// Who changes it: a user may not change everything about himself.
    pub by: ChangedBy,
    /// His password from now on, when that changes.
    pub password: Option<PasswordHash>,
}

/// Who changes a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangedBy {
    /// An administrator: everything.
    Admin,
    /// The user: not `status`, `roles`, nor what others have verified.
    User,
}

/// Answers everything about one user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum UserRead {
    /// So he stands now.
    Found(Box<User>),
    /// There is none.
    Missing,
    /// Another user has the address.
    EmailTaken,
    /// The document cannot be had; the sentence names the member and its rule.
    Refused(String),
}

/// Deletes a user and ends his sessions.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeleteUser {
    /// Which.
    pub id: UserId,
}

/// Lists users by id.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListUsers {
    /// Only the one with this address.
    pub email: Option<Email>,
    /// After this one.
    pub after: Option<UserId>,
    /// At most so many, bounded by [`crate::actors::tenant::PAGE_MAX`].
    pub limit: u32,
}

/// Answers [`ListUsers`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct UserPage {
    /// In the order of their ids.
    pub items: Vec<User>,
    /// More follow after this one.
    pub next: Option<UserId>,
}

/// Reads a user's claims for `userinfo` or an ID token.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadClaims {
    /// Whose.
    pub user: UserId,
    /// The session the access token belongs to: when it is known to have
    /// ended, the answer is [`ClaimsRead::Gone`].
    pub session: Option<SessionId>,
}

/// Answers [`ReadClaims`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ClaimsRead {
    /// These, `sub` excepted.
    Claims(Box<UserClaims>),
    /// The user or the session is no more.
    Gone,
}
