//! Which claims does a token open (OpenID Connect Core §5.3)?

use crate::support::{Call, Site, relying_party::RelyingParty};

flows! {
    fn claims_follow_scopes(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        let url = tenant.url("/oauth/userinfo");
        let in_header = site.send(&Call::new("GET", &url).bearer(&tokens.access)).expect(200);
        assert_eq!(in_header.json()["sub"], sub);
        assert_eq!(in_header.json()["email"], "ada@example.com");
        assert_eq!(in_header.json()["name"], "Ada Lovelace");
        let body = Call::new("POST", &url).form(&[("access_token", &tokens.access)]);
        assert_eq!(site.send(&body).expect(200).json(), in_header.json());
    }

    fn no_other_token_opens_them(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        let url = tenant.url("/oauth/userinfo");
        for token in [tokens.id.as_str(), tokens.refresh.as_str(), "x"] {
            let reply = site.send(&Call::new("GET", &url).bearer(token));
            assert_eq!(reply.status, 401, "{}", reply.text());
            assert!(reply.header("www-authenticate").contains("invalid_token"));
        }
        let reply = site.get(&url);
        assert_eq!(reply.status, 401);
        assert!(reply.header("www-authenticate").starts_with("Bearer"));
        let query = format!("{url}?access_token={}", tokens.access);
        assert!([400, 401].contains(&site.get(&query).status), "RFC 9700 §4.3.2");
    }

    fn an_ended_session_closes_them(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        tenant.admin("DELETE", &format!("/users/{sub}/sessions"), &serde_json::Value::Null).expect(204);
        let url = tenant.url("/oauth/userinfo");
        assert_eq!(site.send(&Call::new("GET", &url).bearer(&tokens.access)).status, 401);
    }
}

/// The session has told nobody yet: nothing is delivered.
#[test]
fn a_session_that_ended_by_itself_closes_them_at_once() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let settings =
        serde_json::json!({"session_idle_ms": 300_000, "access_token_ttl_ms": 3_600_000});
    tenant.admin("PATCH", "", &settings).expect(200);
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let response = party.redeem(&party.code(&browser)).expect(200);
    // The session had begun a moment before.
    assert_eq!(response.json()["expires_in"], 299);
    let userinfo =
        Call::new("GET", &tenant.url("/oauth/userinfo")).bearer(&response.member("access_token"));
    site.advance(290_000);
    site.send(&userinfo).expect(200);
    site.world().hold_mail(true);
    site.advance(10_000);
    assert_eq!(site.send(&userinfo).status, 401);
}
