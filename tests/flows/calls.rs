//! How many actors does an operation ask (DESIGN §3)?

use crate::support::{
    Backend, Browser, Call, Site,
    backend::{inline, with},
    call::query_of,
    relying_party::RelyingParty,
    tenant::PASSWORD,
};
use serde_json::{Value, json};

/// Awaited asks that `work` causes; deliveries of outboxes are not awaited.
fn asks(site: &Site, work: impl FnOnce()) -> Vec<String> {
    site.inner().take_asks();
    work();
    site.inner().take_asks()
}

#[test]
fn operations_cost_what_the_design_says() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let tokens = party.tokens(&browser);
    let none: [&str; 0] = [];

    let discovery = asks(&site, || {
        drop(site.get(&tenant.url("/.well-known/openid-configuration")));
    });
    assert_eq!(discovery, none);
    assert_eq!(
        asks(&site, || drop(
            site.get(&tenant.url("/.well-known/jwks.json"))
        )),
        none
    );

    let mut url = String::new();
    let remembered = [("prompt", "")];
    assert_eq!(
        asks(&site, || url = party.land(&browser, &remembered)),
        ["session"]
    );
    let code = query_of(&url, "code").unwrap();
    assert_eq!(
        asks(&site, || drop(party.redeem(&code).expect(200))),
        ["session"]
    );
    assert_eq!(
        asks(&site, || drop(party.refresh(&tokens.refresh).expect(200))),
        ["session"]
    );
    assert_eq!(
        asks(&site, || drop(party.introspect(&tokens.access))),
        ["session"]
    );
    let userinfo = Call::new("GET", &tenant.url("/oauth/userinfo")).bearer(&tokens.access);
    assert_eq!(
        asks(&site, || drop(site.send(&userinfo).expect(200))),
        ["tenant"]
    );
    let revoke = [("token", tokens.access.as_str())];
    assert_eq!(
        asks(&site, || drop(
            party.send("/oauth/revoke", &revoke).expect(200)
        )),
        ["session"]
    );
}

#[test]
fn a_check_asks_one_bucket_whatever_its_rules() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = json!([
        { "name": "a", "type": "gcra", "period_ms": 1_000, "burst": 9 },
        { "name": "b", "type": "quota", "limit": 9, "window": "day" },
        { "name": "c", "type": "sliding_log", "limit": 9, "window_ms": 1_000 },
    ]);
    let question = inline(&rules, "user:1");
    backend.ask("check", &question);
    let named = with(&question, &json!({ "request_id": "a" }));
    let settle = json!({ "inline_name": "x", "subject": "user:1", "request_id": "a" });
    for (what, question) in [
        ("check", &question),
        ("peek", &question),
        ("reserve", &named),
        ("commit", &settle),
        ("cancel", &settle),
    ] {
        let asked = asks(&site, || drop(backend.ask(what, question)));
        assert_eq!(asked, ["bucket"], "{what}");
    }
    let batch = json!({ "checks": [question, question] });
    let asked = asks(&site, || drop(backend.ask("batch", &batch)));
    assert_eq!(asked, ["bucket", "bucket"]);
}

#[test]
fn operators_and_tickets_ask_one_bucket_first_and_tabs_none() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let browser = tenant.signed_in("ada@example.com");
    let tokens = RelyingParty::new(&tenant).tokens(&browser);
    tenant.admin("GET", "", &Value::Null).expect(200);
    let read = asks(&site, || {
        drop(tenant.admin("GET", "/clients", &Value::Null).expect(200));
    });
    assert_eq!(read, ["bucket", "directory", "tenant"]);

    let call = Call::new("POST", &tenant.url("/v1/sessions/tickets")).bearer(&tokens.access);
    let call = call.header("origin", "https://app.example");
    let ticket = asks(&site, || drop(site.send(&call).expect(201)));
    assert_eq!(ticket, ["bucket", "session"]);

    let call = Call::new("GET", &tenant.url("/v1/sessions/events"))
        .header("origin", &tenant.issuer())
        .header("sec-websocket-protocol", "aero2.revocation.v1");
    let tab = asks(&site, || drop(browser.connect(call)));
    assert_eq!(tab, ["session"]);
}

#[test]
fn client_credentials_ask_nobody_once_the_client_is_known() {
    let site = Site::in_process();
    site.admin_token();
    let none: [&str; 0] = [];
    assert_eq!(asks(&site, || drop(site.admin_token())), none);
}

#[test]
fn a_password_sign_in_takes_four_round_trips() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let browser = Browser::new(&site);
    let (url, page) = browser.open(&tenant.url("/login"));
    let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
    let asked = asks(&site, || drop(browser.submit_only(&url, &page, &fields)));
    // Both buckets at once; then what they charged is given back while the
    // session begins.
    let charged = ["bucket", "bucket"];
    let begun = ["tenant", "tenant", "session"];
    assert_eq!(asked, [&charged[..], &begun, &charged].concat());
    // From a device of the account's own, one bucket knows it all.
    browser.plant(&tenant.host(), "session", "");
    let (url, page) = browser.open(&tenant.url("/login"));
    let asked = asks(&site, || drop(browser.submit_only(&url, &page, &fields)));
    assert_eq!(asked, ["bucket", "tenant", "tenant", "session", "bucket"]);
}
