//! What does it take to sign in?

use crate::domain::{
    ids::{SessionId, UserId},
    oauth::Client,
    password::PasswordHash,
    secret::TokenDigest,
    session::Device,
    user::Email,
};
use serde::{Deserialize, Serialize};

/// Reads what a password is checked against: the first half of a sign-in.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadCredentials {
    /// Whose.
    pub by: CredentialsOf,
}

/// Whose credentials.
#[derive(Debug, Serialize, Deserialize)]
pub enum CredentialsOf {
    /// Of the user with this address.
    Email(Email),
    /// Of this user.
    User(UserId),
}

/// Answers [`ReadCredentials`].
#[derive(Debug, Serialize, Deserialize)]
pub enum Credentials {
    /// Check against this.
    Password {
        /// Whose it is.
        user: UserId,
        /// The hash.
        hash: PasswordHash,
    },
    /// Nobody can sign in so: spend the same time, then refuse.
    None,
}

/// The password was right: admits the user, and reserves a place for the
/// session in the index. The second half of a sign-in.
#[derive(Debug, Serialize, Deserialize)]
pub struct Admit {
    /// Who.
    pub user: UserId,
    /// The hash the password was checked against: it must still be his.
    pub checked: PasswordHash,
    /// The same password hashed with today's parameters, when `checked` was
    /// made with yesterday's.
    pub rehashed: Option<PasswordHash>,
    /// The session about to begin, or the one to step up.
    pub session: SessionId,
    /// From where.
    pub device: Device,
}

/// Answers [`Admit`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Admitted {
    /// Begin the session.
    Admitted {
        /// Ends when unused for this long, in milliseconds.
        idle_ms: i64,
        /// Ends after this long, in milliseconds.
        absolute_ms: i64,
    },
    /// The user was disabled, deleted or has another password by now.
    Refused,
}

/// The user sets a new password, knowing the old one (checked by the gateway).
/// Ends his other sessions.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangePassword {
    /// Whose.
    pub user: UserId,
    /// The hash the old password was checked against.
    pub checked: PasswordHash,
    /// The new one.
    pub password: PasswordHash,
    /// The session he does it in, which stays.
    pub keep: SessionId,
}

/// Answers [`ChangePassword`] and what else is either done or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It is done.
    Done,
    /// It cannot be: there is no such thing, or it has changed meanwhile.
    Refused,
}

/// Makes sure that the bootstrap client and the first administrator's set-up
/// token are those of the operator's settings. Writes only what differs.
#[derive(Debug, Serialize, Deserialize)]
pub struct EnsureBootstrap {
    /// The client `bootstrap` as the settings want it; `None` removes it.
    pub client: Option<Box<Client>>,
    /// Who may set up the first administrator, and with which token.
    pub setup: Option<(Email, TokenDigest)>,
}

/// Answers [`EnsureBootstrap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrapped {
    /// Nobody has used the set-up token, and there is no administrator: print
    /// the link.
    pub awaits_setup: bool,
}

/// Uses the set-up token, once: creates the first administrator, whose address
/// it proves.
#[derive(Debug, Serialize, Deserialize)]
pub struct SetUp {
    /// The token presented.
    pub token: TokenDigest,
    /// The administrator's id, drawn by the gateway.
    pub user: UserId,
    /// His password; `None` only asks whether the token is good.
    pub password: Option<PasswordHash>,
}

/// Answers [`SetUp`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SetUpAnswer {
    /// The token is good (and used, when a password came with it), for this
    /// address.
    Good(Email),
    /// It is not, or no more.
    Refused,
}
