//! Does a stream change as its receiver says, and only as he may?

use super::{
    event::EventType,
    sent::Sent,
    status::Status,
    stream::{Asked, Change, Delivery, Edit, POLL, PUSH, REQUESTED_MAX, SOCKET, Stream},
};
use crate::domain::{
    entropy::Seeded,
    ids::StreamId,
    keys::{MasterKeys, Sealed, master::Purpose},
    oauth::ClientId,
    outside::OutsideUrl,
};
use serde_json::{Value, json};

fn parse(body: &Value, read: fn(&Sent, &[String]) -> Result<Asked, super::Malformed>) -> Asked {
    read(&Sent::parse(body.to_string().as_bytes()).unwrap(), &[]).unwrap()
}

fn refused(body: &Value) -> String {
    let sent = Sent::parse(body.to_string().as_bytes()).unwrap();
    Asked::parts(&sent, &[]).unwrap_err().to_string()
}

fn sealed() -> Sealed {
    let mut entropy = Seeded::new(1);
    MasterKeys::generate(&mut entropy).seal(Purpose::StreamHeader, b"", b"Bearer x", &mut entropy)
}

fn stream() -> Stream {
    Stream {
        id: StreamId::from_bytes([4; 16]),
        client: ClientId::parse("receiver").unwrap(),
        iss: "https://acme.example".to_owned(),
        events_requested: None,
        description: Some("old".to_owned()),
        delivery: push("https://receiver.example/a"),
        status: Status::Enabled,
        reason: None,
    }
}

fn push(url: &str) -> Delivery {
    Delivery::Push(OutsideUrl::parse(url, &[]).unwrap())
}

fn push_to(url: &str) -> Value {
    json!({"delivery": {"method": PUSH, "endpoint_url": url}})
}

#[test]
fn a_whole_stream_forgets_what_is_not_said_and_a_part_keeps_it() {
    let mut changed = stream();
    let asked = parse(&json!({"stream_id": "x"}), Asked::parts);
    assert_eq!(asked.change, Change::default());
    changed.change(asked.change, &mut None);
    assert_eq!(changed, stream());
    changed.change(parse(&json!({}), Asked::whole).change, &mut None);
    assert_eq!(
        (changed.description, changed.delivery),
        (None, Delivery::Poll)
    );
    let gone = parse(&json!({"description": null}), Asked::parts);
    assert_eq!(gone.change.description, Edit::To(None));
}

#[test]
fn the_header_stays_with_its_address() {
    let same = push_to("https://receiver.example/a");
    let other = push_to("https://receiver.example/b");
    for (body, stays) in [(&same, true), (&other, false), (&json!({}), true)] {
        let mut header = Some(sealed());
        stream().change(parse(body, Asked::parts).change, &mut header);
        assert_eq!(header.is_some(), stays, "{body}");
    }
    let mut gone = same;
    gone["delivery"]["authorization_header"] = Value::Null;
    let mut header = Some(sealed());
    stream().change(parse(&gone, Asked::parts).change, &mut header);
    assert_eq!(header, None);
}

#[test]
fn a_header_is_taken_and_not_shown() {
    let mut body = push_to("https://receiver.example/a");
    body["delivery"]["authorization_header"] = json!("Bearer s3cret");
    let asked = parse(&body, Asked::whole);
    assert!(
        asked
            .header
            .as_ref()
            .is_some_and(|header| header.ct_eq(b"Bearer s3cret"))
    );
    assert!(!format!("{asked:?}").contains("s3cret"));
    for header in [
        json!(""),
        json!(" x"),
        json!("a\r\nb: c"),
        json!("é"),
        json!(7),
    ] {
        body["delivery"]["authorization_header"] = header;
        assert!(refused(&body).contains("authorization_header"), "{body}");
    }
}

#[test]
fn what_is_delivered_was_asked_for_and_exists() {
    let mut one = stream();
    assert!(EventType::SUPPORTED.iter().all(|kind| one.delivers(*kind)));
    let asked = [EventType::CredentialChange.uri(), "urn:example:other"].map(str::to_owned);
    one.events_requested = Some(asked.to_vec());
    let document = one.document();
    assert_eq!(document["events_requested"], json!(asked));
    assert_eq!(document["events_delivered"], json!([asked[0]]));
    assert_eq!(document["events_supported"].as_array().unwrap().len(), 2);
    one.events_requested = Some(Vec::new());
    assert_eq!(one.document()["events_delivered"], json!([]));
}

#[test]
fn each_method_has_its_address() {
    let mut one = stream();
    let url = |one: &Stream| one.document()["delivery"]["endpoint_url"].clone();
    assert_eq!(url(&one), "https://receiver.example/a");
    one.delivery = Delivery::Poll;
    let poll = format!("https://acme.example/ssf/poll/{}", one.id);
    assert_eq!(url(&one), poll);
    one.delivery = Delivery::Socket;
    assert_eq!(url(&one), "wss://acme.example/v1/revocations/events");
    assert_eq!(one.document()["delivery"]["method"], SOCKET);
    for delivery in [json!({"method": POLL}), json!({}), Value::Null] {
        let asked = parse(&json!({ "delivery": delivery }), Asked::parts);
        assert_eq!(asked.change.delivery, Edit::To(Delivery::Poll));
    }
}

#[test]
fn what_is_repeated_must_be_right() {
    let one = stream();
    let check = |body: &Value| one.check(&parse(body, Asked::parts).supplied);
    assert_eq!(check(&one.document()), Ok(()));
    assert_eq!(check(&json!({"aud": ["receiver"]})), Ok(()));
    for body in [
        json!({"iss": "https://other.example"}),
        json!({"aud": "other"}),
        json!({"events_supported": []}),
        json!({"events_delivered": ["x"]}),
        json!({"min_verification_interval": 1}),
    ] {
        assert!(check(&body).is_err(), "{body}");
    }
}

#[test]
fn malformed_members_are_named() {
    for (body, word) in [
        (json!({"events_requested": "x"}), "events_requested"),
        (
            json!({"events_requested": vec!["x"; REQUESTED_MAX + 1]}),
            "events_requested",
        ),
        (
            json!({"events_requested": ["x".repeat(300)]}),
            "events_requested",
        ),
        (json!({"description": 7}), "description"),
        (json!({"delivery": "push"}), "delivery"),
        (json!({"delivery": {"method": "urn:x"}}), "delivery.method"),
        (
            json!({"delivery": {"method": PUSH}}),
            "delivery.endpoint_url",
        ),
        (
            push_to("https://10.0.0.1/"),
            "endpoint_url does not name a public host",
        ),
        (json!({"iss": 7}), "iss"),
        (json!({"aud": {}}), "aud"),
    ] {
        assert!(refused(&body).contains(word), "{body}: {}", refused(&body));
    }
}

#[test]
fn a_long_description_is_cut() {
    let body = json!({"description": "é".repeat(400)});
    let Edit::To(Some(text)) = parse(&body, Asked::parts).change.description else {
        panic!("no description");
    };
    assert_eq!(text.len(), 512);
}

#[test]
fn a_change_survives_the_journey() {
    let mut change = parse(&json!({"description": null}), Asked::whole).change;
    change.header = Edit::To(Some(sealed()));
    let packed = rmp_serde::to_vec_named(&change).unwrap();
    let read: Change = crate::domain::tree::from_pack(&packed).unwrap();
    assert_eq!(read, change);
}
