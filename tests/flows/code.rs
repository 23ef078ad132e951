//! How is an authorization code turned into tokens?

use crate::support::{
    Browser, Site,
    call::query_of,
    relying_party::{RelyingParty, Tokens, VERIFIER, claims},
    tenant::REDIRECT_URI,
};

/// More at once than any one browser sends.
const PARALLEL: usize = 50;

flows! {
    fn a_code_becomes_tokens_of_the_right_kinds(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser = tenant.signed_in("ada@example.com");

        let landed = party.land(&browser, &[]);
        assert_eq!(query_of(&landed, "state").as_deref(), Some("st4te"));
        assert_eq!(query_of(&landed, "iss"), Some(tenant.issuer()));
        let reply = party.redeem(&query_of(&landed, "code").unwrap());
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.json()["token_type"], "Bearer");
        let tokens = Tokens::from(reply);

        let id = claims(&tokens.id);
        assert_eq!(id["iss"], tenant.issuer());
        assert_eq!(id["sub"], sub);
        assert_eq!(id["aud"], party.client.id);
        assert_eq!(id["nonce"], "n0nce");
        assert!(id["sid"].is_string() && id["at_hash"].is_string() && id["auth_time"].is_i64());
        assert!(id["email"].is_null(), "profile claims come from userinfo");
        let access = claims(&tokens.access);
        assert_eq!(access["sub"], sub);
        assert_eq!(access["client_id"], party.client.id);
        assert!(tokens.refresh.starts_with("a2r_"));
    }

    fn a_code_is_redeemed_at_most_once_and_reuse_ends_what_it_gave(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let code = party.code(&tenant.signed_in("ada@example.com"));
        let tokens = Tokens::from(party.redeem(&code));

        party.redeem(&code).refused(400, "invalid_grant");
        party.refresh(&tokens.refresh).refused(400, "invalid_grant");
        assert_eq!(party.introspect(&tokens.access)["active"], false);
    }

    fn of_many_parallel_redemptions_exactly_one_succeeds(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let code = party.code(&tenant.signed_in("ada@example.com"));
        let replies = site.send_all(&vec![party.redeem_call(&code); PARALLEL]);
        let succeeded = replies.iter().filter(|reply| reply.status == 200).count();
        assert_eq!(succeeded, 1);
        assert_eq!(replies.iter().filter(|reply| reply.status == 400).count(), PARALLEL - 1);
    }

    fn a_code_belongs_to_its_client_address_and_verifier(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let (party, other) = (RelyingParty::new(&tenant), RelyingParty::new(&tenant));
        let browser = tenant.signed_in("ada@example.com");
        let redeem = |party: &RelyingParty<'_>, code: &str, uri: &str, verifier: &str| {
            let fields = [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", uri),
                ("code_verifier", verifier),
            ];
            party.send("/oauth/token", &fields)
        };
        let code = party.code(&browser);
        redeem(&other, &code, REDIRECT_URI, VERIFIER).refused(400, "invalid_grant");
        let code = party.code(&browser);
        redeem(&party, &code, "https://app.example/other", VERIFIER).refused(400, "invalid_grant");
        let code = party.code(&browser);
        let wrong = VERIFIER.to_uppercase();
        redeem(&party, &code, REDIRECT_URI, &wrong).refused(400, "invalid_grant");
        let code = party.code(&browser);
        let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", REDIRECT_URI)];
        party.send("/oauth/token", &fields).refused(400, "invalid_grant");
    }

    fn a_public_client_needs_no_secret_but_pkce(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let client = tenant.client_with(&serde_json::json!({ "token_endpoint_auth_method": "none" }));
        let party = RelyingParty { tenant: &tenant, client };
        let browser = tenant.signed_in("ada@example.com");
        let landed = party.land(&browser, &[("code_challenge", ""), ("code_challenge_method", "")]);
        assert_eq!(query_of(&landed, "error").as_deref(), Some("invalid_request"));
        let tokens = party.tokens(&browser);
        assert!(!tokens.access.is_empty() && !tokens.id.is_empty());
    }

    fn garbage_is_refused_without_a_hint(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        for code in ["x", "a2c_", "a2c_AAAA", &"a".repeat(5_000)] {
            party.redeem(code).refused(400, "invalid_grant");
        }
    }

    fn signing_out_ends_a_code_not_yet_redeemed(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser: Browser<'_> = tenant.signed_in("ada@example.com");
        let code = party.code(&browser);
        browser.send(crate::support::Call::new("DELETE", &tenant.url("/v1/sessions")).header("origin", &tenant.issuer()));
        let (url, page) = browser.open(&tenant.url("/oauth/logout"));
        browser.submit(&url, &page.expect(200), &[]);
        party.redeem(&code).refused(400, "invalid_grant");
    }
}

#[test]
fn a_code_expires_in_a_minute() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let code = party.code(&tenant.signed_in("ada@example.com"));
    site.advance(61_000);
    party.redeem(&code).refused(400, "invalid_grant");
}
