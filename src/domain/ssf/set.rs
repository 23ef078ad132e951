//! How is an event spelled as a security event token ([RFC 8417], [SSF §4])?
//!
//! `sub_id` at the top, one event, neither `sub` nor `exp`: nothing by which
//! it could pass for an access token or an ID token.
//!
//! [RFC 8417]: https://www.rfc-editor.org/rfc/rfc8417
//! [SSF §4]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#name-event-properties

use super::event::Tidings;
use crate::domain::{
    ids::{ActId, EventId, ID_BYTES, SetId, StreamId},
    secret::TokenDigest,
    time::Timestamp,
    token::jwt::{Audience, Claims, Typ, claims::numeric_date},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a stream holds for its receiver: everything of the token but what the
/// stream itself says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// The token's id, the same however often it is delivered.
    pub jti: SetId,
    /// When it came into the stream.
    pub iat: Timestamp,
    /// The act it belongs to.
    pub txn: Option<ActId>,
    /// What is told.
    pub tidings: Tidings,
}

/// Which stream a token belongs to, and what that says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The stream.
    pub stream: StreamId,
    /// Its issuer.
    pub iss: String,
    /// Its receiver.
    pub aud: String,
}

/// The claims of a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetClaims {
    /// Who says so.
    pub iss: String,
    /// To whom.
    pub aud: Audience,
    /// Its own name.
    pub jti: SetId,
    /// When it was made.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// What belongs together ([RFC 8417 §2.2]).
    ///
    /// [RFC 8417 §2.2]: https://www.rfc-editor.org/rfc/rfc8417#section-2.2
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub txn: Option<ActId>,
    /// Whom it is about ([RFC 9493 §4.1]).
    ///
    /// [RFC 9493 §4.1]: https://www.rfc-editor.org/rfc/rfc9493#section-4.1
    pub sub_id: Value,
    /// The one event, by its URI.
    pub events: Map<String, Value>,
}

impl Claims for SetClaims {
    const TYP: Typ = Typ::SecurityEvent;
}

impl Waiting {
    /// The claims of its token.
    #[must_use]
    pub fn claims(&self, source: &Source) -> SetClaims {
        let event = &self.tidings.event;
        let uri = event.kind().uri().to_owned();
        SetClaims {
            iss: source.iss.clone(),
            aud: Audience::one(source.aud.as_str()),
            jti: self.jti,
            iat: self.iat,
            txn: self.txn,
            sub_id: self.tidings.about.sub_id(&source.iss, source.stream),
            events: Map::from_iter([(uri, event.claims())]),
        }
    }
}

/// The id of what a stream tells of a record's nth subject: whoever computes it
/// again gets the same.
#[must_use]
pub fn jti(record: EventId, stream: StreamId, nth: usize) -> SetId {
    let mut bytes = b"ssf".to_vec();
    bytes.extend(record.as_bytes());
    bytes.extend(stream.as_bytes());
    bytes.extend(nth.to_be_bytes());
    let digest = TokenDigest::of(&bytes);
    let start = digest.as_bytes().first_chunk::<ID_BYTES>();
    SetId::from_bytes(start.copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::UserId, revocation::Credential, ssf::event::Event, ssf::subject::About,
    };
    use serde_json::json;

    const STREAM: StreamId = StreamId::from_bytes([4; 16]);

    #[test]
    fn a_token_has_a_subject_one_event_and_no_expiry() {
        let user = UserId::from_bytes([2; 16]);
        let waiting = Waiting {
            jti: SetId::from_bytes([1; 16]),
            iat: Timestamp::from_seconds(43_201),
            txn: Some(ActId::from_bytes([6; 16])),
            tidings: Tidings {
                about: About::User(user),
                event: Event::CredentialChange {
                    at: Timestamp::from_seconds(43_200),
                    credential: Credential::Password,
                },
            },
        };
        let source = Source {
            stream: STREAM,
            iss: "https://acme.example".to_owned(),
            aud: "receiver".to_owned(),
        };
        let claims = serde_json::to_value(waiting.claims(&source)).unwrap();
        assert_eq!(
            claims,
            json!({
                "iss": "https://acme.example", "aud": "receiver", "iat": 43_201,
                "jti": SetId::from_bytes([1; 16]), "txn": ActId::from_bytes([6; 16]),
                "sub_id": {"format": "iss_sub", "iss": "https://acme.example", "sub": user},
                "events": {"https://schemas.openid.net/secevent/caep/event-type/credential-change": {
                    "credential_type": "password", "change_type": "update", "event_timestamp": 43_200,
                }},
            })
        );
        assert_eq!(SetClaims::TYP.name(), "secevent+jwt");
    }

    #[test]
    fn an_id_is_of_one_record_one_stream_and_one_subject() {
        let record = EventId::from_bytes([5; 16]);
        let other = jti(EventId::from_bytes([6; 16]), STREAM, 0);
        let elsewhere = jti(record, StreamId::from_bytes([9; 16]), 0);
        let all = [
            jti(record, STREAM, 0),
            jti(record, STREAM, 1),
            other,
            elsewhere,
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one));
        }
        assert_eq!(all[0], jti(record, STREAM, 0));
    }
}
