//! What can be asked about policies?

use crate::domain::{
    audit::Record,
    limit::{
        Name,
        policy::{Enacted, Policy},
    },
};
use serde::{Deserialize, Serialize};

/// Reads one policy.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReadPolicy {
    /// Which.
    pub name: Name,
}

/// Adds a policy.
#[derive(Debug, Serialize, Deserialize)]
pub struct CreatePolicy {
    /// What it says.
    pub policy: Box<Policy>,
    /// Kept when it is done.
    pub record: Box<Record>,
}

/// Changes a policy by a JSON merge patch ([RFC 7396]). It never fills a
/// bucket.
///
/// [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396
#[derive(Debug, Serialize, Deserialize)]
pub struct ChangePolicy {
    /// Which.
    pub name: Name,
    /// What changes; never the name.
    pub patch: serde_json::Value,
    /// Kept when it is done.
    pub record: Box<Record>,
}

/// Deletes a policy. Its buckets stay until they are full.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeletePolicy {
    /// Which.
    pub name: Name,
    /// Kept when it is done.
    pub record: Box<Record>,
}

/// Answers everything about one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PolicyRead {
    /// So it stands, or stood when it was deleted.
    Found(Box<Enacted>),
    /// There is none.
    Missing,
    /// The name is taken.
    Taken,
    /// There are [`crate::actors::tenant::POLICIES_MAX`] already.
    TooMany,
    /// It cannot be changed to that; the sentence names the member.
    Refused(String),
}

/// Lists policies by name.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListPolicies {
    /// After this one.
    pub after: Option<Name>,
    /// At most so many, bounded by [`crate::actors::tenant::PAGE_MAX`].
    pub limit: u32,
}

/// Answers [`ListPolicies`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyPage {
    /// In the order of their names.
    pub items: Vec<Enacted>,
    /// More follow after this one.
    pub next: Option<Name>,
}
