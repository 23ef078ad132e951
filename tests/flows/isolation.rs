//! Is anything of one tenant worth something at another?
//!
//! A table of every endpoint that takes a token, code, cookie or client.

use crate::support::{
    Backend, Browser, Call, Reply, Site,
    relying_party::{RelyingParty, VERIFIER},
    tenant::{REDIRECT_URI, TenantSite},
};
use serde_json::json;

/// What a visitor brings from tenant A.
struct Loot {
    code: String,
    access: String,
    refresh: String,
    id: String,
    cookie: String,
    client_id: String,
    client_secret: String,
    backend: String,
}

fn loot(tenant: &TenantSite<'_>) -> Loot {
    tenant.user("ada@example.com");
    let party = RelyingParty::new(tenant);
    let browser = tenant.signed_in("ada@example.com");
    let tokens = party.tokens(&browser);
    Loot {
        code: party.code(&browser),
        access: tokens.access,
        refresh: tokens.refresh,
        id: tokens.id,
        cookie: browser.cookie(&tenant.host(), "session").unwrap(),
        client_id: party.client.id.clone(),
        client_secret: party.client.secret.clone(),
        backend: Backend::new(tenant).token,
    }
}

/// Each endpoint of tenant B with what came from A; none may answer as if it
/// were its own.
fn visits(b: &TenantSite<'_>, own: &RelyingParty<'_>, a: &Loot) -> Vec<(&'static str, Reply)> {
    let site = b.site;
    let at = |path: &str| b.url(path);
    let with_cookie = |path: &str| {
        let browser = Browser::new(site);
        browser.plant(&b.host(), "session", &a.cookie);
        browser.get(&at(path))
    };
    let as_foreign = |path: &str, fields: &[(&str, &str)]| {
        site.send(
            &Call::new("POST", &at(path))
                .basic(&a.client_id, &a.client_secret)
                .form(fields),
        )
    };
    let code_fields = [
        ("grant_type", "authorization_code"),
        ("code", a.code.as_str()),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let refresh_fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", a.refresh.as_str()),
    ];
    vec![
        ("token, foreign code", own.send("/oauth/token", &code_fields)),
        ("token, foreign refresh token", own.send("/oauth/token", &refresh_fields)),
        ("token, foreign client", as_foreign("/oauth/token", &refresh_fields)),
        ("introspect, foreign client", as_foreign("/oauth/introspect", &[("token", &a.access)])),
        ("revoke, foreign client", as_foreign("/oauth/revoke", &[("token", &a.refresh)])),
        ("par, foreign client", as_foreign("/oauth/par", &[("response_type", "code")])),
        ("userinfo", site.send(&Call::new("GET", &at("/oauth/userinfo")).bearer(&a.access))),
        ("authorize, foreign client", site.get(&at(&format!(
            "/oauth/authorize?response_type=code&client_id={}&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback",
            a.client_id
        )))),
        ("ratelimit", site.send(
            &Call::new("POST", &at("/v1/ratelimit/peek")).bearer(&a.backend).json(&json!({})),
        )),
        ("sessions", with_cookie("/v1/sessions")),
        ("registration", site.send(
            &Call::new("GET", &at(&format!("/oauth/register/{}", a.client_id))).bearer(&a.access),
        )),
    ]
}

flows! {
    fn nothing_of_one_tenant_works_at_another(site: &Site) {
        let (a, b) = (site.tenant(), site.tenant());
        b.user("ada@example.com");
        let loot = loot(&a);
        let own = RelyingParty::new(&b);
        for (what, reply) in visits(&b, &own, &loot) {
            assert!((400..500).contains(&reply.status), "{what}: {} {}", reply.status, reply.text());
        }
        for token in [&loot.access, &loot.refresh, &loot.id] {
            assert_eq!(own.introspect(token)["active"], false);
        }
        let browser = Browser::new(site);
        browser.plant(&b.host(), "session", &loot.cookie);
        let (url, _) = browser.open(&b.url("/account"));
        assert!(url.contains("/login"), "a foreign cookie is no session: {url}");
        let (url, _) = browser.open(&own.authorize_url(&[]));
        assert!(url.contains("/login"), "a foreign cookie authorizes nothing: {url}");
        // Having failed at B, everything still works at A.
        let party = RelyingParty {
            tenant: &a,
            client: crate::support::tenant::ClientSecretPair { id: loot.client_id, secret: loot.client_secret },
        };
        party.refresh(&loot.refresh).expect(200);
    }

    fn a_tenants_token_is_no_admin_token(site: &Site) {
        let tenant = site.tenant();
        let loot = loot(&tenant);
        for token in [&loot.access, &loot.id, &loot.refresh, &loot.backend] {
            let call = Call::new("GET", &site.platform_url("/admin/v1/tenants")).bearer(token);
            let reply = site.send(&call);
            assert!([401, 403].contains(&reply.status), "{}", reply.text());
        }
    }
}
