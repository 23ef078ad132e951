//! Can a receiver manage its streams of Shared Signals (SSF 1.0 §7, §8)?

use crate::support::{
    Call, Site,
    receiver::{ENDPOINT, PUSH, Receiver, id_of},
    relying_party::RelyingParty,
};
use serde_json::{Value, json};

const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const NOBODYS: &str = "stm_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Every request that names a stream.
fn requests(stream: &str) -> Vec<(&'static str, String, Value)> {
    let subject = json!({"format": "email", "email": "ada@example.com"});
    let of = |method, path: &str, mut body: Value| {
        body["stream_id"] = stream.into();
        (method, path.to_owned(), body)
    };
    let query = |method, path: &str| {
        let path = format!("{path}?stream_id={stream}");
        (method, path, Value::Null)
    };
    vec![
        query("GET", "/ssf/stream"),
        of("PATCH", "/ssf/stream", json!({"description": "mine"})),
        of("PUT", "/ssf/stream", json!({})),
        query("GET", "/ssf/status"),
        of("POST", "/ssf/status", json!({"status": "paused"})),
        of("POST", "/ssf/subjects:add", json!({"subject": subject})),
        of("POST", "/ssf/subjects:remove", json!({"subject": subject})),
        of("POST", "/ssf/verify", json!({})),
        (
            "POST",
            format!("/ssf/poll/{stream}"),
            json!({"returnImmediately": true}),
        ),
        query("DELETE", "/ssf/stream"),
    ]
}

