//! Does a page see that its session has ended while a person looks at it?
//!
//! Hosted pages have no script, so the pages are those of applications, each at
//! an origin of its own, with the module that applications get from us.

use super::{
    application::{Application, Page},
    looks_right,
};
use crate::support::{
    Site,
    chromium::Chromium,
    relying_party::{RelyingParty, VERIFIER},
    tenant::{ClientSecretPair, PASSWORD, TenantSite},
};
use serde_json::json;

const SCRIPT: &str = "text/javascript";

/// From asking for the revocation until both pages say so.
const TOLD_MS_MAX: f64 = 1_000.0;

fn pages(tenant: &TenantSite<'_>, client: &ClientSecretPair) -> Vec<Page> {
    let settings =
        json!({ "issuer": tenant.issuer(), "client_id": client.id, "code_verifier": VERIFIER });
    let script = include_str!("page/application.js").to_owned();
    let module = include_str!("../../clients/browser/session.js").to_owned();
    vec![
        ("/", "text/html", include_str!("page/index.html").to_owned()),
        ("/application.js", SCRIPT, script),
        ("/session.js", SCRIPT, module),
        ("/settings.json", "application/json", settings.to_string()),
    ]
}

/// A new application; answers the address at which its users sign in.
fn application(tenant: &TenantSite<'_>) -> String {
    let application = Application::bind();
    let callback = format!("{}/callback", application.origin);
    let client = tenant.client_with(&json!({
        "client_name": "Field notes",
        "redirect_uris": [callback],
        "token_endpoint_auth_method": "none",
    }));
    application.serve(pages(tenant, &client));
    RelyingParty { tenant, client }.authorize_url(&[("redirect_uri", &callback)])
}

#[test]
fn two_tabs_show_within_a_second_that_an_administrator_has_ended_their_session() {
    let site = Site::on_workerd();
    let tenant = site.tenant();
    let sub = tenant.user("grace@example.com");
    let browser = Chromium::start(1_280);
    browser.open(&application(&tenant));
    browser.fill("username", "grace@example.com");
    browser.fill("password", PASSWORD);
    browser.click("main button[type=submit]");
    let first = browser.tab();
    let second = browser.new_tab();
    browser.open(&application(&tenant));
    for (tab, name) in [(&first, "first"), (&second, "second")] {
        browser.show(tab);
        browser.click("button[name=decision][value=allow]");
        browser.wait("document.getElementById('status').textContent === 'signed in'");
        looks_right(&browser, &format!("8-tab-{name}-signed-in"));
    }
    for tab in [&first, &second] {
        browser.show(tab);
        browser.run("globalThis.askedAt = performance.now()");
    }

    let path = format!("/users/{sub}/sessions");
    tenant.admin("DELETE", &path, &json!(null)).expect(204);

    for (tab, name) in [(&first, "first"), (&second, "second")] {
        browser.show(tab);
        browser.wait("globalThis.signedOutAt");
        let took = browser
            .run("return signedOutAt - askedAt")
            .as_f64()
            .unwrap();
        eprintln!("the {name} tab says so after {took:.0} ms");
        assert!(took < TOLD_MS_MAX, "the {name} tab took {took} ms");
        assert!(browser.text().contains("signed out: administrator"));
        looks_right(&browser, &format!("8-tab-{name}-signed-out"));
    }
}
