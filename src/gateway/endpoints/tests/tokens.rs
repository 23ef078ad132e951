//! What are tokens worth, and what do they say?

use super::stage::{ISSUER, NOON, SESSION, Stage, USER, json};
use crate::{
    actors::{
        session::{GrantRefusal, Introspected, Issue, Message, Redeemed, Reply, TokenRevoked},
        tenant::{self, ClaimsRead},
    },
    domain::{
        entropy::Seeded,
        ids::GrantId,
        oauth::{ClaimsRequest, Client, Scopes, UserClaims, client::tests::client},
        secret::TokenDigest,
        session::Authentication,
        token::opaque::AuthorizationCode,
    },
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value, json};

const GRANT: GrantId = GrantId::from_bytes([4; 16]);
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn app(alg: &str) -> Client {
    client(json!({
        "token_endpoint_auth_method": "client_secret_post", "id_token_signed_response_alg": alg,
    }))
}

fn issue() -> Issue {
    let claims = r#"{"id_token":{"email":null,"sub":null},"userinfo":{"name":null,"x":null}}"#;
    Issue {
        grant: GRANT,
        user: USER,
        client_id: app("EdDSA").client_id,
        scopes: Scopes::parse("openid").unwrap(),
        resources: vec![],
        authentication: Authentication::by_password(NOON),
        nonce: Some("n".to_owned()),
        claims: ClaimsRequest::parse(claims).unwrap(),
        refresh: None,
        until: None,
    }
}

fn known() -> UserClaims {
    serde_json::from_value(json!({"name": "Ada", "email": "ada@example.com"})).unwrap()
}

/// A session that issues, and knows nothing revoked.
fn stage() -> Stage {
    let mut own = app("EdDSA");
    own.secret_digest = Some(TokenDigest::of(b"s3cret"));
    let lines = |message| {
        Some(match message {
            Message::Redeem(_) => Reply::Redeem(Redeemed::Issued(Box::new(issue()))),
            Message::Introspect(_) => Reply::Introspect(Introspected::Active {
                user: USER,
                client_id: app("EdDSA").client_id,
                scopes: Scopes::parse("openid").unwrap(),
                expires_at: NOON,
            }),
            Message::RevokeToken(_) => Reply::RevokeToken(TokenRevoked::OtherClient),
            _ => panic!("no such line"),
        })
    };
    let tenant = |_| {
        let claims = ClaimsRead::Claims(Box::new(known()));
        Some(tenant::Reply::ReadClaims(claims))
    };
    Stage::set().client(own).session(lines).tenant(tenant)
}

fn redeemed(stage: &Stage) -> Value {
    let code = AuthorizationCode::mint(SESSION, &mut Seeded::new(2));
    let body = format!(
        "grant_type=authorization_code&code={}&redirect_uri=https://app.example/cb\
         &code_verifier={VERIFIER}&client_id=app&client_secret=s3cret",
        code.reveal().expose()
    );
    json(&stage.form("/oauth/token", &body))
}

fn claims(token: &Value) -> Value {
    let body = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(body).unwrap()).unwrap()
}

fn post(stage: &Stage, path: &str, token: &str) -> Value {
    let body = format!("token={token}&client_id=app&client_secret=s3cret");
    json(&stage.form(path, &body))
}

