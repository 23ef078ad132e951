//! What does introspection say (RFC 7662)?

use crate::support::{Call, Site, relying_party::RelyingParty, tenant::TenantSite};
use serde_json::{Value, json};

/// A client that speaks for itself, and a token of its own.
fn service<'a>(tenant: &'a TenantSite<'a>) -> (RelyingParty<'a>, String) {
    let own = json!({"grant_types": ["client_credentials"], "redirect_uris": []});
    let client = tenant.client_with(&own);
    let service = RelyingParty { tenant, client };
    let fields = [("grant_type", "client_credentials")];
    let token = service.send("/oauth/token", &fields).expect(200);
    (service, token.member("access_token"))
}

flows! {
    fn live_tokens_are_active(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        for token in [&tokens.access, &tokens.refresh] {
            let said = party.introspect(token);
            assert_eq!(said["active"], true, "{said}");
            assert_eq!(said["sub"], sub);
            assert_eq!(said["client_id"], party.client.id);
        }
    }

    fn anything_else_is_inactive_and_no_more_is_said(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        for token in ["x", "a2r_x", tokens.id.as_str()] {
            assert_eq!(party.introspect(token), serde_json::json!({ "active": false }));
        }
    }

    fn a_clients_own_token_ends_with_the_client_and_with_everybodys(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        let (service, deleted) = service(&tenant);
        let (_, ended) = self::service(&tenant);
        for token in [&deleted, &ended] {
            assert_eq!(party.introspect(token)["active"], true);
        }
        tenant.admin("DELETE", &format!("/clients/{}", service.client.id), &Value::Null).expect(204);
        assert_eq!(party.introspect(&deleted)["active"], false);
        assert_eq!(party.introspect(&ended)["active"], true);
        tenant.admin("DELETE", "/sessions", &Value::Null).expect(204);
        assert_eq!(party.introspect(&ended)["active"], false);
    }

    fn nobody_introspects_without_authentication(site: &Site) {
        let tenant = site.tenant();
        let url = tenant.url("/oauth/introspect");
        let call = Call::new("POST", &url).form(&[("token", "x")]);
        assert!([400, 401].contains(&site.send(&call).status));
        let party = RelyingParty::new(&tenant);
        let call = Call::new("POST", &url).basic(&party.client.id, "wrong").form(&[("token", "x")]);
        let reply = site.send(&call).refused(401, "invalid_client");
        assert!(reply.header("www-authenticate").starts_with("Basic"));
    }
}
