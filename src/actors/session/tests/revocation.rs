//! What does a session say of its endings, and to whom?

use super::{
    ABSOLUTE_MS, ALICE, Authorized, IDLE_MS, Looked, SESSION, Stage, client, introspect, issued,
    look, refused, request, token,
};
use crate::{
    actors::{
        courier::Message,
        session::{
            ACCESS_LIFE_MS_MAX, End, GRANTS_PER_CLIENT_MAX, GrantRefusal, Introspected,
            REVOKED_MAX, RevokeClient, RevokeToken, TELL_USE_MS, TokenRef,
        },
    },
    domain::{
        ids::ActId,
        refresh::GRACE_MS,
        revocation::{News, Record, Revoked, What},
        session::{Device, EndReason, SignedOut, TenantNews},
        time::{MINUTE_MS, Timestamp},
    },
};

type Announced = (Record, Revoked);

const ACT: ActId = ActId::from_bytes([9; 16]);

impl Stage {
    /// What the courier was given since this was asked last: revocations, and
    /// which clients are logged out by which act.
    fn carried(&self) -> (Vec<Announced>, Vec<(String, ActId)>) {
        let (mut records, mut told) = (Vec::new(), Vec::new());
        for message in self.news.take() {
            match message {
                Message::Announce(news) => {
                    assert!(!news.is_last);
                    let News::Revoked(revoked) = news.record.news.clone() else {
                        panic!("a session changes no credential");
                    };
                    assert_eq!(revoked.exp, news.record.at.plus(ACCESS_LIFE_MS_MAX));
                    records.push((news.record, revoked));
                }
                Message::LogOut(news) => {
                    assert_eq!(news.issuer, "https://acme.example.com");
                    assert_eq!((news.session, news.user), (SESSION, ALICE));
                    told.push((news.client_id.to_string(), news.act));
                }
                Message::Transmit(_) => panic!("that is the log's to tell"),
            }
        }
        told.sort();
        (records, told)
    }

    /// The one revocation there was.
    fn one(&self) -> Revoked {
        let (mut records, told) = self.carried();
        assert_eq!((records.len(), told.len()), (1, 0), "{records:?} {told:?}");
        records.remove(0).1
    }

    /// The one record of this session's end, told to these clients too.
    fn own_end(&self, clients: &[&str]) -> EndReason {
        let (records, told) = self.carried();
        let [(record, revoked)] = records.as_slice() else {
            panic!("not one record: {records:?}");
        };
        let named: Vec<&str> = told.iter().map(|(client, _)| client.as_str()).collect();
        assert_eq!(named, clients);
        assert!(told.iter().all(|(_, act)| *act == record.act));
        let own = What::Sessions {
            sub: ALICE,
            sids: vec![SESSION],
            all: false,
        };
        assert_eq!(revoked.what, own);
        revoked.reason
    }

    fn end(&self, why: EndReason, announced: Option<ActId>) {
        self.ask(End {
            why,
            cookie: None,
            announced,
        });
    }

    fn revoke(&self, token: TokenRef) {
        let client_id = client("app");
        self.ask(RevokeToken { token, client_id });
    }
}

fn grant_of(what: &What) -> String {
    match what {
        What::Grant { grant, sid, .. } => {
            assert_eq!(*sid, SESSION);
            grant.to_string()
        }
        other => panic!("not a grant: {other:?}"),
    }
}

#[test]
fn a_sign_out_is_one_record_and_tells_each_client_once() {
    let stage = Stage::begun();
    stage.granted("");
    stage.granted("");
    stage.world.cut_off(&Stage::tenant(), true);
    for _ in 0..2 {
        stage.end(EndReason::SignedOut, None);
    }
    assert_eq!(stage.own_end(&["app"]), EndReason::SignedOut);
}

#[test]
fn time_ends_a_session_with_its_reason() {
    let stage = Stage::begun();
    stage.world.advance(IDLE_MS);
    assert_eq!(stage.own_end(&[]), EndReason::Idle);
    let stage = Stage::begun();
    let ends_at = stage.now().plus(ABSOLUTE_MS);
    while stage.now().plus(IDLE_MS / 2) < ends_at {
        stage.world.advance(IDLE_MS / 2);
        stage.look();
    }
    stage.world.advance(IDLE_MS / 2);
    assert_eq!(stage.own_end(&[]), EndReason::Expired);
}

#[test]
fn a_reused_refresh_token_is_one_record_of_the_session() {
    let stage = Stage::begun();
    let first = token(&stage.granted(""));
    issued(stage.refresh(&first));
    stage.world.advance(GRACE_MS + 1);
    stage.world.cut_off(&Stage::tenant(), true);
    for refusal in [GrantRefusal::Reused, GrantRefusal::Ended] {
        assert_eq!(refused(stage.refresh(&first)), refusal);
    }
    assert_eq!(stage.own_end(&["app"]), EndReason::TokenReused);
}

#[test]
fn what_the_tenant_has_announced_is_not_announced_again() {
    let stage = Stage::begun();
    stage.granted("");
    stage.end(EndReason::Administrator, Some(ACT));
    let (records, told) = stage.carried();
    assert!(records.is_empty());
    assert_eq!(told, [("app".to_owned(), ACT)]);
}

