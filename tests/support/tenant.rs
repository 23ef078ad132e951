//! How does a test get a tenant, clients and users?

use super::{
    browser::Browser,
    call::{Call, Reply},
    site::Site,
};
use serde_json::{Value, json};

/// The password of every user a test makes.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Where the relying party of the tests lives.
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback";

/// A tenant made through the admin API.
pub(crate) struct TenantSite<'a> {
    pub(crate) site: &'a Site,
    pub(crate) slug: String,
    admin: String,
}

/// A client made through the admin API.
#[derive(Clone, Debug)]
pub(crate) struct ClientSecretPair {
    pub(crate) id: String,
    /// Empty for a public client.
    pub(crate) secret: String,
}

impl<'a> TenantSite<'a> {
    pub(crate) fn create(site: &'a Site, slug: &str) -> Self {
        let admin = site.admin_token();
        let tenant = Self {
            site,
            slug: slug.to_owned(),
            admin,
        };
        let call = Call::new("POST", &site.platform_url("/admin/v1/tenants"))
            .bearer(&tenant.admin)
            .json(&json!({ "slug": slug, "name": format!("Tenant {slug}") }));
        let created = site.send(&call).expect(201);
        assert_eq!(created.member("issuer"), tenant.issuer());
        tenant
    }

    /// A tenant made earlier.
    pub(crate) fn existing(site: &'a Site, slug: &str) -> Self {
        Self {
            site,
            slug: slug.to_owned(),
            admin: site.admin_token(),
        }
    }

    pub(crate) fn issuer(&self) -> String {
        self.url("")
    }

    pub(crate) fn host(&self) -> String {
        let url = self.url("");
        url.split_once("://").unwrap().1.to_owned()
    }

    /// An address here; the platform's own tenant is at the platform.
    pub(crate) fn url(&self, path: &str) -> String {
        let is_platform = self.slug == "platform";
        self.site
            .url(if is_platform { "" } else { &self.slug }, path)
    }

    /// Sends a request to the admin API about this tenant.
    pub(crate) fn admin(&self, method: &'static str, path: &str, document: &Value) -> Reply {
        let path = format!("/admin/v1/tenants/{}{path}", self.slug);
        let call = Call::new(method, &self.site.platform_url(&path)).bearer(&self.admin);
        let call = if document.is_null() {
            call
        } else {
            call.json(document)
        };
        self.site.send(&call)
    }

    /// A confidential client for the code flow, with refresh tokens.
    pub(crate) fn client(&self) -> ClientSecretPair {
        self.client_with(&json!({}))
    }

    /// The same with other metadata over it.
    pub(crate) fn client_with(&self, metadata: &Value) -> ClientSecretPair {
        let mut document = json!({
            "client_name": "Test application",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid profile email phone address offline_access",
            "token_endpoint_auth_method": "client_secret_basic",
        });
        for (name, value) in metadata.as_object().unwrap() {
            document[name] = value.clone();
        }
        let created = self.admin("POST", "/clients", &document).expect(201).json();
        ClientSecretPair {
            id: created["client_id"].as_str().unwrap().to_owned(),
            secret: created["client_secret"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// A user with [`PASSWORD`]; answers `sub`.
    pub(crate) fn user(&self, email: &str) -> String {
        let document = json!({
            "email": email, "email_verified": true, "name": "Ada Lovelace", "password": PASSWORD,
        });
        self.admin("POST", "/users", &document)
            .expect(201)
            .member("sub")
    }

    /// The same with role `admin`.
    pub(crate) fn administrator(&self, email: &str) -> String {
        let sub = self.user(email);
        let roles = json!({"roles": ["admin"]});
        self.admin("PATCH", &format!("/users/{sub}"), &roles)
            .expect(200);
        sub
    }

    /// A browser in which `email` is signed in.
    pub(crate) fn signed_in(&self, email: &str) -> Browser<'a> {
        let browser = Browser::elsewhere(self.site);
        let (url, page) = browser.open(&self.url("/login"));
        let page = page.expect(200);
        let fields = [("username", email), ("password", PASSWORD)];
        let (url, page) = browser.submit(&url, &page, &fields);
        assert!(url.ends_with("/account"), "{url}: {}", page.text());
        browser
    }
}
