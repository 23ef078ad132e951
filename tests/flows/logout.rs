//! How does a person sign out (OpenID Connect RP-Initiated Logout 1.0)?

use crate::support::{Site, relying_party::RelyingParty};
use serde_json::json;

const AFTER: &str = "https://app.example/bye";

flows! {
    fn an_application_signs_its_user_out(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let client = tenant.client_with(&json!({ "post_logout_redirect_uris": [AFTER] }));
        let party = RelyingParty { tenant: &tenant, client };
        let browser = tenant.signed_in("ada@example.com");
        let tokens = party.tokens(&browser);
        let after = [("post_logout_redirect_uri", AFTER), ("state", "s1")];
        let (url, page) = browser.open(&party.logout_url(&tokens, &after));
        let url = if url.starts_with(AFTER) { url } else { browser.submit(&url, &page, &[]).0 };
        assert_eq!(url, format!("{AFTER}?state=s1"));
        party.refresh(&tokens.refresh).refused(400, "invalid_grant");
        let (url, _) = browser.open(&tenant.url("/account"));
        assert!(url.contains("/login"), "{url}");
    }

    fn an_unregistered_address_is_not_followed(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser = tenant.signed_in("ada@example.com");
        let tokens = party.tokens(&browser);
        let after = [("post_logout_redirect_uri", "https://evil.example/")];
        let (url, _) = browser.open(&party.logout_url(&tokens, &after));
        assert!(url.starts_with(&tenant.issuer()), "{url}");
    }

    fn a_bare_request_asks_first(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let (url, page) = browser.open(&tenant.url("/oauth/logout"));
        let (still, _) = browser.open(&tenant.url("/account"));
        assert!(still.ends_with("/account"), "nobody is signed out by a link: {still}");
        let (url, _) = browser.submit(&url, &page.expect(200), &[]);
        assert!(url.contains("/signed-out"), "{url}");
        let (url, _) = browser.open(&tenant.url("/account"));
        assert!(url.contains("/login"), "{url}");
    }
}
