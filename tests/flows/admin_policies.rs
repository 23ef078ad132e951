//! How are a tenant's rate limits laid down, looked into and lifted?

use crate::support::{
    Browser, Call, Reply, Site,
    browser::form_with,
    call::encoded,
    tenant::{PASSWORD, TenantSite},
};
use serde_json::{Value, json};

fn refused(reply: Reply, status: u16, slug: &str) -> String {
    let reply = reply.expect(status);
    assert_eq!(reply.member("type"), format!("urn:aero2:problem:{slug}"));
    reply.member("detail")
}

fn get(tenant: &TenantSite<'_>, path: &str) -> Reply {
    tenant.admin("GET", path, &Value::Null)
}

fn delete(tenant: &TenantSite<'_>, path: &str) -> Reply {
    tenant.admin("DELETE", path, &Value::Null)
}

fn policy(name: &str, burst: u32) -> Value {
    let rule = json!({"name": "burst", "type": "gcra", "period_ms": 60_000, "burst": burst});
    json!({"name": name, "rules": [rule]})
}

/// Guesses a password from this browser's address until that is refused.
fn guess_until_refused(tenant: &TenantSite<'_>, browser: &Browser<'_>) -> usize {
    let (url, page) = browser.open(&tenant.url("/login"));
    for number in 0..100 {
        let email = format!("u{number}@example.com");
        let fields = [
            ("username", email.as_str()),
            ("password", "wrong password!"),
        ];
        if browser.submit_only(&url, &page, &fields).status == 429 {
            return number;
        }
    }
    panic!("nobody was refused");
}

fn subject(browser: &Browser<'_>) -> String {
    let placed = browser.placed(Call::new("GET", "http://localhost/"));
    encoded(&format!("address:{}", placed.address()))
}

/// What was done, latest first.
fn events(tenant: &TenantSite<'_>) -> Vec<(String, String)> {
    let list = get(tenant, "/audit").expect(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|act| (text(&act["event"]), text(&act["target"]["id"])))
        .collect()
}

