//! What does a client get for itself (RFC 6749 §4.4)?

use crate::support::{
    Call, Site,
    relying_party::{RelyingParty, claims},
};
use serde_json::json;

fn machine<'a>(tenant: &'a crate::support::tenant::TenantSite<'a>) -> RelyingParty<'a> {
    let client = tenant.client_with(&json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [], "scope": "reports",
    }));
    RelyingParty { tenant, client }
}

flows! {
    fn a_machine_gets_an_access_token_alone(site: &Site) {
        let tenant = site.tenant();
        let machine = machine(&tenant);
        let reply = machine.send("/oauth/token", &[("grant_type", "client_credentials")]).expect(200);
        assert!(reply.json()["refresh_token"].is_null() && reply.json()["id_token"].is_null());
        let access = claims(&reply.member("access_token"));
        assert_eq!(access["sub"], machine.client.id);
        assert_eq!(access["scope"], "reports");
        assert_eq!(machine.introspect(&reply.member("access_token"))["active"], true);
    }

    fn an_unknown_client_and_a_wrong_secret_are_answered_alike(site: &Site) {
        let tenant = site.tenant();
        let machine = machine(&tenant);
        let attempt = |id: &str, secret: &str| {
            let call = Call::new("POST", &tenant.url("/oauth/token"))
                .basic(id, secret)
                .form(&[("grant_type", "client_credentials")]);
            site.send(&call).refused(401, "invalid_client")
        };
        let (wrong, unknown) = (attempt(&machine.client.id, "wrong"), attempt("cli_unknown", "wrong"));
        assert_eq!(wrong.body, unknown.body);
        assert!(wrong.header("www-authenticate").starts_with("Basic"));
    }

    fn a_client_keeps_to_its_registered_grants_and_methods(site: &Site) {
        let tenant = site.tenant();
        let machine = machine(&tenant);
        machine.send("/oauth/token", &[("grant_type", "authorization_code"), ("code", "x")])
            .refused(400, "unauthorized_client");
        machine.send("/oauth/token", &[("grant_type", "password")])
            .refused(400, "unsupported_grant_type");
        machine.send("/oauth/token", &[]).refused(400, "invalid_request");
        machine.send("/oauth/token", &[("grant_type", "client_credentials"), ("scope", "admin")])
            .refused(400, "invalid_scope");
        let post = Call::new("POST", &tenant.url("/oauth/token")).form(&[
            ("grant_type", "client_credentials"),
            ("client_id", &machine.client.id),
            ("client_secret", &machine.client.secret),
        ]);
        assert_eq!(site.send(&post).member("error"), "invalid_client");
    }
}
