//! What is said of one act?

use super::{Event, TargetKind};
use crate::domain::{
    entropy::Entropy,
    ids::{RecordId, TenantId, UserId},
    oauth::ClientId,
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
    /// We ourselves, at a time that was set.
    System,
    /// Nobody knows: whoever sent the request.
    Anonymous,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What sort of party.
    pub kind: ActorKind,
    /// Which; empty when there is only one, or nobody knows.
    pub id: String,
}

impl Actor {
    /// Whoever sent the request.
    pub const ANONYMOUS: Self = Self::nameless(ActorKind::Anonymous);

    const fn nameless(kind: ActorKind) -> Self {
        Self {
            kind,
            id: String::new(),
        }
    }

    /// A person.
    #[must_use]
    pub fn user(user: UserId) -> Self {
        Self {
            kind: ActorKind::User,
            id: user.to_string(),
        }
    }

    /// A client.
    #[must_use]
    pub fn client(client_id: &ClientId) -> Self {
        Self {
            kind: ActorKind::Client,
            id: client_id.to_string(),
        }
    }
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
    /// What the actor says ([`is_reason`]), or one of our own words.
    pub reason: Option<String>,
}

impl Origin {
    /// Ourselves.
    #[must_use]
    pub const fn system() -> Self {
        Self {
            actor: Actor::nameless(ActorKind::System),
            address: None,
            user_agent: None,
            request_id: String::new(),
            reason: None,
        }
    }

    /// The same, with one of our words as the reason unless the actor has given one.
    #[must_use]
    pub fn because(mut self, word: &str) -> Self {
        self.reason.get_or_insert_with(|| word.to_owned());
        self
    }
}

/// On whose behalf an actor is asked: it travels with the question, for whoever
/// does the act to record it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The tenant at whose origin the request came.
    pub home: TenantId,
    /// Who, and from where.
    pub origin: Origin,
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

impl Outcome {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
        }
    }
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
    /// How often, when the same came several times within seconds.
    #[serde(default = "once")]
    pub count: u32,
}

const fn once() -> u32 {
    1
}

impl Record {
    /// Whether it says the same as another, of another moment.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        (self.event, self.outcome) == (other.event, other.outcome)
            && self.target == other.target
            && self.origin.actor == other.origin.actor
            && self.origin.address == other.origin.address
            && self.origin.reason == other.origin.reason
    }

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
            outcome: event.outcome(),
            origin,
            count: 1,
        }
    }

    /// What stands for it, and for others, where there is no room for them.
    #[must_use]
    pub fn dropped(self) -> Self {
        let event = Event::RecordsDropped;
        Self {
            event,
            outcome: event.outcome(),
            target: Target {
                kind: event.target(),
                id: self.tenant.to_string(),
            },
            origin: Origin::system(),
            ..self
        }
    }

    /// The same, of a target of another kind than the event's own.
    #[must_use]
    pub const fn to(mut self, kind: TargetKind) -> Self {
        self.target.kind = kind;
        self
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
