//! What follows from what a session says to an authorization request?

use super::stage::{ISSUER, NOON, Stage, json, location, param, view};
use crate::{
    actors::{
        session::{Authorized, Message, Reply},
        tenant::{self, Consents},
    },
    domain::oauth::{Client, Consent, Params, Scopes, client::tests::client},
};
use serde_json::json;

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeGrqKvBLBpT8-3y0AfQ";

fn app() -> Client {
    client(json!({"token_endpoint_auth_method": "none"}))
}

fn query(more: &str) -> String {
    format!(
        "client_id=app&response_type=code&redirect_uri=https://app.example/cb&scope=openid+email\
         &state=s%26t&code_challenge={CHALLENGE}&code_challenge_method=S256{more}"
    )
}

fn target(more: &str) -> String {
    format!("/oauth/authorize?{}", query(more))
}

fn says(authorized: Authorized) -> Stage {
    let mut lines = Some(authorized);
    Stage::set()
        .client(app())
        .session(move |_| Some(Reply::Authorize(lines.take().unwrap())))
}

#[test]
fn a_code_goes_back_with_state_and_issuer_for_one_question() {
    let stage = says(Authorized::Code);
    stage.get(&target(""));
    stage.asked();
    let answer = stage.browse(&target(""));
    assert_eq!(stage.asked(), ["session"]);
    assert_eq!(answer.status, 303);
    assert!(location(&answer).starts_with("https://app.example/cb?code=a2c_"));
    assert_eq!(param(&answer, "state").as_deref(), Some("s&t"));
    assert_eq!(param(&answer, "iss").as_deref(), Some(ISSUER));
}

#[test]
fn each_thing_to_do_has_its_page_and_carries_the_request() {
    for (said, page) in [
        (
            Authorized::LogIn(crate::domain::oauth::LoginReason::Asked),
            "/login?interaction=",
        ),
        (
            Authorized::SelectAccount(view()),
            "/select-account?interaction=",
        ),
    ] {
        let answer = says(said).browse(&target(""));
        assert!(location(&answer).starts_with(page));
    }
    let nobody = Stage::set().client(app());
    assert!(location(&nobody.get(&target(""))).starts_with("/login?interaction="));
    assert!(location(&nobody.browse(&target(""))).starts_with("/login?interaction="));
}

#[test]
fn without_a_session_prompt_none_is_answered_without_a_question() {
    let stage = Stage::set().client(app());
    let answer = stage.get(&target("&prompt=none"));
    assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));
    assert!(!stage.asked().contains(&"session".to_owned()));
}

#[test]
fn a_consent_the_tenant_remembers_is_shown_to_the_session() {
    for (scopes, prompt, expected) in [
        ("openid email", "", "https://app.example/cb?code="),
        ("openid", "", "/consent?interaction="),
        (
            "openid",
            "&prompt=none",
            "https://app.example/cb?error=consent_required",
        ),
    ] {
        let stage = Stage::set().client(app()).session(|message| {
            let Message::Authorize(ask) = message else {
                panic!("only Authorize is asked");
            };
            Some(Reply::Authorize(match ask.consent {
                Some(_) => Authorized::Code,
                None => Authorized::Consent(view()),
            }))
        });
        let given = Consent {
            client_id: app().client_id,
            scopes: Scopes::parse(scopes).unwrap(),
            claims: std::collections::BTreeSet::new(),
            granted_at: NOON,
        };
        let stage = stage.tenant(move |_| {
            Some(tenant::Reply::ReadConsent(Consents {
                items: vec![given.clone()],
                email: None,
            }))
        });
        let answer = stage.browse(&target(prompt));
        assert!(location(&answer).starts_with(expected), "{answer:?}");
    }
}

#[test]
fn nothing_is_redirected_to_an_address_nobody_vouches_for() {
    let stage = Stage::set().client(app());
    for query in [
        "client_id=app&response_type=code&redirect_uri=https://evil.example/",
        "client_id=other&response_type=code&redirect_uri=https://app.example/cb",
        "client_id=app&client_id=app",
        "client_id=%ff",
        "interaction=x",
        "request_uri=urn:ietf:params:oauth:request_uri:x&client_id=app",
    ] {
        let answer = stage.get(&format!("/oauth/authorize?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(!answer.headers.contains_key("location"), "{query}");
    }
}

#[test]
fn a_mistake_is_redirected_in_the_mode_asked_for() {
    let stage = Stage::set().client(app());
    let answer = stage.get(&target("&request=x"));
    assert_eq!(
        param(&answer, "error").as_deref(),
        Some("request_not_supported")
    );
    assert_eq!(param(&answer, "iss").as_deref(), Some(ISSUER));
    let answer = stage.get(&target("&response_mode=form_post&prompt=none"));
    assert_eq!(answer.status, 200);
}

#[test]
fn a_hint_that_is_not_ours_is_refused() {
    let answer = Stage::set()
        .client(app())
        .get(&target("&id_token_hint=e30.e30.AA"));
    assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
}

#[test]
fn a_form_of_another_site_is_redirected_to_bring_the_cookie() {
    let stage = says(Authorized::Code);
    let answer = stage.form("/oauth/authorize", &query(""));
    assert!(location(&answer).starts_with("/oauth/authorize?interaction="));
    let answer = stage.browse(location(&answer));
    assert!(location(&answer).starts_with("https://app.example/cb?code="));
}

#[test]
fn a_pushed_request_comes_back_by_its_own_client_in_time() {
    let stage = Stage::set().client(app());
    let pushed = stage.form("/oauth/par", &query(""));
    assert_eq!(pushed.status, 201);
    let uri = json(&pushed)["request_uri"].as_str().unwrap().to_owned();
    let at = |client_id: &str| {
        let params = Params::default()
            .with("client_id", client_id)
            .with("request_uri", &uri);
        stage.get(&format!("/oauth/authorize?{}", params.encode()))
    };
    assert!(location(&at("app")).starts_with("/login?"));
    assert_eq!(at("other").status, 400);
    stage.advance(91_000);
    assert_eq!(at("app").status, 400);
}

#[test]
fn a_bad_request_cannot_be_pushed() {
    let stage = Stage::set().client(app());
    for (more, error) in [
        ("&request_uri=urn:x", "invalid_request"),
        ("&max_age=x", "invalid_request"),
        ("&redirect_uri=https://evil.example/", "invalid_request"),
        ("&response_type=token", "invalid_request"),
    ] {
        let answer = stage.form("/oauth/par", &query(more));
        assert_eq!(answer.status, 400);
        assert_eq!(json(&answer)["error"], error, "{more}");
    }
}
