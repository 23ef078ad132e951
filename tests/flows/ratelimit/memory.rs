//! What does an isolate decide by itself?

use crate::support::{
    Backend, Site,
    backend::{burst, inline, with},
};
use serde_json::{Value, json};

fn asked(site: &Site, work: impl FnOnce()) -> Vec<String> {
    site.inner().take_asks();
    work();
    site.inner().take_asks()
}

#[test]
fn who_is_refused_asks_nobody_until_it_helps() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = json!([{ "name": "a", "type": "gcra", "period_ms": 2_000, "burst": 1 }]);
    let (none, one): ([&str; 0], [&str; 1]) = ([], ["bucket"]);
    assert!(backend.may(&rules, "user:1"));
    assert_eq!(
        asked(&site, || assert!(!backend.may(&rules, "user:1"))),
        one
    );
    let refused = inline(&rules, "user:1");
    let wait = |verdict: &Value| verdict["retry_after_ms"].as_i64().unwrap();
    let first = wait(&backend.ask("check", &refused));
    site.advance(500);
    assert_eq!(
        asked(&site, || {
            let waits = wait(&backend.ask("check", &refused));
            assert!(waits <= first - 500, "time passes: {first} {waits}");
        }),
        none
    );
    // Another price, a name of its own, a look: nothing is known of these.
    let named = with(&refused, &json!({ "request_id": "a" }));
    assert_eq!(asked(&site, || drop(backend.ask("check", &named))), one);
    assert_eq!(asked(&site, || drop(backend.ask("peek", &refused))), one);
    let inline_newer = json!({
        "inline": { "name": "x", "rules": rules, "version": 2 }, "subject": "user:1",
    });
    assert_eq!(
        asked(&site, || drop(backend.ask("check", &inline_newer))),
        one
    );
    site.advance(2_000);
    assert!(backend.may(&rules, "user:1"));
}

#[test]
fn a_slot_that_is_freed_is_taken_at_once() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = json!([{ "name": "a", "type": "concurrency", "limit": 1, "hold_ms": 60_000 }]);
    let question = inline(&rules, "user:1");
    let hold = with(&question, &json!({ "request_id": "a" }));
    assert_eq!(backend.ask("reserve", &hold)["allowed"], true);
    assert!(!backend.may(&rules, "user:1"));
    let told = json!({ "inline_name": "x", "subject": "user:1", "request_id": "a" });
    assert_eq!(backend.ask("commit", &told)["settled"], "done");
    assert!(backend.may(&rules, "user:1"));
}

/// A policy with a lease of ten, which runs for a second.
fn leased(burst: u32) -> Value {
    json!({
        "name": "api", "lease": { "cost": 10, "ms": 1_000 },
        "rules": [{ "name": "a", "type": "gcra", "period_ms": 60_000, "burst": burst }],
    })
}

#[test]
fn a_hot_subject_is_served_from_what_was_debited_at_once() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    backend.lay_down(&leased(60));
    let question = json!({ "policy": "api", "subject": "user:1" });
    let ask = || backend.ask("check", &question);
    // The first learns of the policy.
    assert_eq!(asked(&site, || drop(ask())), ["tenant", "bucket"]);
    let asks: Vec<usize> = (1..28)
        .map(|_| asked(&site, || drop(ask())).len())
        .collect();
    // Seven by themselves, then one in ten.
    assert_eq!(
        asks.iter().filter(|count| **count == 1).count(),
        6 + 3,
        "{asks:?}"
    );
    assert_eq!(asks.iter().max(), Some(&1));
    let verdict = ask();
    // What is held in advance is left to the subject.
    assert_eq!(verdict["rules"][0]["remaining"], 60 - 29);
    // One with a name is never charged from memory.
    let named = with(&question, &json!({ "request_id": "a" }));
    assert_eq!(
        asked(&site, || drop(backend.ask("check", &named))),
        ["bucket"]
    );
    // A lease that ran out is lost to the subject.
    site.advance(1_000);
    let verdict = ask();
    assert_eq!(verdict["rules"][0]["remaining"], 60 - 7 - 30 - 2);
}

