//! What is told of a record of the revocation log ([CAEP 1.0])?
//!
//! [CAEP 1.0]: https://openid.net/specs/openid-caep-1_0.html

use super::{status::Status, subject::About};
use crate::domain::{
    ids::{SessionId, TenantId},
    revocation::{Credential, News, Record, What},
    session::EndReason,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A kind of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// A session is over (CAEP §3.1).
    SessionRevoked,
    /// A user proves who they are in another way (CAEP §3.3).
    CredentialChange,
    /// The stream works (SSF §8.1.4.1).
    Verification,
    /// We have changed the stream's status (SSF §8.1.5).
    StreamUpdated,
}

impl EventType {
    /// What a receiver can ask for.
    pub const SUPPORTED: [Self; 2] = [Self::SessionRevoked, Self::CredentialChange];

    /// Its URI.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        match self {
            Self::SessionRevoked => {
                "https://schemas.openid.net/secevent/caep/event-type/session-revoked"
            }
            Self::CredentialChange => {
                "https://schemas.openid.net/secevent/caep/event-type/credential-change"
            }
            Self::Verification => "https://schemas.openid.net/secevent/ssf/event-type/verification",
            Self::StreamUpdated => {
                "https://schemas.openid.net/secevent/ssf/event-type/stream-updated"
            }
        }
    }
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// See [`EventType::SessionRevoked`].
    SessionRevoked {
        /// When it ended.
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
    /// See [`EventType::CredentialChange`].
    CredentialChange {
        /// When it was changed.
        at: Timestamp,
        /// Which.
        credential: Credential,
    },
    /// See [`EventType::Verification`].
    Verification {
        /// What the receiver said when it asked.
        state: Option<String>,
    },
    /// See [`EventType::StreamUpdated`].
    StreamUpdated {
        /// The status from now on.
        status: Status,
        /// Why.
        reason: String,
    },
}

/// An event, and whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tidings {
    /// Whom.
    pub about: About,
    /// What.
    pub event: Event,
}

/// What is told of a record, subject by subject: nothing when it takes away
/// less than a session.
#[must_use]
pub fn tidings(record: &Record, tenant: TenantId) -> Vec<Tidings> {
    let at = record.at;
    let revoked = match &record.news {
        News::CredentialChanged { user, credential } => {
            let credential = *credential;
            return vec![Tidings {
                about: About::User(*user),
                event: Event::CredentialChange { at, credential },
            }];
        }
        News::Revoked(revoked) => revoked,
    };
    let subjects = match &revoked.what {
        What::Sessions { sub, all: true, .. } => vec![About::AllSessions(*sub)],
        What::Sessions { sub, sids, .. } => {
            let one = |sid: &SessionId| About::Session(*sub, *sid);
            sids.iter().map(one).collect()
        }
        What::Tenant { .. } => vec![About::Tenant(tenant)],
        What::Grant { .. } | What::Token { .. } | What::Consent { .. } | What::Client { .. } => {
            Vec::new()
        }
    };
    let reason = revoked.reason;
    let told = |about| Tidings {
        about,
        event: Event::SessionRevoked { at, reason },
    };
    subjects.into_iter().map(told).collect()
}

impl Event {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> EventType {
        match self {
            Self::SessionRevoked { .. } => EventType::SessionRevoked,
            Self::CredentialChange { .. } => EventType::CredentialChange,
            Self::Verification { .. } => EventType::Verification,
            Self::StreamUpdated { .. } => EventType::StreamUpdated,
        }
    }

    /// Its claims, as they stand under its URI.
    #[must_use]
    pub fn claims(&self) -> Value {
        let mut claims = match self {
            Self::SessionRevoked { at, reason } => json!({
                "event_timestamp": at.as_seconds(),
                "initiating_entity": initiator(*reason),
                "reason_admin": {"en": reason},
            }),
            Self::CredentialChange { at, credential } => json!({
                "event_timestamp": at.as_seconds(),
                "credential_type": credential,
                "change_type": "update",
            }),
            Self::Verification { state } => json!({ "state": state }),
            Self::StreamUpdated { status, reason } => json!({ "status": status, "reason": reason }),
        };
        if let Some(members) = claims.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        claims
    }
}

/// Who brought it about (CAEP §2); `None` when the reason does not tell.
const fn initiator(reason: EndReason) -> Option<&'static str> {
    match reason {
        EndReason::SignedOut
        | EndReason::SignedOutElsewhere
        | EndReason::Replaced
        | EndReason::ConsentWithdrawn => Some("user"),
        EndReason::Administrator
        | EndReason::UserDisabled
        | EndReason::TenantEnded
        | EndReason::ClientDeleted => Some("admin"),
        EndReason::Idle | EndReason::Expired | EndReason::TokenReused | EndReason::Limit => {
            Some("policy")
        }
        EndReason::PasswordChanged | EndReason::TokenRevoked => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::{ActId, EventId, UserId},
        oauth::ClientId,
        revocation::Revoked,
    };

    const TENANT: TenantId = TenantId::from_bytes([1; 16]);
    const USER: UserId = UserId::from_bytes([2; 16]);
    const NOON: Timestamp = Timestamp::from_seconds(43_200);

    fn record(news: News) -> Record {
        Record {
            id: EventId::from_bytes([5; 16]),
            act: ActId::from_bytes([6; 16]),
            at: NOON.plus(999),
            news,
        }
    }

    fn revoked(what: What) -> Vec<Tidings> {
        let revoked = Revoked {
            what,
            reason: EndReason::Administrator,
            exp: NOON,
        };
        tidings(&record(News::Revoked(revoked)), TENANT)
    }

    #[test]
    fn each_session_is_told_of_unless_it_is_all_of_them() {
        let sids = [3, 4].map(|n| SessionId::from_bytes([n; 16]));
        let what = |all| What::Sessions {
            sub: USER,
            sids: sids.to_vec(),
            all,
        };
        let about = |told: Vec<Tidings>| told.iter().map(|one| one.about).collect::<Vec<_>>();
        let each = sids.map(|sid| About::Session(USER, sid));
        assert_eq!(about(revoked(what(false))), each);
        assert_eq!(about(revoked(what(true))), [About::AllSessions(USER)]);
        let tenant = revoked(What::Tenant { not_before: NOON });
        assert_eq!(about(tenant), [About::Tenant(TENANT)]);
    }

    #[test]
    fn less_than_a_session_is_told_nobody() {
        let client_id = ClientId::parse("app").unwrap();
        let not_before = NOON;
        let client = What::Client {
            client_id: client_id.clone(),
            not_before,
        };
        let consent = What::Consent {
            sub: USER,
            client_id,
            not_before,
        };
        assert!(revoked(client).is_empty() && revoked(consent).is_empty());
    }

    #[test]
    fn claims_are_caeps_own() {
        let told = revoked(What::Tenant { not_before: NOON });
        assert_eq!(
            told[0].event.claims(),
            json!({
                "event_timestamp": 43_200, "initiating_entity": "admin",
                "reason_admin": {"en": "administrator"},
            })
        );
        let news = News::CredentialChanged {
            user: USER,
            credential: Credential::Password,
        };
        let told = tidings(&record(news), TENANT);
        assert_eq!(told[0].about, About::User(USER));
        assert_eq!(
            told[0].event.claims(),
            json!({
                "event_timestamp": 43_200, "credential_type": "password", "change_type": "update",
            })
        );
        assert_eq!(Event::Verification { state: None }.claims(), json!({}));
    }
}