#[test]
fn a_code_that_comes_again_is_one_record_of_its_grant() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let grant = issued(stage.redeem(&code)).grant;
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Reused);
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Unknown);
    let revoked = stage.one();
    assert_eq!(grant_of(&revoked.what), grant.to_string());
    assert_eq!(revoked.reason, EndReason::TokenReused);
}

#[test]
fn a_refresh_token_that_is_revoked_is_one_record_of_its_grant() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    for _ in 0..2 {
        stage.revoke(TokenRef::Refresh(token(&issue)));
    }
    let revoked = stage.one();
    assert_eq!(grant_of(&revoked.what), issue.grant.to_string());
    assert_eq!(revoked.reason, EndReason::TokenRevoked);
}

#[test]
fn an_access_token_that_is_revoked_is_one_record_of_its_own() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let access = |jti: &str, expires_at| TokenRef::Access {
        grant: issue.grant,
        jti: jti.to_owned(),
        expires_at,
    };
    let soon = stage.now().plus(MINUTE_MS);
    for _ in 0..2 {
        stage.revoke(access("one", soon));
    }
    stage.revoke(access("old", stage.now()));
    let revoked = stage.one();
    assert!(matches!(&revoked.what, What::Token { jti, .. } if jti == "one"));

    for n in 1..REVOKED_MAX {
        stage.revoke(access(&n.to_string(), soon));
    }
    stage.carried();
    stage.revoke(access("one too many", soon));
    assert_eq!(grant_of(&stage.one().what), issue.grant.to_string());
}

#[test]
fn a_grant_that_gives_way_is_one_record() {
    let stage = Stage::begun();
    let first = stage.granted("");
    for _ in 1..GRANTS_PER_CLIENT_MAX {
        stage.world.advance(1);
        stage.granted("");
    }
    assert!(stage.carried().0.is_empty());
    stage.world.advance(1);
    stage.granted("");
    let revoked = stage.one();
    assert_eq!(grant_of(&revoked.what), first.grant.to_string());
    assert_eq!(revoked.reason, EndReason::Limit);
}

#[test]
fn an_older_tenant_has_announced_nothing_of_a_client() {
    let stage = Stage::begun();
    stage.granted("");
    let revoke = |announced| RevokeClient {
        client_id: client("app"),
        announced,
    };
    stage.ask(revoke(None));
    assert!(matches!(stage.one().what, What::Consent { .. }));
    stage.ask(revoke(None));
    stage.granted("");
    stage.ask(revoke(Some(ACT)));
    assert!(stage.carried().0.is_empty());
}

#[test]
fn a_session_ends_when_it_hears_that_everybody_was_signed_out() {
    let news = |until| TenantNews {
        signed_out: Some(SignedOut {
            act: ACT,
            until,
            why: EndReason::Administrator,
        }),
        policy: None,
    };
    let stage = Stage::begun();
    let proof = token(&stage.granted(""));
    let mut asked = introspect(TokenRef::Refresh(proof.clone()));
    asked.news = news(stage.now().plus(-1));
    assert_ne!(stage.ask(asked), Introspected::Inactive);

    let mut refresh = Stage::refreshing(&proof);
    refresh.news = news(stage.now());
    assert_eq!(refused(stage.ask(refresh)), GrantRefusal::Ended);
    let (records, told) = stage.carried();
    assert!(records.is_empty());
    assert_eq!(told, [("app".to_owned(), ACT)]);

    let stage = Stage::begun();
    let mut asked = stage.authorize(request(""), &stage.new_code());
    asked.news = news(stage.now());
    assert!(matches!(stage.ask(asked), Authorized::LogIn(_)));
    let mut asked = look(stage.cookie.digest());
    asked.news = news(stage.now());
    assert!(matches!(stage.try_ask(asked), Ok(Looked::Gone) | Err(_)));
}

#[test]
fn where_it_is_used_from_is_written_with_its_use_and_told_within_the_hour() {
    let stage = Stage::begun();
    let device = |address: &str| Device {
        address: Some(address.to_owned()),
        ..Device::default()
    };
    let used_from = |address: &str| {
        let mut asked = look(stage.cookie.digest());
        asked.device = Some(device(address));
        stage.written(|stage| stage.ask(asked)).0
    };
    assert_eq!(used_from("192.0.2.1"), 0, "it has just been used");
    stage.world.advance(IDLE_MS / 10);
    assert_eq!(used_from("192.0.2.1"), 1);
    assert_eq!(stage.inspect().state["seen"]["address"], "192.0.2.1");
    let began = stage.now();
    while stage.now().since(began) < TELL_USE_MS {
        stage.world.advance(IDLE_MS / 2);
        used_from("192.0.2.2");
    }
    assert_eq!(*stage.told.borrow(), ["SessionBegan", "SessionUsed"]);
}

#[test]
fn an_ending_an_older_release_wrote_is_read() {
    let ending: super::super::state::login::Ending =
        serde_json::from_str(r#"{"at":1,"why":"signed_out","clients":["app"]}"#).unwrap();
    assert_eq!((ending.at, ending.act), (Timestamp::from_millis(1), None));
}
