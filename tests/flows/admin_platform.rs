//! How are keys rotated, actors inspected and the first operators let in?

use crate::support::{
    Browser, Call, Reply, Site,
    call::{encoded, form_encoded, query_of},
    platform::TestPlatform,
    relying_party::{RelyingParty, VERIFIER, challenge, claims},
    tenant::{PASSWORD, REDIRECT_URI},
};
use aero2::gateway::{
    Gateway,
    http::{Body, Request},
};
use serde_json::{Value, json};

fn admin(site: &Site, method: &'static str, path: &str, document: &Value) -> Reply {
    let url = site.platform_url(&format!("/admin/v1{path}"));
    let call = Call::new(method, &url).bearer(&site.admin_token());
    site.send(&if document.is_null() {
        call
    } else {
        call.json(document)
    })
}

fn states(reply: &Reply) -> Vec<String> {
    let document = reply.json();
    let items = document["items"].as_array().unwrap().iter();
    items
        .map(|item| item["state"].as_str().unwrap().to_owned())
        .collect()
}

flows! {
    fn an_actor_describes_itself_without_secrets(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        tenant.signed_in("ada@example.com");
        let id = tenant.admin("GET", "", &Value::Null).expect(200).member("id");
        let sessions = tenant.admin("GET", &format!("/users/{sub}/sessions"), &Value::Null);
        let sid = sessions.expect(200).json()["items"][0]["sid"].as_str().unwrap().to_owned();
        let session = encoded(&format!("{id}/{sid}"));
        for (kind, name) in [
            ("directory", "directory"),
            ("jwks", "jwks"),
            ("tenant", tenant.slug.as_str()),
            ("tenant", id.as_str()),
            ("session", session.as_str()),
        ] {
            let shown = admin(site, "GET", &format!("/actors/{kind}/{name}"), &Value::Null).expect(200);
            assert_eq!(shown.member("kind"), kind);
            assert!(!shown.text().contains("argon2") && !shown.text().contains("a2s_"), "{kind}");
        }
        for path in ["/actors/tenant/nobody", "/actors/session/x", "/actors/unknown/x", "/actors/jwks/x"] {
            admin(site, "GET", path, &Value::Null).expect(404);
        }
    }
}

#[test]
fn a_rotation_announces_and_an_emergency_withdraws() {
    let site = Site::in_process();
    let epochs = || admin(&site, "GET", "/keys", &Value::Null).expect(200);
    assert_eq!(states(&epochs()), ["signing"]);
    let rotated = admin(&site, "POST", "/keys/rotate", &Value::Null).expect(200);
    assert_eq!(states(&rotated), ["announced", "signing"]);

    let old = site.admin_token();
    let now = admin(&site, "POST", "/keys/rotate", &json!({"emergency": true})).expect(200);
    assert_eq!(states(&now)[0], "signing");
    let call = Call::new("GET", &site.platform_url("/admin/v1/keys")).bearer(&old);
    site.send(&call).expect(401);
    assert_eq!(states(&epochs())[0], "signing");
    admin(&site, "POST", "/keys/rotate", &json!({"emergency": "yes"})).expect(422);
    admin(&site, "POST", "/keys/rotate", &json!({"when": "now"})).expect(422);
}

/// The platform's tenant as a tenant of the tests, with a client for people who
/// operate it.
fn operators_tokens(site: &Site, email: &str, roles: &Value) -> (Value, u16) {
    let user =
        json!({"email": email, "email_verified": true, "password": PASSWORD, "roles": roles});
    admin(site, "POST", "/tenants/platform/users", &user).expect(201);
    let client = json!({
        "redirect_uris": [REDIRECT_URI], "scope": "openid admin", "skip_consent": true,
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let client = admin(site, "POST", "/tenants/platform/clients", &client)
        .expect(201)
        .json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let browser = Browser::new(site);
    let (url, page) = browser.open(&site.platform_url("/login"));
    let fields = [("username", email), ("password", PASSWORD)];
    browser.submit(&url, &page.expect(200), &fields);
    let challenge = challenge();
    let query = form_encoded(&[
        ("response_type", "code"),
        ("client_id", &text("client_id")),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "openid admin"),
        ("code_challenge_method", "S256"),
        ("code_challenge", &challenge),
    ]);
    let (url, _) = browser.open(&format!(
        "{}?{query}",
        site.platform_url("/oauth/authorize")
    ));
    let code = query_of(&url, "code").unwrap_or_else(|| panic!("{url}"));
    let call = Call::new("POST", &site.platform_url("/oauth/token"))
        .basic(&text("client_id"), &text("client_secret"))
        .form(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ]);
    let token = site.send(&call).expect(200).member("access_token");
    let call = Call::new("GET", &site.platform_url("/admin/v1/tenants")).bearer(&token);
    (claims(&token), site.send(&call).status)
}

#[test]
fn an_administrators_token_opens_it_and_another_users_does_not() {
    let site = Site::in_process();
    let (admin, status) = operators_tokens(&site, "root@example.com", &json!(["admin"]));
    assert_eq!((&admin["scope"], status), (&json!("admin openid"), 200));
    let (user, status) = operators_tokens(&site, "ada@example.com", &json!([]));
    assert_eq!((&user["scope"], status), (&json!("openid"), 403));
}

#[test]
fn the_setup_link_is_logged_once_by_each_isolate() {
    let gateway = Gateway::new(TestPlatform::new(
        7,
        &[("PLATFORM_DOMAIN", "localhost:8787")],
    ));
    let request = Request {
        method: http::Method::GET,
        host: "localhost:8787".to_owned(),
        path: "/.well-known/openid-configuration".to_owned(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: Body::Whole(aero2::domain::secret::Secret::new(Vec::new())),
        client_address: None,
        client_place: None,
        id: "first".to_owned(),
    };
    let world = gateway.platform().world.clone();
    for _ in 0..2 {
        assert_eq!(world.run(gateway.answer(&request)).status, 200);
    }
    let log = gateway.platform().log.borrow();
    let [line] = log.as_slice() else {
        panic!("{log:?}")
    };
    assert!(
        line.contains("http://localhost:8787/setup?token=a2u_"),
        "{line}"
    );
}

#[test]
fn a_relying_party_of_another_tenant_cannot_ask_for_the_scope() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let client =
        tenant.client_with(&json!({"scope": "openid admin offline_access", "skip_consent": true}));
    let party = RelyingParty {
        tenant: &tenant,
        client,
    };
    let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
    assert!(
        !claims(&tokens.access)["scope"]
            .as_str()
            .unwrap_or_default()
            .contains("admin")
    );
}
