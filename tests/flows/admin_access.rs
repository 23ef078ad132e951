//! Who may use the admin API, and what is everybody told?

use crate::support::{
    Call, Reply, Site,
    platform::{AUDIENCE, BOOTSTRAP_SECRET},
    relying_party::claims,
};
use serde_json::{Value, json};

fn problem(reply: Reply, status: u16, slug: &str) -> Reply {
    let reply = reply.expect(status);
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("cache-control"), "no-store");
    let document = reply.json();
    assert_eq!(document["type"], format!("urn:aero2:problem:{slug}"));
    assert_eq!(document["status"], status);
    assert!(!document["detail"].as_str().unwrap().is_empty());
    reply
}

fn tenants(site: &Site) -> Call {
    Call::new("GET", &site.platform_url("/admin/v1/tenants"))
}

/// A token of the platform's tenant, for a client made for it.
fn platform_token(site: &Site, scope: &str, resources: &Value, resource: &str) -> String {
    let admin = site.admin_token();
    let client = json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "scope": scope,
        "resources": resources,
    });
    let path = "/admin/v1/tenants/platform/clients";
    let call = Call::new("POST", &site.platform_url(path)).bearer(&admin);
    let client = site.send(&call.json(&client)).expect(201).json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let mut fields = vec![("grant_type", "client_credentials"), ("scope", scope)];
    if !resource.is_empty() {
        fields.push(("resource", resource));
    }
    let call = Call::new("POST", &site.platform_url("/oauth/token"));
    let call = call
        .basic(&text("client_id"), &text("client_secret"))
        .form(&fields);
    site.send(&call).expect(200).member("access_token")
}

flows! {
    fn the_bootstrap_clients_token_opens_it(site: &Site) {
        let token = site.admin_token();
        assert_eq!(claims(&token)["aud"], AUDIENCE);
        site.send(&tenants(site).bearer(&token)).expect(200);
        site.send(&Call { method: "HEAD", ..tenants(site) }.bearer(&token)).expect(200);
    }

    fn no_token_is_told_what_to_bring(site: &Site) {
        let reply = problem(site.send(&tenants(site)), 401, "invalid-token");
        assert_eq!(reply.header("www-authenticate"), "Bearer realm=\"admin\", scope=\"admin\"");
        let nowhere = Call::new("GET", &site.platform_url("/admin/v1/nowhere"));
        problem(site.send(&nowhere), 401, "invalid-token");
    }

    fn a_wrong_token_opens_nothing(site: &Site) {
        let good = site.admin_token();
        let (head, signature) = good.rsplit_once('.').unwrap();
        let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
        let tenant = site.tenant();
        let foreign = tenant.client_with(&json!({
            "grant_types": ["client_credentials"], "redirect_uris": [], "scope": "admin",
        }));
        let call = Call::new("POST", &tenant.url("/oauth/token"))
            .basic(&foreign.id, &foreign.secret)
            .form(&[("grant_type", "client_credentials"), ("scope", "admin")]);
        let foreign = site.send(&call).expect(200).member("access_token");
        let elsewhere = platform_token(site, "admin", &json!(["urn:elsewhere"]), "urn:elsewhere");
        for token in ["x", "a.b.c", BOOTSTRAP_SECRET, &forged, &foreign, &elsewhere] {
            let reply = site.send(&tenants(site).bearer(token));
            let reply = problem(reply, 401, "invalid-token");
            assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{token}");
        }
    }

    fn a_token_without_the_scope_is_403(site: &Site) {
        let token = platform_token(site, "reports", &json!([]), "");
        let reply = problem(site.send(&tenants(site).bearer(&token)), 403, "insufficient-scope");
        assert!(reply.header("www-authenticate").contains("error=\"insufficient_scope\""));
    }

    fn a_token_in_the_query_or_of_another_scheme_is_400(site: &Site) {
        let token = site.admin_token();
        let url = format!("{}?access_token={token}", site.platform_url("/admin/v1/tenants"));
        problem(site.get(&url), 400, "invalid-request");
        let basic = tenants(site).basic("bootstrap", BOOTSTRAP_SECRET);
        problem(site.send(&basic), 400, "invalid-request");
    }

    fn a_platforms_token_is_worth_nothing_at_a_tenant(site: &Site) {
        let tenant = site.tenant();
        for path in ["/admin/v1/tenants", "/admin/v1/me", "/admin/v1/nowhere"] {
            let call = Call::new("GET", &tenant.url(path)).bearer(&site.admin_token());
            problem(site.send(&call), 401, "invalid-token");
        }
        let alias = Call::new("GET", &site.url("platform", "/admin/v1/tenants"));
        assert_eq!(site.send(&alias.bearer(&site.admin_token())).status, 404);
    }

    fn paths_and_methods_it_does_not_have_are_404_and_405(site: &Site) {
        let token = site.admin_token();
        let at = |method, path| {
            site.send(&Call::new(method, &site.platform_url(path)).bearer(&token))
        };
        problem(at("GET", "/admin/v1/nowhere"), 404, "not-found");
        problem(at("GET", "/admin/v1/tenants/"), 404, "not-found");
        let reply = problem(at("PUT", "/admin/v1/tenants"), 405, "method-not-allowed");
        assert_eq!(reply.header("allow"), "GET, POST");
    }

    fn anybody_may_read_the_description(site: &Site) {
        let reply = site.get(&site.platform_url("/admin/v1/openapi.json")).expect(200);
        assert_eq!(reply.json()["openapi"], "3.1.0");
    }

    fn a_body_is_one_json_object_of_bounded_size(site: &Site) {
        let tenant = site.tenant();
        let url = site.platform_url(&format!("/admin/v1/tenants/{}/users", tenant.slug));
        let token = site.admin_token();
        let send = |body: &[u8], media_type: &str| {
            let mut call = Call::new("POST", &url).bearer(&token).header("content-type", media_type);
            call.body = body.to_vec();
            site.send(&call)
        };
        let json = "application/json";
        for body in [&b""[..], b"[]", b"null", b"{", b"{\"email\": \"\xff\"}"] {
            problem(send(body, json), 400, "invalid-json");
        }
        problem(send(b"{}", "text/plain"), 415, "unsupported-media-type");
        problem(send(b"{}", "application/merge-patch+json"), 415, "unsupported-media-type");
        problem(send(&vec![b' '; 70_000], json), 413, "content-too-large");
        problem(send(b"{}", "application/json; charset=utf-8"), 422, "invalid-user");
    }
}

#[test]
fn verifying_a_token_asks_no_actor() {
    let site = Site::in_process();
    let token = site.admin_token();
    let keys = Call::new("GET", &site.platform_url("/admin/v1/nowhere")).bearer(&token);
    site.send(&keys).expect(404);
    site.inner().take_asks();
    site.send(&keys).expect(404);
    assert_eq!(site.inner().take_asks(), Vec::<String>::new());
}
