//! Are headers always what the standards say, whoever sends them?
//!
//! Read by a parser of structured fields that is not ours.

use crate::support::{
    Backend, Browser, Call, Reply, Site,
    backend::{inline, with},
    relying_party::RelyingParty,
    tenant::TenantSite,
};
use serde_json::json;
use sfv::{BareItem, Item, List, ListEntry, Parser};

/// The items of a list, which are strings with whole numbers as parameters.
fn items(text: &str) -> Vec<(String, Vec<(String, i64)>)> {
    let list: List = Parser::new(text)
        .parse()
        .unwrap_or_else(|why| panic!("{text}: {why}"));
    let item = |entry: ListEntry| {
        let ListEntry::Item(Item { bare_item, params }) = entry else {
            panic!("{text} has a list within");
        };
        let BareItem::String(name) = bare_item else {
            panic!("{text} has no name");
        };
        let params = params.into_iter().map(|(key, value)| {
            let BareItem::Integer(number) = value else {
                panic!("{text} has no number");
            };
            (key.as_str().to_owned(), i64::from(number))
        });
        (name.as_str().to_owned(), params.collect())
    };
    list.into_iter().map(item).collect()
}

/// Checks the two headers; answers the names of the quotas.
fn sound(policy: &str, standing: &str) -> Vec<String> {
    let (policies, standings) = (items(policy), items(standing));
    let names = |all: &[(String, _)]| all.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&policies), names(&standings));
    for ((_, quota), (_, left)) in policies.iter().zip(&standings) {
        let keys =
            |all: &[(String, i64)]| all.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>();
        assert_eq!(
            (keys(quota), keys(left)),
            (vec!["q".into(), "w".into()], vec!["r".into(), "t".into()])
        );
        assert!(quota[0].1 >= 1 && quota[1].1 >= 1, "{policy}");
        assert!(
            (0..=quota[0].1).contains(&left[0].1) && left[1].1 >= 0,
            "{policy} {standing}"
        );
    }
    names(&policies)
}

fn told(reply: &Reply) -> Vec<String> {
    sound(reply.header("ratelimit-policy"), reply.header("ratelimit"))
}

fn register(tenant: &TenantSite<'_>, address: &str) -> Call {
    let call = Call::new("POST", &tenant.url("/oauth/register"));
    call.header("cf-connecting-ip", address)
        .json(&json!({ "redirect_uris": ["https://app.example/callback"] }))
}

fn open(tenant: &TenantSite<'_>) {
    let open = json!({ "registration_enabled": true });
    tenant.admin("PATCH", "", &open).expect(200);
}

