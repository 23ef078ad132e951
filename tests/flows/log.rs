//! What does the operator's log say of requests, and what never
//! (`docs/observability.md`)?

use crate::support::{
    Call, Site,
    browser::Browser,
    platform::BOOTSTRAP_SECRET,
    relying_party::RelyingParty,
    tenant::{PASSWORD, TenantSite},
};
use serde_json::{Value, json};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// The lines since the last time; the set-up link, which is for people, aside.
fn lines(site: &Site) -> Vec<Value> {
    let lines = site.inner().take_log();
    let lines = lines.iter().filter(|line| !line.starts_with("set up"));
    let read =
        |line: &String| serde_json::from_str(line).unwrap_or_else(|why| panic!("{why}: {line}"));
    lines.map(read).collect()
}

/// The one line of the one request since the last time.
fn line(site: &Site) -> Value {
    let mut lines = lines(site);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.remove(0)
}

fn token(tenant: &TenantSite<'_>) -> Call {
    Call::new("POST", &tenant.url("/oauth/token"))
}

fn cut_off(site: &Site, kind: &str) {
    for who in site.world().everybody() {
        if who.kind == kind {
            site.world().cut_off(&who, true);
        }
    }
}

#[test]
fn a_request_is_one_line_with_its_calls() {
    let site = Site::logging("all");
    let tenant = site.tenant();
    let id = tenant
        .admin("GET", "", &Value::Null)
        .expect(200)
        .member("id");
    let admin = site.admin_token();
    lines(&site);
    let path = format!("/admin/v1/tenants/{}/users?limit=7", tenant.slug);
    let reply = site.send(&Call::new("GET", &site.platform_url(&path)).bearer(&admin));
    let line = line(&site);
    assert_eq!(
        (&line["level"], &line["event"]),
        (&json!("info"), &json!("request"))
    );
    assert_eq!(line["route"], "/admin/v1/tenants/{tenant}/users");
    assert_eq!(
        (&line["method"], &line["status"]),
        (&json!("GET"), &json!(200))
    );
    assert_eq!(line["request_id"], reply.header("x-request-id"));
    assert_ne!(line["tenant"], json!(id), "it came to the platform");
    assert!(line["at"].as_i64().unwrap() > 0 && line["ms"].is_i64());
    let calls: Vec<_> = line["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            assert!(call["ms"].is_i64());
            (
                call["kind"].as_str().unwrap(),
                call["message"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        calls,
        [
            ("bucket", "Check"),
            ("directory", "FindTenant"),
            ("tenant", "ListUsers")
        ]
    );
    assert_eq!(line["asked"], 3);
    assert!(line.get("error").is_none());

    site.get(&tenant.url("/.well-known/jwks.json")).expect(200);
    assert_eq!(self::line(&site)["tenant"], json!(id));
    site.get(&tenant.url("/nowhere/ada@example.com"))
        .expect(404);
    let line = self::line(&site);
    assert_eq!(
        (&line["route"], &line["status"]),
        (&json!("unknown"), &json!(404))
    );
}

#[test]
fn what_goes_well_is_logged_when_that_was_asked_for() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    tenant.signed_in("ada@example.com");
    site.send(&token(&tenant)).expect(400);
    assert_eq!(lines(&site), Vec::<Value>::new());
}

#[test]
fn a_failure_is_logged_with_its_cause_which_nobody_else_learns() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let party = RelyingParty::new(&tenant);
    tenant.user("ada@example.com");
    let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
    lines(&site);
    cut_off(&site, "session");
    let reply = party.refresh(&tokens.refresh).expect(503);
    let line = line(&site);
    assert_eq!(
        (&line["level"], &line["status"]),
        (&json!("error"), &json!(503))
    );
    assert_eq!(line["error"], "the actor could not be reached: cut off");
    assert_eq!(line["calls"][0]["kind"], "session");
    assert!(!reply.text().contains("cut off"));
    let id = line["request_id"].as_str().unwrap();
    assert_eq!(reply.header("x-request-id"), id);
    assert!(reply.text().contains(id));
}

