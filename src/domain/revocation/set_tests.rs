//! Are revocations told as the contract says?

use super::*;
use crate::domain::{
    keys::{SigningKey, crypto::sign_native},
    revocation::{Credential, Revoked},
    secret::Secret,
    token::jwt::{AccessTokenClaims, IdTokenClaims, Jws, JwsRefusal, SigningInput},
};
use serde_json::{Value, json};

const AT: Timestamp = Timestamp::from_millis(1_800_000_000_999);
const SUB: UserId = UserId::from_bytes([1; 16]);
const SID: SessionId = SessionId::from_bytes([2; 16]);

fn record(what: What) -> Record {
    Record {
        id: EventId::from_bytes([3; 16]),
        act: ActId::from_bytes([4; 16]),
        at: AT,
        news: News::Revoked(Revoked {
            what,
            reason: EndReason::Administrator,
            exp: AT.plus(300_000),
        }),
    }
}

fn told(what: What) -> Value {
    let event = RevokedEvent::of(&record(what)).unwrap();
    let value = serde_json::to_value(&event).unwrap();
    let seconds = |event: &RevokedEvent| (event.at.as_seconds(), event.exp.as_seconds());
    let read: RevokedEvent = crate::domain::tree::from_value(value.clone()).unwrap();
    assert_eq!(seconds(&read), seconds(&event));
    value
}

fn with_common(mut members: Value) -> Value {
    members["reason"] = json!("administrator");
    members["at"] = json!(1_800_000_000);
    members["exp"] = json!(1_800_000_300);
    members
}

fn claims() -> SetClaims {
    let record = record(What::Tenant { not_before: AT });
    SetClaims {
        iss: "https://acme.example".into(),
        aud: Audience::one("https://api.acme.example"),
        iat: AT,
        jti: record.id,
        txn: record.act,
        events: Events {
            revoked: RevokedEvent::of(&record).unwrap(),
        },
    }
}

#[test]
fn every_kind_has_the_members_of_the_contract() {
    let client_id = ClientId::parse("app").unwrap();
    let grant = GrantId::from_bytes([5; 16]);
    let all = What::Sessions {
        sub: SUB,
        sids: vec![SID],
        all: true,
    };
    let one_grant = What::Grant {
        sub: SUB,
        sid: SID,
        client_id: client_id.clone(),
        grant,
    };
    let token = What::Token {
        sub: SUB,
        sid: SID,
        client_id: client_id.clone(),
        jti: "gra.x".into(),
    };
    let consent = What::Consent {
        sub: SUB,
        client_id: client_id.clone(),
        not_before: AT,
    };
    let client = What::Client {
        client_id,
        not_before: AT,
    };
    let nb = 1_800_000_000;
    for (what, members) in [
        (
            all,
            json!({ "kind": "sessions", "sub": SUB, "sids": [SID], "all": true }),
        ),
        (
            one_grant,
            json!({ "kind": "grant", "sub": SUB, "sid": SID, "client_id": "app", "grant": grant }),
        ),
        (
            token,
            json!({ "kind": "token", "sub": SUB, "sid": SID, "client_id": "app", "jti": "gra.x" }),
        ),
        (
            consent,
            json!({ "kind": "consent", "sub": SUB, "client_id": "app", "not_before": nb }),
        ),
        (
            client,
            json!({ "kind": "client", "client_id": "app", "not_before": nb }),
        ),
        (
            What::Tenant { not_before: AT },
            json!({ "kind": "tenant", "not_before": nb }),
        ),
    ] {
        assert_eq!(told(what), with_common(members));
    }
}

#[test]
fn a_changed_credential_takes_nothing_away() {
    let news = News::CredentialChanged {
        user: SUB,
        credential: Credential::Password,
    };
    let record = Record {
        news,
        ..record(What::Tenant { not_before: AT })
    };
    assert_eq!(RevokedEvent::of(&record), None);
}

#[test]
fn a_token_of_the_feed_is_spelled_as_the_contract_says() {
    let claims = claims();
    let event = with_common(json!({ "kind": "tenant", "not_before": 1_800_000_000 }));
    assert_eq!(
        serde_json::to_value(&claims).unwrap(),
        json!({
            "iss": "https://acme.example", "aud": "https://api.acme.example", "iat": 1_800_000_000,
            "jti": claims.jti, "txn": claims.txn,
            "events": { "urn:aero2:event:revoked": event },
        })
    );
}

#[test]
fn a_record_in_a_snapshot_keeps_its_tokens_jti() {
    let record = record(What::Token {
        sub: SUB,
        sid: SID,
        client_id: ClientId::parse("app").unwrap(),
        jti: "gra.x".into(),
    });
    let held = Held {
        id: record.id,
        txn: record.act,
        event: RevokedEvent::of(&record).unwrap(),
    };
    let held = serde_json::to_value(&held).unwrap();
    assert_eq!(held["id"], json!(record.id));
    assert_eq!(
        (&held["jti"], &held["kind"]),
        (&json!("gra.x"), &json!("token"))
    );
}

#[test]
fn a_security_event_is_no_other_token_and_no_other_token_is_one() {
    let key = SigningKey::ed25519(Secret::new([1; 32]));
    let input = SigningInput::new(&key, &claims()).unwrap();
    let signature = sign_native(&key, input.as_bytes()).unwrap();
    let text = input.finish(&signature);
    assert!(Jws::<SetClaims>::parse(&text).is_ok());
    let as_access = Jws::<AccessTokenClaims>::parse(&text).err();
    assert_eq!(as_access, Some(JwsRefusal::Typ));
    assert_eq!(
        Jws::<IdTokenClaims>::parse(&text).err(),
        Some(JwsRefusal::Typ)
    );
    for other in [Typ::AccessToken, Typ::IdToken, Typ::LogoutToken] {
        assert!(!Typ::SecurityEvent.accepts(Some(other.name())));
        assert!(!other.accepts(Some(Typ::SecurityEvent.name())));
    }
    assert!(
        !Typ::SecurityEvent.accepts(None) && !Typ::ClientAssertion.accepts(Some("secevent+jwt"))
    );
}
