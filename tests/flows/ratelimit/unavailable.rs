//! What holds when a bucket does not answer?

use crate::support::{
    Backend, Site,
    backend::{inline, with},
};
use serde_json::{Value, json};

/// A rule of eight cells that says what holds then.
fn rule(name: &str, on_failure: &str) -> Value {
    json!({
        "name": name, "type": "gcra", "period_ms": 3_600_000, "burst": 8, "on_failure": on_failure,
    })
}

/// Makes every bucket of this name unreachable, or reachable again.
fn cut_off(site: &Site, name: &str, is_cut_off: bool) {
    let everybody = site.world().everybody();
    let buckets = everybody
        .iter()
        .filter(|who| who.kind == "bucket" && who.name.contains(name));
    let count = buckets.map(|who| site.world().cut_off(who, is_cut_off));
    assert!(count.count() > 0, "there is no such bucket");
}

/// What was logged of a bucket since the last time.
fn logged(site: &Site, bucket: &str) -> usize {
    let lines = site.inner().take_log();
    lines.iter().filter(|line| line.contains(bucket)).count()
}

#[test]
fn nothing_opens_unless_every_rule_says_so() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    for (subject, rules, expected) in [
        ("a", json!([rule("one", "allow")]), Some("unavailable")),
        ("b", json!([rule("one", "degrade")]), Some("admit")),
        ("c", json!([rule("one", "deny")]), None),
        (
            "d",
            json!([rule("one", "allow"), rule("two", "degrade")]),
            Some("admit"),
        ),
        (
            "e",
            json!([rule("one", "allow"), rule("two", "deny")]),
            None,
        ),
        (
            "f",
            json!([{ "name": "one", "type": "quota", "limit": 4, "window": "day" }]),
            None,
        ),
    ] {
        let question = inline(&rules, subject);
        assert_eq!(backend.ask("check", &question)["degraded"], false);
        cut_off(&site, "3:i.x/", true);
        site.inner().take_log();
        for what in ["check", "reserve"] {
            let question = match what {
                "reserve" => with(&question, &json!({ "request_id": "a" })),
                _ => question.clone(),
            };
            let reply = backend.send(what, &question);
            assert_eq!(logged(&site, "\"what\":\"i.x "), 1, "{rules}");
            let Some(outcome) = expected else {
                let told = reply.expect(503);
                assert_eq!(
                    told.member("type"),
                    "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity"
                );
                assert_eq!(told.header("retry-after"), "5");
                continue;
            };
            let verdict = reply.expect(200).json();
            assert_eq!(
                (&verdict["allowed"], &verdict["degraded"]),
                (&json!(true), &json!(true))
            );
            assert_eq!(verdict["outcome"], outcome);
        }
        cut_off(&site, "3:i.x/", false);
        assert_eq!(backend.ask("check", &question)["degraded"], false);
    }
}

#[test]
fn an_isolate_by_itself_allows_a_quarter() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = json!([rule("one", "degrade")]);
    assert!(backend.may(&rules, "user:1"));
    cut_off(&site, "3:i.x/", true);
    let verdicts = (0..5).map(|_| backend.ask("check", &inline(&rules, "user:1")));
    let verdicts: Vec<Value> = verdicts.collect();
    let allowed: Vec<&Value> = verdicts.iter().map(|verdict| &verdict["allowed"]).collect();
    assert_eq!(allowed, [true, true, false, false, false]);
    let refused = &verdicts[2];
    assert_eq!(
        (&refused["outcome"], &refused["degraded"]),
        (&json!("refuse"), &json!(true))
    );
    assert!(refused["retry_after_ms"].as_i64().unwrap() > 0);
    assert_eq!(refused["rules"][0]["limit"], 2);
    // What is more than a quarter is too much for now, and not for ever.
    let much = with(&inline(&rules, "user:2"), &json!({ "cost": 3 }));
    backend.ask("check", &with(&much, &json!({ "cost": 1 })));
    cut_off(&site, "3:i.x/", true);
    let refused = backend.ask("check", &much);
    assert_eq!(
        (&refused["outcome"], &refused["retry_after_ms"]),
        (&json!("refuse"), &json!(5_000))
    );
}

#[test]
fn one_of_a_batch_that_nobody_answers_is_refused_and_the_others_are_not() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let question = |subject: &str| inline(&json!([rule("one", "deny")]), subject);
    backend.ask("check", &question("a"));
    cut_off(&site, "3:i.x/", true);
    let checks = json!({ "checks": [question("a"), question("b")] });
    let verdicts = backend.ask("batch", &checks);
    let one = &verdicts["verdicts"][0];
    assert_eq!(
        (&one["allowed"], &one["outcome"]),
        (&json!(false), &json!("unavailable"))
    );
    assert_eq!(
        (&one["degraded"], &one["retry_after_ms"]),
        (&json!(false), &json!(5_000))
    );
    assert_eq!(one["headers"], json!({ "Retry-After": "5" }));
    assert_eq!(verdicts["verdicts"][1]["allowed"], true);
}

#[test]
fn what_was_charged_is_not_settled_in_silence() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let question = inline(&json!([rule("one", "allow")]), "a");
    backend.ask("reserve", &with(&question, &json!({ "request_id": "r" })));
    cut_off(&site, "3:i.x/", true);
    let told = json!({ "inline_name": "x", "subject": "a", "request_id": "r" });
    for what in ["commit", "cancel"] {
        backend.send(what, &told).expect(503);
    }
    backend.send("peek", &question).expect(503);
    cut_off(&site, "3:i.x/", false);
    assert_eq!(backend.ask("cancel", &told)["settled"], "done");
}
