//! How is a revocation told to a resource server?
//!
//! As a security event token ([RFC 8417]) with one event, and in a snapshot as
//! the members of that event. Times are in seconds, like those of the tokens
//! they are compared with.
//!
//! [RFC 8417]: https://www.rfc-editor.org/rfc/rfc8417

use super::record::{News, Record, What};
use crate::domain::{
    ids::{ActId, EventId, GrantId, SessionId, UserId},
    oauth::ClientId,
    session::EndReason,
    time::Timestamp,
    token::jwt::{
        Audience, Claims, Typ,
        claims::{SKEW_MS_MAX, maybe_numeric_date, numeric_date},
    },
};
use serde::{Deserialize, Serialize};

/// The claims of a feed's security event token ([RFC 8417 §2.2]). It has no
/// `sub` and no `exp`, so that nobody takes it for a token of another kind
/// (§4.5, §4.6).
///
/// [RFC 8417 §2.2]: https://www.rfc-editor.org/rfc/rfc8417#section-2.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetClaims {
    /// Who says so: an issuer of the tenant.
    pub iss: String,
    /// For whom: the tenant's default audience.
    pub aud: Audience,
    /// When it was signed.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// The record.
    pub jti: EventId,
    /// The act it belongs to.
    pub txn: ActId,
    /// The one event.
    pub events: Events,
}

impl Claims for SetClaims {
    const TYP: Typ = Typ::SecurityEvent;
}

/// What happened, by the event's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// Something granted is worth nothing from now on.
    #[serde(rename = "urn:aero2:event:revoked")]
    pub revoked: RevokedEvent,
}

/// Which members an event has, and what they mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `sub`, `sids`, `all`.
    Sessions,
    /// `sub`, `sid`, `client_id`, `grant`.
    Grant,
    /// `sub`, `sid`, `client_id`, `jti`.
    Token,
    /// `sub`, `client_id`, `not_before`.
    Consent,
    /// `client_id`, `not_before`.
    Client,
    /// `not_before`.
    Tenant,
}

/// The members of `urn:aero2:event:revoked`: see [`What`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedEvent {
    /// What is taken away.
    pub kind: Kind,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<UserId>,
    /// The sessions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sids: Vec<SessionId>,
    /// Whether the user had no other sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<bool>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// The client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// The grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// The access token's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// Tokens issued until then.
    #[serde(
        with = "maybe_numeric_date",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub not_before: Option<Timestamp>,
    /// Why.
    pub reason: EndReason,
    /// When.
    #[serde(with = "numeric_date")]
    pub at: Timestamp,
    /// No token it concerns outlives this.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
}

impl RevokedEvent {
    /// What resource servers are told of a record; `None` when it takes nothing
    /// from anybody.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        let News::Revoked(revoked) = &record.news else {
            return None;
        };
        let blank = |kind| Self {
            kind,
            sub: None,
            sids: Vec::new(),
            all: None,
            sid: None,
            client_id: None,
            grant: None,
            jti: None,
            not_before: None,
            reason: revoked.reason,
            at: record.at,
            exp: revoked.exp,
        };
        let mut event = blank(Kind::Tenant);
        match revoked.what.clone() {
            What::Sessions { sub, sids, all } => {
                event = blank(Kind::Sessions);
                (event.sub, event.sids, event.all) = (Some(sub), sids, Some(all));
            }
            What::Grant {
                sub,
                sid,
                client_id,
                grant,
            } => {
                event = blank(Kind::Grant);
                (event.sub, event.sid, event.client_id) = (Some(sub), Some(sid), Some(client_id));
                event.grant = Some(grant);
            }
            What::Token {
                sub,
                sid,
                client_id,
                jti,
            } => {
                event = blank(Kind::Token);
                (event.sub, event.sid, event.client_id) = (Some(sub), Some(sid), Some(client_id));
                event.jti = Some(jti);
            }
            What::Consent {
                sub,
                client_id,
                not_before,
            } => {
                event = blank(Kind::Consent);
                (event.sub, event.client_id) = (Some(sub), Some(client_id));
                event.not_before = Some(not_before);
            }
            What::Client {
                client_id,
                not_before,
            } => {
                event = blank(Kind::Client);
                (event.client_id, event.not_before) = (Some(client_id), Some(not_before));
            }
            What::Tenant { not_before } => event.not_before = Some(not_before),
        }
        Some(event)
    }

    /// Until when a snapshot names it: a verifier's clock may be behind ours.
    #[must_use]
    pub const fn in_force_until(&self) -> Timestamp {
        self.exp.plus(SKEW_MS_MAX)
    }
}

/// A record in a snapshot: unsigned, since the snapshot came from us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The record. Not `jti`: that is an access token's in an event.
    pub id: EventId,
    /// The act it belongs to.
    pub txn: ActId,
    /// What it takes away.
    #[serde(flatten)]
    pub event: RevokedEvent,
}

#[cfg(test)]
#[path = "set_tests.rs"]
mod tests;
