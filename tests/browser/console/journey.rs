//! Can an administrator do their work, from the set-up link to the record of it?

use super::{Desk, looks_right};
use crate::support::{
    Backend, Site,
    tenant::{PASSWORD, TenantSite},
};
use serde_json::json;

const TENANT: &str = "/admin/tenants/acme";

fn creates_a_tenant(desk: &Desk) {
    desk.turn_to("/admin/tenants", "Tenants");
    desk.act("create-tenant", &[("slug", "Not a slug"), ("name", "Acme")]);
    // What the API refuses is shown where it was typed.
    let wrong = "dialog[open] [name=slug][aria-invalid=true]";
    desk.browser
        .wait(&format!("document.querySelector('{wrong}')"));
    desk.fill_window(&[("slug", "acme")]);
    desk.browser.tap("dialog[open] .form-acts .button");
    desk.is_at("Acme");
}

fn creates_a_client(desk: &Desk) {
    desk.turn_to(&format!("{TENANT}/clients"), "Clients");
    let fields = [
        ("client_name", "Field notes"),
        ("redirect_uris", "https://notes.example/callback"),
    ];
    desk.act("create-client", &fields);
    desk.browser.wait("document.querySelector('[data-secret]')");
    let secret = desk
        .browser
        .run("return document.querySelector('[data-secret]').textContent");
    assert!(secret.as_str().unwrap().starts_with("a2k_"), "{secret}");
    desk.browser.tap("dialog[open] .form-acts .button");
    desk.is_done();
    desk.reads("Field notes");
    let page = desk
        .browser
        .run("return document.documentElement.innerHTML");
    assert!(
        !page.as_str().unwrap().contains("a2k_"),
        "the secret is shown once"
    );
}

/// Somebody signs in elsewhere and appears; they are revoked and are out.
fn watches_a_session_and_revokes_it(desk: &Desk, tenant: &TenantSite<'_>) {
    desk.turn_to(&format!("{TENANT}/sessions"), "Sessions");
    desk.reads("Nobody is signed in");
    desk.browser.wait("document.querySelector('.live.live')");
    let person = tenant.signed_in("grace@example.com");
    desk.browser
        .wait("document.querySelectorAll('tbody tr').length === 1");
    desk.browser.tap("[data-act^='revoke-']");
    desk.fill_window(&[("reason", "left the company")]);
    desk.browser.tap("dialog[open] .form-acts .button");
    desk.is_done();
    desk.browser.wait("document.querySelector('tbody tr.gone')");
    let (url, _) = person.open(&tenant.url("/account"));
    assert!(url.contains("/login"), "{url}");
}

/// Somebody who is refused is let in again.
fn resets_a_bucket(desk: &Desk, tenant: &TenantSite<'_>) {
    desk.turn_to(&format!("{TENANT}/policies"), "Rate limits");
    desk.browser
        .tap(&format!("a[href='{TENANT}/policies/new']"));
    desk.is_at("New policy");
    let wrong = json!({ "name": "api", "rules": [{ "name": "a", "type": "gcra", "period_ms": 60_000, "burst": 0 }] });
    let text = serde_json::to_string_pretty(&wrong).unwrap();
    desk.browser.fill_in("#create-policy", &text);
    desk.browser.tap("main .form .button");
    desk.browser
        .wait("document.querySelector('.editor li.wrong')");
    desk.reads("rules[0].burst must be");
    desk.browser.fill_in(
        "#create-policy",
        &text.replace("\"burst\": 0", "\"burst\": 1"),
    );
    desk.browser.tap("main .form .button");
    desk.is_at("api");

    let backend = Backend::new(tenant);
    let question = json!({ "policy": "api", "subject": "key:17" });
    let asked = [(); 3].map(|()| backend.ask("check", &question)["allowed"] == true);
    assert_eq!(asked, [true, false, false]);
    desk.go(&format!("{TENANT}/buckets"), "Buckets");
    desk.browser.fill("subject", "key:17");
    desk.browser.tap("main .form .button");
    desk.browser
        .wait("document.querySelector('.rule .badge.bad')");
    desk.browser.picture("console-bucket-refused");
    desk.act("reset-bucket", &[("reason", "asked nicely")]);
    desk.is_done();
    desk.reads("All that is allowed is left");
}

