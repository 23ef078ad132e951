//! What does a client's server hear when a session ends (OpenID Connect
//! Back-Channel Logout 1.0)?
//!
//! In-process: clients' servers are played by the platform of the tests.

use crate::support::{
    Site,
    call::query_of,
    relying_party::{RelyingParty, claims},
    tenant::TenantSite,
};
use aero2::{
    domain::time::MINUTE_MS,
    gateway::outside::{PostFault, Posted},
};
use data_encoding::BASE64URL_NOPAD;
use http::StatusCode;
use serde_json::{Value, json};

const HEARS: &str = "https://app.example/backchannel";

/// From now on, every client's server answers so.
fn answer(site: &Site, status: u16) {
    let platform = site.inner().gateway.platform();
    *platform.outside.borrow_mut() = Box::new(move |_| {
        let status = StatusCode::from_u16(status).unwrap();
        let body = Vec::new();
        Ok(Posted { status, body })
    });
}

/// The logout tokens sent since somebody last looked.
fn heard(site: &Site) -> Vec<String> {
    let posts = site.inner().gateway.platform().posts.take();
    let token = |line: String| {
        let form = line.strip_prefix(&format!("{HEARS} "));
        query_of(&format!("http://x/?{}", form.unwrap()), "logout_token").unwrap()
    };
    posts.into_iter().map(token).collect()
}

fn header(token: &str) -> Value {
    let part = token.split('.').next().unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}

fn listening<'a>(tenant: &'a TenantSite<'a>) -> RelyingParty<'a> {
    let client = tenant.client_with(&json!({
        "backchannel_logout_uri": HEARS,
        "backchannel_logout_session_required": true,
    }));
    RelyingParty { tenant, client }
}

/// A client with a grant in a session that has just ended; answers its ID token.
fn ended(site: &Site, tenant: &TenantSite<'_>, party: &RelyingParty<'_>) -> String {
    let browser = tenant.signed_in("ada@example.com");
    let tokens = party.tokens(&browser);
    let (url, page) = browser.open(&tenant.url("/oauth/logout"));
    browser.submit(&url, &page, &[]);
    site.advance(0);
    tokens.id
}

#[test]
fn a_logout_token_is_what_the_specification_wants() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = listening(&tenant);
    answer(&site, 200);
    let id = claims(&ended(&site, &tenant, &party));
    let tokens = heard(&site);
    assert_eq!(tokens.len(), 1);
    let told = claims(&tokens[0]);
    // §2.4: what must be in it, and what must not.
    assert_eq!(header(&tokens[0])["typ"], "logout+jwt");
    assert_eq!(header(&tokens[0])["alg"], "RS256");
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(told[name], id[name], "{name}");
    }
    let life = told["exp"].as_i64().unwrap() - told["iat"].as_i64().unwrap();
    assert!((1..=120).contains(&life));
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(told["events"], json!({ event: {} }));
    assert!(told["jti"].is_string() && told["txn"].as_str().unwrap().starts_with("act_"));
    assert!(told.get("nonce").is_none());
    let keys = site.get(&tenant.url("/.well-known/jwks.json")).json();
    let kid = &header(&tokens[0])["kid"];
    assert!(
        keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .any(|key| key["kid"] == *kid)
    );
}

#[test]
fn a_server_that_is_busy_hears_the_same_token_again() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = listening(&tenant);
    answer(&site, 503);
    ended(&site, &tenant, &party);
    let first = heard(&site);
    assert_eq!(first.len(), 1);
    site.advance(MINUTE_MS);
    let again = heard(&site);
    assert!(!again.is_empty());
    assert!(
        again
            .iter()
            .all(|token| claims(token)["jti"] == claims(&first[0])["jti"])
    );
    answer(&site, 204);
    site.advance(MINUTE_MS);
    heard(&site);
    site.advance(10 * MINUTE_MS);
    assert!(
        heard(&site).is_empty(),
        "what has arrived is not sent again"
    );
}

#[test]
fn a_server_that_refuses_or_stays_away_is_left_alone() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = listening(&tenant);
    answer(&site, 400);
    ended(&site, &tenant, &party);
    assert_eq!(heard(&site).len(), 1);
    site.advance(10 * MINUTE_MS);
    assert!(heard(&site).is_empty());
    let platform = site.inner().gateway.platform();
    *platform.outside.borrow_mut() = Box::new(|_| Err(PostFault::Deadline));
    ended(&site, &tenant, &party);
    site.advance(70 * MINUTE_MS);
    assert!(heard(&site).len() > 3);
    site.advance(600 * MINUTE_MS);
    assert!(heard(&site).is_empty(), "an hour is enough");
    let sessions = site.actors().unwrap().into_iter();
    let left: Vec<_> = sessions.filter(|who| who.kind == "session").collect();
    assert!(left.is_empty(), "a session that has ended goes: {left:?}");
}

#[test]
fn a_client_without_an_address_and_one_without_a_grant_hear_nothing() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let _idle = listening(&tenant);
    answer(&site, 200);
    ended(&site, &tenant, &RelyingParty::new(&tenant));
    assert!(heard(&site).is_empty());
}

#[test]
fn whoever_ends_a_session_its_clients_hear_of_it() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let sub = tenant.user("ada@example.com");
    let party = listening(&tenant);
    answer(&site, 200);
    for _ in 0..2 {
        party.tokens(&tenant.signed_in("ada@example.com"));
    }
    tenant.admin("DELETE", &format!("/users/{sub}/sessions"), &Value::Null);
    site.advance(0);
    let tokens = heard(&site);
    assert_eq!(tokens.len(), 2);
    assert_ne!(claims(&tokens[0])["sid"], claims(&tokens[1])["sid"]);
    assert_eq!(
        claims(&tokens[0])["txn"],
        claims(&tokens[1])["txn"],
        "it was one act"
    );
}