flows! {
    fn the_transmitter_says_what_it_does(site: &Site) {
        let tenant = site.tenant();
        let reply = site.get(&tenant.url("/.well-known/ssf-configuration")).expect(200);
        assert!(reply.header("cache-control").contains("max-age"));
        let document = reply.json();
        assert_eq!(document["issuer"], tenant.issuer());
        assert_eq!(document["spec_version"], "1_0");
        assert_eq!(document["default_subjects"], "ALL");
        assert_eq!(document["configuration_endpoint"], tenant.url("/ssf/stream"));
        assert_eq!(document["delivery_methods_supported"].as_array().unwrap().len(), 3);
    }

    fn a_stream_is_made_read_changed_replaced_and_deleted(site: &Site) {
        let tenant = site.tenant();
        let receiver = Receiver::new(&tenant);
        assert_eq!(receiver.send("GET", "/ssf/stream", &Value::Null).expect(200).json(), json!([]));
        let made = receiver.stream(&json!({
            "delivery": {"method": PUSH, "endpoint_url": ENDPOINT, "authorization_header": "Bearer s3cret"},
            "events_requested": [REVOKED, "urn:example:other"], "description": "first",
        }));
        let id = id_of(&made);
        assert_eq!(made["iss"], tenant.issuer());
        assert_eq!(made["aud"], receiver.client.id);
        assert_eq!(made["events_delivered"], json!([REVOKED]));
        assert_eq!(made["delivery"], json!({"method": PUSH, "endpoint_url": ENDPOINT}));

        let one = format!("/ssf/stream?stream_id={id}");
        let read = || receiver.send("GET", &one, &Value::Null).expect(200).json();
        assert_eq!(read(), made);
        let all = receiver.send("GET", "/ssf/stream", &Value::Null).expect(200).json();
        assert_eq!(all, json!([made]));

        let mut patch = json!({"stream_id": id, "description": "second"});
        let patched = receiver.send("PATCH", "/ssf/stream", &patch).expect(200).json();
        assert_eq!((&patched["description"], &patched["delivery"]), (&json!("second"), &made["delivery"]));
        patch["iss"] = json!("https://other.example");
        receiver.send("PATCH", "/ssf/stream", &patch).expect(400);
        assert_eq!(read(), patched);

        // What was read may be sent back.
        assert_eq!(receiver.send("PUT", "/ssf/stream", &patched).expect(200).json(), patched);
        let replaced = receiver.send("PUT", "/ssf/stream", &json!({"stream_id": id})).expect(200).json();
        assert!(replaced["description"].is_null() && replaced["events_requested"].is_null());
        assert_eq!(replaced["delivery"]["endpoint_url"], tenant.url(&format!("/ssf/poll/{id}")));

        receiver.send("DELETE", &one, &Value::Null).expect(204);
        receiver.send("GET", &one, &Value::Null).expect(404);
        receiver.send("DELETE", &one, &Value::Null).expect(404);
    }

    fn a_status_is_what_the_receiver_says(site: &Site) {
        let tenant = site.tenant();
        let receiver = Receiver::new(&tenant);
        let id = receiver.poll_stream();
        assert_eq!(receiver.status(&id), json!({"stream_id": id, "status": "enabled"}));
        let paused = json!({"stream_id": id, "status": "paused", "reason": "we move"});
        assert_eq!(receiver.send("POST", "/ssf/status", &paused).expect(200).json(), paused);
        assert_eq!(receiver.status(&id), paused);
        receiver.set_status(&id, "disabled");
        let verify = json!({ "stream_id": id });
        receiver.send("POST", "/ssf/verify", &verify).expect(400);
    }

    fn subjects_come_and_go_and_tell_nobody_who_is_a_user(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let receiver = Receiver::new(&tenant);
        let id = receiver.poll_stream();
        for subject in [
            json!({"format": "email", "email": "ada@example.com"}),
            json!({"format": "email", "email": "nobody@example.com"}),
            json!({"format": "iss_sub", "iss": "https://other.example", "sub": "x"}),
            json!({"format": "phone_number", "phone_number": "+12065550123"}),
        ] {
            let body = json!({"stream_id": id, "subject": subject});
            assert!(receiver.send("POST", "/ssf/subjects:remove", &body).expect(204).body.is_empty());
            assert!(receiver.send("POST", "/ssf/subjects:add", &body).expect(200).body.is_empty());
        }
        let none = json!({ "stream_id": id });
        receiver.send("POST", "/ssf/subjects:add", &none).expect(400);
        receiver.send("POST", "/ssf/subjects:remove", &none).expect(400);
    }

    fn a_stream_is_nobody_elses(site: &Site) {
        let (a, b) = (site.tenant(), site.tenant());
        let owner = Receiver::new(&a);
        let id = owner.poll_stream();
        for stranger in [Receiver::new(&a), Receiver::new(&b)] {
            for (method, path, body) in requests(&id) {
                let reply = stranger.send(method, &path, &body);
                assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text());
                assert!(!reply.text().contains(&owner.client.id));
            }
            let list = stranger.send("GET", "/ssf/stream", &Value::Null).expect(200);
            assert_eq!(list.json(), json!([]));
        }
        for (method, path, body) in requests(NOBODYS) {
            assert_eq!(owner.send(method, &path, &body).status, 404, "{method} {path}");
        }
        for (method, path, body) in requests(&id) {
            let reply = owner.send(method, &path, &body);
            assert!([200, 204].contains(&reply.status), "{method} {path}: {}", reply.text());
        }
    }

    fn a_token_opens_what_its_scope_says(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let receiver = Receiver::new(&tenant);
        let id = receiver.poll_stream();
        let party = RelyingParty::new(&tenant);
        let users = party.tokens(&tenant.signed_in("ada@example.com")).access;
        let (reports, read) = (receiver.token("reports"), receiver.token("ssf.read"));
        for (method, path, body) in requests(&id) {
            let with = |token: &str| {
                let call = Call::new(method, &tenant.url(&path));
                let call = if token.is_empty() { call } else { call.bearer(token) };
                site.send(&if body.is_null() { call } else { call.json(&body) })
            };
            let anonymous = with("").expect(401);
            assert!(anonymous.header("www-authenticate").starts_with("Bearer"));
            with("x").refused(401, "invalid_token");
            with(&users).refused(401, "invalid_token");
            with(&reports).refused(403, "insufficient_scope");
            let is_read = method == "GET" || path.starts_with("/ssf/poll/");
            assert_eq!(with(&read).status == 403, !is_read, "{method} {path}");
        }
        let in_query = format!("/ssf/stream?access_token={read}");
        site.get(&tenant.url(&in_query)).refused(400, "invalid_request");
    }

    fn a_client_has_no_more_than_its_share_of_streams(site: &Site) {
        let tenant = site.tenant();
        let receiver = Receiver::new(&tenant);
        for _ in 0..4 {
            receiver.poll_stream();
        }
        receiver.send("POST", "/ssf/stream", &json!({})).expect(409);
        Receiver::new(&tenant).poll_stream();
    }

    fn a_deleted_client_makes_no_stream(site: &Site) {
        let tenant = site.tenant();
        let receiver = Receiver::new(&tenant);
        let token = receiver.token("ssf.manage");
        tenant.admin("DELETE", &format!("/clients/{}", receiver.client.id), &Value::Null).expect(204);
        let call = Call::new("POST", &tenant.url("/ssf/stream")).bearer(&token);
        site.send(&call.json(&json!({}))).refused(401, "invalid_token");
    }

    fn a_target_on_our_own_network_is_refused(site: &Site) {
        let tenant = site.tenant();
        let receiver = Receiver::new(&tenant);
        let id = receiver.push_stream();
        for target in [
            "http://receiver.example/events",
            "https://localhost/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[fd00::1]/",
            "https://2130706433/",
            "https://u:p@receiver.example/",
            "https://receiver.example:22/",
            "https://receiver.example/#x",
            "https://db.internal/",
            "https://receiver/",
            "gopher://receiver.example/",
            "",
        ] {
            let delivery = json!({"method": PUSH, "endpoint_url": target});
            let body = json!({"stream_id": id, "delivery": delivery});
            for method in ["POST", "PUT", "PATCH"] {
                let reply = receiver.send(method, "/ssf/stream", &body).expect(400);
                assert!(reply.text().contains("endpoint_url"), "{target}: {}", reply.text());
            }
        }
        let read = receiver.send("GET", &format!("/ssf/stream?stream_id={id}"), &Value::Null);
        assert_eq!(read.expect(200).json()["delivery"]["endpoint_url"], ENDPOINT);
    }

    fn what_cannot_be_understood_is_refused(site: &Site) {
        let tenant = site.tenant();
        let receiver = Receiver::new(&tenant);
        let id = receiver.poll_stream();
        let poll = format!("/ssf/poll/{id}");
        for (method, path, body) in [
            ("POST", "/ssf/stream", json!([])),
            ("POST", "/ssf/stream", json!({"delivery": {"method": "urn:x"}})),
            ("POST", "/ssf/stream", json!({"events_requested": [7]})),
            ("PATCH", "/ssf/stream", json!({"description": "x"})),
            ("PUT", "/ssf/stream", json!({"stream_id": 7})),
            ("POST", "/ssf/status", json!({"stream_id": id})),
            ("POST", "/ssf/status", json!({"stream_id": id, "status": "asleep"})),
            ("POST", "/ssf/verify", json!({"stream_id": id, "state": 7})),
            ("POST", "/ssf/verify", json!({})),
            ("POST", &poll, json!({"ack": 7})),
            ("POST", &poll, json!({"maxEvents": -1})),
        ] {
            let reply = receiver.send(method, path, &body).expect(400);
            assert_eq!(reply.header("content-type"), "application/problem+json", "{path} {body}");
        }
        receiver.send("GET", "/ssf/status", &Value::Null).expect(400);
        receiver.send("DELETE", "/ssf/stream", &Value::Null).expect(400);
        let text = Call::new("POST", &tenant.url("/ssf/stream")).bearer(&receiver.token("ssf.manage"));
        site.send(&text.header("content-type", "text/plain")).expect(400);
    }
}
