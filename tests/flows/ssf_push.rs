//! Do events reach a receiver that has them pushed (RFC 8935)?
//!
//! In-process alone: the test is the receiver, and moves the clock.

use crate::support::{
    Site,
    receiver::{
        Delivery, ENDPOINT, PUSH, Receiver, answer, append, ended, id_of, revoked, session,
        tenant_id, user,
    },
};
use aero2::{
    actors::{
        revocations::Revocations,
        runtime::{Mail, Recipient},
    },
    domain::{
        ids::ActId,
        revocation::{Credential, News, What},
        time::{MINUTE_MS, SECOND_MS},
    },
    gateway::outside::PostFault,
};
use serde_json::{Value, json};

const CAEP: &str = "https://schemas.openid.net/secevent/caep/event-type";

/// Which sessions have been told of, by their number.
fn told(heard: &[Delivery]) -> Vec<u8> {
    let number = |delivery: &Delivery| {
        let sid = delivery.claims()["sub_id"]["session"]["id"].clone();
        (1..=99).find(|n| session(*n).to_string() == sid).unwrap()
    };
    heard.iter().map(number).collect()
}

#[test]
fn an_event_is_pushed_signed_and_with_the_receivers_header() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    receiver.stream(&json!({"delivery": {
        "method": PUSH, "endpoint_url": ENDPOINT, "authorization_header": "Bearer s3cret",
    }}));
    append(&tenant, ended(&tenant, 1));
    let heard = heard.borrow();
    let [one] = heard.as_slice() else {
        panic!("{heard:?}");
    };
    assert_eq!(one.url, ENDPOINT);
    assert_eq!(one.header("content-type"), Some("application/secevent+jwt"));
    assert_eq!(one.header("accept"), Some("application/json"));
    assert_eq!(one.header("authorization"), Some("Bearer s3cret"));
    let header = one.set.split('.').next().unwrap();
    let header = data_encoding::BASE64URL_NOPAD
        .decode(header.as_bytes())
        .unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&json!("secevent+jwt"), &json!("RS256"))
    );
    let mut claims = one.claims();
    assert!(claims["iat"].is_i64() && claims["jti"].is_string());
    for changing in ["iat", "jti"] {
        claims.as_object_mut().unwrap().remove(changing);
    }
    claims["events"][format!("{CAEP}/session-revoked")]["event_timestamp"] = json!(0);
    let user = json!({"format": "iss_sub", "iss": tenant.issuer(), "sub": user(1)});
    assert_eq!(
        claims,
        json!({
            "iss": tenant.issuer(), "aud": receiver.client.id, "txn": ActId::from_bytes([1; 16]),
            "sub_id": {
                "format": "complex", "user": user,
                "session": {"format": "opaque", "id": session(1)},
            },
            "events": {format!("{CAEP}/session-revoked"): {
                "event_timestamp": 0, "initiating_entity": "admin",
                "reason_admin": {"en": "administrator"},
            }},
        })
    );
}

#[test]
fn each_record_is_told_as_the_contract_says() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    receiver.push_stream();
    let sessions = |all| What::Sessions {
        sub: user(1),
        sids: vec![session(1), session(2), session(3)],
        all,
    };
    append(&tenant, revoked(&tenant, 1, sessions(false)));
    assert_eq!(told(&heard.take()), [1, 2, 3]);
    append(&tenant, revoked(&tenant, 2, sessions(true)));
    let subject = |delivery: &Delivery| delivery.claims()["sub_id"].clone();
    let whole = json!({"format": "iss_sub", "iss": tenant.issuer(), "sub": user(1)});
    let all = heard.take();
    assert_eq!(all.len(), 1);
    assert_eq!(
        subject(&all[0]),
        json!({"format": "complex", "user": whole})
    );

    let mut changed = ended(&tenant, 3);
    changed.news = News::CredentialChanged {
        user: user(1),
        credential: Credential::Password,
    };
    append(&tenant, changed);
    let credential = heard.take();
    assert_eq!(subject(&credential[0]), whole);
    let event = &credential[0].claims()["events"][format!("{CAEP}/credential-change")];
    assert_eq!(
        (&event["credential_type"], &event["change_type"]),
        (&json!("password"), &json!("update"))
    );

    let not_before = changed_at(&tenant);
    append(&tenant, revoked(&tenant, 4, What::Tenant { not_before }));
    let id = tenant_id(&tenant);
    let everybody = json!({"format": "complex", "tenant": {"format": "opaque", "id": id}});
    assert_eq!(subject(&heard.take()[0]), everybody);
    let consent = What::Consent {
        sub: user(1),
        client_id: aero2::domain::oauth::ClientId::parse("app").unwrap(),
        not_before,
    };
    append(&tenant, revoked(&tenant, 5, consent));
    assert!(heard.borrow().is_empty());
}

