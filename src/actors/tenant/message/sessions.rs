//! What can be asked about sessions?

use crate::domain::{
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
}

/// Lists a user's sessions, latest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListSessions {
    /// Whose.
    pub user: UserId,
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