flows! {
    fn a_policy_is_laid_down_shown_changed_and_deleted(site: &Site) {
        let tenant = site.tenant();
        let created = tenant.admin("POST", "/policies", &policy("api", 5)).expect(201);
        assert!(created.header("location").ends_with("/policies/api"));
        let shown = created.json();
        assert_eq!((&shown["mode"], &shown["version"]), (&json!("enforce"), &json!(1)));
        assert_eq!(shown["rules"][0]["on_failure"], "deny");
        assert!(shown["updated_at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(get(&tenant, "/policies/api").expect(200).json(), shown);
        let list = get(&tenant, "/policies").expect(200).json();
        assert_eq!(list, json!({"items": [shown], "next_cursor": null}));

        let patch = json!({"mode": "shadow", "overrides": [{"subject": "u*", "effect": "exempt"}]});
        let changed = tenant.admin("PATCH", "/policies/api", &patch).expect(200).json();
        assert_eq!((&changed["mode"], &changed["version"]), (&json!("shadow"), &json!(2)));
        assert_eq!(changed["rules"], shown["rules"]);
        let back = tenant.admin("PATCH", "/policies/api", &json!({"overrides": null})).expect(200);
        assert_eq!(back.json()["overrides"], json!([]));

        delete(&tenant, "/policies/api").expect(204);
        refused(get(&tenant, "/policies/api"), 404, "unknown-policy");
        refused(delete(&tenant, "/policies/api"), 404, "unknown-policy");
        let again = tenant.admin("POST", "/policies", &policy("api", 5)).expect(201).json();
        assert_eq!(again["version"], 4, "versions never go back");
    }

    fn what_cannot_be_laid_down_is_named(site: &Site) {
        let tenant = site.tenant();
        let create = |document: Value| tenant.admin("POST", "/policies", &document);
        let with = |member: &str, value: Value| {
            let mut document = policy("api", 5);
            document[member] = value;
            document
        };
        let why = refused(create(with("rules", json!([]))), 422, "invalid-policy");
        assert_eq!(why, "rules must be a list of 1 to 16.");
        let why = refused(create(with("colour", json!(1))), 422, "unknown-member");
        assert!(why.starts_with("colour "), "{why}");
        let why = refused(create(with("lease", json!({"cost": 1, "s": 1}))), 422, "invalid-policy");
        assert_eq!(why, "lease.s means nothing here.");
        refused(create(with("version", json!(7))), 422, "unknown-member");
        refused(create(json!([])), 400, "invalid-json");
        create(policy("api", 5)).expect(201);
        refused(create(policy("api", 6)), 409, "policy-conflict");
        let change = |patch: Value| tenant.admin("PATCH", "/policies/api", &patch);
        refused(change(json!({"name": "other"})), 422, "invalid-policy");
        refused(change(json!({"updated_at": "x"})), 422, "unknown-member");
        let why = refused(change(json!({"rules": [{"name": "a"}]})), 422, "invalid-policy");
        assert!(why.starts_with("rules[0].type must be"), "{why}");
        refused(change(json!({"rules": null})), 422, "invalid-policy");
        for path in ["/policies/none", "/policies/N", "/policies/a%20b"] {
            refused(get(&tenant, path), 404, "unknown-policy");
            refused(tenant.admin("PATCH", path, &json!({})), 404, "unknown-policy");
        }
    }

    fn policies_are_listed_page_by_page(site: &Site) {
        let tenant = site.tenant();
        for name in ["c", "a", "b"] {
            tenant.admin("POST", "/policies", &policy(name, 5)).expect(201);
        }
        let page = |path: &str| {
            let list = get(&tenant, path).expect(200).json();
            let names = list["items"].as_array().unwrap().iter();
            let names: Vec<Value> = names.map(|item| item["name"].clone()).collect();
            (names, list["next_cursor"].as_str().map(str::to_owned))
        };
        let (first, cursor) = page("/policies?limit=2");
        assert_eq!(first, ["a", "b"]);
        let (second, end) = page(&format!("/policies?limit=2&cursor={}", cursor.unwrap()));
        assert_eq!((second, end), (vec![json!("c")], None));
        refused(get(&tenant, "/policies?cursor=QQ"), 400, "invalid-cursor");
    }

    fn one_tenants_policies_are_not_anothers(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        tenant.admin("POST", "/policies", &policy("api", 5)).expect(201);
        refused(get(&other, "/policies/api"), 404, "unknown-policy");
        assert_eq!(get(&other, "/policies").expect(200).json()["items"], json!([]));
        assert_eq!(events(&other), []);
    }

    fn who_did_what_and_why_is_kept(site: &Site) {
        let tenant = site.tenant();
        let policies = format!("/admin/v1/tenants/{}/policies?reason=Launch", tenant.slug);
        let call = Call::new("POST", &site.platform_url(&policies)).bearer(&site.admin_token());
        let call = Browser::elsewhere(site).placed(call.json(&policy("api", 5)));
        site.send(&call).expect(201);
        tenant.admin("PATCH", "/policies/api", &json!({"ahead": 0})).expect(200);
        tenant.admin("PATCH", "/policies/api", &json!({"ahead": 1_001})).expect(422);
        tenant.admin("PATCH", "/policies/api", &json!({"ahead": 1})).expect(200);
        delete(&tenant, "/policies/api").expect(204);
        let on_api = |event: &str| (event.to_owned(), "api".to_owned());
        let all = ["policy.deleted", "policy.changed", "policy.created"].map(on_api);
        assert_eq!(events(&tenant), all);

        let first = get(&tenant, "/audit?limit=2").expect(200).json();
        let cursor = first["next_cursor"].as_str().unwrap();
        let last = get(&tenant, &format!("/audit?limit=2&cursor={cursor}")).expect(200).json();
        assert_eq!((&last["next_cursor"], last["items"].as_array().unwrap().len()), (&Value::Null, 1));
        let act = &last["items"][0];
        assert_eq!(act["reason"], "Launch");
        assert_eq!(act["actor"], json!({"kind": "client", "id": "bootstrap"}));
        assert_eq!(act["target"], json!({"kind": "policy", "id": "api"}));
        assert_eq!(act["outcome"], "done");
        assert!(act["id"].as_str().unwrap().starts_with("aud_"));
        assert!(act["address"].is_string() && act["request_id"].is_string());
        refused(get(&tenant, "/audit?cursor=QQ"), 400, "invalid-cursor");
        let long = "x".repeat(513);
        for reason in ["a%0Ab", &long] {
            let path = format!("/policies?reason={reason}");
            refused(tenant.admin("POST", &path, &policy("api", 5)), 400, "invalid-reason");
        }
        assert_eq!(events(&tenant).len(), 3);
    }

    fn who_is_refused_is_seen_and_let_in_again(site: &Site) {
        let tenant = site.tenant();
        let browser = Browser::elsewhere(site);
        assert_eq!(guess_until_refused(&tenant, &browser), 20);
        let path = format!("/buckets/own.sign_in?subject={}", subject(&browser));
        let shown = get(&tenant, &path).expect(200).json();
        let rule = |shown: &Value, name: &str| {
            let mut rules = shown["rules"].as_array().unwrap().iter();
            rules.find(|rule| rule["rule"] == name).unwrap().clone()
        };
        let at_once = rule(&shown, "at_once");
        assert_eq!((&at_once["remaining"], &at_once["limit"]), (&json!(0), &json!(20)));
        assert!(at_once["refuses_until"].is_string());
        assert!(rule(&shown, "in_an_hour")["refuses_until"].is_null());
        assert!(shown["effect"].is_null());

        refused(delete(&tenant, &path), 400, "invalid-reason");
        delete(&tenant, &format!("{path}&reason=A%20new%20proxy.")).expect(204);
        assert_eq!(get(&tenant, &path).expect(200).json()["rules"], json!([]));
        assert_eq!(guess_until_refused(&tenant, &browser), 20, "from its isolate's memory, too");
        let bucket = shown["bucket"].as_str().unwrap().to_owned();
        assert_eq!(events(&tenant), [("bucket.reset".to_owned(), bucket.clone())]);
        let placed = browser.placed(Call::new("GET", "http://localhost/"));
        assert!(!bucket.contains(&placed.address().to_string()));
        let audit = get(&tenant, "/audit").expect(200);
        assert_eq!(audit.json()["items"][0]["reason"], "A new proxy.");
    }

    fn letting_in_who_was_never_charged_is_kept_too(site: &Site) {
        let tenant = site.tenant();
        tenant.admin("POST", "/policies", &policy("api", 5)).expect(201);
        let path = "/buckets/api?subject=user%3A42";
        let shown = get(&tenant, path).expect(200).json();
        assert_eq!((&shown["rules"], &shown["effect"]), (&json!([]), &json!("limit")));
        delete(&tenant, &format!("{path}&reason=Asked.")).expect(204);
        assert_eq!(events(&tenant)[0].0, "bucket.reset");
        let block = json!({"overrides": [{"subject": "user:*", "effect": "block"}]});
        tenant.admin("PATCH", "/policies/api", &block).expect(200);
        assert_eq!(get(&tenant, path).expect(200).json()["effect"], "block");
        refused(get(&tenant, "/buckets/none?subject=u"), 404, "unknown-policy");
        for path in ["/buckets/api", "/buckets/A?subject=u", "/buckets/own.sign_in?subject=u"] {
            refused(get(&tenant, path), 404, "unknown-bucket");
        }
    }

    fn our_own_protection_is_counted_and_names_nobody(site: &Site) {
        let tenant = site.tenant();
        let browser = Browser::elsewhere(site);
        let admitted = guess_until_refused(&tenant, &browser);
        let path = "/policies/own.sign_in/usage";
        let sum = |member: &str| {
            let usage = get(&tenant, path).expect(200).json();
            let minutes = usage["minutes"].as_array().unwrap().iter();
            minutes.map(|minute| minute[member].as_u64().unwrap()).sum::<u64>()
        };
        assert_eq!((sum("admitted"), sum("refused")), (admitted as u64, 1));
        assert_eq!((sum("shadow_refused"), sum("degraded")), (0, 0));
        let usage = get(&tenant, path).expect(200);
        let placed = browser.placed(Call::new("GET", "http://localhost/"));
        let offenders = usage.json()["offenders"].clone();
        let shown = offenders[0]["subject"].as_str().unwrap();
        let (network, width) = shown.split_once('/').unwrap();
        let address = placed.address().to_string();
        let is_masked = match width {
            "24" => network.ends_with(".0") && address.starts_with(network.trim_end_matches('0')),
            _ => width == "48" && network.ends_with("::"),
        };
        assert!(is_masked && offenders.as_array().unwrap().len() == 1, "{offenders} of {address}");
        let nothing = get(&tenant, "/policies/api/usage").expect(200).json();
        assert_eq!((&nothing["minutes"], &nothing["offenders"]), (&json!([]), &json!([])));
        refused(get(&tenant, &format!("{path}?hours=25")), 400, "invalid-hours");
        refused(get(&tenant, "/policies/a.b/usage"), 404, "unknown-policy");
    }
}

#[test]
fn what_is_counted_is_told_after_the_answer_and_not_by_it() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let browser = Browser::elsewhere(&site);
    let (url, page) = browser.open(&tenant.url("/login"));
    let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
    assert!(!form_with(page.text(), &fields).fields.is_empty());
    site.inner().take_asks();
    browser.submit_only(&url, &page, &fields);
    let asked = site.inner().take_asks();
    let tenants = asked.iter().filter(|kind| *kind == "tenant").count();
    assert_eq!(tenants, 2, "a sign-in asks the tenant twice: {asked:?}");
    let gateway = &site.inner().gateway;
    assert!(gateway.owes() && !gateway.owes(), "one is enough to tell");
    site.world().run(gateway.settle());
    // The platform's operator was counted, too.
    assert_eq!(site.inner().take_asks(), ["tenant", "tenant"]);
    assert!(!gateway.owes());
}

mod with_a_backend {
    //! What operators do, as the tenant's backend feels it.

    use super::*;
    use crate::support::backend::Backend;

    fn check(backend: &Backend<'_>, subject: &str) -> Value {
        backend.ask("check", &json!({"policy": "api", "subject": subject}))
    }

    flows! {
        fn a_change_takes_effect_at_the_next_check_and_fills_nothing(site: &Site) {
            let tenant = site.tenant();
            let backend = Backend::new(&tenant);
            backend.lay_down(&policy("api", 2));
            let admitted = (0..4).filter(|_| check(&backend, "u")["allowed"] == true);
            assert_eq!(admitted.count(), 2);
            let change = |patch: Value| tenant.admin("PATCH", "/policies/api", &patch).expect(200);
            change(json!({"rules": policy("api", 3)["rules"]}));
            let admitted = (0..4).filter(|_| check(&backend, "u")["allowed"] == true);
            assert_eq!(admitted.count(), 1, "two of three are spent");
            change(json!({"mode": "shadow"}));
            let verdict = check(&backend, "u");
            assert_eq!((&verdict["allowed"], &verdict["shadow_refused"]), (&json!(true), &json!(true)));
            change(json!({"overrides": [{"subject": "u", "effect": "exempt"}]}));
            assert_eq!(check(&backend, "u")["outcome"], "exempt");
            delete(&tenant, "/policies/api").expect(204);
            let gone = backend.send("check", &json!({"policy": "api", "subject": "u"}));
            refused(gone, 404, "unknown-policy");
        }

        fn who_is_let_in_again_is_let_in_at_once(site: &Site) {
            let tenant = site.tenant();
            let backend = Backend::new(&tenant);
            backend.lay_down(&policy("api", 2));
            for subject in ["u/1", "v"] {
                let admitted = (0..4).filter(|_| check(&backend, subject)["allowed"] == true);
                assert_eq!(admitted.count(), 2);
            }
            let path = "/buckets/api?subject=u%2F1";
            let shown = get(&tenant, path).expect(200).json();
            assert_eq!(shown["rules"][0]["rule"], "burst");
            assert_eq!(shown["rules"][0]["remaining"], 0);
            assert!(shown["rules"][0]["refuses_until"].is_string());
            delete(&tenant, &format!("{path}&reason=Asked.")).expect(204);
            assert_eq!(check(&backend, "u/1")["allowed"], true);
            assert_eq!(check(&backend, "v")["allowed"], false, "nobody else is");
        }

        fn every_check_is_counted_and_no_look(site: &Site) {
            let tenant = site.tenant();
            let backend = Backend::new(&tenant);
            backend.lay_down(&policy("api", 2));
            for subject in ["u", "u", "u", "u", "v"] {
                check(&backend, subject);
            }
            backend.ask("peek", &json!({"policy": "api", "subject": "u"}));
            let rules = policy("x", 1)["rules"].clone();
            assert!(backend.may(&rules, "w") && !backend.may(&rules, "w"));
            tenant.admin("PATCH", "/policies/api", &json!({"mode": "shadow"})).expect(200);
            check(&backend, "u");
            let sums = |name: &str| {
                let usage = get(&tenant, &format!("/policies/{name}/usage")).expect(200).json();
                let minutes = usage["minutes"].as_array().unwrap().clone();
                let sum = |member: &str| {
                    let counts = minutes.iter().map(|minute| minute[member].as_u64().unwrap());
                    counts.sum::<u64>()
                };
                let sums = ["admitted", "refused", "shadow_refused", "degraded"].map(sum);
                (sums, usage["offenders"].clone())
            };
            let offender = |subject: &str, refused: u32| json!([{"subject": subject, "refused": refused, "surplus": 0}]);
            assert_eq!(sums("api"), ([4, 2, 1, 0], offender("u", 3)));
            assert_eq!(sums("i.*"), ([1, 1, 0, 0], offender("w", 1)));
        }
    }
}
