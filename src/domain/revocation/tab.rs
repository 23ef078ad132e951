//! What is told to a browser tab of its own session?
//!
//! The log of a tab is its session's: nothing has happened, or it has ended. Its
//! cursor is `{epoch}.0` or `{epoch}.1`, and the epoch is taken from the session's
//! name, so that no row is needed for it.

use super::{Cursor, Epoch, Seq};
use crate::domain::{
    ids::{ActId, SessionId},
    session::EndReason,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// How a session ended, as its tabs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// Why.
    pub reason: EndReason,
    /// When.
    pub at: Timestamp,
    /// By which act; a session that ended before this was kept does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txn: Option<ActId>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "event")]
struct Frame {
    cursor: Cursor,
    event: Event,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename = "session_ended")]
struct Event {
    #[serde(flatten)]
    end: Option<SessionEnd>,
}

/// Where the log of a session stands that is live.
#[must_use]
pub fn live_cursor(session: SessionId) -> Cursor {
    cursor(session, 0)
}

/// The frame that says that a session has ended, and how, when that is known.
#[must_use]
pub fn ended(session: SessionId, end: Option<SessionEnd>) -> String {
    let frame = Frame {
        cursor: cursor(session, 1),
        event: Event { end },
    };
    // Words and numbers: there is nothing JSON could not say.
    serde_json::to_string(&frame).unwrap_or_default()
}

fn cursor(session: SessionId, seq: i64) -> Cursor {
    let name = session.as_bytes().first_chunk();
    Cursor {
        epoch: Epoch::from_bytes(name.copied().unwrap_or_default()),
        seq: Seq::from_i64(seq),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_session_is_spelled_as_the_contract_says() {
        let session = SessionId::from_bytes([1; 16]);
        let end = SessionEnd {
            reason: EndReason::Administrator,
            at: Timestamp::from_millis(7),
            txn: Some(ActId::from_bytes([2; 16])),
        };
        assert_eq!(
            ended(session, Some(end)),
            r#"{"type":"event","cursor":"aeaqcaib.1","event":{"kind":"session_ended","reason":"administrator","at":7,"txn":"act_aibaeaqcaibaeaqcaibaeaqcai"}}"#
        );
        assert_eq!(
            ended(session, None),
            r#"{"type":"event","cursor":"aeaqcaib.1","event":{"kind":"session_ended"}}"#
        );
    }
}