fn changed_at(tenant: &crate::support::tenant::TenantSite<'_>) -> aero2::domain::time::Timestamp {
    ended(tenant, 1).at
}

#[test]
fn a_verification_comes_back_and_not_too_often() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    let id = receiver.push_stream();
    let verify = json!({"stream_id": id, "state": "VGVzdA=="});
    receiver.send("POST", "/ssf/verify", &verify).expect(204);
    let claims = heard.take()[0].claims();
    assert_eq!(claims["sub_id"], json!({"format": "opaque", "id": id}));
    assert_eq!(
        claims["events"],
        json!({"https://schemas.openid.net/secevent/ssf/event-type/verification": {"state": "VGVzdA=="}})
    );
    let again = receiver.send("POST", "/ssf/verify", &verify).expect(429);
    assert!((1..=30).contains(&again.header("retry-after").parse::<i64>().unwrap()));
    site.advance(30 * SECOND_MS);
    receiver
        .send("POST", "/ssf/verify", &json!({"stream_id": id}))
        .expect(204);
    assert_eq!(heard.borrow().len(), 1);
}

#[test]
fn a_verification_wakes_a_stream_that_waits() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen(Box::new(|_| Ok(answer(503, ""))));
    let id = receiver.push_stream();
    append(&tenant, ended(&tenant, 1));
    site.advance(20 * SECOND_MS);
    assert!(heard.borrow().len() > 1);
    let heard = receiver.listen_gladly();
    receiver
        .send("POST", "/ssf/verify", &json!({"stream_id": id}))
        .expect(204);
    assert_eq!(heard.borrow().len(), 2);
    assert_eq!(told(&heard.borrow()[..1]), [1]);
}

#[test]
fn a_paused_stream_holds_and_a_disabled_one_drops() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    let id = receiver.push_stream();
    receiver.set_status(&id, "paused");
    for n in 1..=20 {
        append(&tenant, ended(&tenant, n));
    }
    site.advance(2 * MINUTE_MS);
    assert!(heard.borrow().is_empty());
    receiver.set_status(&id, "enabled");
    assert_eq!(told(&heard.take()), (1..=20).collect::<Vec<_>>());

    receiver.set_status(&id, "disabled");
    append(&tenant, ended(&tenant, 21));
    receiver.set_status(&id, "enabled");
    append(&tenant, ended(&tenant, 22));
    assert_eq!(told(&heard.take()), [22]);
}

#[test]
fn a_refused_event_is_dropped_and_the_next_one_comes() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let mut first = true;
    let heard = receiver.listen(Box::new(move |_| {
        let refusal = r#"{"err": "invalid_request", "description": "no such subject"}"#;
        let said = if first {
            Ok(answer(400, refusal))
        } else {
            Ok(answer(202, ""))
        };
        first = false;
        said
    }));
    let id = receiver.push_stream();
    append(&tenant, ended(&tenant, 1));
    append(&tenant, ended(&tenant, 2));
    site.advance(2 * MINUTE_MS);
    assert_eq!(told(&heard.take()), [1, 2]);
    let stream = &streams(&tenant)[0];
    assert_eq!(
        (&stream["stream_id"], &stream["waiting"]),
        (&json!(id), &json!(0))
    );
    let error = stream["last_error"].as_str().unwrap();
    assert!(
        error.ends_with("invalid_request: no such subject"),
        "{error}"
    );
}

