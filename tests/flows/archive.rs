//! What of what is no more can an operator find again, and who needs it?

use crate::support::{
    Browser, Call, Reply, Site, console,
    relying_party::{RelyingParty, Tokens},
    tenant::{PASSWORD, TenantSite},
};
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

fn shelf(site: &Site, target: &str) -> Reply {
    let url = site.platform_url(&format!("/admin/v1/archive/{target}"));
    site.send(&Call::new("GET", &url).bearer(&site.admin_token()))
}

fn items(site: &Site, target: &str) -> Vec<Value> {
    let page = shelf(site, target).expect(200).json();
    page["items"].as_array().unwrap().clone()
}

fn id_of(tenant: &TenantSite<'_>) -> String {
    let record = tenant.admin("GET", "", &Value::Null);
    record.expect(200).member("id")
}

fn sign_out(browser: &Browser<'_>, tenant: &TenantSite<'_>) {
    let call = Call::new("DELETE", &tenant.url("/v1/sessions?everywhere=true"))
        .header("origin", &tenant.issuer());
    assert!(browser.send(call).status < 300);
}

#[test]
fn an_ended_session_is_found_by_tenant_and_user_and_holds_no_secret() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let ada = tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let code = party.code(&browser);
    let tokens = Tokens::from(party.redeem(&code));
    let cookie = browser.cookie(&tenant.host(), "session").unwrap();
    assert_eq!(items(&site, "sessions"), Vec::<Value>::new());
    sign_out(&browser, &tenant);
    let found = items(
        &site,
        &format!("sessions?tenant={}&user={ada}", tenant.slug),
    );
    assert_eq!(found.len(), 1);
    let record = &found[0];
    assert_eq!(record["user"], ada);
    assert_eq!(record["tenant"], id_of(&tenant));
    assert_eq!(record["issuer"], tenant.issuer());
    assert_eq!(record["clients"], json!([party.client.id]));
    assert_eq!(record["why"], "signed_out_elsewhere");
    assert!(record["at"].as_str().unwrap().ends_with('Z'));
    assert!(record["began_at"].as_str() <= record["at"].as_str());
    let kept = site.cold().cabinet.look("SELECT * FROM session").unwrap();
    let secrets = [
        &cookie,
        &code,
        &tokens.access,
        &tokens.refresh,
        &party.client.secret,
    ];
    for secret in secrets.into_iter().map(String::as_str).chain([PASSWORD]) {
        assert!(!secret.is_empty() && !kept.to_string().contains(secret));
    }
    let other = site.tenant();
    let found = items(&site, &format!("sessions?tenant={}", other.slug));
    assert_eq!(found, Vec::<Value>::new());
}

#[test]
fn a_tenants_administrator_finds_its_own_records_and_no_others() {
    let site = Site::in_process();
    let (own, other) = (site.tenant(), site.tenant());
    for tenant in [&own, &other] {
        tenant.user("ada@example.com");
        sign_out(&tenant.signed_in("ada@example.com"), tenant);
    }
    own.administrator("root@acme.example");
    let token = console::tokens(&own, &own.signed_in("root@acme.example")).access;
    let ask = |target: &str| {
        let url = own.url(&format!("/admin/v1/archive/{target}"));
        site.send(&Call::new("GET", &url).bearer(&token))
    };
    let id = id_of(&own);
    let slug = own.slug.clone();
    for target in [
        "sessions".to_owned(),
        format!("sessions?tenant={id}"),
        format!("sessions?tenant={slug}"),
    ] {
        let page = ask(&target).expect(200).json();
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{target}");
        assert_eq!(items[0]["tenant"], id);
    }
    for tenant in [id_of(&other), other.slug.clone(), "nobody-here".to_owned()] {
        let reply = ask(&format!("sessions?tenant={tenant}")).expect(404);
        assert_eq!(reply.member("type"), "urn:aero2:problem:unknown-tenant");
    }
    for shelf in ["keys", "tenants"] {
        let reply = ask(shelf).expect(403);
        assert_eq!(reply.member("type"), "urn:aero2:problem:operators-only");
    }
}

