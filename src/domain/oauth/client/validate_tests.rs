//! Does validation keep each rule of client metadata?

use super::*;
use serde_json::json;

fn check(document: Value, by: Registrant) -> Result<ValidMetadata, OAuthError> {
    serde_json::from_value::<ClientMetadata>(document)
        .unwrap()
        .validate(by)
}

fn with(extra: Value) -> Value {
    let mut document = json!({"redirect_uris": ["https://app.example/cb"]});
    crate::domain::merge_patch::merge(&mut document, extra);
    document
}

fn accepted(extra: Value) -> ValidMetadata {
    check(with(extra), Registrant::Dynamic).unwrap()
}

fn refused_as(extra: Value, code: ErrorCode) {
    let shown = extra.to_string();
    let refusal = check(with(extra), Registrant::Admin).expect_err(&shown);
    assert_eq!(refusal.code, code, "{shown}");
}

#[test]
fn a_client_that_says_nothing_has_the_defaults_of_rfc_7591() {
    let valid = accepted(json!({}));
    assert_eq!(valid.grant_types, [GrantType::AuthorizationCode]);
    assert_eq!(valid.response_types, [ResponseType::Code]);
    assert_eq!(
        valid.token_endpoint_auth_method,
        AuthMethod::ClientSecretBasic
    );
    assert_eq!(valid.id_token_signed_response_alg.name(), "RS256");
    assert_eq!(valid.application_type, ApplicationType::Web);
    assert!(valid.require_pkce && !valid.skip_consent);
    assert!(valid.scope.contains("openid") && !valid.scope.contains("admin"));
}

#[test]
fn the_code_grant_needs_an_address() {
    refused_as(json!({"redirect_uris": []}), ErrorCode::InvalidRedirectUri);
    refused_as(
        json!({"redirect_uris": null}),
        ErrorCode::InvalidRedirectUri,
    );
    let machine = json!({"redirect_uris": null, "grant_types": ["client_credentials"]});
    let valid = check(with(machine), Registrant::Admin).unwrap();
    assert!(valid.response_types.is_empty() && valid.scope.is_empty());
}

#[test]
fn a_bad_address_is_an_invalid_redirect_uri() {
    for uri in [
        "http://app.example/",
        "https://app.example/#x",
        "javascript:x",
        "com.example:/cb",
    ] {
        refused_as(
            json!({"redirect_uris": [uri]}),
            ErrorCode::InvalidRedirectUri,
        );
    }
    let many = vec!["https://app.example/cb"; REDIRECT_URIS_MAX + 1];
    refused_as(
        json!({"redirect_uris": many}),
        ErrorCode::InvalidClientMetadata,
    );
}

#[test]
fn a_native_application_may_have_its_own_scheme() {
    let uris = json!([
        "com.example.app:/cb",
        "http://127.0.0.1/cb",
        "https://app.example/cb"
    ]);
    let native = json!({
        "application_type": "native", "token_endpoint_auth_method": "none", "redirect_uris": uris,
    });
    assert_eq!(accepted(native).redirect_uris.len(), 3);
}

#[test]
fn grant_and_response_types_agree() {
    for extra in [
        json!({"grant_types": ["client_credentials"], "response_types": ["code"]}),
        json!({"response_types": []}),
        json!({"response_types": ["token"]}),
        json!({"grant_types": ["implicit"]}),
        json!({"grant_types": []}),
        json!({"grant_types": ["refresh_token"]}),
    ] {
        refused_as(extra, ErrorCode::InvalidClientMetadata);
    }
}

#[test]
fn a_public_client_cannot_leave_out_pkce_nor_act_for_itself() {
    let public = json!({"token_endpoint_auth_method": "none", "require_pkce": false});
    refused_as(public, ErrorCode::InvalidClientMetadata);
    let machine = json!({
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "client_credentials"],
    });
    refused_as(machine, ErrorCode::InvalidClientMetadata);
    assert!(!accepted(json!({"require_pkce": false})).require_pkce);
}

#[test]
fn a_stranger_gets_nothing_that_only_an_admin_gives() {
    for extra in [
        json!({"skip_consent": true}),
        json!({"scope": "openid admin"}),
        json!({"resources": ["https://api.example/"]}),
        json!({"grant_types": ["authorization_code", "client_credentials"]}),
    ] {
        assert!(
            check(with(extra.clone()), Registrant::Admin).is_ok(),
            "{extra}"
        );
        let refusal = check(with(extra), Registrant::Dynamic).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidClientMetadata);
    }
}

#[test]
fn keys_are_inline_public_and_few() {
    let method = "private_key_jwt";
    let key = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"});
    accepted(json!({"token_endpoint_auth_method": method, "jwks": {"keys": [key]}}));
    for extra in [
        json!({"token_endpoint_auth_method": method}),
        json!({"jwks_uri": "https://app.example/jwks"}),
        json!({"jwks": {}}),
        json!({"jwks": {"keys": []}}),
        json!({"jwks": {"keys": ["x"]}}),
        json!({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}),
        json!({"jwks": {"keys": [{"kty": "EC", "d": "AA"}]}}),
        json!({"jwks": {"keys": vec![key.clone(); KEYS_MAX + 1]}}),
    ] {
        refused_as(extra, ErrorCode::InvalidClientMetadata);
    }
}

#[test]
fn names_texts_and_links_are_checked() {
    for extra in [
        json!({"token_endpoint_auth_method": "client_secret_jwt"}),
        json!({"id_token_signed_response_alg": "none"}),
        json!({"subject_type": "pairwise"}),
        json!({"application_type": "toaster"}),
        json!({"client_name": "a\nb"}),
        json!({"client_name": "x".repeat(NAME_CHARS_MAX + 1)}),
        json!({"scope": "a  b"}),
        json!({"logo_uri": "javascript:alert(1)"}),
        json!({"client_uri": "com.example.app:/"}),
        json!({"contacts": vec!["a@b.example"; LIST_MAX + 1]}),
        json!({"resources": ["/api"]}),
    ] {
        refused_as(extra, ErrorCode::InvalidClientMetadata);
    }
}
