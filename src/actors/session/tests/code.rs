//! To whom is a code worth something, and how often?

use super::{GrantRefusal, Redeem, Stage, client, consent_to, issued, refused, request, token};
use crate::{
    actors::session::{
        Authorize, Authorized, CLIENTS_MAX, CODE_LIFE_MS, CODES_MAX, GRANTS_PER_CLIENT_MAX, Looked,
        RevokeClient,
    },
    domain::{
        oauth::{CodeChallenge, Consent, ErrorCode, LoginReason, Resource},
        refresh::Lifetime,
        time::{DAY_MS, HOUR_MS, MINUTE_MS},
    },
};

const OTHER_CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn s4_1_2_a_code_is_redeemed_at_most_once() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let first = issued(stage.redeem(&code));
    assert!(stage.is_active(&token(&first)));

    stage.evict();
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Reused);
    assert!(!stage.is_active(&token(&first)));
    assert_eq!(refused(stage.refresh(&token(&first))), GrantRefusal::Ended);
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Unknown);
    assert!(matches!(stage.look(), Looked::Live(_)));
}

#[test]
fn a_code_used_long_ago_still_ends_what_it_issued() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let first = issued(stage.redeem(&code));
    stage.world.advance(10 * CODE_LIFE_MS);
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Reused);
    assert!(!stage.is_active(&token(&first)));
}

/// What is wrong with each, and what is said of it.
fn bad(stage: &Stage, good: impl Fn() -> Redeem) -> Vec<(Redeem, GrantRefusal)> {
    let uri = |text: &str| Some(text.to_owned());
    let stolen = stage.new_code().proof();
    vec![
        (
            Redeem {
                client_id: client("other"),
                ..good()
            },
            GrantRefusal::OtherClient,
        ),
        (
            Redeem {
                redirect_uri: uri("https://app.example/cb/"),
                ..good()
            },
            GrantRefusal::RedirectUri,
        ),
        (
            Redeem {
                redirect_uri: None,
                ..good()
            },
            GrantRefusal::RedirectUri,
        ),
        (
            Redeem {
                challenge: None,
                ..good()
            },
            GrantRefusal::Verifier,
        ),
        (
            Redeem {
                challenge: CodeChallenge::parse(OTHER_CHALLENGE, Some("S256")).ok(),
                ..good()
            },
            GrantRefusal::Verifier,
        ),
        (
            Redeem {
                code: crate::domain::token::CodeProof {
                    digest: stolen.digest,
                    ..good().code
                },
                ..good()
            },
            GrantRefusal::Unknown,
        ),
        (
            Redeem {
                code: stolen,
                ..good()
            },
            GrantRefusal::Unknown,
        ),
        (
            Redeem {
                resources: vec![Resource::parse("https://x.example").unwrap()],
                ..good()
            },
            GrantRefusal::Target,
        ),
    ]
}

#[test]
fn a_bad_request_does_not_burn_the_code_of_a_good_one() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    for (redeem, why) in bad(&stage, || stage.redemption(&code)) {
        let (rows, redeemed) = stage.written(|stage| stage.ask(redeem));
        assert_eq!((rows, refused(redeemed)), (0, why));
    }
    issued(stage.redeem(&code));
}

#[test]
fn a_bad_request_for_a_spent_code_ends_nothing() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let issue = issued(stage.redeem(&code));
    for (redeem, why) in bad(&stage, || stage.redemption(&code)) {
        if why != GrantRefusal::Target {
            assert_eq!(refused(stage.ask(redeem)), why);
        }
    }
    assert!(stage.is_active(&token(&issue)));
}

#[test]
fn s4_1_3_an_address_that_was_left_out_may_be_left_out_again() {
    let stage = Stage::begun();
    let mut asked = request("");
    asked.redirect_uri_was_given = false;
    let code = stage.code_for(asked);
    let redirect_uri = None;
    issued(stage.ask(Redeem {
        redirect_uri,
        ..stage.redemption(&code)
    }));
}

#[test]
fn s4_8_2_a_verifier_nobody_asked_for_is_refused() {
    let stage = Stage::begun();
    let mut asked = request("");
    let challenge = asked.code_challenge.take();
    let code = stage.code_for(asked);
    let downgraded = Redeem {
        challenge,
        ..stage.redemption(&code)
    };
    assert_eq!(refused(stage.ask(downgraded)), GrantRefusal::Verifier);
    let challenge = None;
    issued(stage.ask(Redeem {
        challenge,
        ..stage.redemption(&code)
    }));
}

#[test]
fn a_code_expires_and_is_purged() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    stage.world.advance(CODE_LIFE_MS - 1);
    assert_eq!(stage.rows("code"), 1);
    stage.world.advance(1);
    assert_eq!(stage.rows("code"), 0);
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Unknown);
}

#[test]
fn an_issue_is_what_was_authorized() {
    let stage = Stage::begun();
    let proved_at = stage.now();
    stage.world.advance(MINUTE_MS);
    let issue = stage.granted("nonce=n&scope=openid+email");
    assert_eq!(issue.nonce.as_deref(), Some("n"));
    assert_eq!(issue.scopes.to_string(), "email openid");
    assert_eq!(issue.authentication.at, proved_at);
    assert_eq!(issue.client_id, client("app"));
}

#[test]
fn resources_may_be_fewer_than_authorized() {
    let stage = Stage::begun();
    let [one, two] =
        ["https://a.example", "https://b.example"].map(|text| Resource::parse(text).unwrap());
    let mut asked = request("");
    asked.resources = vec![one.clone(), two.clone()];
    let code = stage.code_for(asked.clone());
    let fewer = Redeem {
        resources: vec![two.clone()],
        ..stage.redemption(&code)
    };
    let issue = issued(stage.ask(fewer));
    assert!(issue.resources.iter().eq([&two]));
    // The grant is for both still.
    let refreshed = issued(stage.refresh(&token(&issue)));
    assert_eq!(refreshed.resources, [one, two]);
}

