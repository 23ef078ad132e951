//! What do a browser tab and its own session say to each other?
//!
//! The log of a tab is its session's: nothing has happened, or it has ended. Its
//! cursor is `{epoch}.0` or `{epoch}.1`, and the epoch is taken from the session's
//! name, so that no row is needed for it.

use crate::domain::{
    ids::{ActId, SessionId, base32},
    session::EndReason,
    time::Timestamp,
    tree,
};
use serde::{Deserialize, Serialize};

/// The subprotocol of both sorts of sockets.
pub const SUBPROTOCOL: &str = "aero2.revocation.v1";

/// Seconds after which a client that has heard nothing says `ping`.
pub const HEARTBEAT_S: u32 = 25;

/// Seconds of silence after which a client knows nothing for certain.
pub const MAX_STALENESS_S: u32 = 60;

/// Characters of an epoch.
const EPOCH_CHARS: usize = 8;

/// Characters of a nonce.
const NONCE_CHARS_MAX: usize = 64;

/// Codes with which a tab's socket is closed.
pub mod close {
    /// Not this protocol.
    pub const PROTOCOL: u16 = 4_400;
    /// The session has ended.
    pub const ENDED: u16 = 4_401;
    /// Not allowed.
    pub const FORBIDDEN: u16 = 4_403;
    /// Nothing was started in time.
    pub const SILENT: u16 = 4_408;
    /// The cursor is of no use, and no snapshot was wanted.
    pub const CURSOR: u16 = 4_410;
    /// Too many sockets, or frames too often.
    pub const TOO_MUCH: u16 = 4_429;
}

/// How a session ended, as its tabs are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// Why.
    pub reason: EndReason,
    /// When.
    pub at: Timestamp,
    /// By which act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txn: Option<ActId>,
}

/// What a session says to a tab.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TabFrame<'a> {
    /// Once the socket is open.
    Hello {
        /// Where the log stands.
        cursor: &'a str,
        /// Where it begins.
        oldest: &'a str,
        /// See [`HEARTBEAT_S`].
        heartbeat: u32,
        /// See [`MAX_STALENESS_S`].
        max_staleness: u32,
    },
    /// What the tab knew is void.
    Reset {
        /// Where the log stands.
        cursor: &'a str,
        /// There is one part.
        part: u32,
        /// There is one part.
        parts: u32,
        /// Nothing: a session that has ended does not say this.
        revoked: [(); 0],
    },
    /// The session has ended.
    Event {
        /// Where the log stands.
        cursor: &'a str,
        /// How.
        event: TabEvent,
    },
    /// Everything has been said.
    CaughtUp {
        /// Up to there.
        cursor: &'a str,
    },
    /// Answers [`TabSaid::Sync`].
    Synced {
        /// What was asked with.
        nonce: &'a str,
        /// Where the log stands.
        cursor: &'a str,
    },
}

/// The one thing that can happen.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TabEvent {
    /// The session has ended. How is not said when it has been forgotten.
    SessionEnded {
        /// How.
        #[serde(flatten)]
        end: Option<SessionEnd>,
    },
}

impl TabFrame<'_> {
    /// The text frame.
    #[must_use]
    pub fn text(&self) -> String {
        // It holds nothing that JSON cannot spell.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What a tab says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabSaid {
    /// It knows nothing yet.
    Start,
    /// It has heard everything up to here.
    Resume {
        /// Where it stands.
        cursor: String,
        /// Whether it takes a snapshot when it is not told what it missed.
        snapshot: bool,
    },
    /// It has taken in what it heard.
    Ack,
    /// It wants to know whether it has heard everything.
    Sync {
        /// To know the answer by.
        nonce: String,
    },
}

impl TabSaid {
    /// Reads a text frame; `None` when it is none of this protocol.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Frame {
            r#type: String,
            cursor: Option<String>,
            snapshot: Option<bool>,
            nonce: Option<String>,
        }
        let frame: Frame = tree::from_json(text.as_bytes()).ok()?;
        match frame.r#type.as_str() {
            "start" => Some(Self::Start),
            "resume" => Some(Self::Resume {
                cursor: frame.cursor?,
                snapshot: frame.snapshot.unwrap_or(true),
            }),
            "ack" => frame.cursor.map(|_| Self::Ack),
            "sync" => {
                let nonce = frame.nonce?;
                let fits = (1..=NONCE_CHARS_MAX).contains(&nonce.chars().count());
                fits.then_some(Self::Sync { nonce })
            }
            _ => None,
        }
    }
}

/// Where the log of a session stands that is live.
#[must_use]
pub fn live_cursor(session: SessionId) -> String {
    format!("{}.0", epoch(session))
}

/// The frame that says that a session has ended, and how, when that is known.
#[must_use]
pub fn ended(session: SessionId, end: Option<SessionEnd>) -> String {
    let cursor = format!("{}.1", epoch(session));
    let event = TabEvent::SessionEnded { end };
    let frame = TabFrame::Event {
        cursor: &cursor,
        event,
    };
    frame.text()
}

fn epoch(session: SessionId) -> String {
    base32(session.as_bytes())
        .chars()
        .take(EPOCH_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SESSION: SessionId = SessionId::from_bytes([1; 16]);

    #[test]
    fn the_end_of_a_session_is_spelled_as_the_contract_says() {
        let end = SessionEnd {
            reason: EndReason::Administrator,
            at: Timestamp::from_millis(7),
            txn: Some(ActId::from_bytes([2; 16])),
        };
        assert_eq!(
            ended(SESSION, Some(end)),
            r#"{"type":"event","cursor":"aeaqcaib.1","event":{"kind":"session_ended","reason":"administrator","at":7,"txn":"act_aibaeaqcaibaeaqcaibaeaqcai"}}"#
        );
        assert_eq!(
            ended(SESSION, None),
            r#"{"type":"event","cursor":"aeaqcaib.1","event":{"kind":"session_ended"}}"#
        );
    }

    #[test]
    fn a_frame_is_read_by_its_type_and_unknown_members_are_skipped() {
        let read = TabSaid::read;
        assert_eq!(read(r#"{"type":"start","x":1}"#), Some(TabSaid::Start));
        assert_eq!(
            read(r#"{"type":"resume","cursor":"a.0"}"#),
            Some(TabSaid::Resume {
                cursor: "a.0".to_owned(),
                snapshot: true
            })
        );
        for text in [
            "",
            "[]",
            "start",
            r#"{"type":"stop"}"#,
            r#"{"type":"resume"}"#,
            r#"{"type":"ack"}"#,
            r#"{"type":"sync","nonce":""}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_nonce_has_one_to_sixty_four_characters(nonce in "[a-zé]{0,80}") {
            let text = serde_json::json!({"type": "sync", "nonce": nonce}).to_string();
            let fits = (1..=64).contains(&nonce.chars().count());
            prop_assert_eq!(TabSaid::read(&text).is_some(), fits);
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            drop(TabSaid::read(&text));
        }
    }
}