#[test]
fn a_subject_near_its_limit_is_asked_about_one_by_one() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    backend.lay_down(&leased(14));
    let question = json!({ "policy": "api", "subject": "user:1" });
    let ask = || backend.ask("check", &question)["allowed"] == true;
    let allowed = (0..40).filter(|_| ask()).count();
    // No lease of ten fits into what is left after seven.
    assert_eq!(allowed, 14);
}

#[test]
fn without_a_bucket_a_lease_is_spent_and_then_the_rule_says() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    backend.lay_down(&leased(60));
    let question = json!({ "policy": "api", "subject": "user:1" });
    for _ in 0..8 {
        backend.ask("check", &question);
    }
    for who in site.world().everybody() {
        if who.kind == "bucket" && who.name.contains("5:t.api/") {
            site.world().cut_off(&who, true);
        }
    }
    let statuses: Vec<u16> = (0..11)
        .map(|_| backend.send("check", &question).status)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 9);
    assert_eq!(statuses.last(), Some(&503));
}

#[test]
fn what_a_policy_says_of_a_subject_asks_no_bucket() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let mut policy = leased(60);
    policy["overrides"] = json!([
        { "subject": "vip:*", "effect": "exempt" },
        { "subject": "bad:*", "effect": "block" },
    ]);
    backend.lay_down(&policy);
    let ask = |subject: &str| backend.ask("check", &json!({ "policy": "api", "subject": subject }));
    ask("vip:0");
    for (subject, allowed, outcome) in [("vip:1", true, "exempt"), ("bad:1", false, "blocked")] {
        let verdict = ask(subject);
        assert_eq!(
            (&verdict["allowed"], &verdict["outcome"]),
            (&json!(allowed), &json!(outcome))
        );
        assert_eq!(
            (&verdict["rules"], &verdict["headers"]),
            (&json!([]), &json!({}))
        );
        assert_eq!(asked(&site, || drop(ask(subject))), [""; 0]);
    }
}

#[test]
fn a_policy_on_trial_refuses_nobody_and_tells_whom_it_would() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = json!([{ "name": "a", "type": "gcra", "period_ms": 60_000, "burst": 1 }]);
    backend.lay_down(&json!({ "name": "api", "mode": "shadow", "rules": rules }));
    let question = json!({ "policy": "api", "subject": "user:1" });
    for is_over in [false, true, true] {
        let verdict = backend.ask("check", &question);
        assert_eq!(
            (&verdict["allowed"], &verdict["mode"]),
            (&json!(true), &json!("shadow"))
        );
        assert_eq!(verdict["shadow_refused"], is_over);
        assert_eq!(verdict["outcome"], if is_over { "refuse" } else { "admit" });
        assert!(verdict["headers"]["Retry-After"].is_null());
    }
    for who in site.world().everybody() {
        if who.kind == "bucket" && who.name.contains("5:t.api/") {
            site.world().cut_off(&who, true);
        }
    }
    let named = with(&question, &json!({ "request_id": "a" }));
    let verdict = backend.ask("check", &named);
    assert_eq!(
        (&verdict["allowed"], &verdict["outcome"]),
        (&json!(true), &json!("unavailable"))
    );
    assert_eq!(verdict["degraded"], true);
}

#[test]
fn a_tenants_flood_drives_out_nothing_of_ours() {
    let site = Site::in_process();
    let (tenant, noisy) = (site.tenant(), site.tenant());
    let open = json!({ "registration_enabled": true });
    tenant.admin("PATCH", "", &open).expect(200);
    let register = || {
        let call = crate::support::Call::new("POST", &tenant.url("/oauth/register"));
        site.send(&call.json(&json!({}))).status
    };
    while register() != 429 {}
    let backend = Backend::new(&noisy);
    for number in 0..200 {
        let checks: Vec<Value> = (0..25)
            .flat_map(|at| vec![inline(&burst(1), &format!("{number}/{at}")); 2])
            .collect();
        backend.ask("batch", &json!({ "checks": checks }));
    }
    assert_eq!(asked(&site, || assert_eq!(register(), 429)), [""; 0]);
}
