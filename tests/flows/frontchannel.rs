//! What does the browser load when its user is signed out (OpenID Connect
//! Front-Channel Logout 1.0)?

use crate::support::{
    Site,
    call::query_of,
    relying_party::{RelyingParty, claims},
};
use scraper::{Html, Selector};
use serde_json::json;

const AFTER: &str = "https://app.example/bye";
const OUT: &str = "https://app.example/out";

/// The addresses of a page's frames.
fn frames(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let frames = Selector::parse("iframe[src]").unwrap();
    let source = |frame: scraper::ElementRef<'_>| frame.attr("src").unwrap().to_owned();
    page.select(&frames).map(source).collect()
}

flows! {
    fn the_application_is_loaded_and_the_browser_goes_on(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let client = tenant.client_with(&json!({
            "post_logout_redirect_uris": [AFTER],
            "frontchannel_logout_uri": OUT,
            "frontchannel_logout_session_required": true,
        }));
        let party = RelyingParty { tenant: &tenant, client };
        let browser = tenant.signed_in("ada@example.com");
        let tokens = party.tokens(&browser);
        let after = [("post_logout_redirect_uri", AFTER), ("state", "s1")];
        let (url, page) = browser.open(&party.logout_url(&tokens, &after));
        let (_, page) = if url.contains("/oauth/logout") && page.text().contains("Sign out?") {
            browser.submit(&url, &page, &[])
        } else {
            (url, page)
        };
        let page = page.expect(200);
        let shown = frames(page.text());
        assert_eq!(shown.len(), 1);
        assert!(shown[0].starts_with(OUT), "{shown:?}");
        assert_eq!(query_of(&shown[0], "iss"), Some(tenant.issuer()));
        assert_eq!(query_of(&shown[0], "sid"), claims(&tokens.id)["sid"].as_str().map(str::to_owned));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-src https://app.example"), "{policy}");
        assert!(page.text().contains(&format!("url={AFTER}?state=s1")), "{}", page.text());
        party.refresh(&tokens.refresh).refused(400, "invalid_grant");
    }

    fn a_session_without_such_applications_ends_as_ever(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        tenant.client_with(&json!({ "frontchannel_logout_uri": OUT }));
        let party = RelyingParty::new(&tenant);
        let browser = tenant.signed_in("ada@example.com");
        party.tokens(&browser);
        let (url, page) = browser.open(&tenant.url("/oauth/logout"));
        let (url, page) = browser.submit(&url, &page, &[]);
        assert!(url.contains("/signed-out"), "{url}");
        assert!(frames(page.text()).is_empty());
    }

    fn a_logout_page_elsewhere_is_not_registered(site: &Site) {
        let tenant = site.tenant();
        for uri in ["https://evil.example/out", "https://app.example:444/out", "app:/out"] {
            let document = json!({
                "redirect_uris": ["https://app.example/cb"],
                "frontchannel_logout_uri": uri,
            });
            let refused = tenant.admin("POST", "/clients", &document);
            assert!((400..500).contains(&refused.status), "{uri}: {}", refused.status);
        }
    }
}
