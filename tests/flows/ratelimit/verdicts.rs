//! What may happen, and what is said of it?

use crate::support::{
    Backend, Site,
    backend::{burst, inline, with},
};
use serde_json::{Value, json};

/// A question that costs so much.
fn costs(question: &Value, cost: u32) -> Value {
    with(question, &json!({ "cost": cost }))
}

/// A question with a name.
fn named(question: &Value, request: &str) -> Value {
    with(question, &json!({ "request_id": request }))
}

fn outcomes(verdicts: &Value) -> Vec<&str> {
    let verdicts = verdicts["verdicts"].as_array().unwrap().iter();
    verdicts
        .map(|one| one["outcome"].as_str().unwrap())
        .collect()
}

flows! {
    fn so_many_are_admitted_and_the_next_is_told_when(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(3), "user:42");
        for left in [2, 1, 0] {
            let verdict = backend.ask("check", &question);
            assert_eq!(verdict["allowed"], true);
            assert_eq!((&verdict["outcome"], &verdict["retry_after_ms"]), (&json!("admit"), &Value::Null));
            assert_eq!(verdict["rules"][0]["remaining"], left);
            assert!(verdict["headers"]["Retry-After"].is_null());
        }
        let verdict = backend.ask("check", &question);
        assert_eq!((&verdict["allowed"], &verdict["outcome"]), (&json!(false), &json!("refuse")));
        let wait_ms = verdict["retry_after_ms"].as_i64().unwrap();
        assert!((3_590_000..=3_600_000).contains(&wait_ms), "{wait_ms}");
        let told: i64 = verdict["headers"]["Retry-After"].as_str().unwrap().parse().unwrap();
        assert!(told * 1_000 >= wait_ms, "nobody is told to come too early");
        assert_eq!(verdict["rules"][0]["refuses"], true);
        assert_eq!(
            verdict["headers"]["RateLimit-Policy"],
            "\"x.burst\";q=3;w=10800"
        );
        // Another subject, and the same under another name, are others.
        assert!(backend.may(&burst(3), "user:43"));
        let elsewhere = json!({ "inline": { "name": "y", "rules": burst(3) }, "subject": "user:42" });
        assert_eq!(backend.ask("check", &elsewhere)["allowed"], true);
    }

    fn all_rules_are_charged_or_none(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let rules = json!([
            { "name": "few", "type": "quota", "limit": 2, "window": "month" },
            { "name": "many", "type": "gcra", "period_ms": 3_600_000, "burst": 9 },
            { "name": "log", "type": "sliding_log", "limit": 9, "window_ms": 3_600_000 },
        ]);
        let question = inline(&rules, "user:1");
        let left = |verdict: &Value| {
            let rules = verdict["rules"].as_array().unwrap().iter();
            rules.map(|rule| rule["remaining"].as_u64().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(left(&backend.ask("check", &costs(&question, 2))), [0, 7, 7]);
        let refused = backend.ask("check", &question);
        assert_eq!(left(&refused), [0, 7, 7], "a refusal costs nothing");
        assert_eq!(refused["rules"][1]["refuses"], false);
        let never = backend.ask("check", &costs(&question, 3));
        assert_eq!((&never["outcome"], &never["retry_after_ms"]), (&json!("never"), &Value::Null));
        assert_eq!(left(&never), [0, 7, 7]);
    }

    fn what_costs_more_than_there_ever_is_makes_no_bucket(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let before = site.actors();
        let verdict = backend.ask("check", &costs(&inline(&burst(3), "user:9"), 4));
        assert_eq!((&verdict["allowed"], &verdict["outcome"]), (&json!(false), &json!("never")));
        assert_eq!(verdict["rules"][0]["remaining"], 3);
        backend.ask("peek", &inline(&burst(3), "user:9"));
        assert_eq!(site.actors(), before);
    }

    fn what_is_reserved_is_committed_or_given_back(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(2), "user:7");
        let settle = |what: &str, request: &str| {
            let told = json!({ "inline_name": "x", "subject": "user:7", "request_id": request });
            backend.ask(what, &told)["settled"].as_str().unwrap().to_owned()
        };
        let reserve = |request: &str| backend.ask("reserve", &named(&question, request))["allowed"] == true;
        assert_eq!(settle("cancel", "a"), "unknown");
        assert!(reserve("a") && reserve("b") && !reserve("c"));
        assert_eq!(settle("cancel", "a"), "done");
        assert_eq!(settle("cancel", "a"), "unknown");
        assert!(reserve("d"));
        assert_eq!(settle("commit", "d"), "done");
        assert_eq!(settle("commit", "d"), "already");
        assert_eq!(settle("cancel", "d"), "stands");
        assert!(!reserve("e"));
    }

    fn a_request_asked_again_is_charged_once(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(2), "user:8");
        for _ in 0..5 {
            assert_eq!(backend.ask("check", &named(&question, "same"))["allowed"], true);
        }
        assert!(backend.may(&burst(2), "user:8"));
        assert!(!backend.may(&burst(2), "user:8"));
        // What was admitted stays so, also when the next would be refused.
        assert_eq!(backend.ask("check", &named(&question, "same"))["allowed"], true);
    }

    fn looking_charges_nothing(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = inline(&burst(1), "user:5");
        for _ in 0..3 {
            assert_eq!(backend.ask("peek", &question)["rules"][0]["remaining"], 1);
        }
        assert!(backend.may(&burst(1), "user:5"));
        assert_eq!(backend.ask("peek", &question)["outcome"], "refuse");
    }

    fn a_batch_is_answered_in_its_order_each_by_itself(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        assert!(backend.may(&burst(1), "b"));
        let checks = ["a", "b", "c"].map(|subject| inline(&burst(1), subject));
        let verdicts = backend.ask("batch", &json!({ "checks": checks }));
        assert_eq!(outcomes(&verdicts), ["admit", "refuse", "admit"]);
        let verdicts = backend.ask("batch", &json!({ "checks": checks }));
        assert_eq!(outcomes(&verdicts), ["refuse", "refuse", "refuse"]);
    }

    fn checks_sent_at_once_admit_exactly_as_many_as_there_are(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let call = backend.call("check", &inline(&burst(20), "hot"));
        let replies = site.send_all(&vec![call; 60]);
        let allowed = replies.into_iter().filter(|reply| {
            assert_eq!(reply.status, 200);
            reply.json()["allowed"] == true
        });
        assert_eq!(allowed.count(), 20);
    }

    fn nothing_of_one_tenant_is_charged_at_another(site: &Site) {
        let (a, b) = (site.tenant(), site.tenant());
        let backends = [Backend::new(&a), Backend::new(&b)];
        for backend in &backends {
            assert!(backend.may(&burst(1), "user:1"));
            assert!(!backend.may(&burst(1), "user:1"));
        }
    }

    fn what_is_no_question_is_told_why(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let good = inline(&burst(1), "user:1");
        let rule = |member: &str, value: Value| {
            let mut question = good.clone();
            question["inline"]["rules"][0][member] = value;
            question
        };
        let inline_with = |member: &str, value: Value| {
            let mut question = good.clone();
            question["inline"][member] = value;
            question
        };
        for (what, question, named) in [
            ("check", json!([]), "the body"),
            ("check", json!({}), "either policy or inline"),
            ("check", json!({ "policy": "x" }), "subject"),
            ("check", with(&good, &json!({ "policy": "x" })), "either policy or inline"),
            ("check", with(&good, &json!({ "colour": 1 })), "colour"),
            ("check", with(&good, &json!({ "hold_ms": 1 })), "hold_ms"),
            ("check", with(&good, &json!({ "subject": "" })), "subject"),
            ("check", with(&good, &json!({ "subject": "a\u{7f}" })), "subject"),
            ("check", with(&good, &json!({ "subject": "a".repeat(257) })), "subject"),
            ("check", with(&good, &json!({ "subject": 42 })), "subject"),
            ("check", costs(&good, 0), "cost"),
            ("check", with(&good, &json!({ "cost": 1.5 })), "cost"),
            ("check", with(&good, &json!({ "cost": -1 })), "cost"),
            ("check", named_badly(&good), "request_id"),
            ("reserve", good.clone(), "request_id"),
            ("reserve", with(&named(&good, "a"), &json!({ "hold_ms": 0 })), "hold_ms"),
            ("check", inline_with("name", json!("a\r\nx: y")), "name"),
            ("check", inline_with("name", json!("a\", b")), "name"),
            ("check", inline_with("name", json!("t.api")), "name"),
            ("check", inline_with("mode", json!("shadow")), "mode"),
            ("check", inline_with("version", json!(0)), "version"),
            ("check", inline_with("rules", json!([])), "rules"),
            ("check", rule("name", json!("é")), "rules[0].name"),
            ("check", rule("type", json!("leaky")), "rules[0].type"),
            ("check", rule("burst", json!(0)), "rules[0].burst"),
            ("check", rule("scope", json!("x")), "rules[0].scope"),
            ("check", rule("on_failure", json!("open")), "rules[0].on_failure"),
            ("batch", json!({ "checks": [] }), "checks"),
            ("batch", json!({ "checks": vec![good.clone(); 51] }), "checks"),
            ("batch", json!({ "checks": [good, { "subject": "x" }] }), "checks[1]"),
            ("commit", json!({ "policy": "x", "subject": "y" }), "request_id"),
            ("cancel", json!({ "inline": {}, "subject": "y", "request_id": "z" }), "inline"),
        ] {
            let told = format!("{what} {question}");
            let reply = backend.send(what, &question);
            assert_eq!(reply.status, 400, "{told}: {}", reply.text());
            assert_eq!(reply.header("content-type"), "application/problem+json");
            let detail = reply.member("detail");
            assert!(detail.contains(named), "{told}: {detail}");
            assert!(reply.header("ratelimit").is_empty());
        }
        assert_eq!(backend.ask("peek", &inline(&burst(1), "user:1"))["allowed"], true);
    }

    fn a_policy_that_is_not_there_is_said_to_be(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let unknown = json!({ "policy": "nothing", "subject": "user:1" });
        for what in ["check", "peek"] {
            let reply = backend.send(what, &unknown).expect(404);
            assert_eq!(reply.member("type"), "urn:aero2:problem:unknown-policy");
        }
        // Nothing of a batch is charged then.
        let checks = json!({ "checks": [inline(&burst(1), "user:1"), unknown] });
        backend.send("batch", &checks).expect(404);
        assert!(backend.may(&burst(1), "user:1"));
        let settlement = json!({ "policy": "nothing", "subject": "user:1", "request_id": "a" });
        assert_eq!(backend.ask("cancel", &settlement)["settled"], "unknown");
    }
}

fn named_badly(question: &Value) -> Value {
    named(question, "with space")
}

#[test]
fn a_subject_stands_in_no_name_and_a_tenants_bucket_is_none_of_ours() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let question = json!({
        "inline": { "name": "sign_up", "rules": burst(1) }, "subject": "ada@example.com",
    });
    assert_eq!(backend.ask("check", &question)["allowed"], true);
    let buckets = site.world().everybody();
    let mut buckets = buckets.iter().filter(|who| who.kind == "bucket");
    let own = buckets
        .find(|who| who.name.contains("9:i.sign_up/"))
        .unwrap();
    assert!(!own.name.contains("ada"));
}
