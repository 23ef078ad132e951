//! What is said of one act?

use super::{Event, TargetKind};
use crate::domain::{
    entropy::Entropy,
    ids::{RecordId, TenantId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Bytes of a reason: a few sentences.
pub const REASON_BYTES_MAX: usize = 512;

/// Whether a text is a reason: not empty, not long, and nothing in it that a log
/// or a terminal would act on.
#[must_use]
pub fn is_reason(text: &str) -> bool {
    let length = text.trim().len();
    (1..=REASON_BYTES_MAX).contains(&length) && !text.chars().any(char::is_control)
}

/// What sort of party acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person, by `sub`.
    User,
    /// A client on its own behalf, by `client_id`.
    Client,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What sort of party.
    pub kind: ActorKind,
    /// Which.
    pub id: String,
}

/// Who acts, why, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// The client's address, as text.
    pub address: Option<String>,
    /// Its `User-Agent`, shortened by whoever reads it.
    pub user_agent: Option<String>,
    /// The request, as logs have it.
    pub request_id: String,
    /// What the actor says ([`is_reason`]).
    pub reason: Option<String>,
}

/// To what something was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What sort of thing.
    pub kind: TargetKind,
    /// Which.
    pub id: String,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and nothing was done.
    Refused,
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Names it, wherever it is kept: what arrives twice is one.
    pub id: RecordId,
    /// At which tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// To what.
    pub target: Target,
    /// What came of it.
    pub outcome: Outcome,
    /// By whom, why, and from where.
    pub origin: Origin,
}

impl Record {
    /// An act that was done just now, at a tenant.
    pub fn done(
        (tenant, at): (TenantId, Timestamp),
        event: Event,
        target: String,
        origin: Origin,
        entropy: &mut dyn Entropy,
    ) -> Self {
        Self {
            id: RecordId::generate(entropy),
            tenant,
            at,
            event,
            target: Target {
                kind: event.target(),
                id: target,
            },
            outcome: Outcome::Done,
            origin,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_sentence_and_nothing_a_terminal_would_act_on() {
        assert!(is_reason("The office's proxy was new."));
        for text in [
            "",
            "  ",
            "a\nb",
            "a\u{1b}[2J",
            &"x".repeat(REASON_BYTES_MAX + 1),
        ] {
            assert!(!is_reason(text), "{text:?}");
        }
    }
}
