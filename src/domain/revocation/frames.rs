//! What is said over a socket of the subprotocol `aero2.revocation.v1`?

use super::Cursor;
use crate::domain::tree;
use serde::{Deserialize, Serialize};

/// The subprotocol's name.
pub const SUBPROTOCOL: &str = "aero2.revocation.v1";

/// How often a client asks whether we are there, in seconds: proxies commonly
/// drop a connection that was silent for a minute.
pub const HEARTBEAT_S: u32 = 25;

/// Seconds without a word from us after which a client is no longer certain:
/// two heartbeats, and time for an answer.
pub const MAX_STALENESS_S: u32 = 60;

/// Characters of a nonce: enough for a UUID or 32 bytes in hexadecimal.
const NONCE_CHARS_MAX: usize = 64;

/// Bytes of records in one part of a snapshot: far below what a host or a
/// client takes in one frame.
const PART_BYTES: usize = 128 * 1_024;

/// Codes with which a socket is closed ([RFC 6455 §7.4.2]: 4000 to 4999 are
/// ours).
///
/// [RFC 6455 §7.4.2]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.2
pub mod close {
    /// The server goes away ([RFC 6455 §7.4.1]).
    ///
    /// [RFC 6455 §7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
    pub const GOING_AWAY: u16 = 1_001;
    /// Not this protocol.
    pub const PROTOCOL: u16 = 4_400;
    /// The session has ended, or the token is no longer good.
    pub const REVOKED: u16 = 4_401;
    /// Not allowed.
    pub const FORBIDDEN: u16 = 4_403;
    /// Nothing was started in time.
    pub const SILENT: u16 = 4_408;
    /// The cursor is too old, and no snapshot was wanted.
    pub const TOO_OLD: u16 = 4_410;
    /// Too slow.
    pub const TOO_SLOW: u16 = 4_413;
    /// Too many sockets, frames or records.
    pub const TOO_MANY: u16 = 4_429;
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It knows nothing yet.
    Start,
    /// It knows everything up to a cursor.
    Resume {
        /// The cursor; `None` for a text that was never one of ours.
        cursor: Option<Cursor>,
        /// Whether it takes a snapshot when it cannot have every record.
        snapshot: bool,
    },
    /// Everything up to there has been taken in.
    Ack(Cursor),
    /// It asks whether there is anything later.
    Sync {
        /// Repeated in the answer.
        nonce: String,
    },
}

#[derive(Deserialize)]
struct Frame {
    r#type: String,
    cursor: Option<String>,
    snapshot: Option<bool>,
    nonce: Option<String>,
}

impl Said {
    /// Reads a client's frame; `None` when the protocol has none like it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let frame: Frame = tree::from_json(text.as_bytes()).ok()?;
        Some(match frame.r#type.as_str() {
            "start" => Self::Start,
            "resume" => Self::Resume {
                cursor: Cursor::parse(&frame.cursor?),
                snapshot: frame.snapshot.unwrap_or(true),
            },
            "ack" => Self::Ack(Cursor::parse(&frame.cursor?)?),
            "sync" => Self::Sync {
                nonce: frame.nonce.filter(|nonce| is_nonce(nonce))?,
            },
            _ => return None,
        })
    }
}

fn is_nonce(text: &str) -> bool {
    (1..=NONCE_CHARS_MAX).contains(&text.chars().count())
}

/// What the server says, snapshots aside: see [`reset`].
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Told<'a> {
    /// First of all.
    Hello {
        /// Where the log ends.
        cursor: Cursor,
        /// From where on it can be read record by record.
        oldest: Cursor,
        /// See [`HEARTBEAT_S`].
        heartbeat: u32,
        /// See [`MAX_STALENESS_S`].
        max_staleness: u32,
    },
    /// One record of a resource server's feed.
    Event {
        /// Its place.
        cursor: Cursor,
        /// Its security event token.
        set: &'a str,
    },
    /// Everything up to there has been sent.
    CaughtUp {
        /// The place.
        cursor: Cursor,
    },
    /// The answer to [`Said::Sync`].
    Synced {
        /// As it was sent.
        nonce: &'a str,
        /// Where the log ends.
        cursor: Cursor,
    },
    /// The socket will be closed: everybody comes back at a time of their own.
    Drain {
        /// A random part of this, from now on.
        after_ms: i64,
    },
}