fn streams(tenant: &crate::support::tenant::TenantSite<'_>) -> Value {
    snapshot(tenant).1["streams"].clone()
}

fn snapshot(tenant: &crate::support::tenant::TenantSite<'_>) -> (String, Value) {
    let world = tenant.site.world();
    let who = Recipient::from(&Revocations::address(tenant_id(tenant)));
    let snapshot = world
        .run(Mail::new(world.clone(), None).inspect(&who))
        .unwrap();
    (serde_json::to_string(&snapshot).unwrap(), snapshot.state)
}

#[test]
fn a_failing_receiver_is_tried_again_ever_later_and_in_order() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let mut answers = vec![
        Ok(answer(503, "")),
        Err(PostFault::Deadline),
        Err(PostFault::Redirect),
        Ok(answer(401, "")),
        Ok(answer(403, "")),
        Ok(answer(400, "<html>")),
    ]
    .into_iter();
    let heard = receiver.listen(Box::new(move |_| {
        answers.next().unwrap_or(Ok(answer(202, "")))
    }));
    receiver.push_stream();
    append(&tenant, ended(&tenant, 1));
    // What comes while it waits does not make it impatient.
    append(&tenant, ended(&tenant, 2));
    append(&tenant, ended(&tenant, 3));
    assert_eq!(heard.borrow().len(), 1);
    let mut tries = Vec::new();
    for second in 1..=120_i64 {
        site.advance(SECOND_MS);
        if heard.borrow().len() > tries.len() + 1 {
            tries.resize(heard.borrow().len() - 1, second);
        }
    }
    let heard = heard.borrow();
    assert_eq!(told(&heard), [1, 1, 1, 1, 1, 1, 1, 2, 3]);
    let ids: Vec<Value> = heard
        .iter()
        .map(|one| one.claims()["jti"].clone())
        .collect();
    assert!(
        ids[..7].iter().all(|id| *id == ids[0]),
        "a retry is the same token"
    );
    assert!(heard[..7].iter().all(|one| one.set == heard[0].set));
    // At least 1, 2, 4, 8, 16 and 32 seconds apart.
    let apart = tries.windows(2).map(|two| two[1] - two[0]);
    let apart: Vec<i64> = core::iter::once(tries[0]).chain(apart).take(6).collect();
    assert!(
        apart
            .iter()
            .zip([1, 2, 4, 8, 16, 32])
            .all(|(is, least)| *is >= least),
        "{apart:?}"
    );
}

#[test]
fn a_crash_between_commit_and_delivery_loses_nothing() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    receiver.push_stream();
    site.world().hold_mail(true);
    append(&tenant, ended(&tenant, 1));
    site.world().hold_mail(false);
    assert!(heard.borrow().is_empty());
    site.advance(10 * SECOND_MS);
    assert_eq!(told(&heard.take()), [1]);
    site.advance(2 * MINUTE_MS);
    assert!(heard.borrow().is_empty());
}

#[test]
fn a_removed_subject_is_not_told_of_until_it_is_added() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    let id = receiver.push_stream();
    let subject = json!({"format": "iss_sub", "iss": tenant.issuer(), "sub": user(1)});
    let body = json!({"stream_id": id, "subject": subject});
    receiver
        .send("POST", "/ssf/subjects:remove", &body)
        .expect(204);
    append(&tenant, ended(&tenant, 1));
    append(&tenant, ended(&tenant, 2));
    assert_eq!(told(&heard.take()), [2]);
    receiver
        .send("POST", "/ssf/subjects:add", &body)
        .expect(200);
    let mut again = ended(&tenant, 1);
    again.id = aero2::domain::ids::EventId::from_bytes([9; 16]);
    append(&tenant, again);
    assert_eq!(told(&heard.take()), [1]);
}

