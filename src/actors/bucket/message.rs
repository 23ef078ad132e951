//! What can a bucket be asked?

use super::Bucket;
use crate::{
    actors::runtime::conversation,
    domain::{limit::Quota, time::Timestamp},
};
use serde::{Deserialize, Serialize};

/// Takes one cell under every rule, or under none of them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Take {
    /// The rules that bind this subject, each with its own state.
    pub quotas: Vec<Quota>,
}

/// Gives back what [`Take`] took, when the act it guarded turned out harmless
/// (the password was right).
#[derive(Debug, Serialize, Deserialize)]
pub struct Refund {
    /// The rules it was taken under.
    pub quotas: Vec<Quota>,
}

/// Answers [`Take`] and [`Refund`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Go on.
    Admit,
    /// Not before this instant.
    Refuse {
        /// The first instant at which the same would be admitted.
        retry_at: Timestamp,
    },
}

conversation! {
    Bucket as "bucket" {
        Take => Verdict,
        Refund => Verdict,
    }
}
