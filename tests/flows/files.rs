//! What do browsers load from us, besides pages, and how long may they keep it?

use crate::support::{Call, Reply, Site};

const FOR_EVER: &str = "public, max-age=31536000, immutable";

fn style_of(page: &str) -> String {
    let from = page
        .find("/assets/pages-")
        .expect("a page without a style sheet");
    let until = page[from..].find('"').unwrap();
    page[from..from + until].to_owned()
}

/// The answer to whoever has this version of it.
fn known(site: &Site, url: &str, version: &str) -> Reply {
    site.send(&Call::new("GET", url).header("if-none-match", version))
}

flows! {
    fn a_style_sheet_is_kept_for_ever_under_its_own_hash_alone(site: &Site) {
        let tenant = site.tenant();
        let style = style_of(site.get(&tenant.url("/login")).expect(200).text());
        let current = site.get(&tenant.url(&style)).expect(200);
        assert_eq!(current.header("cache-control"), FOR_EVER);
        assert_eq!(current.header("content-type"), "text/css; charset=utf-8");
        assert!(current.text().contains("prefers-color-scheme"));

        let other = site.get(&tenant.url("/assets/pages-0.css")).expect(200);
        assert_eq!(other.header("cache-control"), "no-store");
        assert_eq!(other.text(), current.text());
        let script = site.get(&tenant.url("/assets/submit-0.js")).expect(200);
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
        for nothing in ["pages.css", "openapi.json", "pages-0.js", "console-..%2fx.js", "console-0.js", ""] {
            site.get(&tenant.url(&format!("/assets/{nothing}"))).expect(404);
        }
    }

    fn a_file_that_is_known_is_not_sent_again(site: &Site) {
        let url = site.platform_url("/admin/v1/openapi.json");
        let reply = site.get(&url).expect(200);
        assert_eq!(reply.header("cache-control"), "public, max-age=300");
        let again = known(site, &url, reply.header("etag")).expect(304);
        assert_eq!(again.text(), "");
        assert_eq!(again.header("etag"), reply.header("etag"));
        known(site, &url, "\"other\"").expect(200);
    }

    fn the_console_is_one_document_that_may_load_and_ask_nothing_of_others(site: &Site) {
        let tenant = site.tenant();
        let front = site.get(&tenant.url("/admin")).expect(200);
        for path in ["/admin/", "/admin/callback", "/admin/tenants/acme/clients"] {
            assert_eq!(site.get(&tenant.url(path)).expect(200).text(), front.text(), "{path}");
        }
        assert_eq!(front.header("cache-control"), "no-store");
        assert_eq!(front.header("content-type"), "text/html; charset=utf-8");
        let policy = front.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
        assert!(policy.contains(&tenant.issuer().replacen("http", "ws", 1)));
        assert!(!policy.contains("unsafe"));
        assert!(!front.text().contains("<style") && !front.text().contains("style="));
        // The API is not shadowed by it.
        site.get(&tenant.url("/admin/v1/nothing")).expect(401);
    }

    fn head_is_answered_without_the_file(site: &Site) {
        let reply = site.send(&Call::new("HEAD", &site.platform_url("/admin"))).expect(200);
        assert_eq!(reply.text(), "");
        assert!(!reply.header("etag").is_empty());
    }
}
