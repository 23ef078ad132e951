//! Can it all be done without a mouse?

use super::Desk;
use crate::support::{
    Site,
    platform::ADMIN_EMAIL,
    tenant::{PASSWORD, TenantSite},
};

const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const ESCAPE: &str = "\u{E00C}";

/// More than any view has to step through.
const STEPS_MAX: usize = 80;

/// Steps on until the focus is on what the selector names, and every step on
/// the way can be seen.
fn step_to(desk: &Desk, selector: &str) {
    for _ in 0..STEPS_MAX {
        desk.browser.press(TAB);
        let at = desk.browser.run(&format!(
            "const at = document.activeElement;
             const seen = at === document.body || getComputedStyle(at).outlineStyle !== 'none'
                || getComputedStyle(at.closest('.editor') ?? at).outlineStyle !== 'none';
             return [at.matches(\"{selector}\"), seen, at.outerHTML]"
        ));
        assert_eq!(
            at[1], true,
            "the focus cannot be seen on the way to {selector}: {}",
            at[2]
        );
        if at[0] == true {
            return;
        }
    }
    panic!("no step leads to {selector} at {}", desk.browser.address());
}

fn has_focus(desk: &Desk, selector: &str) {
    desk.browser
        .wait(&format!("document.activeElement.matches(\"{selector}\")"));
}

fn press(desk: &Desk, keys: &str) {
    desk.browser.press(keys);
}

/// The first step skips everything before the view.
fn skips_to_the_view(desk: &Desk) {
    step_to(desk, ".skip");
    press(desk, ENTER);
    has_focus(desk, "#main");
    desk.go("/admin", "Overview");
}

/// Follows an entry of the navigation; the view's title gets the focus.
fn turns_to(desk: &Desk, path: &str, title: &str) {
    step_to(desk, &format!("nav a[href='{path}']"));
    press(desk, ENTER);
    desk.is_at(title);
    has_focus(desk, "h1");
}

fn creates_a_tenant(desk: &Desk) {
    turns_to(desk, "/admin/tenants", "Tenants");
    step_to(desk, "[data-act=create-tenant]");
    press(desk, ENTER);
    desk.browser.wait("document.querySelector('dialog[open]')");
    press(desk, ESCAPE);
    desk.is_done();
    has_focus(desk, "[data-act=create-tenant]");
    press(desk, ENTER);
    has_focus(desk, "[name=slug]");
    press(desk, "acme");
    step_to(desk, "[name=name]");
    press(desk, "Acme");
    press(desk, ENTER);
    desk.is_at("Acme");
}

fn creates_a_client(desk: &Desk) {
    turns_to(desk, "/admin/tenants/acme/clients", "Clients");
    step_to(desk, "[data-act=create-client]");
    press(desk, ENTER);
    has_focus(desk, "[name=client_name]");
    press(desk, "Notes");
    step_to(desk, "[name=redirect_uris]");
    press(desk, "https://notes.example/callback");
    step_to(desk, "dialog .form-acts .button");
    press(desk, ENTER);
    desk.browser.wait("document.querySelector('[data-secret]')");
    press(desk, ESCAPE);
    desk.is_done();
}

fn revokes_a_session(desk: &Desk, tenant: &TenantSite<'_>) {
    turns_to(desk, "/admin/tenants/acme/sessions", "Sessions");
    desk.browser.wait("document.querySelector('.live.live')");
    let _person = tenant.signed_in("grace@example.com");
    desk.browser
        .wait("document.querySelector('[data-act^=revoke-]')");
    step_to(desk, "[data-act^=revoke-]");
    press(desk, ENTER);
    has_focus(desk, "[name=reason]");
    press(desk, "left the company");
    press(desk, ENTER);
    desk.is_done();
    desk.browser.wait("document.querySelector('tbody tr.gone')");
}

fn rotates_keys(desk: &Desk) {
    turns_to(desk, "/admin/keys", "Keys");
    step_to(desk, "[data-act=rotate-keys]");
    press(desk, ENTER);
    // Nothing is to be typed: the window opens at what does it.
    has_focus(desk, "dialog .form-acts .button:first-child");
    press(desk, ENTER);
    desk.is_done();
    desk.browser
        .wait("[...document.querySelectorAll('tbody .badge')].some(({ textContent }) => textContent === 'announced')");
}

/// `/` leads to the search.
fn finds_a_record(desk: &Desk) {
    desk.go("/admin/tenants/acme/audit", "Audit log");
    press(desk, "/");
    has_focus(desk, "[data-search]");
    press(desk, "client.created");
    desk.browser
        .wait("document.querySelectorAll('tbody tr').length === 1");
    step_to(desk, "tbody button.link");
    press(desk, ENTER);
    desk.browser.wait("document.querySelector('dialog[open]')");
    press(desk, ESCAPE);
    desk.is_done();
}

fn signs_out_and_in(desk: &Desk) {
    step_to(desk, "header .plain");
    press(desk, ENTER);
    desk.is_at("Console");
    step_to(desk, ".card .button");
    press(desk, ENTER);
    desk.browser
        .wait("document.querySelector('[name=username]')");
    press(desk, ADMIN_EMAIL);
    step_to(desk, "[name=password]");
    press(desk, PASSWORD);
    press(desk, ENTER);
}

#[test]
fn an_administrator_does_it_all_with_the_keyboard() {
    let desk = Desk::open(1_280);
    let site = Site::over(&desk.server);
    desk.set_up();
    desk.go("/admin", "Overview");
    skips_to_the_view(&desk);
    creates_a_tenant(&desk);
    creates_a_client(&desk);
    let tenant = TenantSite::existing(&site, "acme");
    tenant.user("grace@example.com");
    revokes_a_session(&desk, &tenant);
    rotates_keys(&desk);
    finds_a_record(&desk);
    signs_out_and_in(&desk);
    desk.is_at("Overview");
}
