//! What can be asked about how often policies are asked?

use crate::domain::{
    audit::Record,
    limit::usage::{Counts, Offender, Offenders},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// A gateway has counted. It says so every few seconds, not at every check.
#[derive(Debug, Serialize, Deserialize)]
pub struct NoteUsage {
    /// When it began to: all of it is counted to this minute.
    pub since: Timestamp,
    /// By policy: the name of one of the tenant's, or `own.` and the name of one of
    /// ours, or `i.*` for rules that came with the question.
    pub policies: Vec<PolicyUsage>,
    /// What was looked at, and what was refused: acts that changed nothing.
    #[serde(default)]
    pub acts: Vec<Record>,
}

/// What a gateway has counted of one policy.
#[derive(Debug, Serialize, Deserialize)]
pub struct PolicyUsage {
    /// Which.
    pub policy: String,
    /// What came of the checks.
    pub counts: Counts,
    /// Who was refused.
    pub offenders: Offenders,
}

/// Reads how often a policy was asked.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadUsage {
    /// Which, as [`NoteUsage`] calls it.
    pub policy: String,
    /// From then on, as far as it is kept.
    pub since: Timestamp,
}

/// Answers [`ReadUsage`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct UsageRead {
    /// The minutes in which it was asked, oldest first, by when they began.
    pub minutes: Vec<(Timestamp, Counts)>,
    /// Who was refused most in the hours of these minutes, most often first.
    pub offenders: Vec<Offender>,
}
