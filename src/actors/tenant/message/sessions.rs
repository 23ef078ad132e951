//! What can be asked about sessions?

use crate::domain::{
    audit::Origin,
    ids::{SessionId, UserId},
    session::{Device, EndReason},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A session tells that it began.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionBegan {
    /// Which.
    pub session: SessionId,
}

/// A session tells that it ended.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionEnded {
    /// Which.
    pub session: SessionId,
    /// When nobody else has the act on record: how it ended.
    #[serde(default)]
    pub own: Option<Box<OwnEnd>>,
}

/// How a session ended that was not told to by its tenant.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnEnd {
    /// Why.
    pub why: EndReason,
    /// By whom; `None` when its time had come.
    pub by: Option<Box<Origin>>,
}

/// A session tells that it was used: now and then, not at every use.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionUsed {
    /// Which.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
    /// From where, when that is not where it began.
    pub device: Option<Device>,
}

/// Lists a user's sessions, latest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListSessions {
    /// Whose.
    pub user: UserId,
}

/// Lists sessions of everybody, in the order of their ids: so the registry is
/// compared with the index.
#[derive(Debug, Serialize, Deserialize)]
pub struct WalkSessions {
    /// After this one.
    pub after: Option<SessionId>,
    /// At most so many, bounded by [`crate::actors::tenant::PAGE_MAX`].
    pub limit: u32,
}

/// Answers [`ListSessions`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionList {
    /// At most [`crate::actors::tenant::SESSIONS_PER_USER_MAX`].
    pub items: Vec<SessionEntry>,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Which.
    pub session: SessionId,
    /// From where it was begun.
    pub device: Device,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was used last, within
    /// [`TELL_USE_MS`](crate::actors::session::TELL_USE_MS).
    #[serde(default)]
    pub used_at: Option<Timestamp>,
    /// From where, when that is not where it began.
    #[serde(default)]
    pub seen: Option<Device>,
}

/// Ends sessions of one user.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndSessions {
    /// Whose.
    pub user: UserId,
    /// Which of them.
    pub which: WhichSessions,
    /// Why.
    pub why: EndReason,
}

/// Ends every session there is: an administrator signs everybody out.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndEverySession;

/// Which of a user's sessions.
#[derive(Debug, Serialize, Deserialize)]
pub enum WhichSessions {
    /// This one.
    One(SessionId),
    /// All but this one.
    AllBut(SessionId),
    /// All.
    All,
}
