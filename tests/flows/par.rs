//! What becomes of a pushed authorization request (RFC 9126)?

use crate::support::{
    Site,
    call::{encoded, query_of},
    relying_party::{RelyingParty, challenge},
    tenant::REDIRECT_URI,
};

flows! {
    fn a_pushed_request_is_authorized(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let challenge = challenge();
        let pushed = party.send("/oauth/par", &[
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "openid"),
            ("state", "pushed"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]).expect(201);
        assert!(pushed.json()["expires_in"].as_i64().unwrap() <= 600);
        let browser = tenant.signed_in("ada@example.com");
        let url = tenant.url(&format!(
            "/oauth/authorize?client_id={}&request_uri={}",
            party.client.id,
            encoded(&pushed.member("request_uri"))
        ));
        let (url, page) = browser.open(&url);
        let (url, _) = browser.submit(&url, &page.expect(200), &[("decision", "allow")]);
        assert_eq!(query_of(&url, "state").as_deref(), Some("pushed"));
        party.redeem(&query_of(&url, "code").unwrap()).expect(200);
    }

    fn a_pushed_request_is_checked_at_once_and_belongs_to_its_client(site: &Site) {
        let tenant = site.tenant();
        let (party, other) = (RelyingParty::new(&tenant), RelyingParty::new(&tenant));
        let bad = [("response_type", "code"), ("redirect_uri", "https://evil.example/")];
        assert_eq!(party.send("/oauth/par", &bad).status, 400);
        let challenge = challenge();
        let pushed = party.send("/oauth/par", &[
            ("response_type", "code"),
            ("redirect_uri", REDIRECT_URI),
            ("scope", "openid"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]).expect(201);
        let url = tenant.url(&format!(
            "/oauth/authorize?client_id={}&request_uri={}",
            other.client.id,
            encoded(&pushed.member("request_uri"))
        ));
        assert_eq!(site.get(&url).status, 400);
    }
}