#[test]
fn tokens_say_what_the_session_issued() {
    let tokens = redeemed(&stage());
    let (access, id) = (claims(&tokens["access_token"]), claims(&tokens["id_token"]));
    assert_eq!(access["aud"], ISSUER);
    assert!(
        access["jti"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{GRANT}."))
    );
    assert_eq!(access["sid"], SESSION.to_string());
    assert_eq!(access["userinfo_claims"], json!(["name"]));
    assert_eq!(id["aud"], "app");
    assert_eq!(id["nonce"], "n");
    assert_eq!(id["email"], "ada@example.com");
    assert!(id.get("name").is_none() && id["at_hash"].is_string());
}

#[test]
fn userinfo_answers_what_scope_and_claims_asked_for() {
    let stage = stage();
    let tokens = redeemed(&stage);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    stage.asked();
    let answer = stage.send("GET /oauth/userinfo", &[("authorization", &bearer)], "");
    assert_eq!(stage.asked(), ["tenant"]);
    assert_eq!(json(&answer), json!({"sub": USER, "name": "Ada"}));
    assert_eq!(answer.headers["access-control-allow-origin"], "*");

    let in_form = format!("access_token={}", tokens["access_token"].as_str().unwrap());
    assert_eq!(stage.form("/oauth/userinfo", &in_form).status, 200);
    let in_query = stage.get(&format!("/oauth/userinfo?{in_form}"));
    assert_eq!(json(&in_query)["error"], "invalid_request");
    let id = format!("Bearer {}", tokens["id_token"].as_str().unwrap());
    let refused = stage.send("GET /oauth/userinfo", &[("authorization", &id)], "");
    assert_eq!(refused.status, 401);
    assert_eq!(json(&refused)["error"], "invalid_token");
    let challenge = &stage.get("/oauth/userinfo").headers["www-authenticate"];
    assert_eq!(challenge, "Bearer realm=\"oauth\"");
}

#[test]
fn a_token_that_has_expired_is_worth_nothing() {
    let stage = stage();
    let token = redeemed(&stage)["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(post(&stage, "/oauth/introspect", &token)["active"], true);
    stage.advance(301_000);
    assert_eq!(
        post(&stage, "/oauth/introspect", &token),
        json!({"active": false})
    );
}

#[test]
fn introspection_asks_the_session_once() {
    let stage = stage();
    let tokens = redeemed(&stage);
    stage.asked();
    let told = post(
        &stage,
        "/oauth/introspect",
        tokens["access_token"].as_str().unwrap(),
    );
    assert_eq!(stage.asked(), ["session"]);
    assert_eq!(told["sub"], USER.to_string());
    assert_eq!(told["token_type"], "Bearer");
    for garbage in ["x", "a2r_x", tokens["id_token"].as_str().unwrap()] {
        let told = post(&stage, "/oauth/introspect", garbage);
        assert_eq!(told, json!({"active": false}));
    }
}

/// Whether a second client, registered for these audiences, sees a token that
/// was issued for this one.
fn is_seen(token_for: &str, registered_for: &[&str]) -> Value {
    let resource = |text: &str| crate::domain::oauth::Resource::parse(text).unwrap();
    let mut other = app("EdDSA");
    other.client_id = crate::domain::oauth::ClientId::parse("other").unwrap();
    other.secret_digest = Some(TokenDigest::of(b"s3cret"));
    other.metadata.resources = registered_for.iter().map(|text| resource(text)).collect();
    let (default, asked) = (resource("urn:default"), resource(token_for));
    let stage = stage()
        .client(other)
        .settings(|settings| settings.default_resource = Some(default))
        .session(move |message| {
            Some(match message {
                Message::Redeem(_) => Reply::Redeem(Redeemed::Issued(Box::new(Issue {
                    resources: vec![asked.clone()],
                    ..issue()
                }))),
                _ => Reply::Introspect(Introspected::Active {
                    user: USER,
                    client_id: app("EdDSA").client_id,
                    scopes: Scopes::default(),
                    expires_at: NOON,
                }),
            })
        });
    let token = redeemed(&stage)["access_token"].clone();
    let body = format!(
        "token={}&client_id=other&client_secret=s3cret",
        token.as_str().unwrap()
    );
    json(&stage.form("/oauth/introspect", &body))["active"].clone()
}

#[test]
fn a_token_is_shown_to_whom_it_is_for() {
    assert_eq!(is_seen("urn:api", &["urn:api"]), true);
    assert_eq!(is_seen("urn:api", &["urn:other"]), false);
    assert_eq!(is_seen("urn:default", &[]), true);
}

#[test]
fn another_clients_token_cannot_be_revoked_and_garbage_is() {
    let stage = stage();
    let token = redeemed(&stage)["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        post(&stage, "/oauth/revoke", &token)["error"],
        "invalid_grant"
    );
    let body = "token=x&client_id=app&client_secret=s3cret";
    assert_eq!(stage.form("/oauth/revoke", body).status, 200);
}

#[test]
fn what_is_too_large_is_413_and_a_long_parameter_400() {
    let stage = stage();
    assert_eq!(stage.send_too_large("POST /oauth/token").status, 413);
    assert_eq!(stage.send_too_large("POST /oauth/authorize").status, 413);
    let long = format!("token={}", "x".repeat(20_000));
    assert_eq!(
        json(&stage.form("/oauth/revoke", &long))["error"],
        "invalid_request"
    );
}

#[test]
fn a_refusal_of_the_session_is_told_without_its_reason() {
    let refuse = |_| Some(Reply::Redeem(Redeemed::Refused(GrantRefusal::Reused)));
    let stage = stage().session(refuse);
    assert_eq!(redeemed(&stage)["error"], "invalid_grant");
}

#[test]
fn a_script_may_read_errors_of_open_endpoints() {
    let stage = Stage::set();
    let asked = stage.send("OPTIONS /oauth/token", &[], "");
    assert_eq!(asked.status, 204);
    assert_eq!(asked.headers["access-control-allow-methods"], "POST");
    let refused = stage.form("/oauth/token", "grant_type=x");
    assert_eq!(refused.status, 400);
    assert_eq!(refused.headers["access-control-allow-origin"], "*");
    assert_eq!(stage.send("OPTIONS /oauth/authorize", &[], "").status, 405);
}

#[test]
fn metadata_and_keys_come_from_memory_and_may_be_kept() {
    let stage = Stage::set();
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
    ] {
        stage.get(path);
        stage.asked();
        let answer = stage.get(path);
        assert_eq!(stage.asked(), Vec::<String>::new());
        let kept = answer.headers["cache-control"].to_str().unwrap();
        assert!(kept.contains("max-age="));
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
    }
}
