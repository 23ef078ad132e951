//! What does an operator see of an actor?

use super::{
    Fault, Host,
    jobs::{self, Job},
    outbox::{self, Summary},
};
use crate::{
    domain::time::Timestamp,
    store::{Store, migrate},
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Messages remembered for inspection.
pub const RECENT_MAX: usize = 20;

/// Sockets shown; how many there are is told beside them.
pub const SOCKETS_SHOWN_MAX: usize = 100;

/// Lists an actor's tables, each with a statement that counts its rows up to ten
/// thousand: to look at an actor must not cost more the more it holds.
macro_rules! tables {
    ($($table:literal),+ $(,)?) => {
        &[$((
            $table,
            concat!("SELECT COUNT(*) FROM (SELECT 1 FROM ", $table, " LIMIT 10000)"),
        )),+]
    };
}

pub(crate) use tables;

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
    /// When it was founded.
    #[serde(default)]
    pub born_at: Option<Timestamp>,
    /// Bytes of its database.
    pub bytes: u64,
    /// Rows per table; ten thousand are so many or more.
    pub rows: Vec<(String, u32)>,
    /// Its jobs, soonest first.
    pub jobs: Vec<Job>,
    /// When its alarm rings.
    pub alarm: Option<Timestamp>,
    /// Its outbox.
    pub outbox: Summary,
    /// Some of the sockets open to it.
    pub sockets: Vec<Line>,
    /// How many there are.
    #[serde(default)]
    pub sockets_open: u32,
    /// Since when it is awake, and what it has done since.
    pub activation: Activity,
    /// Its state, as its kind describes it; `null` when it was never founded.
    pub state: serde_json::Value,
}

/// A socket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What the actor finds it by.
    pub tags: Vec<String>,
    /// Since when it is open.
    pub since: Timestamp,
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
    /// How long before that it was sent: time stands still within a turn, and
    /// what makes an actor slow is what waits for it.
    #[serde(default)]
    pub duration_ms: Option<i64>,
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

/// What the runtime knows of a kind.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) schema: Option<u32>,
    pub(super) tables: &'static [(&'static str, &'static str)],
}

/// Describes the actor that `host` lends itself to; `state` does what only its
/// kind can.
pub(super) fn describe(
    host: &Host<'_>,
    kind: &Kind,
    activation: Activity,
    state: &dyn Fn(&dyn Store) -> Result<serde_json::Value, Fault>,
) -> Result<Snapshot, Fault> {
    let store = host.store;
    let mut snapshot = Snapshot {
        kind: kind.name.to_owned(),
        name: host.name.to_owned(),
        schema: None,
        born_at: None,
        bytes: store.bytes()?,
        rows: Vec::new(),
        jobs: Vec::new(),
        alarm: None,
        outbox: Summary::default(),
        sockets: host.sockets.shown(SOCKETS_SHOWN_MAX),
        sockets_open: u32::try_from(host.sockets.count(None)).unwrap_or(u32::MAX),
        activation,
        state: serde_json::Value::Null,
    };
    if migrate::is_founded(store)? {
        snapshot.schema = kind.schema;
        snapshot.born_at = migrate::founded_at(store)?;
        for (table, count) in kind.tables {
            let rows = store.query(count, &[])?;
            let count = rows.first().map_or(Ok(0), |row| row.count(0))?;
            snapshot.rows.push(((*table).to_owned(), count));
        }
        snapshot.jobs = jobs::list(store)?;
        snapshot.alarm = jobs::next_alarm(store)?;
        snapshot.outbox = outbox::summary(store)?;
        snapshot.state = state(store)?;
    }
    Ok(snapshot)
}

impl Snapshot {
    /// Whether the actor is there: it was founded and has not ended.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let is_ending = self
            .jobs
            .iter()
            .any(|job| job.name == super::commit::ENDING);
        self.schema.is_some() && !is_ending
    }
}
