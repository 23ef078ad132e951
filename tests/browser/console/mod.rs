//! Can somebody run a deployment from the console, in a real browser?

mod journey;
mod keyboard;
mod views;

use super::looks_right;
use crate::support::{
    Site,
    chromium::Chromium,
    tenant::{PASSWORD, TenantSite},
    workerd::{Server, Variant},
};

/// A deployment nobody has set up yet, and a browser.
struct Desk {
    server: Server,
    browser: Chromium,
}

impl Desk {
    fn open(width: u32) -> Self {
        Self {
            server: Site::server(Variant::Release),
            browser: Chromium::start(width),
        }
    }

    /// Follows the link that the first start prints, and chooses a password.
    fn set_up(&self) {
        let log = self.server.log();
        let link = log
            .split_once("set up the first administrator: ")
            .unwrap()
            .1;
        let link = link.split_whitespace().next().unwrap();
        self.browser.open(link);
        self.browser.fill("password", PASSWORD);
        self.browser.click("main button[type=submit]");
    }

    /// Opens an address of the console and waits for what it is about.
    fn go(&self, path: &str, title: &str) {
        self.browser.open(&self.server.url(path));
        self.is_at(title);
    }

    /// Waits until a view is there, and what it asked for has come.
    fn is_at(&self, title: &str) {
        let title = serde_json::json!(title);
        self.browser.wait(&format!(
            "document.querySelector('h1')?.textContent === {title}
             && !document.querySelector('[aria-busy=true]')"
        ));
    }

    /// Follows an entry of the navigation.
    fn turn_to(&self, path: &str, title: &str) {
        self.browser.tap(&format!("nav a[href='{path}']"));
        self.is_at(title);
    }

    /// Waits until a text is to be read.
    fn reads(&self, text: &str) {
        let text = serde_json::json!(text);
        self.browser
            .wait(&format!("document.body.innerText.includes({text})"));
    }

    /// Opens an act's window, fills in its fields, and does it.
    fn act(&self, name: &str, fields: &[(&str, &str)]) {
        self.browser.tap(&format!("[data-act='{name}']"));
        self.fill_window(fields);
        self.browser
            .tap("dialog[open] .form-acts .button:first-child");
    }

    fn fill_window(&self, fields: &[(&str, &str)]) {
        self.browser.wait("document.querySelector('dialog[open]')");
        for (name, text) in fields {
            let selector = format!("dialog[open] [name='{name}']");
            self.browser.fill_in(&selector, text);
        }
    }

    /// Waits until no window is open: what it asked for is done.
    fn is_done(&self) {
        self.browser.wait("!document.querySelector('dialog[open]')");
    }
}

/// A tenant with something of everything in it; answers the address of its
/// first user.
fn furnish(tenant: &TenantSite<'_>) -> String {
    let sub = tenant.user("grace@example.com");
    tenant.client_with(&serde_json::json!({ "client_id": "notes", "client_name": "Field notes" }));
    let policy = serde_json::json!({
        "name": "api",
        "rules": [{ "name": "per-minute", "type": "gcra", "period_ms": 60_000, "burst": 2 }],
    });
    tenant.admin("POST", "/policies", &policy).expect(201);
    sub
}
