//! What can the courier be asked to carry?

use super::Courier;
use crate::{
    actors::runtime::conversation,
    domain::{
        ids::{ActId, SessionId, StreamId, UserId},
        oauth::ClientId,
        revocation::Record,
        time::Timestamp,
    },
};
use serde::{Deserialize, Serialize};

/// Signs a record and appends it to the tenant's revocation log.
#[derive(Debug, Serialize, Deserialize)]
pub struct Announce {
    /// The record.
    pub record: Record,
    /// The tenant is being deleted: nothing follows this record.
    #[serde(default)]
    pub is_last: bool,
}

/// Tells one client that a session it had a grant in has ended
/// ([OpenID Connect Back-Channel Logout 1.0 §2.5]). A client that registered no
/// address for that is told nothing.
///
/// [OpenID Connect Back-Channel Logout 1.0 §2.5]: https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest
#[derive(Debug, Serialize, Deserialize)]
pub struct LogOut {
    /// The issuer the user signed in at.
    pub issuer: String,
    /// The session.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// The client.
    pub client_id: ClientId,
    /// The act that ended it.
    pub act: ActId,
    /// When that was.
    pub at: Timestamp,
}

/// Pushes what waits in a stream to its receiver. What that is, the courier asks
/// when it gets there: the stream may have been paused meanwhile.
#[derive(Debug, Serialize, Deserialize)]
pub struct Transmit {
    /// The stream.
    pub stream: StreamId,
    /// The batch that is announced.
    pub batch: u32,
}

/// Answers everything. A fault, and only that, means "again later".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carried {
    /// It has arrived.
    Done,
    /// It was refused for good, or there was nobody to carry it to: carrying
    /// it again would change nothing.
    Refused,
}

conversation! {
    Courier as "courier" {
        Announce => Carried,
        LogOut => Carried,
        Transmit => Carried,
    }
}