flows! {
    fn every_rule_is_told_in_structured_fields(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let long = "n-0_".repeat(16);
        let rules = json!([
            { "name": "a", "type": "gcra", "period_ms": 1, "burst": 4_000_000_000_u32 },
            { "name": long, "type": "quota", "limit": 1, "window": { "month_from_day": 28 } },
            { "name": "0", "type": "sliding_log", "limit": 7, "window_ms": 1 },
            { "name": "-", "type": "concurrency", "limit": 256, "hold_ms": 1 },
            { "name": "_", "type": "penalty", "free": 1, "base_ms": 1, "wait_ms_max": 1, "forget_ms": 1 },
        ]);
        for number in 0..4 {
            let question = json!({
                "inline": { "name": long, "rules": rules, "version": number + 1 }, "subject": "user:1",
            });
            let verdict = backend.ask("check", &question);
            let text = |name: &str| verdict["headers"][name].as_str().unwrap().to_owned();
            let names = sound(&text("RateLimit-Policy"), &text("RateLimit"));
            assert_eq!(names.len(), 5);
            assert_eq!(names[1], format!("{long}.{long}"));
            if let Some(wait_ms) = verdict["retry_after_ms"].as_i64() {
                let told: i64 = text("Retry-After").parse().unwrap();
                assert!(told >= 1 && told * 1_000 >= wait_ms && (told - 1) * 1_000 < wait_ms.max(1_000));
            }
        }
    }

    fn who_registers_is_told_how_it_stands(site: &Site) {
        let tenant = site.tenant();
        open(&tenant);
        let made = site.send(&register(&tenant, "198.51.100.77")).expect(201);
        assert_eq!(told(&made), ["register.at_once"]);
        assert!(made.header("ratelimit").starts_with("\"register.at_once\";r=19;t="));
        assert!(made.header("retry-after").is_empty());
    }

    fn who_says_to_come_from_elsewhere_does_not(site: &Site) {
        let tenant = site.tenant();
        open(&tenant);
        let lies = ["x-forwarded-for", "forwarded", "true-client-ip", "x-real-ip", "x-client-ip"];
        let mut refused = None;
        for number in 0..22 {
            let lie = lies[number % lies.len()];
            let elsewhere = match lie {
                "forwarded" => format!("for=198.51.100.{number}"),
                _ => format!("198.51.100.{number}"),
            };
            let reply = site.send(&register(&tenant, "203.0.113.99").header(lie, &elsewhere));
            if reply.status == 429 {
                assert_eq!(told(&reply), ["register.at_once"]);
                refused = refused.or(Some(number));
            }
        }
        assert_eq!(refused, Some(20));
    }

    fn who_makes_an_account_is_told_how_it_stands(site: &Site) {
        let tenant = site.tenant();
        tenant.admin("PATCH", "", &json!({ "signup_enabled": true })).expect(200);
        let browser = Browser::elsewhere(site);
        let (url, page) = browser.open(&tenant.url("/signup"));
        let fields = [("username", "eve@example.com"), ("name", "Eve"), ("password", "correct horse battery staple")];
        let reply = browser.submit_only(&url, &page, &fields).expect(303);
        assert_eq!(told(&reply), ["sign_up.at_once", "sign_up.in_a_day"]);
    }

    fn who_signs_in_is_told_nothing(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = Browser::elsewhere(site);
        let (url, page) = browser.open(&tenant.url("/login"));
        for (password, status) in [("wrong password!", 422), (crate::support::tenant::PASSWORD, 303)] {
            let fields = [("username", "ada@example.com"), ("password", password)];
            let reply = browser.submit_only(&url, &page, &fields).expect(status);
            assert_eq!((reply.header("ratelimit"), reply.header("ratelimit-policy")), ("", ""));
        }
    }

    fn an_operator_is_told_how_it_stands(site: &Site) {
        let tenant = site.tenant();
        // Whoever has no address belongs to a crowd.
        let document = site.platform_url(&format!("/admin/v1/tenants/{}", tenant.slug));
        let call = Call::new("GET", &document).bearer(&site.admin_token());
        let reply = site.send(&Browser::elsewhere(site).placed(call)).expect(200);
        assert_eq!(told(&reply), ["admin.at_once"]);
        let public = site.get(&site.platform_url("/admin/v1/openapi.json")).expect(200);
        assert_eq!(public.header("ratelimit"), "");
    }

    fn a_page_that_fetches_a_ticket_is_told_how_it_stands(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let tokens = RelyingParty::new(&tenant).tokens(&tenant.signed_in("ada@example.com"));
        let call = Call::new("POST", &tenant.url("/v1/sessions/tickets")).bearer(&tokens.access);
        let reply = site.send(&call.header("origin", "https://app.example")).expect(201);
        assert_eq!(told(&reply), ["ticket.at_once"]);
        let exposed = reply.header("access-control-expose-headers");
        assert!(exposed.contains("RateLimit, RateLimit-Policy"), "{exposed}");
    }
}

#[test]
fn the_time_told_is_never_too_early() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    for (name, rule) in [
        (
            "g",
            json!({ "type": "gcra", "period_ms": 1_337, "burst": 3 }),
        ),
        (
            "q",
            json!({ "type": "quota", "limit": 2, "window": "minute" }),
        ),
        (
            "l",
            json!({ "type": "sliding_log", "limit": 2, "window_ms": 4_321 }),
        ),
        (
            "c",
            json!({ "type": "concurrency", "limit": 2, "hold_ms": 2_222 }),
        ),
        (
            "p",
            json!({
                "type": "penalty", "free": 1, "base_ms": 1_001, "wait_ms_max": 9_000, "forget_ms": 90_000,
            }),
        ),
    ] {
        let rules = json!([with(&rule, &json!({ "name": name }))]);
        let question = inline(&rules, name);
        while backend.ask("check", &question)["allowed"] == true {}
        for _ in 0..3 {
            let refused = backend.ask("check", &question);
            let wait_ms = refused["retry_after_ms"].as_i64().unwrap();
            // A request takes a millisecond here.
            site.advance(wait_ms - 2);
            assert_eq!(backend.ask("check", &question)["allowed"], false, "{name}");
            assert_eq!(backend.ask("check", &question)["allowed"], true, "{name}");
            while backend.ask("check", &question)["allowed"] == true {}
        }
    }
}
