//! What can a tenant's log be asked?

use super::Revocations;
use crate::{
    actors::runtime::conversation,
    domain::{
        oauth::ClientId,
        revocation::{Cursor, Record},
        time::Timestamp,
    },
};
use serde::{Deserialize, Serialize};

/// A security event token for the feeds of one issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The issuer, as its feeds are attached.
    pub issuer: String,
    /// The token.
    pub set: String,
}

/// Appends a record, unless it is there already. Founds the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct Append {
    /// The record.
    pub record: Record,
    /// Its token for each of the tenant's issuers; none when it takes nothing
    /// away.
    pub sets: Vec<Signed>,
    /// For how long the log keeps what it has, at least.
    pub retention_ms: i64,
    /// The tenant is being deleted: the log ends after its retention.
    #[serde(default)]
    pub is_last: bool,
}

/// Answers [`Append`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appended {
    /// Where the record stands.
    pub cursor: Cursor,
}

/// Opens a resource server's feed: to be asked by
/// [`crate::actors::runtime::Mail::connect`]. Founds the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct Attach {
    /// The issuer it was opened at.
    pub issuer: String,
    /// The resource server.
    pub client_id: ClientId,
    /// When its token expires.
    pub until: Timestamp,
}

/// Answers [`Attach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attached {
    /// The socket is open, and `hello` was said.
    Open,
    /// There are too many already.
    TooMany,
    /// The tenant is being deleted.
    Ending,
}

conversation! {
    Revocations as "revocations" {
        Append => Appended,
        Attach => Attached,
    }
}
