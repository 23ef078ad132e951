//! How are a tenant's users added, changed, signed out and deleted?

use crate::support::{
    Browser, Reply, Site,
    call::encoded,
    tenant::{PASSWORD, TenantSite},
};
use serde_json::{Value, json};

fn refused(reply: Reply, status: u16, slug: &str) -> String {
    let reply = reply.expect(status);
    assert_eq!(reply.member("type"), format!("urn:aero2:problem:{slug}"));
    reply.member("detail")
}

/// Whether the browser still has a session.
fn is_in(tenant: &TenantSite<'_>, browser: &Browser<'_>) -> bool {
    browser
        .open(&tenant.url("/account"))
        .0
        .ends_with("/account")
}

fn sign_in(tenant: &TenantSite<'_>, email: &str, password: &str) -> bool {
    let browser = Browser::new(tenant.site);
    let (url, page) = browser.open(&tenant.url("/login"));
    let fields = [("username", email), ("password", password)];
    let (url, _) = browser.submit(&url, &page.expect(200), &fields);
    url.ends_with("/account")
}

flows! {
    fn a_user_is_added_with_claims_and_never_shows_a_password(site: &Site) {
        let tenant = site.tenant();
        let created = tenant.admin("POST", "/users", &json!({
            "email": "Ada@Example.com", "email_verified": true, "name": "Ada",
            "address": {"country": "GB"}, "password": PASSWORD, "roles": ["admin"],
        })).expect(201);
        let sub = created.member("sub");
        assert!(sub.starts_with("usr_0") && created.header("location").ends_with(&sub));
        let shown = created.json();
        assert_eq!((&shown["email"], &shown["roles"]), (&json!("Ada@example.com"), &json!(["admin"])));
        assert_eq!((&shown["status"], &shown["has_password"]), (&json!("active"), &json!(true)));
        assert!(!created.text().contains("argon2") && shown["password"].is_null());
        let path = format!("/users/{sub}");
        assert_eq!(tenant.admin("GET", &path, &Value::Null).expect(200).json(), shown);
        assert!(sign_in(&tenant, "ada@example.com", PASSWORD));
    }

    fn an_address_has_one_user(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        refused(tenant.admin("POST", "/users", &json!({"email": "ADA@example.com"})), 409, "email-taken");
        let path = format!("/users?email={}", encoded("ADA@EXAMPLE.com"));
        let found = tenant.admin("GET", &path, &Value::Null).expect(200).json();
        assert_eq!((&found["items"][0]["sub"], &found["next_cursor"]), (&json!(sub), &Value::Null));
        let none = tenant.admin("GET", "/users?email=bob%40example.com", &Value::Null).expect(200);
        assert_eq!(none.json()["items"], json!([]));
        refused(tenant.admin("GET", "/users?email=x", &Value::Null), 400, "invalid-email");
    }

    fn what_cannot_be_had_is_named(site: &Site) {
        let tenant = site.tenant();
        let create = |document: Value| tenant.admin("POST", "/users", &document);
        let with = |member: &str, value: Value| json!({"email": "bob@example.com", member: value});
        refused(create(json!({})), 422, "invalid-user");
        refused(create(json!({"email": "x"})), 422, "invalid-user");
        refused(create(with("birthdate", json!("tomorrow"))), 422, "invalid-user");
        refused(create(with("nick", json!("x"))), 422, "unknown-member");
        refused(create(with("sub", json!("usr_x"))), 422, "unknown-member");
        refused(create(with("updated_at", json!(1))), 422, "unknown-member");
        refused(create(with("address", json!({"planet": "Mars"}))), 422, "unknown-member");
        refused(create(with("roles", json!(["root"]))), 422, "invalid-member");
        for password in ["", "short", "password1", "bob@example.com"] {
            refused(create(with("password", json!(password))), 422, "password-refused");
        }
        let told = refused(create(with("password", json!(12_345))), 422, "invalid-member");
        assert!(!told.contains("12345"));
        let list = tenant.admin("GET", "/users", &Value::Null).expect(200).json();
        assert_eq!(list["items"], json!([]), "nothing of that was written");
    }

    fn the_tenants_own_policy_is_applied(site: &Site) {
        let tenant = site.tenant();
        tenant.admin("PATCH", "", &json!({"password_policy": {"length_min": 20}})).expect(200);
        let user = json!({"email": "bob@example.com", "password": "nineteen-characters"});
        refused(tenant.admin("POST", "/users", &user), 422, "password-refused");
    }

    fn a_new_password_is_the_only_one_and_ends_sessions(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let path = format!("/users/{sub}");
        let change = json!({"password": "another long passphrase", "name": "Countess"});
        assert_eq!(tenant.admin("PATCH", &path, &change).expect(200).member("name"), "Countess");
        assert!(!is_in(&tenant, &browser));
        assert!(!sign_in(&tenant, "ada@example.com", PASSWORD));
        assert!(sign_in(&tenant, "ada@example.com", "another long passphrase"));
        refused(tenant.admin("PATCH", &path, &json!({"password": null})), 422, "invalid-member");
        refused(tenant.admin("PATCH", &path, &json!({"email": null})), 422, "invalid-user");
    }

    fn a_disabled_user_is_out_until_enabled(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let path = format!("/users/{sub}");
        tenant.admin("PATCH", &path, &json!({"status": "disabled"})).expect(200);
        assert!(!is_in(&tenant, &browser));
        assert!(!sign_in(&tenant, "ada@example.com", PASSWORD));
        tenant.admin("PATCH", &path, &json!({"status": "active"})).expect(200);
        assert!(sign_in(&tenant, "ada@example.com", PASSWORD));
    }

    fn a_users_sessions_are_listed_and_ended(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let (one, two) = (tenant.signed_in("ada@example.com"), tenant.signed_in("ada@example.com"));
        let path = format!("/users/{sub}/sessions");
        let list = || tenant.admin("GET", &path, &Value::Null).expect(200).json();
        let latest = list()["items"][0]["sid"].as_str().unwrap().to_owned();
        assert_eq!(list()["items"].as_array().unwrap().len(), 2);
        let entry = format!("{path}/{latest}");
        tenant.admin("DELETE", &entry, &Value::Null).expect(204);
        refused(tenant.admin("DELETE", &format!("{path}/ses_x"), &Value::Null), 404, "unknown-session");
        assert!(is_in(&tenant, &one) && !is_in(&tenant, &two), "the latest is listed first");
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
        assert!(!is_in(&tenant, &one));
        let nobody = "/users/usr_0aaaaaaaaaaaaaaaaaaaaaaaaaa/sessions";
        refused(tenant.admin("GET", nobody, &Value::Null), 404, "unknown-user");
    }

    fn a_deleted_user_is_gone_and_the_address_is_free(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let path = format!("/users/{sub}");
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
        assert!(!is_in(&tenant, &browser));
        refused(tenant.admin("GET", &path, &Value::Null), 404, "unknown-user");
        refused(tenant.admin("DELETE", &path, &Value::Null), 404, "unknown-user");
        assert_ne!(tenant.user("ada@example.com"), sub);
    }

    fn users_are_listed_in_pages_and_by_tenant(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        let foreign = other.user("eve@example.com");
        for name in ["a", "b", "c"] {
            let user = json!({"email": format!("{name}@example.com")});
            tenant.admin("POST", "/users", &user).expect(201);
        }
        let one = tenant.admin("GET", "/users?limit=2", &Value::Null).expect(200).json();
        let path = format!("/users?limit=2&cursor={}", one["next_cursor"].as_str().unwrap());
        let two = tenant.admin("GET", &path, &Value::Null).expect(200).json();
        let count = |page: &Value| page["items"].as_array().unwrap().len();
        assert_eq!((count(&one), count(&two), &two["next_cursor"]), (2, 1, &Value::Null));
        refused(tenant.admin("GET", &format!("/users/{foreign}"), &Value::Null), 404, "unknown-user");
        let path = format!("/users/{foreign}");
        refused(tenant.admin("PATCH", &path, &json!({"name": "Eve"})), 404, "unknown-user");
        refused(tenant.admin("DELETE", &path, &Value::Null), 404, "unknown-user");
    }
}
