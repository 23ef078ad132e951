//! What is a subject told?

use super::rule::Name;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What becomes of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was charged under every rule.
    Admit,
    /// It was charged under none.
    Refuse {
        /// The first instant at which no rule would refuse it, if nobody else
        /// is admitted before then.
        retry_at: Timestamp,
    },
    /// More was asked than some rule will ever admit at once.
    Never,
}

/// How a subject stands under one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The rule.
    pub name: Name,
    /// How much it allows.
    pub limit: u32,
    /// In how many milliseconds.
    pub window_ms: i64,
    /// How much is left.
    pub remaining: u32,
    /// Milliseconds until all of it is back.
    pub reset_ms: i64,
    /// Whether it is one of those that refused.
    pub refuses: bool,
}

/// The answer to a question of how much is too much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// When it was given, by the bucket's clock, which never runs backwards.
    /// Whoever waits counts from here, whatever their own clock says.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: Outcome,
    /// How the subject stands, rule by rule in the order of the policy.
    pub readings: Vec<Reading>,
}

impl Verdict {
    /// Whether it was charged.
    #[must_use]
    pub const fn is_admitted(&self) -> bool {
        matches!(self.outcome, Outcome::Admit)
    }

    /// Milliseconds until trying again may help; `None` when it was admitted
    /// or never will.
    #[must_use]
    pub const fn wait_ms(&self) -> Option<i64> {
        match self.outcome {
            Outcome::Refuse { retry_at } => Some(retry_at.since(self.at)),
            Outcome::Admit | Outcome::Never => None,
        }
    }
}
