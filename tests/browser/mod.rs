//! What does a person see and do, in Chromium?
//!
//! Where no more is said, the relying party is only an address: what is asserted
//! of it is where the browser lands.

mod application;
mod console;
mod tabs;

use crate::support::{
    Site,
    call::query_of,
    chromium::Chromium,
    relying_party::RelyingParty,
    tenant::{ClientSecretPair, PASSWORD, TenantSite},
};
use application::Application;
use serde_json::json;

/// An application that answers everything alike; answers its origin.
fn application() -> String {
    let application = Application::bind();
    let origin = application.origin.clone();
    let page = "<!doctype html><link rel=icon href=data:,><title>App</title>The application";
    application.serve(vec![("/", "text/html", page.to_owned())]);
    origin
}

/// A client of that application.
fn client(tenant: &TenantSite<'_>, application: &str) -> ClientSecretPair {
    tenant.client_with(&json!({
        "client_name": "Field notes",
        "redirect_uris": [format!("{application}/callback")],
        "post_logout_redirect_uris": [format!("{application}/")],
    }))
}

/// Nothing sticks out sideways and nothing was blocked or missing.
fn looks_right(browser: &Chromium, name: &str) {
    browser.picture(name);
    let sticks_out = browser.run("return document.documentElement.scrollWidth - innerWidth");
    assert!(
        sticks_out.as_i64().unwrap() <= 0,
        "{name} sticks out by {sticks_out} px"
    );
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{name}: {complaints:?}");
}

/// Sign-up, consent, callback, account, sign-out, sign-in, as a person does them.
fn journey(width: u32) {
    let site = Site::on_workerd();
    let tenant = site.tenant();
    let application = application();
    let callback = format!("{application}/callback");
    let party = RelyingParty {
        tenant: &tenant,
        client: client(&tenant, &application),
    };
    let browser = Chromium::start(width);

    browser.open(&party.authorize_url(&[("redirect_uri", &callback)]));
    looks_right(&browser, "1-sign-in");
    browser.click("a[href^='/signup']");
    looks_right(&browser, "2-sign-up");
    browser.fill("username", "grace@example.com");
    browser.fill("password", PASSWORD);
    browser.click("main button[type=submit]");
    assert!(browser.text().contains("Field notes"));
    looks_right(&browser, "3-consent");
    browser.click("button[name=decision][value=allow]");

    let landed = browser.address();
    assert!(landed.starts_with(&callback), "{landed}");
    assert!(query_of(&landed, "code").is_some(), "{landed}");
    assert_eq!(query_of(&landed, "state").as_deref(), Some("st4te"));
    assert_eq!(query_of(&landed, "iss"), Some(tenant.issuer()));

    for page in ["", "/profile", "/password", "/sessions", "/applications"] {
        browser.open(&tenant.url(&format!("/account{page}")));
        looks_right(&browser, &format!("4-account{}", page.replace('/', "-")));
    }
    browser.open(&tenant.url("/account"));
    assert!(browser.text().contains("grace@example.com"));
    browser.click("form[action='/oauth/logout'] button");
    looks_right(&browser, "5-signed-out");

    browser.open(&tenant.url("/account"));
    assert!(
        browser.address().contains("/login"),
        "{}",
        browser.address()
    );
    browser.fill("username", "grace@example.com");
    browser.fill("password", "not her password");
    browser.click("main button[type=submit]");
    assert!(browser.address().contains("/login"));
    browser.picture("6-refused"); // the status is Chromium's to complain of
    browser.complaints();
    browser.fill("username", "grace@example.com");
    browser.fill("password", PASSWORD);
    browser.click("main button[type=submit]");
    assert_eq!(browser.address(), tenant.url("/account"));

    browser.open(&tenant.url("/oauth/logout"));
    looks_right(&browser, "7-sign-out");
    browser.click("button[name=decision][value=allow]");
    browser.open(&tenant.url("/account"));
    assert!(
        browser.address().contains("/login"),
        "{}",
        browser.address()
    );
}

#[test]
fn a_person_signs_up_consents_and_signs_out_on_a_desk() {
    journey(1_280);
}

#[test]
fn a_person_signs_up_consents_and_signs_out_on_a_telephone() {
    journey(360);
}