fn rotates_keys(desk: &Desk) {
    desk.turn_to("/admin/keys", "Keys");
    desk.act("rotate-keys", &[]);
    desk.is_done();
    desk.browser.wait("[...document.querySelectorAll('tbody .badge')].some(({ textContent }) => textContent === 'announced')");
}

fn finds_the_record(desk: &Desk) {
    desk.go(&format!("{TENANT}/audit"), "Audit log");
    desk.browser.fill_in("[data-search]", "bucket.reset");
    desk.browser
        .wait("document.querySelectorAll('tbody tr').length === 1");
    desk.browser.tap("tbody tr button.link");
    desk.reads("asked nicely");
    desk.browser.tap("dialog[open] .form-acts .button");
    desk.is_done();
}

#[test]
fn an_administrator_runs_a_deployment_from_the_console() {
    let desk = Desk::open(1_280);
    let site = Site::over(&desk.server);
    desk.set_up();
    desk.go("/admin", "Overview");
    desk.browser.wait("document.querySelector('.live.live')");

    creates_a_tenant(&desk);
    let tenant = TenantSite::existing(&site, "acme");
    tenant.user("grace@example.com");
    creates_a_client(&desk);
    watches_a_session_and_revokes_it(&desk, &tenant);
    resets_a_bucket(&desk, &tenant);
    rotates_keys(&desk);
    finds_the_record(&desk);
    let complaints = desk.browser.complaints();
    let unexpected = complaints
        .iter()
        .filter(|line| !line.contains("status of 422"));
    assert_eq!(unexpected.count(), 0, "{complaints:?}");

    desk.browser.click("header .plain");
    desk.is_at("Console");
    desk.go("/admin/keys", "Console");
}

#[test]
fn a_stale_sign_in_is_made_fresh_and_the_act_is_offered_again() {
    let desk = Desk::open(1_280);
    let site = Site::over(&desk.server);
    let tenant = site.tenant();
    desk.set_up();
    let settings = format!("/admin/tenants/{}/settings", tenant.slug);
    desk.go(&settings, "Settings");
    // A quarter of an hour later, without the wait: the answer is the API's own.
    desk.browser.run(
        "const ask = fetch;
         globalThis.fetch = (url, init) => init?.method !== 'DELETE' ? ask(url, init) : Promise.resolve(new Response('{}', {
             status: 401,
             headers: { 'www-authenticate': 'Bearer error=\"insufficient_user_authentication\", max_age=\"900\"' },
         }))",
    );
    desk.act("delete-tenant", &[("confirm", &tenant.slug)]);
    desk.reads("Sign in again");
    desk.browser.click("dialog[open] .form-acts .button");
    desk.browser
        .wait("document.querySelector('[name=password]')");
    desk.browser.fill("password", PASSWORD);
    desk.browser.click("main button[type=submit]");

    desk.is_at("Settings");
    desk.browser.wait("document.querySelector('dialog[open]')");
    let typed = desk
        .browser
        .run("return document.querySelector('dialog[open] [name=confirm]').value");
    assert_eq!(typed, json!(tenant.slug));
    desk.browser.tap("dialog[open] .form-acts .button");
    desk.is_at("Tenants");
}

#[test]
fn an_administrator_of_a_tenant_sees_that_tenant_and_no_other() {
    let desk = Desk::open(1_280);
    let site = Site::over(&desk.server);
    let (tenant, other) = (site.tenant(), site.tenant());
    tenant.administrator("ada@example.com");
    let browser = &desk.browser;
    browser.open(&tenant.url("/admin"));
    desk.is_at("Console");
    looks_right(browser, "console-way-in");
    browser.click(".card .button");
    browser.fill("username", "ada@example.com");
    browser.fill("password", PASSWORD);
    browser.click("main button[type=submit]");
    desk.is_at(&format!("Tenant {}", tenant.slug));
    assert!(!browser.text().contains("Tenants\n"));
    desk.turn_to(&format!("/admin/tenants/{}/users", tenant.slug), "Users");
    desk.reads("ada@example.com");

    browser.open(&tenant.url(&format!("/admin/tenants/{}/users", other.slug)));
    desk.is_at("Users");
    desk.reads("Not here");
}
