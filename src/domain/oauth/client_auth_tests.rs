//! Is a client known by one proof, the one it registered?

use super::*;
use crate::domain::oauth::client::tests::client;
use proptest::prelude::*;
use serde_json::json;

fn presented(header: Option<&str>, body: &str) -> Result<Presented, OAuthError> {
    Presented::from_request(header, &Params::parse(body.as_bytes()).unwrap())
}

fn basic_header(text: &str) -> String {
    format!("Basic {}", Base64::encode_string(text.as_bytes()))
}

#[test]
fn basic_credentials_are_form_decoded() {
    let header = basic_header("a%2Fpp:se%3Acret+1:x");
    match presented(Some(&header), "client_id=a/pp").unwrap() {
        Presented::SecretBasic { client_id, secret } => {
            assert_eq!(client_id.as_str(), "a/pp");
            assert!(secret.ct_eq(b"se:cret 1:x"));
        }
        other => panic!("{other:?}"),
    }
    assert!(presented(Some(&header.replace("Basic", "basic")), "").is_ok());
}

#[test]
fn the_other_methods_come_in_the_body() {
    let assertion = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=a.b.c";
    for (body, method) in [
        ("client_id=app", AuthMethod::None),
        (
            "client_id=app&client_secret=s",
            AuthMethod::ClientSecretPost,
        ),
        (assertion, AuthMethod::PrivateKeyJwt),
        (
            &format!("{assertion}&client_id=app"),
            AuthMethod::PrivateKeyJwt,
        ),
    ] {
        assert_eq!(presented(None, body).unwrap().method(), method);
    }
}

#[test]
fn two_methods_or_half_of_one_are_refused() {
    use ErrorCode as E;
    let header = basic_header("app:s");
    for (header, body, code) in [
        (None, "", E::InvalidClient),
        (None, "client_secret=s", E::InvalidRequest),
        (None, "client_id=a%3Ab", E::InvalidClient),
        (None, "client_id=app&client_id=app", E::InvalidRequest),
        (None, "client_assertion=x", E::InvalidRequest),
        (
            None,
            "client_assertion=x&client_assertion_type=y",
            E::InvalidClient,
        ),
        (
            Some(header.as_str()),
            "client_id=app&client_secret=s",
            E::InvalidRequest,
        ),
        (Some(header.as_str()), "client_id=other", E::InvalidRequest),
        (Some("Bearer x"), "client_id=app", E::InvalidClient),
        (Some("Basic"), "", E::InvalidClient),
        (Some("Basic !!!"), "", E::InvalidClient),
        (Some(&basic_header("app")), "", E::InvalidClient),
        (Some(&basic_header("app:%zz")), "", E::InvalidClient),
    ] {
        assert_eq!(
            presented(header, body).unwrap_err().code,
            code,
            "{header:?} {body}"
        );
    }
}

#[test]
fn a_client_uses_the_method_it_registered_and_its_own_secret() {
    let mut client = client(json!({}));
    client.secret_digest = Some(TokenDigest::of(b"s3cret"));
    let check = |header: Option<&str>, body: &str| presented(header, body).unwrap().check(&client);
    assert_eq!(check(Some(&basic_header("app:s3cret")), ""), Ok(()));
    assert_eq!(check(Some(&basic_header("app:wrong")), ""), Err(failed()));
    assert_eq!(
        check(Some(&basic_header("other:s3cret")), ""),
        Err(failed())
    );
    assert!(check(None, "client_id=app&client_secret=s3cret").is_err());
    assert!(check(None, "client_id=app").is_err());
}

#[test]
fn a_client_without_a_digest_is_never_let_in_by_secret() {
    let client = client(json!({}));
    let check = presented(Some(&basic_header("app:")), "")
        .unwrap()
        .check(&client);
    assert_eq!(check, Err(failed()));
}

proptest! {
    #[test]
    fn no_header_panics(header in "(Basic )?[ -~]{0,40}", body in "[a-z_=&%]{0,40}") {
        if let Ok(params) = Params::parse(body.as_bytes()) {
            let _ = Presented::from_request(Some(&header), &params);
        }
    }

    #[test]
    fn whatever_is_encoded_as_rfc_6749_says_is_read(name in "[!-9;-~]{1,20}", secret in "[ -~]{1,30}") {
        let quote = |text: &str| Params::default().with("", text).encode().split_off(1);
        let header = basic_header(&format!("{}:{}", quote(&name), quote(&secret)));
        match presented(Some(&header), "").unwrap() {
            Presented::SecretBasic { client_id, secret: read } => {
                prop_assert_eq!(client_id.as_str(), name);
                prop_assert!(read.ct_eq(secret.as_bytes()));
            }
            other => panic!("{other:?}"),
        }
    }
}
