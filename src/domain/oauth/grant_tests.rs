//! Are token requests read, and codes given to their owners only?

use super::*;
use proptest::prelude::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn parse(body: &str) -> Result<TokenRequest, OAuthError> {
    TokenRequest::parse(&Params::parse(body.as_bytes()).unwrap())
}

#[test]
fn each_grant_reads_its_own_parameters() {
    let code =
        format!("grant_type=authorization_code&code=c&redirect_uri=r&code_verifier={VERIFIER}");
    match parse(&code).unwrap() {
        TokenRequest::AuthorizationCode {
            code,
            redirect_uri,
            code_verifier,
            ..
        } => {
            assert!(code.ct_eq(b"c") && code_verifier.is_some());
            assert_eq!(redirect_uri.as_deref(), Some("r"));
        }
        other => panic!("{other:?}"),
    }
    match parse("grant_type=refresh_token&refresh_token=t&scope=a+b&resource=urn:x").unwrap() {
        TokenRequest::RefreshToken {
            refresh_token,
            scope,
            resources,
        } => {
            assert!(refresh_token.ct_eq(b"t"));
            assert_eq!(scope, Some(Scopes::parse("a b").unwrap()));
            assert_eq!(resources.len(), 1);
        }
        other => panic!("{other:?}"),
    }
    let machine = parse("grant_type=client_credentials").unwrap();
    assert_eq!(machine.grant_type(), GrantType::ClientCredentials);
}

#[test]
fn each_broken_rule_has_its_code() {
    use ErrorCode as E;
    let long = format!(
        "grant_type=authorization_code&code={}",
        "x".repeat(TOKEN_BYTES_MAX + 1)
    );
    for (body, code) in [
        ("", E::InvalidRequest),
        ("grant_type=password&username=a", E::UnsupportedGrantType),
        ("grant_type=authorization_code", E::InvalidRequest),
        (
            "grant_type=authorization_code&code=a&code=b",
            E::InvalidRequest,
        ),
        (
            "grant_type=authorization_code&code=a&code_verifier=short",
            E::InvalidGrant,
        ),
        (&long, E::InvalidGrant),
        ("grant_type=refresh_token&refresh_token=", E::InvalidRequest),
        (
            "grant_type=refresh_token&refresh_token=a&scope=%22",
            E::InvalidScope,
        ),
        ("grant_type=client_credentials&resource=x", E::InvalidTarget),
    ] {
        assert_eq!(parse(body).unwrap_err().code, code, "{body}");
    }
}

#[test]
fn a_grant_type_has_one_spelling() {
    for one in GrantType::ALL {
        assert_eq!(GrantType::parse(one.as_str()), Some(one));
        assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
    }
}

proptest! {
    #[test]
    fn scopes_only_ever_narrow(granted in "[a-d]( [a-d]){0,3}", asked in "[a-f]( [a-f]){0,3}") {
        let (granted, asked) = (Scopes::parse(&granted).unwrap(), Scopes::parse(&asked).unwrap());
        if let Ok(narrowed) = narrow_scopes(&granted, Some(&asked)) {
            prop_assert!(narrowed.is_subset(&granted) && narrowed == asked);
        }
        prop_assert_eq!(narrow_scopes(&granted, None), Ok(granted));
    }
}
