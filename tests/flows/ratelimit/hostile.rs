//! What does a caller gain who cheats?

use crate::support::{
    Backend, Site,
    backend::{burst, inline, with},
};
use serde_json::{Value, json};

flows! {
    fn a_callers_clock_is_ignored(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(1), "user:1");
        assert_eq!(backend.ask("check", &question)["allowed"], true);
        let named = with(&question, &json!({ "request_id": "a" }));
        for (name, value) in [
            ("date", "Fri, 31 Dec 2100 23:59:59 GMT"),
            ("if-modified-since", "Fri, 31 Dec 2100 23:59:59 GMT"),
            ("age", "999999999"),
            ("x-request-start", "t=4133980799"),
            ("x-now", "4133980799000"),
        ] {
            let call = backend.call("check", &named).header(name, value);
            let verdict = site.send(&call).expect(200).json();
            assert_eq!(verdict["allowed"], false, "{name}");
        }
        for member in ["now", "at", "time", "timestamp", "now_ms"] {
            let dated = with(&named, &json!({ member: 4_133_980_799_000_i64 }));
            let reply = backend.send("check", &dated).expect(400);
            assert!(reply.member("detail").contains(member));
        }
    }

    fn no_name_breaks_out_of_a_header(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let long = "a".repeat(65);
        for name in [
            "a\r\nSet-Cookie: b", "a\nb", "a\"", "a\";q=9", "a, b", "a;q=9", "a\\", "a\0", "é", "A", "", &long,
        ] {
            let rule = json!([{ "name": name, "type": "gcra", "period_ms": 1_000, "burst": 1 }]);
            let named = json!({ "name": name, "rules": burst(1) });
            let policy = json!({ "name": "api", "rules": rule });
            for document in [named.clone(), policy] {
                let reply = tenant.admin("POST", "/policies", &document).expect(422);
                assert!(reply.member("detail").contains("name"), "{name:?}");
            }
            for question in [
                inline(&rule, "user:1"),
                json!({ "inline": named, "subject": "user:1" }),
                json!({ "policy": name, "subject": "user:1" }),
            ] {
                let reply = backend.send("check", &question);
                assert!([400, 404].contains(&reply.status), "{name:?}: {}", reply.text());
                for header in reply.headers.values() {
                    let text = header.to_str().unwrap();
                    assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text:?}");
                }
                assert!(reply.header("set-cookie").is_empty());
            }
        }
    }
}

#[test]
fn abandoned_holds_come_back() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = json!([
        { "name": "cells", "type": "gcra", "period_ms": 3_600_000, "burst": 5 },
        { "name": "slots", "type": "concurrency", "limit": 5, "hold_ms": 3_600_000 },
    ]);
    let question = inline(&rules, "user:1");
    let reserve = |round: u32, number: u32| {
        let request = format!("{round}-{number}");
        let hold = with(
            &question,
            &json!({ "request_id": request, "hold_ms": 10_000 }),
        );
        backend.ask("reserve", &hold)["allowed"] == true
    };
    for round in 0..20 {
        let held = (0..8).filter(|number| reserve(round, *number)).count();
        assert_eq!(held, 5, "in round {round}");
        for who in site.world().everybody() {
            if who.kind == "bucket" && who.name.contains("3:i.x/") {
                site.world().evict(&who);
            }
        }
        site.advance(10_000);
    }
    // What has fallen cannot be settled any more.
    let told = json!({ "inline_name": "x", "subject": "user:1", "request_id": "19-0" });
    for what in ["commit", "cancel"] {
        assert_eq!(backend.ask(what, &told)["settled"], "unknown");
    }
    let left = |verdict: &Value| verdict["rules"][0]["remaining"].clone();
    assert_eq!(left(&backend.ask("peek", &question)), 5);
}