impl Told<'_> {
    /// The first frame on a socket.
    #[must_use]
    pub const fn hello(cursor: Cursor, oldest: Cursor) -> Self {
        Self::Hello {
            cursor,
            oldest,
            heartbeat: HEARTBEAT_S,
            max_staleness: MAX_STALENESS_S,
        }
    }

    /// The frame's text.
    #[must_use]
    pub fn text(&self) -> String {
        // Strings and numbers: there is nothing JSON could not say.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The frames of a snapshot at `cursor`; `records` are JSON objects.
#[must_use]
pub fn reset(cursor: Cursor, records: &[String]) -> Vec<String> {
    let mut chunks = vec![String::new()];
    for record in records {
        if let Some(chunk) = chunks.last_mut() {
            if !chunk.is_empty() {
                chunk.push(',');
            }
            chunk.push_str(record);
            if chunk.len() >= PART_BYTES {
                chunks.push(String::new());
            }
        }
    }
    if chunks.len() > 1 && chunks.last().is_some_and(String::is_empty) {
        chunks.pop();
    }
    let parts = chunks.len();
    let frame = |(part, chunk): (usize, &String)| {
        format!(
            r#"{{"type":"reset","cursor":"{cursor}","part":{part},"parts":{parts},"revoked":[{chunk}]}}"#
        )
    };
    (1..).zip(&chunks).map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    const HERE: &str = "abcdefg2.7";

    fn here() -> Cursor {
        Cursor::parse(HERE).unwrap()
    }

    #[test]
    fn a_client_says_four_things() {
        let said = |frame: Value| Said::parse(&frame.to_string());
        assert_eq!(
            said(json!({ "type": "start", "new": 1 })),
            Some(Said::Start)
        );
        let resume = |cursor, snapshot| Some(Said::Resume { cursor, snapshot });
        assert_eq!(
            said(json!({ "type": "resume", "cursor": HERE })),
            resume(Some(here()), true)
        );
        assert_eq!(
            said(json!({ "type": "resume", "cursor": "forged", "snapshot": false })),
            resume(None, false)
        );
        assert_eq!(
            said(json!({ "type": "ack", "cursor": HERE })),
            Some(Said::Ack(here()))
        );
        let nonce = "é".repeat(64);
        let sync = Said::Sync {
            nonce: nonce.clone(),
        };
        assert_eq!(said(json!({ "type": "sync", "nonce": nonce })), Some(sync));
    }

    #[test]
    fn anything_else_is_not_this_protocol() {
        for frame in [
            "",
            "null",
            "[]",
            "\"start\"",
            "{}",
            r#"{"type":"START"}"#,
            r#"{"type":1}"#,
            r#"{"type":"resume"}"#,
            r#"{"type":"resume","cursor":7}"#,
            r#"{"type":"resume","cursor":"abcdefg2.7","snapshot":"no"}"#,
            r#"{"type":"ack","cursor":"forged"}"#,
            r#"{"type":"sync"}"#,
            r#"{"type":"sync","nonce":""}"#,
            r#"{"type":"event"}"#,
            r#"{"type":"start"} {"type":"start"}"#,
        ] {
            assert_eq!(Said::parse(frame), None, "{frame}");
        }
        let long = json!({ "type": "sync", "nonce": "x".repeat(65) });
        assert_eq!(Said::parse(&long.to_string()), None);
    }

    #[test]
    fn the_server_speaks_as_the_contract_says() {
        let told = |told: Told<'_>| -> Value { serde_json::from_str(&told.text()).unwrap() };
        let hello = json!({
            "type": "hello", "cursor": HERE, "oldest": HERE, "heartbeat": 25, "max_staleness": 60,
        });
        assert_eq!(told(Told::hello(here(), here())), hello);
        let event = json!({ "type": "event", "cursor": HERE, "set": "e30" });
        let cursor = here();
        assert_eq!(told(Told::Event { cursor, set: "e30" }), event);
        let caught_up = json!({ "type": "caught_up", "cursor": HERE });
        assert_eq!(told(Told::CaughtUp { cursor }), caught_up);
        let synced = json!({ "type": "synced", "nonce": "\"", "cursor": HERE });
        let nonce = "\"";
        assert_eq!(told(Told::Synced { nonce, cursor }), synced);
        let drain = json!({ "type": "drain", "after_ms": 30_000 });
        assert_eq!(told(Told::Drain { after_ms: 30_000 }), drain);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_snapshot_has_every_record_once_in_numbered_parts(
            lengths in prop::collection::vec(0_usize..60_000, 0..20),
        ) {
            let record = |(at, length): (usize, &usize)| {
                json!({ "at": at, "pad": "x".repeat(*length) }).to_string()
            };
            let records: Vec<String> = lengths.iter().enumerate().map(record).collect();
            let frames = reset(here(), &records);
            let mut seen = Vec::new();
            for (place, text) in frames.iter().enumerate() {
                let frame: Value = serde_json::from_str(text).unwrap();
                prop_assert_eq!(&frame["type"], "reset");
                prop_assert_eq!(&frame["cursor"], HERE);
                prop_assert_eq!(&frame["part"], place + 1);
                prop_assert_eq!(&frame["parts"], frames.len());
                prop_assert!(text.len() < PART_BYTES + 70_000);
                let part = frame["revoked"].as_array().unwrap();
                prop_assert!(!part.is_empty() || records.is_empty());
                seen.extend(part.iter().map(Value::to_string));
            }
            prop_assert_eq!(seen, records);
        }

        #[test]
        fn no_frame_panics(text in ".*|\\{\"type\":\"(start|resume|ack|sync)\".*\\}") {
            drop(Said::parse(&text));
        }
    }
}
