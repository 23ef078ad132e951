//! Is a subject recognised, and told from others?

use super::{
    Malformed, Sent,
    subject::{About, Known, Subject, Topic},
};
use crate::domain::ids::{SessionId, StreamId, TenantId, UserId};
use proptest::prelude::*;
use serde_json::{Value, json};

const ISSUER: &str = "https://acme.example";
const TENANT: TenantId = TenantId::from_bytes([1; 16]);
const USER: UserId = UserId::from_bytes([2; 16]);
const SESSION: SessionId = SessionId::from_bytes([3; 16]);
const STREAM: StreamId = StreamId::from_bytes([4; 16]);

fn parse(subject: &Value) -> Result<Subject, Malformed> {
    let body = json!({ "subject": subject }).to_string();
    Subject::parse(&Sent::parse(body.as_bytes()).unwrap())
}

fn topic(subject: &Value) -> Option<Topic> {
    let known = Known {
        issuer: ISSUER,
        tenant: TENANT,
        by_email: Some(USER),
    };
    parse(subject).unwrap().topic(known)
}

fn every_about() -> [About; 4] {
    [
        About::User(USER),
        About::AllSessions(USER),
        About::Session(USER, SESSION),
        About::Tenant(TENANT),
    ]
}

#[test]
fn whatever_we_send_is_recognised_when_it_comes_back() {
    for about in every_about() {
        assert_eq!(topic(&about.sub_id(ISSUER, STREAM)), about.topic());
    }
    assert_eq!(topic(&About::Stream.sub_id(ISSUER, STREAM)), None);
}

#[test]
fn a_user_is_known_by_issuer_and_sub_or_by_email() {
    let user = Some(Topic {
        user: Some(USER),
        ..Topic::default()
    });
    let email = json!({"format": "email", "email": "ada@example.com"});
    assert_eq!(topic(&email), user);
    assert_eq!(topic(&json!({"format": "complex", "user": email})), user);
    let elsewhere = json!({"format": "iss_sub", "iss": "https://b", "sub": USER.to_string()});
    assert_eq!(topic(&elsewhere), None);
}

#[test]
fn what_we_never_send_is_not_recognised_and_no_mistake() {
    for subject in [
        json!({"format": "phone_number", "phone_number": "+12065550100"}),
        json!({"format": "did", "url": "did:example:1"}),
        json!({"format": "opaque", "id": "x"}),
        json!({"format": "opaque", "id": TenantId::from_bytes([9; 16]).to_string()}),
        json!({"format": "complex", "device": {"format": "opaque", "id": "x"}}),
    ] {
        assert_eq!(topic(&subject), None, "{subject}");
    }
}

#[test]
fn malformed_subjects_are_refused() {
    for subject in [
        json!(7),
        json!({}),
        json!({"format": 7}),
        json!({"format": "iss_sub", "iss": ISSUER}),
        json!({"format": "iss_sub", "iss": ISSUER, "sub": ""}),
        json!({"format": "email", "email": ["a"]}),
        json!({"format": "opaque"}),
        json!({"format": "opaque", "id": "a".repeat(513)}),
        json!({"format": "complex"}),
        json!({"format": "complex", "user": "x"}),
        json!({"format": "complex", "user": {"format": "complex"}}),
    ] {
        assert!(parse(&subject).is_err(), "{subject}");
    }
}

#[test]
fn removing_one_session_does_not_silence_the_user() {
    let [user, _, session, tenant] = every_about().map(|about| about.topic().unwrap());
    assert!(user.covers(&session) && user.covers(&user));
    assert!(!session.covers(&user) && session.matches(&user));
    assert!(!tenant.covers(&user) && !user.covers(&tenant));
}

fn any_topic() -> impl Strategy<Value = Topic> {
    let some = |max| prop::option::of(0..max);
    (some(3_u8), some(3), some(2)).prop_map(|(user, session, tenant)| Topic {
        user: user.map(|n| UserId::from_bytes([n; 16])),
        session: session.map(|n| SessionId::from_bytes([n; 16])),
        tenant: tenant.map(|n| TenantId::from_bytes([n; 16])),
    })
}

proptest! {
    #[test]
    fn what_covers_matches_and_matching_is_mutual(a in any_topic(), b in any_topic()) {
        prop_assert!(a.covers(&a) && Topic::default().covers(&a));
        prop_assert!(!a.covers(&b) || a.matches(&b));
        prop_assert_eq!(a.matches(&b), b.matches(&a));
    }

    #[test]
    fn the_wider_are_those_that_cover(a in any_topic(), b in any_topic()) {
        let is_something = b != Topic::default();
        prop_assert_eq!(a.wider().contains(&b), b.covers(&a) && is_something);
    }
}
