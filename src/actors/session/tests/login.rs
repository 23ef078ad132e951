//! How does a session begin, go on and end?

use super::{
    ABSOLUTE_MS, ALICE, BOB, Begin, Begun, Fault, GrantRefusal, IDLE_MS, Introspected, Looked,
    SESSION, Stage, TENANT, Timestamp, TokenRef, client, introspect, issued, look, refused,
    request, token,
};
use crate::{
    actors::session::{
        Authorized, CODE_LIFE_MS, End, Ended, Look, NEWS_AGE_MS_MAX, Reauthenticate, RevokeToken,
        TokenRevoked,
    },
    domain::{
        oauth::LoginReason,
        secret::TokenDigest,
        session::{Authentication, Device, EndReason, SessionPolicy, SessionView, TenantNews},
        time::{HOUR_MS, MINUTE_MS, SECOND_MS},
    },
};

fn end(cookie: Option<TokenDigest>) -> End {
    End {
        why: EndReason::SignedOut,
        cookie,
        announced: None,
    }
}

fn live(looked: Looked) -> SessionView {
    match looked {
        Looked::Live(view) => view,
        Looked::Gone => panic!("gone"),
    }
}

fn step_up(stage: &Stage, next_cookie: TokenDigest) -> Reauthenticate {
    Reauthenticate {
        cookie: stage.cookie.digest(),
        next_cookie,
        user: ALICE,
        authentication: Authentication::by_password(Timestamp::default()),
        device: Device::default(),
    }
}

#[test]
fn a_sign_in_may_be_repeated_and_no_other_takes_its_place() {
    let stage = Stage::begun();
    let (rows, again) = stage.written(|stage| stage.ask(stage.begin()));
    assert!(matches!(again, Begun::Live(view) if view.user == ALICE));
    assert_eq!(rows, 0);
    let cookie = stage.new_cookie();
    for other in [
        Begin {
            cookie,
            ..stage.begin()
        },
        Begin {
            user: BOB,
            ..stage.begin()
        },
    ] {
        assert_eq!(stage.ask(other), Begun::Taken);
    }
    assert_eq!(*stage.told.borrow(), ["SessionBegan"]);
}

#[test]
fn only_its_own_cookie_shows_a_session() {
    let stage = Stage::begun();
    assert_eq!(live(stage.look()).authentication.at, stage.now());
    let cookie = stage.new_cookie();
    assert_eq!(stage.ask(look(cookie)), Looked::Gone);
}

#[test]
fn a_step_up_proves_anew_and_changes_the_cookie() {
    let stage = Stage::begun();
    stage.world.advance(MINUTE_MS);
    let next = stage.new_cookie();
    for _ in 0..2 {
        let view = live(stage.ask(step_up(&stage, next)));
        assert_eq!(view.authentication.at, stage.now());
    }
    assert_eq!(stage.look(), Looked::Gone);
    stage.evict();
    live(stage.ask(look(next)));
}

#[test]
fn a_step_up_is_of_the_same_user_with_the_cookie() {
    let stage = Stage::begun();
    let next = stage.new_cookie();
    let other = Reauthenticate {
        user: BOB,
        ..step_up(&stage, next)
    };
    assert_eq!(stage.ask(other), Looked::Gone);
    let blind = Reauthenticate {
        cookie: stage.new_cookie(),
        ..step_up(&stage, next)
    };
    assert_eq!(stage.ask(blind), Looked::Gone);
    live(stage.look());
}

#[test]
fn an_unused_session_ends_by_itself() {
    let stage = Stage::begun();
    stage.world.advance(IDLE_MS - 1);
    assert!(stage.world.exists(&Stage::who()));
    stage.world.advance(1);
    assert!(!stage.world.exists(&Stage::who()));
    assert_eq!(*stage.told.borrow(), ["SessionBegan", "SessionEnded"]);
    let look = look(stage.cookie.digest());
    assert!(matches!(stage.try_ask(look), Err(Fault::Absent)));
}

#[test]
fn a_used_session_lives_until_its_longest_life() {
    let stage = Stage::begun();
    let began = stage.now();
    while stage.now().since(began) < ABSOLUTE_MS - IDLE_MS {
        stage.world.advance(IDLE_MS / 2);
        live(stage.look());
    }
    stage.world.advance(IDLE_MS / 2);
    assert_eq!(live(stage.look()).ends_at, began.plus(ABSOLUTE_MS));
    stage.world.advance(IDLE_MS / 2);
    assert!(!stage.world.exists(&Stage::who()));
}