#[test]
fn events_stay_in_their_tenant_and_go_to_every_stream_that_wants_them() {
    let site = Site::in_process();
    let (a, b) = (site.tenant(), site.tenant());
    let receiver = Receiver::new(&a);
    let heard = receiver.listen_gladly();
    receiver.push_stream();
    Receiver::new(&a).push_stream();
    Receiver::new(&b).push_stream();
    let uri = format!("{CAEP}/credential-change");
    let delivery = json!({"method": PUSH, "endpoint_url": ENDPOINT});
    Receiver::new(&a).stream(&json!({"delivery": delivery, "events_requested": [uri]}));
    append(&a, ended(&a, 1));
    let heard = heard.take();
    let audiences: Vec<Value> = heard
        .iter()
        .map(|one| one.claims()["aud"].clone())
        .collect();
    assert_eq!(audiences.len(), 2);
    assert!(audiences.contains(&json!(receiver.client.id)) && audiences[0] != audiences[1]);
    assert!(heard.iter().all(|one| one.claims()["iss"] == a.issuer()));
}

#[test]
fn the_receivers_header_is_in_no_answer_and_no_snapshot() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen(Box::new(|_| Ok(answer(401, ""))));
    let body = json!({"delivery": {
        "method": PUSH, "endpoint_url": format!("{ENDPOINT}/p4th"), "authorization_header": "Bearer s3cret",
    }});
    let made = receiver.send("POST", "/ssf/stream", &body).expect(201);
    let id = id_of(&made.json());
    append(&tenant, ended(&tenant, 1));
    let one = format!("/ssf/stream?stream_id={id}");
    let patch = json!({"stream_id": id, "description": "x"});
    for reply in [
        made,
        receiver.send("GET", &one, &Value::Null),
        receiver.send("GET", "/ssf/stream", &Value::Null),
        receiver.send("PATCH", "/ssf/stream", &patch),
    ] {
        assert!(!reply.text().contains("s3cret") && !reply.text().contains("authorization_header"));
    }
    let (text, _) = snapshot(&tenant);
    assert!(text.contains("receiver.example"));
    assert!(!text.contains("s3cret") && !text.contains("p4th") && !text.contains("header"));
    // It stayed through the change, and it goes where it was meant to only.
    assert_eq!(
        heard.take()[0].header("authorization"),
        Some("Bearer s3cret")
    );
    let elsewhere = json!({"method": PUSH, "endpoint_url": "https://other.example/"});
    let moved = json!({"stream_id": id, "delivery": elsewhere});
    receiver.send("PATCH", "/ssf/stream", &moved).expect(200);
    let heard = heard.borrow();
    assert_eq!(
        (heard[0].url.as_str(), heard[0].header("authorization")),
        ("https://other.example/", None)
    );
}

#[test]
fn what_people_do_is_told_to_push_and_poll_alike() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let ada = tenant.user("ada@example.com");
    let receiver = Receiver::new(&tenant);
    let heard = receiver.listen_gladly();
    receiver.push_stream();
    let polled = Receiver::new(&tenant);
    let stream = polled.poll_stream();
    tenant.signed_in("ada@example.com");
    tenant.signed_in("ada@example.com");
    assert!(heard.borrow().is_empty());

    let password = json!({"password": "another horse, another battery"});
    tenant
        .admin("PATCH", &format!("/users/{ada}"), &password)
        .expect(200);
    let pushed: Vec<Value> = heard.take().iter().map(Delivery::claims).collect();
    let at_once = json!({"returnImmediately": true});
    let fetched = Receiver::fetched(&polled.poll(&stream, &at_once).expect(200));
    let user = json!({"format": "iss_sub", "iss": tenant.issuer(), "sub": ada});
    for told in [&pushed, &fetched] {
        let has = |kind: &str, subject: &Value| {
            let uri = format!("{CAEP}/{kind}");
            let is_it =
                |claims: &&Value| claims["sub_id"] == *subject && !claims["events"][&uri].is_null();
            assert_eq!(told.iter().filter(is_it).count(), 1, "{kind}: {told:?}");
        };
        has("credential-change", &user);
        has(
            "session-revoked",
            &json!({"format": "complex", "user": user}),
        );
        assert_eq!(told.len(), 2);
        assert_eq!(told[0]["txn"], told[1]["txn"]);
    }
    assert_eq!(pushed[0]["txn"], fetched[0]["txn"]);
    assert!(
        pushed
            .iter()
            .all(|one| fetched.iter().all(|other| one["jti"] != other["jti"]))
    );
}