#[test]
fn no_secret_and_nobodys_name_is_in_the_log() {
    let site = Site::logging("all");
    let tenant = site.tenant();
    let sub = tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let tokens = party.tokens(&browser);
    let tokens = {
        let renewed = party.refresh(&tokens.refresh).expect(200);
        [
            tokens.access,
            tokens.refresh,
            renewed.member("access_token"),
            renewed.member("refresh_token"),
        ]
    };
    let cookie = browser.cookie(&tenant.host(), "session").unwrap();
    let wrong = Browser::elsewhere(&site);
    let (url, page) = wrong.open(&tenant.url("/login"));
    let fields = [
        ("username", "ada@example.com"),
        ("password", "a wrong secret"),
    ];
    wrong.submit(&url, &page.expect(200), &fields);
    site.get(&tenant.url("/oauth/userinfo?access_token=a-secret-in-the-query"));
    let strange =
        Call::new("GET", &tenant.url("/secret-path/ada")).header("user-agent", "a-secret-agent");
    site.send(
        &strange
            .bearer("a-secret-token")
            .header("traceparent", "a-secret-trace"),
    );
    tenant
        .admin("DELETE", &format!("/users/{sub}/sessions"), &Value::Null)
        .expect(204);
    let again = tenant.signed_in("ada@example.com");
    cut_off(&site, "session");
    let account = Call::new("GET", &tenant.url("/account?q=a-secret"));
    again.send(account).expect(503);

    let log = site.inner().take_log().join("\n");
    let log: String = log
        .lines()
        .filter(|line| !line.starts_with("set up"))
        .collect();
    assert!(log.contains("/oauth/token") && log.contains("\"level\":\"error\""));
    let secrets = [
        BOOTSTRAP_SECRET,
        PASSWORD,
        &party.client.secret,
        &cookie,
        "secret",
        "ada",
        "203.0.113",
        "127.0.0.1",
        "Mozilla",
        "code=",
    ];
    for secret in secrets.into_iter().chain(tokens.iter().map(String::as_str)) {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

#[test]
fn a_trace_goes_on_where_one_is_named_and_begins_elsewhere() {
    let site = Site::logging("all");
    let tenant = site.tenant();
    let sent = |value: &str| {
        lines(&site);
        let call = Call::new("GET", &tenant.url("/.well-known/jwks.json"));
        site.send(&call.header("traceparent", value)).expect(200);
        line(&site)
    };
    let good = format!("00-{TRACE}-{PARENT}-01");
    let on = sent(&good);
    assert_eq!(on["trace_id"], TRACE);
    let spans = [on["span_id"].clone(), sent(&good)["span_id"].clone()];
    assert!(
        spans[0] != spans[1] && !spans.contains(&json!(PARENT)),
        "each request has a span of its own"
    );
    for bad in [
        "",
        "junk",
        &good.to_uppercase(),
        &format!("{good}-x"),
        &good.replace(TRACE, &"0".repeat(32)),
    ] {
        let begun = sent(bad);
        assert_ne!(begun["trace_id"], TRACE, "{bad}");
        assert_eq!(begun["trace_id"].as_str().unwrap().len(), 32);
    }
    lines(&site);
    let twice = Call::new("GET", &tenant.url("/.well-known/jwks.json"));
    site.send(
        &twice
            .header("traceparent", &good)
            .header("traceparent", &good),
    )
    .expect(200);
    assert_ne!(line(&site)["trace_id"], TRACE);
}

#[test]
fn durations_are_for_operators_and_request_ids_for_whoever_asks_about_one() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let users = tenant.admin("GET", "/users", &Value::Null).expect(200);
    let timing = users.header("server-timing");
    assert!(
        timing.starts_with("total;dur=") && timing.contains(", tenant;dur=0;desc=ListUsers"),
        "{timing}"
    );
    for reply in [
        site.get(&tenant.url("/.well-known/jwks.json")).expect(200),
        site.get(&site.platform_url("/admin/v1/openapi.json"))
            .expect(200),
        site.get(&site.platform_url("/admin/v1/tenants"))
            .expect(401),
        site.send(&token(&tenant)).expect(400),
    ] {
        assert_eq!(reply.header("server-timing"), "");
        assert_eq!(
            reply.header("x-request-id").is_empty(),
            reply.status == 200 && !reply.text().contains("openapi"),
            "{}",
            reply.status
        );
    }
}

#[test]
fn an_answer_is_counted_by_tenant_and_route() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let id = tenant
        .admin("GET", "", &Value::Null)
        .expect(200)
        .member("id");
    site.inner().gateway.platform().points.take();
    site.send(&token(&tenant)).expect(400);
    site.send(&Call::new("GET", &tenant.url("/v1/sessions/ses_a")))
        .expect(404);
    let points = site.inner().gateway.platform().points.take();
    let told: Vec<_> = points
        .iter()
        .map(|point| (point.route.as_str(), point.method, point.status))
        .collect();
    assert_eq!(
        told,
        [
            ("/oauth/token", "POST", 400),
            ("/v1/sessions/*", "GET", 404)
        ]
    );
    assert!(points.iter().all(|point| point.tenant == id));
}

#[test]
fn readiness_asks_those_without_whom_nothing_works() {
    let site = Site::in_process();
    let ready = || site.get(&site.platform_url("/readyz"));
    ready().expect(200);
    cut_off(&site, "jwks");
    ready().expect(503);
    site.get(&site.platform_url("/healthz")).expect(200);
}
