//! What does an operator see of an actor?

use super::{jobs::Job, outbox::Summary};
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Messages remembered for inspection.
pub const RECENT_MAX: usize = 20;

/// One actor described by itself. No secret is in it: rows are counted, not
/// shown, messages are named, and [`Snapshot::state`] is written by the actor
/// from types that cannot serialise a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The actor's kind.
    pub kind: String,
    /// The actor's name.
    pub name: String,
    /// Its schema version; `None` when it was never founded.
    pub schema: Option<u32>,
    /// Bytes of its database.
    pub bytes: u64,
    /// Rows per table.
    pub rows: Vec<(String, u32)>,
    /// Its jobs, soonest first.
    pub jobs: Vec<Job>,
    /// When its alarm rings.
    pub alarm: Option<Timestamp>,
    /// Its outbox.
    pub outbox: Summary,
    /// Sockets open to it.
    pub sockets: u32,
    /// Since when it is awake, and what it has done since.
    pub activation: Activity,
    /// Its state, as its kind describes it; `null` when it was never founded.
    pub state: serde_json::Value,
}

/// What an actor has done since it woke.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    /// When it woke.
    pub since: Timestamp,
    /// Messages handled.
    pub messages: u64,
    /// What its sockets said: frames, and that their clients have gone.
    #[serde(default)]
    pub heard: u64,
    /// Faults.
    pub faults: u64,
    /// The latest messages, newest first.
    pub recent: VecDeque<Recent>,
}

/// One message that was handled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// The request that caused it.
    pub request: Option<String>,
    /// Whether it was answered; the fault's sort when not.
    pub fault: Option<super::FaultCode>,
}

impl Activity {
    pub(super) fn note(&mut self, recent: Recent) {
        self.messages = self.messages.saturating_add(1);
        if recent.fault.is_some() {
            self.faults = self.faults.saturating_add(1);
        }
        self.recent.truncate(RECENT_MAX - 1);
        self.recent.push_front(recent);
    }
}