#[test]
fn use_is_written_down_now_and_then() {
    let stage = Stage::begun();
    stage.world.advance(MINUTE_MS);
    assert_eq!(stage.written(Stage::look).0, 0);
    stage.world.advance(MINUTE_MS);
    assert_eq!(stage.written(Stage::look).0, 1);
    assert_eq!(stage.written(Stage::look).0, 0);
}

#[test]
fn a_session_past_its_time_refuses_and_knows_why() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    // The tenant does not answer, so that the ended session stays to be asked.
    stage.world.cut_off(&Stage::tenant(), true);
    stage.world.advance(IDLE_MS);
    assert_eq!(stage.look(), Looked::Gone);
    assert_eq!(refused(stage.refresh(&token(&issue))), GrantRefusal::Ended);
    assert_eq!(stage.inspect().state["ended"]["why"], "idle");
}

#[test]
fn a_session_ends_for_its_browser_and_for_those_in_charge() {
    let stage = Stage::begun();
    let wrong = stage.new_cookie();
    assert_eq!(stage.ask(end(Some(wrong))), Ended::Refused);
    live(stage.look());
    let ended = stage.ask(end(Some(stage.cookie.digest())));
    assert!(matches!(ended, Ended::Ended { user: ALICE, .. }));

    let stage = Stage::begun();
    assert!(matches!(stage.ask(end(None)), Ended::Ended { .. }));
}

#[test]
fn the_end_names_the_clients_however_often_it_is_asked_for() {
    let stage = Stage::begun();
    stage.granted("");
    stage.world.cut_off(&Stage::tenant(), true);
    let first = stage.ask(end(None));
    let clients = vec![client("app")];
    assert_eq!(
        first,
        Ended::Ended {
            user: ALICE,
            clients
        }
    );
    stage.evict();
    assert_eq!(stage.ask(end(None)), first);
}

#[test]
fn an_ended_session_answers_nothing_more() {
    let stage = Stage::begun();
    let (issue, code) = (stage.granted(""), stage.code_for(request("")));
    stage.world.cut_off(&Stage::tenant(), true);
    stage.ask(end(None));

    let proof = token(&issue);
    assert_eq!(stage.look(), Looked::Gone);
    assert_eq!(stage.ask(stage.begin()), Begun::Taken);
    let next = stage.new_cookie();
    assert_eq!(stage.ask(step_up(&stage, next)), Looked::Gone);
    assert_eq!(
        stage.ask(stage.authorize(request(""), &stage.new_code())),
        Authorized::LogIn(LoginReason::NoSession)
    );
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Ended);
    assert_eq!(refused(stage.refresh(&proof)), GrantRefusal::Ended);
    assert!(!stage.is_active(&proof));
    let access = TokenRef::Access {
        grant: issue.grant,
        jti: "j".to_owned(),
        expires_at: stage.now().plus(MINUTE_MS),
    };
    assert_eq!(stage.ask(introspect(access)), Introspected::Inactive);
    let revoke = RevokeToken {
        token: TokenRef::Refresh(proof),
        client_id: client("app"),
    };
    assert_eq!(stage.ask(revoke), TokenRevoked::Done);
    for table in ["consent", "code", "client_grant", "revoked_token"] {
        assert_eq!(stage.rows(table), 0, "{table}");
    }
}

#[test]
fn an_ended_session_is_erased_once_the_tenant_has_heard() {
    let stage = Stage::begun();
    stage.world.cut_off(&Stage::tenant(), true);
    stage.ask(end(None));
    stage.world.advance(10 * SECOND_MS);
    assert!(stage.world.exists(&Stage::who()));
    stage.world.cut_off(&Stage::tenant(), false);
    stage.world.advance(CODE_LIFE_MS);
    assert!(!stage.world.exists(&Stage::who()));
    assert_eq!(*stage.told.borrow(), ["SessionBegan", "SessionEnded"]);
}

#[test]
fn nobody_but_a_sign_in_founds_a_session() {
    let stage = Stage::empty(1);
    let look = look(stage.cookie.digest());
    assert!(matches!(stage.try_ask(look), Err(Fault::Absent)));
    assert!(matches!(stage.try_ask(end(None)), Err(Fault::Absent)));
    assert!(!stage.world.exists(&Stage::who()));
}