#[test]
fn acts_are_archived_as_they_are_listed() {
    let site = Site::in_process();
    let tenant = site.tenant();
    for name in ["one", "two", "three"] {
        let rule = json!({"name": "burst", "type": "gcra", "period_ms": 60_000, "burst": 5});
        let policy = json!({"name": name, "rules": [rule]});
        tenant.admin("POST", "/policies", &policy).expect(201);
    }
    site.advance(2 * MINUTE_MS);
    let listed = tenant
        .admin("GET", "/audit", &Value::Null)
        .expect(200)
        .json();
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let target = format!(
            "audit?tenant={}&event=policy.created&limit=2{cursor}",
            tenant.slug
        );
        let page = shelf(&site, &target).expect(200).json();
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    for record in &mut found {
        assert_eq!(record["tenant"], id_of(&tenant));
        record.as_object_mut().unwrap().remove("tenant");
    }
    assert_eq!(Value::Array(found), listed["items"]);
}

#[test]
fn retired_keys_and_deleted_tenants_are_found() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let id = id_of(&tenant);
    tenant.admin("DELETE", "", &Value::Null).expect(204);
    site.advance(MINUTE_MS);
    let found = items(&site, &format!("tenants?tenant={id}"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["slug"], tenant.slug);

    assert_eq!(items(&site, "keys"), Vec::<Value>::new());
    let rotate = Call::new("POST", &site.platform_url("/admin/v1/keys/rotate"));
    site.send(&rotate.bearer(&site.admin_token())).expect(200);
    site.advance(2 * DAY_MS);
    let found = items(&site, "keys");
    assert_eq!(found[0]["id"], "1");
    assert!(found[0]["signs_from"].is_number() || found[0]["signs_from"].is_string());
}

#[test]
fn what_cannot_be_looked_for_is_refused() {
    let site = Site::in_process();
    for (target, status, slug) in [
        ("cellar", 404, "unknown-shelf"),
        ("keys?tenant=platform", 400, "invalid-filter"),
        ("sessions?event=policy.created", 400, "invalid-filter"),
        ("audit?tenant=nobody-here", 404, "unknown-tenant"),
        ("audit?from=yesterday", 400, "invalid-instant"),
        ("audit?limit=0", 400, "invalid-limit"),
        ("audit?cursor=eHg", 400, "invalid-cursor"),
    ] {
        let reply = shelf(&site, target).expect(status);
        let problem = format!("urn:aero2:problem:{slug}");
        assert_eq!(reply.member("type"), problem, "{target}");
    }
    let anonymous = Call::new("GET", &site.platform_url("/admin/v1/archive/audit"));
    site.send(&anonymous).expect(401);
}

/// Ten sign-ins that end, whatever becomes of the archive meanwhile.
fn ten_sessions_end(tenant: &TenantSite<'_>) {
    for _ in 0..10 {
        let browser = tenant.signed_in("ada@example.com");
        sign_out(&browser, tenant);
    }
}

#[test]
fn nothing_is_lost_while_the_database_is_down() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    site.cold().is_up.set(false);
    ten_sessions_end(&tenant);
    shelf(&site, "sessions").expect(503);
    site.advance(60 * MINUTE_MS);
    site.cold().is_up.set(true);
    assert_eq!(items(&site, "sessions").len(), 10);
}

#[test]
fn nothing_is_lost_while_the_queue_is_down_and_the_backlog_drains_by_itself() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    site.cold().takes.set(false);
    ten_sessions_end(&tenant);
    site.advance(60 * MINUTE_MS);
    assert_eq!(items(&site, "sessions").len(), 0);
    site.cold().takes.set(true);
    site.advance(2 * 60 * MINUTE_MS);
    assert_eq!(items(&site, "sessions").len(), 10);
}

/// Nothing is authorised from the archive: without it everything else works.
#[test]
fn without_a_database_everything_else_works() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    site.cold().is_bound.set(false);
    let reply = shelf(&site, "sessions").expect(503);
    assert_eq!(reply.member("type"), "urn:aero2:problem:no-archive");
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let tokens = party.tokens(&browser);
    sign_out(&browser, &tenant);
    party.refresh(&tokens.refresh).refused(400, "invalid_grant");
    tenant.admin("DELETE", "", &Value::Null).expect(204);
}

#[test]
fn records_go_when_their_tenant_says_so() {
    let site = Site::in_process();
    let (short, long) = (site.tenant(), site.tenant());
    for tenant in [&short, &long] {
        tenant.user("ada@example.com");
        ten_sessions_end(tenant);
    }
    short
        .admin("PATCH", "", &json!({"archive_retention_days": 30}))
        .expect(200);
    site.advance(31 * DAY_MS);
    let inner = site.inner();
    site.world().run(inner.gateway.sweep()).unwrap();
    let count =
        |tenant: &TenantSite<'_>| items(&site, &format!("sessions?tenant={}", tenant.slug)).len();
    assert_eq!((count(&short), count(&long)), (0, 10));
}
