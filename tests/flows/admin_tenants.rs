//! How are tenants created, found, changed and deleted?

use crate::support::{Call, Reply, Site, tenant::TenantSite};
use serde_json::{Value, json};

fn tenants(site: &Site, method: &'static str, query: &str, document: &Value) -> Reply {
    let url = site.platform_url(&format!("/admin/v1/tenants{query}"));
    let call = Call::new(method, &url).bearer(&site.admin_token());
    site.send(&if document.is_null() {
        call
    } else {
        call.json(document)
    })
}

fn refused(reply: Reply, status: u16, slug: &str) -> String {
    let reply = reply.expect(status);
    assert_eq!(reply.member("type"), format!("urn:aero2:problem:{slug}"));
    reply.member("detail")
}

flows! {
    fn a_tenant_is_created_whole_and_answers_at_once(site: &Site) {
        let first = site.tenant();
        let slug = format!("{}-x", first.slug);
        let document = json!({"slug": slug, "name": "Acme", "signup_enabled": false,
            "password_policy": {"length_min": 12}});
        let created = tenants(site, "POST", "", &document).expect(201);
        let shown = created.json();
        assert_eq!((&shown["slug"], &shown["status"]), (&json!(slug), &json!("live")));
        assert_eq!(shown["issuer"], site.url(&slug, ""));
        assert_eq!((&shown["signup_enabled"], &shown["name"]), (&json!(false), &json!("Acme")));
        assert_eq!(shown["password_policy"]["length_min"], 12);
        assert!(shown["created_at"].as_str().unwrap().ends_with('Z'));
        let id = shown["id"].as_str().unwrap();
        assert!(id.starts_with("tnt_") && created.header("location").ends_with(id));

        let again = tenants(site, "GET", &format!("/{id}"), &Value::Null).expect(200);
        assert_eq!(again.json(), shown);
        let metadata = site.get(&site.url(&slug, "/.well-known/openid-configuration")).expect(200);
        assert_eq!(metadata.json()["issuer"], shown["issuer"]);
    }

    fn a_slug_is_taken_once_and_some_are_reserved(site: &Site) {
        let tenant = site.tenant();
        let create = |slug: &str| tenants(site, "POST", "", &json!({"slug": slug, "name": "X"}));
        refused(create(&tenant.slug), 409, "tenant-conflict");
        for slug in ["platform", "www", "Big", "a.b", ""] {
            refused(create(slug), 422, "invalid-slug");
        }
        refused(tenants(site, "POST", "", &json!({"name": "X"})), 422, "invalid-slug");
    }

    fn what_cannot_be_set_is_named(site: &Site) {
        let tenant = site.tenant();
        let patch = |document: Value| tenant.admin("PATCH", "", &document);
        let unknown = refused(patch(json!({"colour": "red"})), 422, "unknown-member");
        assert!(unknown.starts_with("colour "), "{unknown}");
        refused(patch(json!({"id": "tnt_x"})), 422, "unknown-member");
        refused(patch(json!({"password_policy": {"symbols": 1}})), 422, "unknown-member");
        refused(patch(json!({"session_idle_ms": 1})), 422, "invalid-settings");
        refused(patch(json!({"signup_enabled": "yes"})), 422, "invalid-settings");
        refused(patch(json!({"status": "deleting"})), 422, "invalid-member");
        refused(patch(json!({"status": "suspended", "name": ""})), 422, "invalid-settings");
        let stands = tenant.admin("GET", "", &Value::Null).expect(200);
        assert_eq!(stands.member("status"), "live", "all of it is checked before any is written");
    }

    fn a_patch_merges_under_either_media_type(site: &Site) {
        let tenant = site.tenant();
        let url = site.platform_url(&format!("/admin/v1/tenants/{}", tenant.slug));
        let mut call = Call::new("PATCH", &url)
            .bearer(&site.admin_token())
            .header("content-type", "application/merge-patch+json");
        call.body = br##"{"brand_color": "#102030", "registration_enabled": true}"##.to_vec();
        let changed = site.send(&call).expect(200).json();
        assert_eq!((&changed["brand_color"], &changed["registration_enabled"]), (&json!("#102030"), &json!(true)));
        let restored = tenant.admin("PATCH", "", &json!({"brand_color": null})).expect(200).json();
        assert_eq!((&restored["brand_color"], &restored["registration_enabled"]), (&Value::Null, &json!(true)));
    }

    fn a_tenant_moves_with_its_slug(site: &Site) {
        let tenant = site.tenant();
        let moved = format!("{}-moved", tenant.slug);
        let changed = tenant.admin("PATCH", "", &json!({"slug": moved})).expect(200);
        assert_eq!(changed.member("issuer"), site.url(&moved, ""));
        tenant.admin("GET", "", &Value::Null).expect(404);
        tenants(site, "GET", &format!("/{moved}"), &Value::Null).expect(200);
    }

    fn a_hostname_is_one_tenants(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        let name = format!("login.{}.example", tenant.slug);
        let hostnames = |of: &TenantSite<'_>, names: Value| of.admin("PATCH", "", &json!({"hostnames": names}));
        let shown = hostnames(&tenant, json!([name])).expect(200).json();
        assert_eq!(shown["hostnames"], json!([name]));
        refused(hostnames(&other, json!([name])), 409, "tenant-conflict");
        for wrong in ["Login.example", "localhost", "a.example:80", "192.0.2.1"] {
            refused(hostnames(&other, json!([wrong])), 422, "invalid-hostname");
        }
        refused(hostnames(&other, json!("a.example")), 422, "invalid-member");
        refused(hostnames(&other, json!(vec!["a.example"; 21])), 422, "invalid-hostname");
        hostnames(&tenant, Value::Null).expect(200);
        hostnames(&other, json!([name])).expect(200);
    }

    fn a_suspended_tenant_does_not_answer_and_may_be_resumed(site: &Site) {
        let tenant = site.tenant();
        let metadata = || site.get(&tenant.url("/.well-known/openid-configuration")).status;
        assert_eq!(metadata(), 200);
        tenant.admin("PATCH", "", &json!({"status": "suspended"})).expect(200);
        assert_eq!(metadata(), 403);
        tenant.admin("PATCH", "", &json!({"status": "live"})).expect(200);
        assert_eq!(metadata(), 200);
    }

    fn a_deleted_tenant_is_gone(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        tenant.admin("DELETE", "", &Value::Null).expect(204);
        refused(tenant.admin("GET", "", &Value::Null), 404, "unknown-tenant");
        refused(tenant.admin("DELETE", "", &Value::Null), 404, "unknown-tenant");
        refused(tenant.admin("GET", "/users", &Value::Null), 404, "unknown-tenant");
        assert_eq!(site.get(&tenant.url("/login")).status, 404);
    }

    fn the_platforms_own_tenant_stays(site: &Site) {
        let shown = tenants(site, "GET", "/platform", &Value::Null).expect(200);
        assert_eq!(shown.member("issuer"), site.platform_url(""));
        refused(tenants(site, "DELETE", "/platform", &Value::Null), 409, "tenant-conflict");
        let suspend = json!({"status": "suspended"});
        refused(tenants(site, "PATCH", "/platform", &suspend), 409, "tenant-conflict");
    }

    fn a_list_has_pages(site: &Site) {
        let first = site.tenant();
        let prefix = format!("{}-p", first.slug);
        for name in ["a", "b", "c"] {
            TenantSite::create(site, &format!("{prefix}{name}"));
        }
        let page = |query: &str| tenants(site, "GET", &format!("?prefix={prefix}{query}"), &Value::Null).expect(200).json();
        let slugs = |page: &Value| {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|item| item["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let one = page("&limit=2");
        assert_eq!(slugs(&one), [format!("{prefix}a"), format!("{prefix}b")]);
        let cursor = one["next_cursor"].as_str().unwrap();
        let two = page(&format!("&limit=2&cursor={cursor}"));
        assert_eq!((slugs(&two), &two["next_cursor"]), (vec![format!("{prefix}c")], &Value::Null));
        for (query, slug) in [
            ("?limit=0", "invalid-limit"),
            ("?limit=101", "invalid-limit"),
            ("?limit=x", "invalid-limit"),
            ("?cursor=!", "invalid-cursor"),
            ("?limit=1&limit=2", "invalid-request"),
        ] {
            refused(tenants(site, "GET", query, &Value::Null), 400, slug);
        }
    }
}

#[test]
fn an_unknown_tenant_is_404_and_touches_no_tenant_actor() {
    let site = Site::in_process();
    tenants(&site, "GET", "", &Value::Null).expect(200);
    for path in [
        "/nobody",
        "/nobody/users",
        "/tnt_aaaaaaaaaaaaaaaaaaaaaaaaaa/clients",
    ] {
        let token = site.admin_token();
        let url = site.platform_url(&format!("/admin/v1/tenants{path}"));
        site.inner().take_asks();
        site.send(&Call::new("GET", &url).bearer(&token))
            .expect(404);
        assert_eq!(site.inner().take_asks(), ["bucket", "directory"]);
    }
}
