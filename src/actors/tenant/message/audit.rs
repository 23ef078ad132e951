//! What can be asked about acts?

use crate::domain::audit::Record;
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
}

/// Answers [`ListActs`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct ActPage {
    /// Latest first, each with its number.
    pub items: Vec<(i64, Record)>,
    /// More follow before this one.
    pub next: Option<i64>,
}
