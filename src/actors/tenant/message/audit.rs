//! What can be asked about acts?

use crate::domain::{
    audit::{Event, Outcome, Record},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Somebody has done something that no row of the tenant's own tells.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoteAct {
    /// What.
    pub record: Box<Record>,
}

/// Lists acts, latest first.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListActs {
    /// Before this number.
    pub before: Option<i64>,
    /// At most so many, bounded by [`crate::actors::tenant::PAGE_MAX`].
    pub limit: u32,
    /// Only those.
    #[serde(default)]
    pub only: Only,
}

/// Which acts are asked for; an empty one asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Only {
    /// Of this event.
    pub event: Option<Event>,
    /// By whoever has this id.
    pub actor: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Done then or later.
    pub from: Option<Timestamp>,
    /// Done before.
    pub to: Option<Timestamp>,
}

/// Answers [`ListActs`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct ActPage {
    /// Latest first, each with its number.
    pub items: Vec<(i64, Record)>,
    /// More may follow before this one: a page is looked for among so many records
    /// at a time, and may be empty where few are asked for.
    pub next: Option<i64>,
}
