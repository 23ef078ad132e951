//! What does a tenant say of itself?

use crate::support::Site;

flows! {
    fn a_tenant_describes_itself_under_its_own_origin(site: &Site) {
        let tenant = site.tenant();
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let reply = site.get(&tenant.url(path)).expect(200);
            let document = reply.json();
            assert_eq!(document["issuer"], tenant.issuer());
            assert_eq!(document["token_endpoint"], tenant.url("/oauth/token"));
            assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
            assert_eq!(document["authorization_response_iss_parameter_supported"], true);
            assert!(reply.header("cache-control").contains("max-age="));
            assert_eq!(reply.header("access-control-allow-origin"), "*");
        }
    }

    fn the_keys_of_two_tenants_differ(site: &Site) {
        let kids = |tenant: &crate::support::tenant::TenantSite<'_>| -> Vec<String> {
            let keys = site.get(&tenant.url("/.well-known/jwks.json")).expect(200).json();
            let keys = keys["keys"].as_array().unwrap().clone();
            keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
        };
        let (one, two) = (kids(&site.tenant()), kids(&site.tenant()));
        assert_eq!(one.len(), 3, "RS256, ES256 and EdDSA");
        assert!(one.iter().all(|kid| !two.contains(kid)));
    }

    fn no_published_key_is_private(site: &Site) {
        let tenant = site.tenant();
        let keys = site.get(&tenant.url("/.well-known/jwks.json")).expect(200).json();
        for key in keys["keys"].as_array().unwrap() {
            let members: Vec<&String> = key.as_object().unwrap().keys().collect();
            assert!(!members.iter().any(|name| ["d", "p", "q", "k"].contains(&name.as_str())));
            assert_eq!(key["use"], "sig");
        }
    }

    fn an_unknown_tenant_is_404(site: &Site) {
        let reply = site.get(&site.url("nobody-here", "/.well-known/openid-configuration"));
        assert_eq!(reply.status, 404);
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }

    fn an_unknown_path_is_404_and_a_wrong_method_405(site: &Site) {
        let tenant = site.tenant();
        assert_eq!(site.get(&tenant.url("/oauth/nothing")).status, 404);
        let reply = site.get(&tenant.url("/oauth/token"));
        assert_eq!(reply.status, 405);
        assert!(reply.header("allow").contains("POST"));
    }
}

#[test]
fn asking_for_an_unknown_tenant_creates_no_actor() {
    let site = Site::in_process();
    let before = site.world().everybody();
    site.get(&site.url("nobody-here", "/login"));
    site.get("http://custom.example/oauth/authorize?client_id=x");
    assert_eq!(site.world().everybody(), before);
}
