//! Can a receiver fetch its events (RFC 8936)?
//!
//! In-process alone: the test moves the clock.

use crate::support::{
    Site,
    receiver::{Delivery, PUSH, Receiver, append, ended, session},
};
use serde_json::{Value, json};

/// Which sessions have been told of, by their number.
fn told(events: &[Value]) -> Vec<u8> {
    let number = |claims: &Value| {
        let sid = &claims["sub_id"]["session"]["id"];
        (1..=99).find(|n| session(*n).to_string() == *sid).unwrap()
    };
    events.iter().map(number).collect()
}

fn at_once() -> Value {
    json!({"returnImmediately": true})
}

#[test]
fn events_are_fetched_in_order_until_they_are_acknowledged() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let id = receiver.poll_stream();
    let empty = receiver.poll(&id, &at_once()).expect(200);
    assert_eq!(empty.json(), json!({"sets": {}, "moreAvailable": false}));
    for n in 1..=5 {
        append(&tenant, ended(&tenant, n));
    }
    let two = json!({"returnImmediately": true, "maxEvents": 2});
    let first = receiver.poll(&id, &two).expect(200);
    let events = Receiver::fetched(&first);
    assert_eq!(told(&events), [1, 2]);
    assert_eq!(first.json()["moreAvailable"], true);
    assert_eq!(events[0]["aud"], receiver.client.id);
    assert!(events[0]["exp"].is_null() && events[0]["sub"].is_null());
    // Not acknowledged, they come again, the same.
    assert_eq!(receiver.poll(&id, &two).json(), first.json());

    let next = json!({"returnImmediately": true, "maxEvents": 2, "ack": [events[0]["jti"]]});
    assert_eq!(told(&Receiver::fetched(&receiver.poll(&id, &next))), [2, 3]);
    let refusal = json!({events[1]["jti"].as_str().unwrap(): {"err": "invalid_key"}});
    let rest = json!({"returnImmediately": true, "setErrs": refusal});
    let rest = receiver.poll(&id, &rest).expect(200);
    let events = Receiver::fetched(&rest);
    assert_eq!(told(&events), [3, 4, 5]);
    assert_eq!(rest.json()["moreAvailable"], false);
    let ids: Vec<&Value> = events.iter().map(|event| &event["jti"]).collect();
    let done = receiver
        .poll(&id, &json!({"maxEvents": 0, "ack": ids}))
        .expect(200);
    assert_eq!(done.json(), json!({"sets": {}, "moreAvailable": false}));
}

#[test]
fn a_long_poll_ends_with_an_event_or_after_thirty_seconds() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let id = receiver.poll_stream();
    let took = |body: &Value| {
        let began = ended(&tenant, 1).at;
        let reply = receiver.poll(&id, body).expect(200);
        (reply, ended(&tenant, 1).at.since(began))
    };
    let (nothing, waited) = took(&json!({}));
    assert!(Receiver::fetched(&nothing).is_empty());
    assert!((30_000..30_100).contains(&waited), "{waited}");
    append(&tenant, ended(&tenant, 1));
    let (one, waited) = took(&json!({}));
    assert_eq!(told(&Receiver::fetched(&one)), [1]);
    assert!(waited < 100, "{waited}");
    // Whoever only acknowledges does not wait.
    let jti = Receiver::fetched(&one)[0]["jti"].clone();
    let (_, waited) = took(&json!({"maxEvents": 0, "ack": [jti]}));
    assert!(waited < 100, "{waited}");
}

#[test]
fn a_paused_stream_gives_nothing_and_takes_acknowledgements() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let id = receiver.poll_stream();
    append(&tenant, ended(&tenant, 1));
    let first = Receiver::fetched(&receiver.poll(&id, &at_once()));
    receiver.set_status(&id, "paused");
    append(&tenant, ended(&tenant, 2));
    let ack = json!({"returnImmediately": true, "ack": [first[0]["jti"]]});
    assert!(Receiver::fetched(&receiver.poll(&id, &ack)).is_empty());
    receiver.set_status(&id, "enabled");
    assert_eq!(
        told(&Receiver::fetched(&receiver.poll(&id, &at_once()))),
        [2]
    );
}

#[test]
fn what_waits_moves_with_the_stream_to_another_method() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    let id = receiver.poll_stream();
    append(&tenant, ended(&tenant, 1));
    let push = json!({"method": PUSH, "endpoint_url": "https://receiver.example/"});
    let patch = json!({"stream_id": id, "delivery": push});
    receiver.send("PATCH", "/ssf/stream", &patch).expect(200);
    let events: Vec<Value> = heard.borrow().iter().map(Delivery::claims).collect();
    assert_eq!(told(&events), [1]);
    receiver.poll(&id, &at_once()).expect(404);
}

#[test]
fn a_verification_is_fetched_like_any_event() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let id = receiver.poll_stream();
    receiver
        .send(
            "POST",
            "/ssf/verify",
            &json!({"stream_id": id, "state": "x"}),
        )
        .expect(204);
    let events = Receiver::fetched(&receiver.poll(&id, &json!({})));
    assert_eq!(events[0]["sub_id"]["id"], id);
    assert!(events[0]["txn"].is_null());
}

#[test]
fn a_sockets_stream_names_the_feed_and_queues_nothing() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let delivery = json!({"method": "urn:aero2:delivery:socket"});
    let made = receiver.stream(&json!({ "delivery": delivery }));
    let url = made["delivery"]["endpoint_url"].as_str().unwrap();
    assert!(
        url.starts_with("ws") && url.ends_with("/v1/revocations/events"),
        "{url}"
    );
    append(&tenant, ended(&tenant, 1));
    let id = &made["stream_id"];
    receiver
        .send("POST", "/ssf/verify", &json!({ "stream_id": id }))
        .expect(400);
    receiver.poll(id.as_str().unwrap(), &at_once()).expect(404);
}
