//! How are a tenant's clients added, changed and deleted?

use crate::support::{
    Call, Reply, Site,
    call::encoded,
    relying_party::RelyingParty,
    tenant::{ClientSecretPair, REDIRECT_URI, TenantSite},
};
use serde_json::{Value, json};

fn refused(reply: Reply, status: u16, slug: &str) -> String {
    let reply = reply.expect(status);
    assert_eq!(reply.member("type"), format!("urn:aero2:problem:{slug}"));
    reply.member("detail")
}

fn machine(tenant: &TenantSite<'_>) -> ClientSecretPair {
    tenant.client_with(&json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "scope": "reports",
    }))
}

fn token(tenant: &TenantSite<'_>, id: &str, secret: &str) -> u16 {
    let call = Call::new("POST", &tenant.url("/oauth/token"))
        .basic(id, secret)
        .form(&[("grant_type", "client_credentials")]);
    tenant.site.send(&call).status
}

flows! {
    fn a_secret_is_shown_once(site: &Site) {
        let tenant = site.tenant();
        let document = json!({"redirect_uris": [REDIRECT_URI], "require_pkce": false});
        let created = tenant.admin("POST", "/clients", &document).expect(201);
        let shown = created.json();
        let (id, secret) = (created.member("client_id"), created.member("client_secret"));
        assert!(id.starts_with("cli_") && secret.starts_with("a2k_"));
        assert!(created.header("location").ends_with(&format!("/clients/{id}")));
        assert_eq!((&shown["require_pkce"], &shown["client_secret_expires_at"]), (&json!(false), &json!(0)));
        let read = tenant.admin("GET", &format!("/clients/{id}"), &Value::Null).expect(200);
        let list = tenant.admin("GET", "/clients", &Value::Null).expect(200);
        for reply in [&read, &list] {
            assert!(!reply.text().contains("client_secret\"") && !reply.text().contains(&secret));
            assert!(!reply.text().contains("digest"));
        }
        assert_eq!(list.json()["items"][0], read.json());
    }

    fn an_id_may_be_chosen_once(site: &Site) {
        let tenant = site.tenant();
        let create = |id: &str| {
            let document = json!({"client_id": id, "redirect_uris": [REDIRECT_URI]});
            tenant.admin("POST", "/clients", &document)
        };
        let id = "https//app.example/1";
        let created = create(id).expect(201);
        let path = format!("/clients/{}", encoded(id));
        assert!(created.header("location").ends_with("/clients/https%2F%2Fapp.example%2F1"));
        assert_eq!(tenant.admin("GET", &path, &Value::Null).expect(200).member("client_id"), id);
        refused(create(id), 409, "client-conflict");
        refused(create("bootstrap"), 409, "client-conflict");
        refused(create("a b"), 422, "invalid-client-metadata");
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
    }

    fn what_cannot_be_had_is_named(site: &Site) {
        let tenant = site.tenant();
        let create = |document: Value| tenant.admin("POST", "/clients", &document);
        let unknown = refused(create(json!({"redirect_uri": "x"})), 422, "unknown-member");
        assert!(unknown.starts_with("redirect_uri "), "{unknown}");
        refused(create(json!({"client_secret": "x"})), 422, "unknown-member");
        refused(create(json!({"redirect_uris": ["http://app.example/"]})), 422, "invalid-redirect-uri");
        refused(create(json!({})), 422, "invalid-redirect-uri");
        refused(create(json!({"redirect_uris": "x"})), 422, "invalid-client-metadata");
        refused(create(json!({"jwks_uri": "https://app.example/k"})), 422, "invalid-client-metadata");
    }

    fn a_patch_is_checked_and_takes_effect(site: &Site) {
        let tenant = site.tenant();
        let client = machine(&tenant);
        assert_eq!(token(&tenant, &client.id, &client.secret), 200);
        let path = format!("/clients/{}", client.id);
        let changed = tenant.admin("PATCH", &path, &json!({
            "client_name": "New", "grant_types": ["authorization_code"], "redirect_uris": [REDIRECT_URI],
        })).expect(200).json();
        assert_eq!((&changed["client_name"], &changed["response_types"]), (&json!("New"), &json!(["code"])));
        assert!(changed["client_secret"].is_null());
        assert_eq!(token(&tenant, &client.id, &client.secret), 400, "not its grant any longer");
        refused(tenant.admin("PATCH", &path, &json!({"client_id": "x"})), 422, "invalid-client-metadata");
        refused(tenant.admin("PATCH", &path, &json!({"redirect_uris": []})), 422, "invalid-redirect-uri");
        refused(tenant.admin("PATCH", &path, &json!({"x": 1})), 422, "unknown-member");
    }

    fn a_rotated_secret_replaces_the_old_one(site: &Site) {
        let tenant = site.tenant();
        let client = machine(&tenant);
        let path = format!("/clients/{}/secret", client.id);
        let secret = tenant.admin("POST", &path, &Value::Null).expect(200).member("client_secret");
        assert_eq!(token(&tenant, &client.id, &client.secret), 401);
        assert_eq!(token(&tenant, &client.id, &secret), 200);
        let public = tenant.client_with(&json!({"token_endpoint_auth_method": "none"}));
        assert_eq!(public.secret, "");
        let path = format!("/clients/{}/secret", public.id);
        refused(tenant.admin("POST", &path, &Value::Null), 409, "client-conflict");
    }

    fn a_client_that_needs_a_secret_from_now_on_gets_one(site: &Site) {
        let tenant = site.tenant();
        let public = tenant.client_with(&json!({"token_endpoint_auth_method": "none"}));
        let path = format!("/clients/{}", public.id);
        let method = json!({"token_endpoint_auth_method": "client_secret_post"});
        let changed = tenant.admin("PATCH", &path, &method).expect(200);
        assert!(changed.member("client_secret").starts_with("a2k_"));
        let again = tenant.admin("PATCH", &path, &method).expect(200);
        assert!(again.json()["client_secret"].is_null());
    }

    fn a_deleted_client_and_its_grants_are_gone(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        let path = format!("/clients/{}", party.client.id);
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
        refused(tenant.admin("GET", &path, &Value::Null), 404, "unknown-client");
        refused(tenant.admin("DELETE", &path, &Value::Null), 404, "unknown-client");
        refused(tenant.admin("PATCH", &path, &json!({})), 404, "unknown-client");
        party.refresh(&tokens.refresh).refused(401, "invalid_client");
    }

    fn clients_are_listed_in_pages_and_by_tenant(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        let foreign = other.client();
        for _ in 0..3 {
            tenant.client();
        }
        let one = tenant.admin("GET", "/clients?limit=2", &Value::Null).expect(200).json();
        let cursor = one["next_cursor"].as_str().unwrap();
        let path = format!("/clients?limit=2&cursor={cursor}");
        let two = tenant.admin("GET", &path, &Value::Null).expect(200).json();
        let ids = |page: &Value| {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|item| item["client_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut all = ids(&one);
        all.extend(ids(&two));
        assert_eq!((ids(&one).len(), all.len(), &two["next_cursor"]), (2, 3, &Value::Null));
        assert!(all.is_sorted() && !all.contains(&foreign.id));
        let path = format!("/clients/{}", foreign.id);
        refused(tenant.admin("GET", &path, &Value::Null), 404, "unknown-client");
    }
}