#[test]
fn a_refresh_token_is_given_when_due_and_ends_with_the_session() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let refresh = None;
    let issue = issued(stage.ask(Redeem {
        refresh,
        ..stage.redemption(&code)
    }));
    assert!(issue.refresh.is_none());

    let code = stage.code_for(request(""));
    let refresh = Some(Lifetime {
        ends_at: stage.now().plus(900 * DAY_MS),
        idle_ms_max: None,
    });
    issued(stage.ask(Redeem {
        refresh,
        ..stage.redemption(&code)
    }));
    let grants = stage.inspect().state["grants"].clone();
    let expiries = grants.as_array().unwrap().iter();
    let last = expiries
        .filter_map(|grant| grant["expires_at"].as_i64())
        .max();
    let longest = stage.now().plus(super::ABSOLUTE_MS + HOUR_MS);
    assert_eq!(last, Some(longest.as_millis()));
}

#[test]
fn a_consent_is_remembered_until_it_is_withdrawn() {
    let stage = Stage::begun();
    let asked = || request("scope=openid+email");
    let ask = |consent: Option<Consent>, extra: &str| {
        let authorize = stage.authorize(request(extra), &stage.new_code());
        stage.ask(Authorize {
            consent,
            skip_consent: false,
            ..authorize
        })
    };
    let scope = "scope=openid+email";
    assert!(matches!(ask(None, scope), Authorized::Consent(_)));
    let mut other = consent_to(&asked(), stage.now());
    other.client_id = client("other");
    assert!(matches!(ask(Some(other), scope), Authorized::Consent(_)));

    let consent = consent_to(&asked(), stage.now());
    assert_eq!(ask(Some(consent), scope), Authorized::Code);
    stage.evict();
    assert_eq!(ask(None, scope), Authorized::Code);
    let wider = "scope=openid+email+phone";
    assert!(matches!(ask(None, wider), Authorized::Consent(_)));

    stage.ask(RevokeClient {
        client_id: client("app"),
        announced: None,
    });
    assert!(matches!(ask(None, scope), Authorized::Consent(_)));
}

#[test]
fn consents_of_a_bounded_number_of_clients_are_remembered() {
    let stage = Stage::begun();
    for number in 0..=CLIENTS_MAX {
        let mut asked = request("prompt=consent");
        asked.client_id = client(&format!("c{number}"));
        let consent = Some(consent_to(&asked, stage.now()));
        let authorize = stage.authorize(asked, &stage.new_code());
        stage.ask(Authorize {
            consent,
            skip_consent: false,
            ..authorize
        });
    }
    assert_eq!(stage.rows("consent"), CLIENTS_MAX);
}

#[test]
fn a_silent_request_is_refused_what_needs_a_page() {
    let stage = Stage::begun();
    let silent = || stage.authorize(request("prompt=none"), &stage.new_code());
    let unknown = || Authorize {
        skip_consent: false,
        ..silent()
    };
    let told = stage.ask(unknown());
    assert!(
        matches!(told, Authorized::Consent(_)),
        "the tenant may know of a consent: it is asked without a page"
    );
    let consent = Some(Consent {
        scopes: crate::domain::oauth::Scopes::default(),
        ..consent_to(&request(""), stage.now())
    });
    assert_eq!(
        stage.ask(Authorize {
            consent,
            ..unknown()
        }),
        Authorized::Refused(ErrorCode::ConsentRequired)
    );
    let cookie = stage.new_cookie();
    let nobody = Authorize { cookie, ..silent() };
    assert_eq!(
        stage.ask(nobody),
        Authorized::Refused(ErrorCode::LoginRequired)
    );
    let cookie = stage.new_cookie();
    let stranger = stage.authorize(request(""), &stage.new_code());
    assert_eq!(
        stage.ask(Authorize { cookie, ..stranger }),
        Authorized::LogIn(LoginReason::NoSession)
    );
}

#[test]
fn the_same_request_again_keeps_one_code_and_revives_none() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let again = || stage.ask(stage.authorize(request(""), &code));
    assert_eq!(again(), Authorized::Code);
    assert_eq!(stage.rows("code"), 1);
    issued(stage.redeem(&code));
    assert_eq!(again(), Authorized::Code);
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Reused);
}

#[test]
fn a_page_that_authorizes_in_a_loop_is_stopped_for_a_minute() {
    let stage = Stage::begun();
    for _ in 0..CODES_MAX {
        stage.code_for(request(""));
    }
    let one_more = stage.authorize(request(""), &stage.new_code());
    assert_eq!(
        stage.ask(one_more),
        Authorized::Refused(ErrorCode::TemporarilyUnavailable)
    );
    stage.world.advance(CODE_LIFE_MS);
    stage.code_for(request(""));
}

#[test]
fn a_client_keeps_the_grants_it_used_last() {
    let stage = Stage::begun();
    let first = stage.granted("");
    for _ in 0..GRANTS_PER_CLIENT_MAX {
        stage.world.advance(1);
        stage.granted("");
    }
    assert_eq!(stage.rows("client_grant"), GRANTS_PER_CLIENT_MAX);
    assert_eq!(refused(stage.refresh(&token(&first))), GrantRefusal::Ended);
}

#[test]
fn a_code_costs_one_row_and_its_redemption_two() {
    let stage = Stage::begun();
    stage.code_for(request(""));
    let (rows, code) = stage.written(|stage| stage.code_for(request("")));
    assert_eq!(rows, 1);
    let (rows, _) = stage.written(|stage| stage.redeem(&code));
    assert_eq!(rows, 2);
}
