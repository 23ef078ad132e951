//! How does a client register itself (RFC 7591, RFC 7592)?

use crate::support::{
    Call, Site,
    relying_party::RelyingParty,
    tenant::{ClientSecretPair, REDIRECT_URI, TenantSite},
};
use serde_json::{Value, json};

fn metadata() -> Value {
    json!({ "client_name": "Self-made", "redirect_uris": [REDIRECT_URI], "grant_types": ["authorization_code", "refresh_token"] })
}

fn open(tenant: &TenantSite<'_>) {
    tenant
        .admin("PATCH", "", &json!({ "registration_enabled": true }))
        .expect(200);
}

flows! {
    fn registration_is_off_unless_the_tenant_says_otherwise(site: &Site) {
        let tenant = site.tenant();
        let call = Call::new("POST", &tenant.url("/oauth/register")).json(&metadata());
        assert!((400..500).contains(&site.send(&call).status));
    }

    fn a_registered_client_reads_changes_and_deletes_itself(site: &Site) {
        let tenant = site.tenant();
        open(&tenant);
        tenant.user("ada@example.com");
        let call = Call::new("POST", &tenant.url("/oauth/register")).json(&metadata());
        let created = site.send(&call).expect(201);
        let document = created.json();
        let uri = created.member("registration_client_uri");
        let token = created.member("registration_access_token");
        let client = ClientSecretPair { id: created.member("client_id"), secret: created.member("client_secret") };
        let party = RelyingParty { tenant: &tenant, client };
        party.tokens(&tenant.signed_in("ada@example.com"));

        let read = site.send(&Call::new("GET", &uri).bearer(&token)).expect(200).json();
        assert_eq!(read["client_name"], document["client_name"]);
        assert_eq!(site.send(&Call::new("GET", &uri).bearer("a2g_wrong")).status, 401);

        let mut changed = metadata();
        changed["client_id"] = json!(party.client.id);
        changed["client_name"] = json!("Renamed");
        let put = site.send(&Call::new("PUT", &uri).bearer(&token).json(&changed)).expect(200);
        assert_eq!(put.json()["client_name"], "Renamed");

        site.send(&Call::new("DELETE", &uri).bearer(&token)).expect(204);
        assert_eq!(site.send(&Call::new("GET", &uri).bearer(&token)).status, 401);
        party.send("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", "x")])
            .refused(401, "invalid_client");
    }

    fn a_registrant_may_not_ask_for_what_only_an_admin_gives(site: &Site) {
        let tenant = site.tenant();
        open(&tenant);
        for (name, value) in [("skip_consent", json!(true)), ("scope", json!("admin")), ("redirect_uris", json!([]))] {
            let mut document = metadata();
            document[name] = value;
            let call = Call::new("POST", &tenant.url("/oauth/register")).json(&document);
            assert_eq!(site.send(&call).status, 400, "{name}");
        }
        let call = Call::new("POST", &tenant.url("/oauth/register"))
            .header("content-type", "application/json");
        assert_eq!(site.send(&call).status, 400);
    }
}
