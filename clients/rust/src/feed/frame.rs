//! What does the server say?

use super::{cursor::Cursor, revocation::Revocation};
use aero2_tenant::json::{self, Object};

/// The longest nonce of a `sync`.
const NONCE_CHARS_MAX: usize = 64;
/// More parts than any snapshot needs.
const PARTS_MAX: u64 = 10_000;
/// Nobody who drains waits longer than ten minutes.
const DRAIN_MS_MAX: u64 = 600_000;
/// A heartbeat beyond five minutes keeps no connection open.
const HEARTBEAT_S_MAX: u64 = 300;
/// Knowledge older than an hour is none.
const STALENESS_S_MAX: u64 = 3_600;

/// A frame from the server.
#[derive(Debug)]
pub(super) enum Frame {
    Pong,
    Hello {
        heartbeat_s: u64,
        max_staleness_s: u64,
    },
    Reset {
        part: Part,
        revoked: Vec<Revocation>,
    },
    Event {
        cursor: Cursor,
        set: String,
    },
    CaughtUp {
        cursor: Cursor,
    },
    Synced {
        nonce: String,
        cursor: Cursor,
    },
    Drain {
        after_ms: u64,
    },
    /// Of a later version: heard, and nothing else.
    Unknown,
}

/// Which part of which snapshot.
#[expect(clippy::struct_field_names, reason = "the protocol's own words")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) cursor: Cursor,
    pub(super) part: u64,
    pub(super) parts: u64,
}

impl Part {
    pub(super) const fn is_first(&self) -> bool {
        self.part == 1
    }

    pub(super) const fn is_last(&self) -> bool {
        self.part == self.parts
    }

    pub(super) fn follows(&self, before: &Self) -> bool {
        self.cursor == before.cursor
            && self.parts == before.parts
            && self.part == before.part.saturating_add(1)
    }
}

impl Frame {
    /// Reads a frame; `None` when the protocol has none like it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text == "pong" {
            return Some(Self::Pong);
        }
        let members = json::object(text.as_bytes())?;
        let cursor = || Cursor::parse(json::text(&members, "cursor")?);
        Some(match members.get("type")?.as_str()? {
            "hello" => Self::Hello {
                heartbeat_s: within(&members, "heartbeat", HEARTBEAT_S_MAX)?,
                max_staleness_s: within(&members, "max_staleness", STALENESS_S_MAX)?,
            },
            "reset" => Self::Reset {
                part: part(&members, cursor()?)?,
                revoked: revoked(&members)?,
            },
            "event" => Self::Event {
                cursor: cursor()?,
                set: members.get("set")?.as_str()?.to_owned(),
            },
            "caught_up" => Self::CaughtUp { cursor: cursor()? },
            "synced" => Self::Synced {
                nonce: json::text(&members, "nonce")?.to_owned(),
                cursor: cursor()?,
            },
            "drain" => Self::Drain {
                after_ms: json::whole(&members, "after_ms")?.min(DRAIN_MS_MAX),
            },
            _ => Self::Unknown,
        })
    }
}

/// Whether a `sync` may carry this nonce.
pub(super) fn is_nonce(text: &str) -> bool {
    (1..=NONCE_CHARS_MAX).contains(&text.chars().count())
}

fn within(members: &Object, name: &str, max: u64) -> Option<u64> {
    json::whole(members, name).filter(|number| (1..=max).contains(number))
}

fn part(members: &Object, cursor: Cursor) -> Option<Part> {
    let parts = within(members, "parts", PARTS_MAX)?;
    let part = within(members, "part", parts)?;
    Some(Part {
        cursor,
        part,
        parts,
    })
}

fn revoked(members: &Object) -> Option<Vec<Revocation>> {
    let records = members.get("revoked")?.as_array()?;
    let record = |value: &serde_json::Value| Revocation::parse(value.as_object()?);
    records.iter().map(record).collect()
}
