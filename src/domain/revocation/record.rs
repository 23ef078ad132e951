//! What does one entry of a tenant's revocation log say?

use crate::domain::{
    ids::{ActId, EventId, GrantId, SessionId, UserId},
    oauth::ClientId,
    session::EndReason,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// One entry. Whoever causes it draws its ids, so that it is the same however
/// often it is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Which: `jti` of its security event token.
    pub id: EventId,
    /// The act it belongs to: `txn`.
    pub act: ActId,
    /// When that was.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Something granted is worth nothing from now on.
    Revoked(Revoked),
    /// A user proves who they are in another way from now on. Revokes nothing.
    CredentialChanged {
        /// Whose.
        user: UserId,
        /// What was changed.
        credential: Credential,
    },
}

/// A credential, in the words of CAEP §3.2 (`credential_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// The password.
    Password,
}

/// A revocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoked {
    /// What is taken away.
    #[serde(flatten)]
    pub what: What,
    /// Why.
    pub reason: EndReason,
    /// No token it concerns outlives this.
    pub exp: Timestamp,
}

/// What a revocation takes away. An instant is inclusive: it names tokens
/// issued in the same second too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum What {
    /// Whole sessions of one user.
    Sessions {
        /// The user.
        sub: UserId,
        /// The sessions: no more than one user may have.
        sids: Vec<SessionId>,
        /// Whether these are all the user had.
        all: bool,
    },
    /// What one client may do in one session.
    Grant {
        /// The user.
        sub: UserId,
        /// The session.
        sid: SessionId,
        /// The client.
        client_id: ClientId,
        /// The grant.
        grant: GrantId,
    },
    /// One access token.
    Token {
        /// The user.
        sub: UserId,
        /// The session.
        sid: SessionId,
        /// The client.
        client_id: ClientId,
        /// The token's id.
        jti: String,
    },
    /// Everything one client may do for one user.
    Consent {
        /// The user.
        sub: UserId,
        /// The client.
        client_id: ClientId,
        /// Tokens issued until then.
        not_before: Timestamp,
    },
    /// Everything one client may do.
    Client {
        /// The client.
        client_id: ClientId,
        /// Tokens issued until then.
        not_before: Timestamp,
    },
    /// Everything.
    Tenant {
        /// Tokens issued until then.
        not_before: Timestamp,
    },
}
