//! Does every view look right and keep nobody out, by day and by night, on a
//! desk and on a telephone? The hosted pages, too.

use super::{Desk, furnish, looks_right};
use crate::support::{Site, relying_party::RelyingParty, tenant::PASSWORD};
use serde_json::json;

/// Nothing sticks out, nothing was blocked, and axe finds nothing grave.
fn is_sound(desk: &Desk, name: &str) {
    looks_right(&desk.browser, name);
    let barriers = desk.browser.barriers();
    assert!(barriers.is_empty(), "{name}: {barriers:#?}");
}

fn every_view(width: u32) {
    let desk = Desk::open(width);
    let site = Site::over(&desk.server);
    let tenant = site.tenant();
    let sub = furnish(&tenant);
    drop(tenant.signed_in("grace@example.com"));
    desk.set_up();
    let home = format!("/admin/tenants/{}", tenant.slug);
    let of = |path: &str| format!("{home}{path}");
    let id = tenant
        .admin("GET", "", &json!(null))
        .expect(200)
        .member("id");
    for (name, path, title) in [
        ("overview", "/admin".to_owned(), "Overview"),
        ("tenants", "/admin/tenants".to_owned(), "Tenants"),
        ("tenant", home.clone(), &format!("Tenant {}", tenant.slug)),
        ("settings", of("/settings"), "Settings"),
        ("clients", of("/clients"), "Clients"),
        ("client", of("/clients/notes"), "Field notes"),
        ("users", of("/users"), "Users"),
        ("user", of(&format!("/users/{sub}")), "grace@example.com"),
        ("sessions", of("/sessions"), "Sessions"),
        ("policies", of("/policies"), "Rate limits"),
        ("policy", of("/policies/api"), "api"),
        ("policy-new", of("/policies/new"), "New policy"),
        (
            "bucket",
            of("/buckets?policy=api&subject=key:17"),
            "Buckets",
        ),
        ("keys", "/admin/keys".to_owned(), "Keys"),
        ("actors", "/admin/actors".to_owned(), "Actors"),
        ("actor", format!("/admin/actors/tenant/{id}"), &id),
        ("audit", of("/audit"), "Audit log"),
        ("archive", "/admin/archive".to_owned(), "Archive"),
        ("nothing", "/admin/nothing".to_owned(), "Nothing here"),
    ] {
        desk.go(&path, title);
        is_sound(&desk, &format!("console-{name}"));
    }
    desk.go(&of("/clients"), "Clients");
    desk.browser.tap("[data-act=create-client]");
    is_sound(&desk, "console-window");
    if width < 600 {
        desk.go("/admin/keys", "Keys");
        desk.browser.tap(".menu");
        is_sound(&desk, "console-menu");
    }
}

#[test]
fn every_view_of_the_console_is_sound_on_a_desk() {
    every_view(1_280);
}

#[test]
fn every_view_of_the_console_is_sound_on_a_telephone() {
    every_view(390);
}

#[test]
fn every_hosted_page_is_sound() {
    let desk = Desk::open(390);
    let site = Site::over(&desk.server);
    let tenant = site.tenant();
    tenant.user("grace@example.com");
    let callback = "https://app.example/callback";
    let client = tenant.client_with(&json!({ "client_name": "Field notes" }));
    let party = RelyingParty {
        tenant: &tenant,
        client,
    };
    let log = desk.server.log();
    let link = log
        .split_once("set up the first administrator: ")
        .unwrap()
        .1;
    desk.browser.open(link.split_whitespace().next().unwrap());
    is_sound(&desk, "page-set-up");
    let open = |path: &str, name: &str| {
        desk.browser.open(&tenant.url(path));
        is_sound(&desk, name);
    };
    open("/signup", "page-sign-up");
    open("/login", "page-sign-in");
    desk.browser.fill("username", "grace@example.com");
    desk.browser.fill("password", PASSWORD);
    desk.browser.click("main button[type=submit]");
    for page in ["", "/profile", "/password", "/sessions", "/applications"] {
        open(
            &format!("/account{page}"),
            &format!("page-account{}", page.replace('/', "-")),
        );
    }
    desk.browser
        .open(&party.authorize_url(&[("redirect_uri", callback)]));
    is_sound(&desk, "page-consent");
    desk.browser
        .open(&party.authorize_url(&[("redirect_uri", callback), ("prompt", "select_account")]));
    is_sound(&desk, "page-select-account");
    open("/oauth/logout", "page-sign-out");
    desk.browser.click("button[name=decision][value=allow]");
    is_sound(&desk, "page-signed-out");
}
