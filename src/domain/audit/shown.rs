//! How is a record shown, to whoever lists records and to whoever listens?

use super::{Actor, Event, Outcome, Record, Target};
use crate::domain::{calendar::Moment, ids::RecordId};
use serde::Serialize;

/// A record as an operator sees it.
#[derive(Serialize)]
pub struct Shown {
    id: RecordId,
    /// As people and programs read it alike (RFC 3339); `None` for what no
    /// calendar holds.
    at: Option<String>,
    event: Event,
    actor: Actor,
    target: Target,
    outcome: Outcome,
    reason: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: String,
    count: u32,
}

impl From<Record> for Shown {
    fn from(record: Record) -> Self {
        let origin = record.origin;
        Self {
            id: record.id,
            at: Moment::of(record.at).rfc3339(),
            event: record.event,
            actor: origin.actor,
            target: record.target,
            outcome: record.outcome,
            reason: origin.reason,
            address: origin.address,
            user_agent: origin.user_agent,
            request_id: origin.request_id,
            count: record.count,
        }
    }
}
