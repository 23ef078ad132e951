//! Which client is believed?

use super::stage::{ISSUER, NOON, Native, Stage, json};
use crate::{
    domain::{
        keys::SigningKey,
        oauth::{Client, client::tests::client},
        secret::{Secret, TokenDigest},
        token::jwt::{AssertionClaims, Audience, sign},
    },
    gateway::http::Response,
};
use base64ct::{Base64, Encoding};
use futures::FutureExt;
use serde_json::{Value, json};

const GRANT: &str = "grant_type=client_credentials";

fn machine(more: Value) -> Client {
    let mut document = json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "scope": "read openid",
    });
    crate::domain::merge_patch::merge(&mut document, more);
    let mut client = client(document);
    client.secret_digest = Some(TokenDigest::of(b"s3cret"));
    client
}

fn basic(stage: &Stage, name: &str, secret: &str) -> Response {
    let credentials = Base64::encode_string(format!("{name}:{secret}").as_bytes());
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("authorization", &format!("Basic {credentials}")),
    ];
    stage.send("POST /oauth/token", &headers, GRANT)
}

#[test]
fn a_known_client_costs_no_question() {
    let stage = Stage::set().client(machine(json!({})));
    assert_eq!(basic(&stage, "app", "s3cret").status, 200);
    stage.asked();
    let answer = basic(&stage, "app", "s3cret");
    assert_eq!(stage.asked(), Vec::<String>::new());
    let tokens = json(&answer);
    assert_eq!(tokens["scope"], "read");
    assert_eq!(tokens["expires_in"], 300);
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[test]
fn a_wrong_secret_and_an_unknown_client_look_alike() {
    let stage = Stage::set().client(machine(json!({})));
    let (wrong, unknown) = (basic(&stage, "app", "x"), basic(&stage, "nobody", "x"));
    assert_eq!(wrong.status, 401);
    assert_eq!(
        (wrong.status, wrong.body, &wrong.headers),
        (unknown.status, unknown.body, &unknown.headers)
    );
    assert!(wrong.headers.contains_key("www-authenticate"));
    let in_body = stage.form(
        "/oauth/token",
        &format!("{GRANT}&client_id=app&client_secret=x"),
    );
    // RFC 9110 §11.6.1: a 401 has a challenge, however the client tried.
    assert!(in_body.headers.contains_key("www-authenticate"));
}

#[test]
fn credentials_come_once_and_by_one_method() {
    let stage = Stage::set().client(machine(json!({})));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let twice = [
        form,
        ("authorization", "Basic YTpi"),
        ("authorization", "Basic YTpi"),
    ];
    let both = [form, ("authorization", "Basic YXBwOnMzY3JldA==")];
    for (headers, body) in [
        (&twice[..], GRANT.to_owned()),
        (&both[..], format!("{GRANT}&client_secret=s3cret")),
        (&[form][..], format!("{GRANT}&client_id=app&client_id=app")),
        (&[][..], GRANT.to_owned()),
    ] {
        let answer = stage.send("POST /oauth/token", headers, &body);
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(json(&answer)["error"], "invalid_request");
    }
}

fn assertion(key: &SigningKey, audience: &str, jti: &str) -> String {
    let claims = AssertionClaims {
        iss: "app".into(),
        sub: "app".into(),
        aud: Audience::one(audience),
        exp: NOON.plus(60_000),
        iat: Some(NOON),
        nbf: None,
        jti: Some(jti.into()),
    };
    let signed = sign(&Native, key, &claims).now_or_never().unwrap().unwrap();
    format!(
        "{GRANT}&client_assertion={signed}&client_assertion_type=\
         urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    )
}

#[test]
fn an_assertion_is_by_the_registered_key_for_us_and_once() {
    let key = SigningKey::ed25519(Secret::new([5; 32]));
    let jwks = json!({ "keys": [key.public()] });
    let registered = machine(json!({
        "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
    }));
    let stage = Stage::set().client(registered);
    let send = |body: &str| stage.form("/oauth/token", body).status;
    let token_endpoint = format!("{ISSUER}/oauth/token");
    let first = assertion(&key, ISSUER, "one");
    assert_eq!(send(&first), 200);
    assert_eq!(send(&first), 401, "used before");
    assert_eq!(send(&assertion(&key, &token_endpoint, "two")), 200);
    assert_eq!(
        send(&assertion(&key, "https://other.example", "three")),
        401
    );
    let other = SigningKey::ed25519(Secret::new([6; 32]));
    assert_eq!(send(&assertion(&other, ISSUER, "four")), 401);
}

#[test]
fn strangers_register_only_where_the_tenant_lets_them() {
    let headers = [("content-type", "application/json")];
    let closed = Stage::set();
    let answer = closed.send("POST /oauth/register", &headers, "{}");
    assert_eq!(answer.status, 403);
    assert_eq!(json(&answer)["error"], "access_denied");
    let open = Stage::set().settings(|settings| settings.registration_enabled = true);
    let answer = open.send("POST /oauth/register", &headers, "{}");
    assert_eq!(json(&answer)["error"], "invalid_redirect_uri");
    assert_eq!(open.send("POST /oauth/register", &[], "{}").status, 415);
    let discovery = |stage: &Stage| json(&stage.get("/.well-known/openid-configuration"));
    assert!(discovery(&open).get("registration_endpoint").is_some());
    assert!(discovery(&closed).get("registration_endpoint").is_none());
}

#[test]
fn a_registration_is_managed_by_its_token_alone() {
    let mut registered = machine(json!({}));
    let token = crate::domain::token::opaque::RegistrationToken::mint(
        &mut crate::domain::entropy::Seeded::new(3),
    );
    registered.registration_token_digest = Some(token.digest());
    let stage = Stage::set().client(registered);
    let text = token.reveal();
    let bearer = format!("Bearer {}", text.expose());
    let send = |line: &str, bearer: &str, body: &str| {
        let headers = [
            ("authorization", bearer),
            ("content-type", "application/json"),
        ];
        stage.send(line, &headers, body)
    };
    let shown = send("GET /oauth/register/app", &bearer, "");
    assert_eq!(shown.status, 200);
    assert_eq!(
        json(&shown)["registration_client_uri"],
        format!("{ISSUER}/oauth/register/app")
    );
    assert!(json(&shown).get("client_secret").is_none());
    assert_eq!(send("GET /oauth/register/other", &bearer, "").status, 401);
    assert_eq!(
        send("GET /oauth/register/app", "Bearer a2g_x", "").status,
        401
    );
    assert_eq!(stage.get("/oauth/register/app").status, 401);
    for body in [
        "{}",
        r#"{"client_id":"other"}"#,
        r#"{"client_id":"app","client_secret":"x"}"#,
    ] {
        let answer = send("PUT /oauth/register/app", &bearer, body);
        assert_eq!(json(&answer)["error"], "invalid_client_metadata", "{body}");
    }
}
