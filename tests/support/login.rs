//! How does somebody try to sign in, whom nobody knows?

use super::{
    browser::{Browser, form_with},
    call::{Call, Reply},
    tenant::TenantSite,
};

/// A sign-in form in a browser that has been there before, or has not.
pub(crate) struct Form<'a> {
    pub(crate) browser: Browser<'a>,
    pub(crate) url: String,
    page: Reply,
}

impl<'a> Form<'a> {
    pub(crate) fn open(tenant: &TenantSite<'a>, browser: Browser<'a>) -> Self {
        let (url, page) = browser.open(&tenant.url("/login"));
        Self { browser, url, page }
    }

    pub(crate) fn send(&self, email: &str, password: &str) -> Reply {
        let fields = [("username", email), ("password", password)];
        self.browser.submit_only(&self.url, &self.page, &fields)
    }

    /// The form as one call, for sending it with other headers or many at once.
    pub(crate) fn call(&self, email: &str) -> Call {
        let fields = [("username", email), ("password", "wrong password!")];
        let form = form_with(self.page.text(), &fields);
        let csrf = form
            .fields
            .iter()
            .find(|(name, _)| name == "csrf")
            .unwrap()
            .1
            .clone();
        let origin = url::Url::parse(&self.url)
            .unwrap()
            .origin()
            .ascii_serialization();
        let host = Call::new("GET", &self.url).authority().to_owned();
        let cookie = self.browser.cookie(&host, "csrf").unwrap();
        Call::new("POST", &self.url)
            .header("origin", &origin)
            .header("cookie", &format!("csrf={cookie}"))
            .form(&[
                ("username", email),
                ("password", "wrong password!"),
                ("csrf", &csrf),
            ])
    }
}
