//! Does the second stage keep each rule of an authorization request?

use super::*;
use crate::domain::oauth::authorization::tests::{DIRECT, query, request, validated};
use crate::domain::oauth::authorization::{AuthorizationParams, Prompt};
use crate::domain::oauth::client::tests::client;
use crate::domain::oauth::params::Params;
use proptest::prelude::*;
use serde_json::{Value, json};

fn refused_for(extra: &str, metadata: Value) -> (ErrorCode, Option<String>) {
    let refusal = validated(extra, &client(metadata)).expect_err(extra);
    assert_eq!(refusal.redirect_uri.as_str(), "https://app.example/cb");
    (refusal.error.code, refusal.state)
}

fn refused(extra: &str) -> ErrorCode {
    refused_for(extra, json!({})).0
}

#[test]
fn a_good_request_is_read_whole() {
    let request = request(
        "scope=openid+email+unknown&nonce=n&prompt=login+consent&max_age=60&acr_values=a+b&login_hint=j\
         &ui_locales=de+en&display=popup&response_mode=form_post&x=ignored\
         &claims={\"id_token\":{\"email\":null}}",
    );
    assert_eq!(request.scopes.to_string(), "email openid");
    assert_eq!(request.state.as_deref(), Some("s"));
    assert_eq!(request.nonce.as_deref(), Some("n"));
    assert!(request.prompt.has(Prompt::Login) && request.prompt.has(Prompt::Consent));
    assert_eq!(request.max_age, Some(60));
    assert_eq!(request.acr_values, ["a", "b"]);
    assert_eq!(request.ui_locales, ["de", "en"]);
    assert_eq!(request.display, Display::Popup);
    assert_eq!(request.response_mode, ResponseMode::FormPost);
    assert!(request.claims.id_token.contains_key("email"));
    assert!(request.is_openid() && request.redirect_uri_was_given);
    let packed = rmp_serde::to_vec_named(&request).unwrap();
    assert_eq!(
        rmp_serde::from_slice::<AuthorizationRequest>(&packed).unwrap(),
        request
    );
}

#[test]
fn each_broken_rule_has_its_code() {
    use ErrorCode as E;
    for (extra, code) in [
        ("response_type=", E::InvalidRequest),
        ("response_type=token", E::UnsupportedResponseType),
        ("response_type=code+id_token", E::UnsupportedResponseType),
        ("response_mode=fragment", E::InvalidRequest),
        ("request=x", E::RequestNotSupported),
        (
            "request_uri=https://app.example/r",
            E::RequestUriNotSupported,
        ),
        ("registration={}", E::RegistrationNotSupported),
        ("code_challenge=&code_challenge_method=", E::InvalidRequest),
        ("code_challenge_method=plain", E::InvalidRequest),
        ("code_challenge_method=", E::InvalidRequest),
        ("code_challenge=short", E::InvalidRequest),
        ("scope=a%0Ab", E::InvalidScope),
        ("scope=admin", E::InvalidScope),
        ("prompt=none+login", E::InvalidRequest),
        ("prompt=later", E::InvalidRequest),
        ("max_age=-1", E::InvalidRequest),
        ("max_age=%2B1", E::InvalidRequest),
        ("max_age=1.5", E::InvalidRequest),
        ("max_age=99999999999", E::InvalidRequest),
        ("claims=x", E::InvalidRequest),
        ("resource=x", E::InvalidTarget),
        ("resource=urn:other", E::InvalidTarget),
        ("nonce=a&nonce=b", E::InvalidRequest),
    ] {
        assert_eq!(refused(extra), code, "{extra}");
    }
    let long = format!("nonce={}", "n".repeat(NONCE_BYTES_MAX + 1));
    assert_eq!(refused(&long), E::InvalidRequest);
}

#[test]
fn an_error_returns_the_state_unless_it_is_ambiguous() {
    let refusal = refused_for("prompt=later&state=xyz", json!({}));
    assert_eq!(refusal.1.as_deref(), Some("xyz"));
    let twice = refused_for("state=a&state=b", json!({}));
    assert_eq!(twice, (ErrorCode::InvalidRequest, None));
}

#[test]
fn only_an_excused_confidential_client_leaves_out_pkce() {
    let none = "code_challenge=&code_challenge_method=";
    let excused = client(json!({"require_pkce": false}));
    assert_eq!(validated(none, &excused).unwrap().code_challenge, None);
    assert!(validated("", &excused).unwrap().code_challenge.is_some());
    assert!(validated("code_challenge=", &excused).is_err());
    let mut public = client(json!({"token_endpoint_auth_method": "none"}));
    public.metadata.require_pkce = false;
    assert!(validated(none, &public).is_err());
}

#[test]
fn a_client_without_the_code_grant_may_not_ask() {
    let mut machine = client(json!({}));
    machine.metadata.grant_types = vec![GrantType::ClientCredentials];
    let refusal = validated("", &machine).unwrap_err();
    assert_eq!(refusal.error.code, ErrorCode::UnauthorizedClient);
}

#[test]
fn a_client_that_must_push_may_not_come_directly() {
    let client = client(json!({"require_pushed_authorization_requests": true}));
    assert!(validated("", &client).is_err());
    let found = AuthorizationParams::parse(query(""))
        .unwrap()
        .identify(&client)
        .unwrap();
    let pushed = Terms {
        arrival: Arrival::Pushed,
        ..DIRECT
    };
    assert!(found.validate(&client, pushed).is_ok());
}

#[test]
fn offline_access_is_for_clients_that_get_refresh_tokens() {
    let asked = "scope=openid+offline_access";
    assert!(request(asked).scopes.contains(Scope::OFFLINE_ACCESS));
    let without = client(json!({"grant_types": ["authorization_code"]}));
    let scopes = validated(asked, &without).unwrap().scopes;
    assert_eq!(scopes.to_string(), "openid");
}

#[test]
fn what_a_request_leaves_out_the_registration_says() {
    let client = client(json!({
        "default_max_age": 10, "default_acr_values": ["x"], "scope": "openid api", "resources": ["urn:api"],
    }));
    let silent = validated("scope=&resource=urn:api", &client).unwrap();
    assert_eq!(silent.max_age, Some(10));
    assert_eq!(silent.acr_values, ["x"]);
    assert_eq!(silent.scopes.to_string(), "api");
    assert_eq!(silent.resources.len(), 1);
    assert_eq!(validated("max_age=0", &client).unwrap().max_age, Some(0));
}

#[test]
fn claims_are_no_wider_than_the_registered_scopes() {
    let client = client(json!({"scope": "openid email api"}));
    let asked =
        "&claims={\"userinfo\":{\"email\":null,\"phone_number\":null},\"id_token\":{\"acr\":null}}";
    let claims = validated(&format!("scope=openid{asked}"), &client)
        .unwrap()
        .claims;
    assert_eq!(claims.names().collect::<Vec<_>>(), ["email", "acr"]);
    assert!(
        validated(&format!("scope=api{asked}"), &client)
            .unwrap()
            .claims
            .is_empty()
    );
}

proptest! {
    #[test]
    fn no_request_panics_or_loses_its_way(
        name in "(scope|prompt|max_age|claims|resource|nonce|state|response_mode|code_challenge)",
        value in "\\PC{0,30}",
    ) {
        let extra = Params::default().with(&name, &value).encode();
        if let Err(refusal) = validated(&extra, &client(json!({}))) {
            prop_assert_eq!(refusal.redirect_uri.as_str(), "https://app.example/cb");
        }
    }
}
