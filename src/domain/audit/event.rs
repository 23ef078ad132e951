//! What can happen that is worth a record?
//!
//! The names are for programs, stable for ever: `docs/rate-limits.md` has them,
//! and a test says so.

use serde::{Deserialize, Serialize};

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A policy was laid down.
    #[serde(rename = "policy.created")]
    PolicyCreated,
    /// A policy was changed.
    #[serde(rename = "policy.changed")]
    PolicyChanged,
    /// A policy was deleted.
    #[serde(rename = "policy.deleted")]
    PolicyDeleted,
    /// A bucket was made to forget: its subject may begin anew.
    #[serde(rename = "bucket.reset")]
    BucketReset,
    /// An operator ended a session by its actor.
    #[serde(rename = "actor.revoked")]
    ActorRevoked,
    /// An actor was made to deliver what waited.
    #[serde(rename = "actor.flushed")]
    ActorFlushed,
    /// An actor was made to deliver its dead letters too.
    #[serde(rename = "actor.revived")]
    ActorRevived,
    /// An actor was made to forget all that is not a row.
    #[serde(rename = "actor.evicted")]
    ActorEvicted,
    /// A page of the registry was compared with the actors.
    #[serde(rename = "actor.reconciled")]
    ActorReconciled,
}

impl Event {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::PolicyCreated,
        Self::PolicyChanged,
        Self::PolicyDeleted,
        Self::BucketReset,
        Self::ActorRevoked,
        Self::ActorFlushed,
        Self::ActorRevived,
        Self::ActorEvicted,
        Self::ActorReconciled,
    ];

    /// What it happens to.
    #[must_use]
    pub const fn target(self) -> TargetKind {
        match self {
            Self::PolicyCreated | Self::PolicyChanged | Self::PolicyDeleted => TargetKind::Policy,
            Self::BucketReset => TargetKind::Bucket,
            _ => TargetKind::Actor,
        }
    }
}

/// To what something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A tenant's policy, by its name.
    Policy,
    /// A bucket, by the name of its actor without the tenant: the subject is in
    /// it as a MAC, and nobody reads it out.
    Bucket,
    /// An actor, by kind and name.
    Actor,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_is_documented_under_its_name_and_no_other_is() {
        let name = |event: &Event| {
            serde_json::to_value(event)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        let known: BTreeSet<String> = Event::ALL.iter().map(name).collect();
        assert_eq!(known.len(), Event::ALL.len());
        let document = include_str!("../../../docs/rate-limits.md");
        let (_, table) = document.split_once("| event | what was done |").unwrap();
        let rows = table
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let told = rows.filter_map(|row| Some(row.split('`').nth(1)?.to_owned()));
        assert_eq!(told.collect::<BTreeSet<String>>(), known);
    }
}
