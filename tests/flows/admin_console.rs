//! How do people operate a tenant, and when must they sign in anew?

use crate::support::{
    Call, Reply, Site,
    browser::Browser,
    call::{form_encoded, query_of},
    console,
    relying_party::claims,
    tenant::{PASSWORD, TenantSite},
};
use serde_json::{Value, json};

const MINUTE_MS: i64 = 60_000;

fn send(tenant: &TenantSite<'_>, method: &'static str, path: &str, token: &str) -> Reply {
    let call = Call::new(method, &tenant.url(path)).bearer(token);
    tenant.site.send(&call)
}

/// The sign-in page at which a browser has landed, filled in.
fn sign_in_again(browser: &Browser<'_>, landed: (String, Reply), email: &str) -> String {
    let (url, page) = landed;
    assert!(url.contains("/login"), "{url}");
    let fields = [("username", email), ("password", PASSWORD)];
    browser.submit(&url, &page.expect(200), &fields).0
}

flows! {
    fn an_administrator_gets_tokens_for_their_tenants_admin_api(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.administrator("root@acme.example");
        let tokens = console::tokens(&tenant, &tenant.signed_in("root@acme.example"));
        let said = claims(&tokens.access);
        assert_eq!(said["aud"], tenant.url("/admin"));
        assert_eq!(said["scope"], "admin email openid profile");
        assert!(said["auth_time"].is_i64());
        assert!(!tokens.refresh.is_empty());

        let me = send(&tenant, "GET", "/admin/v1/me", &tokens.access).expect(200).json();
        assert_eq!(me["sub"], sub.as_str());
        assert_eq!(me["kind"], "user");
        assert_eq!(me["email"], "root@acme.example");
        assert_eq!(me["name"], "Ada Lovelace");
        assert_eq!(me["tenant"]["slug"], tenant.slug.as_str());
        assert_eq!(me["tenant"]["issuer"], tenant.issuer());
        assert_eq!(me["is_platform"], false);
        assert!(me["auth_time"].is_string() && me["expires_at"].is_string());
        let users = format!("/admin/v1/tenants/{}/users", tenant.slug);
        send(&tenant, "GET", &users, &tokens.access).expect(200);
    }

    fn an_administrator_of_the_platform_gets_them_for_the_platform(site: &Site) {
        let platform = TenantSite::existing(site, "platform");
        let email = format!("{}@aero2.example", site.tenant().slug);
        platform.administrator(&email);
        let token = console::tokens(&platform, &platform.signed_in(&email)).access;
        assert_eq!(claims(&token)["aud"], crate::support::platform::AUDIENCE);
        let me = send(&platform, "GET", "/admin/v1/me", &token).expect(200).json();
        assert_eq!(me["is_platform"], true);
        send(&platform, "GET", "/admin/v1/tenants", &token).expect(200);
    }

    fn whoever_is_no_administrator_gets_tokens_without_the_scope(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@acme.example");
        let token = console::tokens(&tenant, &tenant.signed_in("ada@acme.example")).access;
        assert_eq!(claims(&token)["scope"], "email openid profile");
        let reply = send(&tenant, "GET", "/admin/v1/me", &token).expect(403);
        assert!(reply.header("www-authenticate").contains("error=\"insufficient_scope\""));
    }

    fn the_console_leads_nowhere_but_back_to_its_own_tenant(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        tenant.administrator("root@acme.example");
        let browser = tenant.signed_in("root@acme.example");
        for to in [other.url("/admin/callback"), tenant.url("/admin/other"), tenant.url("/")] {
            let url = console::authorize_url(&tenant, &[]);
            let own = form_encoded(&[("redirect_uri", &tenant.url("/admin/callback"))]);
            let url = url.replace(&own, &form_encoded(&[("redirect_uri", &to)]));
            browser.get(&url).expect(400);
        }
        let taken = json!({"client_id": "console", "redirect_uris": ["https://app.example/"]});
        tenant.admin("POST", "/clients", &taken).expect(409);
        tenant.admin("DELETE", "/clients/console", &json!(null)).expect(404);
    }

    fn asking_for_a_fresh_sign_in_gets_one(site: &Site) {
        let tenant = site.tenant();
        tenant.administrator("root@acme.example");
        let browser = tenant.signed_in("root@acme.example");
        let before = console::tokens(&tenant, &browser).access;
        let landed = browser.open(&console::authorize_url(&tenant, &[("prompt", "login")]));
        let landed = sign_in_again(&browser, landed, "root@acme.example");
        let after = console::redeem(&tenant, &landed).access;
        let at = |token: &str| claims(token)["auth_time"].as_i64().unwrap();
        assert!(at(&after) >= at(&before));
        assert_eq!(claims(&before)["sid"], claims(&after)["sid"], "the session goes on");
    }
}

#[test]
fn an_old_sign_in_may_look_and_change_and_must_be_renewed_to_act() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.administrator("root@acme.example");
    let sub = tenant.user("ada@acme.example");
    let browser = tenant.signed_in("root@acme.example");
    let mut tokens = console::tokens(&tenant, &browser);
    let at = |token: &str| claims(token)["auth_time"].as_i64().unwrap();
    let signed_in = at(&tokens.access);
    for _ in 0..4 {
        site.advance(4 * MINUTE_MS);
        let call = Call::new("POST", &tenant.url("/oauth/token")).form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.refresh),
            ("client_id", "console"),
        ]);
        tokens = site.send(&call).into();
    }
    assert_eq!(at(&tokens.access), signed_in, "a refresh is no sign-in");

    let user = format!("/admin/v1/tenants/{}/users/{sub}", tenant.slug);
    send(&tenant, "GET", &user, &tokens.access).expect(200);
    let change = |token: &str, document: &Value| {
        let call = Call::new("PATCH", &tenant.url(&user)).bearer(token);
        site.send(&call.json(document))
    };
    change(&tokens.access, &json!({"nickname": "A"})).expect(200);
    for refused in [
        change(&tokens.access, &json!({"status": "disabled"})),
        change(&tokens.access, &json!({"roles": ["admin"]})),
        change(
            &tokens.access,
            &json!({"password": "another good password"}),
        ),
        send(&tenant, "DELETE", &user, &tokens.access),
    ] {
        let refused = refused.expect(401);
        let challenge = refused.header("www-authenticate");
        assert!(
            challenge.contains("error=\"insufficient_user_authentication\""),
            "{challenge}"
        );
        assert!(challenge.ends_with("max_age=\"900\""), "{challenge}");
        let slug = "urn:aero2:problem:insufficient-user-authentication";
        assert_eq!(refused.json()["type"], slug);
    }

    let url = console::authorize_url(&tenant, &[("max_age", "900")]);
    let landed = sign_in_again(&browser, browser.open(&url), "root@acme.example");
    assert!(query_of(&landed, "code").is_some());
    let token = console::redeem(&tenant, &landed).access;
    assert!(at(&token) > signed_in);
    send(&tenant, "DELETE", &user, &token).expect(204);
}

#[test]
fn a_sign_in_that_is_recent_enough_is_not_asked_for_again() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.administrator("root@acme.example");
    let browser = tenant.signed_in("root@acme.example");
    site.advance(14 * MINUTE_MS);
    let landed = console::land(&tenant, &browser, &[("max_age", "900")]);
    let token = console::redeem(&tenant, &landed).access;
    let path = format!("/admin/v1/tenants/{}/sessions", tenant.slug);
    send(&tenant, "DELETE", &path, &token).expect(204);
}