#[test]
fn a_description_shows_what_is_held_and_no_secret() {
    let stage = Stage::begun();
    stage.granted("nonce=hush&scope=openid+email");
    let shown = stage.inspect().state;
    assert_eq!(shown["grants"][0]["client_id"], "app");
    assert_eq!(shown["grants"][0]["scope"], "email openid");
    let text = shown.to_string();
    for secret in ["hush", "digest", "key", "cookie"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn an_access_token_is_told_until_when_the_session_lives() {
    let stage = Stage::begun();
    let ends_at = stage.now().plus(ABSOLUTE_MS);
    let issue = stage.granted("");
    assert_eq!(issue.until, Some(stage.now().plus(IDLE_MS)));
    stage.world.advance(IDLE_MS / 2);
    let again = issued(stage.refresh(&token(&issue)));
    assert_eq!(again.until, Some(stage.now().plus(IDLE_MS)));
    while stage.now() < ends_at.plus(-IDLE_MS / 2) {
        stage.world.advance(IDLE_MS / 2);
        stage.look();
    }
    assert_eq!(stage.granted("").until, Some(ends_at));
}

/// The session, looked at by somebody who knows of a policy.
fn look_under(stage: &Stage, idle_ms: i64, absolute_ms: i64) -> Looked {
    let news = TenantNews {
        signed_out: None,
        policy: Some(SessionPolicy {
            idle_ms,
            absolute_ms,
        }),
    };
    stage.ask(Look {
        news,
        ..look(stage.cookie.digest())
    })
}

#[test]
fn a_stricter_policy_binds_a_session_at_its_next_use_and_stays() {
    let stage = Stage::begun();
    let began_at = stage.now();
    stage.world.advance(6 * MINUTE_MS);
    let (rows, view) = stage.written(|stage| live(look_under(stage, 10 * MINUTE_MS, HOUR_MS)));
    assert_eq!(view.ends_at, stage.now().plus(10 * MINUTE_MS));
    assert!(rows > 0);
    stage.evict();
    assert_eq!(live(stage.look()), view);
    let (rows, _) = stage.written(|stage| look_under(stage, 10 * MINUTE_MS, HOUR_MS));
    assert_eq!(rows, 0);
    for _ in 0..5 {
        stage.world.advance(9 * MINUTE_MS);
        stage.look();
    }
    assert_eq!(live(stage.look()).ends_at, began_at.plus(HOUR_MS));
    stage.world.advance(9 * MINUTE_MS);
    assert!(!stage.world.exists(&Stage::who()));
}

#[test]
fn a_session_that_a_stricter_policy_has_outrun_ends_when_it_hears_of_it() {
    for (idle_ms, absolute_ms) in [(5 * MINUTE_MS, HOUR_MS), (HOUR_MS, 15 * MINUTE_MS)] {
        let stage = Stage::begun();
        let proof = token(&stage.granted(""));
        stage.world.advance(20 * MINUTE_MS);
        let mut refresh = Stage::refreshing(&proof);
        refresh.news.policy = Some(SessionPolicy {
            idle_ms,
            absolute_ms,
        });
        assert_eq!(refused(stage.ask(refresh)), GrantRefusal::Ended);
    }
}

#[test]
fn a_policy_that_allows_more_is_for_sessions_to_come() {
    let stage = Stage::begun();
    stage.world.advance(6 * MINUTE_MS);
    let view = live(look_under(&stage, 10 * IDLE_MS, 10 * ABSOLUTE_MS));
    assert_eq!(view.ends_at, stage.now().plus(IDLE_MS));
}

#[test]
fn a_session_knows_better_than_who_has_not_heard_of_its_policy() {
    let stage = Stage::begun();
    stage.world.advance(NEWS_AGE_MS_MAX - 1);
    let view = live(look_under(&stage, 5 * MINUTE_MS, 5 * MINUTE_MS));
    assert!(view.ends_at > stage.now().plus(10 * MINUTE_MS));
}

#[test]
fn what_ends_is_archived_once_and_without_a_secret() {
    let stage = Stage::begun();
    stage.granted("");
    stage.ask(end(None));
    stage.try_ask(end(None)).unwrap_err();
    let kept = stage.kept.borrow();
    let [text] = &kept[..] else {
        panic!("{kept:?}");
    };
    let (shelf, record) = text.split_once('\n').unwrap();
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    assert_eq!(shelf, "sessions");
    assert_eq!(record["id"], SESSION.to_string());
    assert_eq!(record["user"], ALICE.to_string());
    assert_eq!(record["tenant"], TENANT.to_string());
    assert_eq!(record["at"], stage.now().as_millis());
    assert_eq!(record["clients"], serde_json::json!(["app"]));
    assert!(record["act"].as_str().unwrap().starts_with("act_"));
    let members: Vec<&str> = record
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for secret in ["cookie", "key", "code", "current", "previous"] {
        assert!(!members.contains(&secret), "{secret}");
    }
}
