//! What is a refresh token worth, and what does using it cost?

use super::{
    GrantRefusal, Introspected, Issue, Looked, RefreshProof, Stage, TokenRef, client, digest,
    introspect, issued, refused, request, token,
};
use crate::{
    actors::session::{
        ACCESS_LIFE_MS_MAX, REVOKED_MAX, Redeem, Refresh, RevokeClient, RevokeToken, TokenRevoked,
    },
    domain::{
        ids::GrantId,
        oauth::{Resource, Scopes},
        refresh::GRACE_MS,
        secret::Secret,
        time::{MINUTE_MS, Timestamp},
    },
};

fn access(issue: &Issue, jti: &str, expires_at: Timestamp) -> TokenRef {
    TokenRef::Access {
        grant: issue.grant,
        jti: jti.to_owned(),
        expires_at,
    }
}

fn revoke(token: TokenRef, id: &str) -> RevokeToken {
    RevokeToken {
        token,
        client_id: client(id),
    }
}

#[test]
fn a_refresh_rotates_the_token_and_writes_one_row() {
    let stage = Stage::begun();
    let first = token(&stage.granted("nonce=n"));
    let (rows, redeemed) = stage.written(|stage| stage.refresh(&first));
    assert_eq!(rows, 1);
    let issue = issued(redeemed);
    assert_eq!(issue.nonce, None);
    assert_eq!(token(&issue).generation(), 1);
    assert!(stage.is_active(&token(&issue)));
}

#[test]
fn fifty_refreshes_of_one_token_have_one_successor_and_one_write() {
    let stage = Stage::begun();
    let first = token(&stage.granted(""));
    let (rows, successors) = stage.written(|stage| {
        let refresh = |turn: i64| {
            if turn % 10 == 0 {
                stage.evict();
            }
            stage.world.advance(GRACE_MS / 60);
            digest(&token(&issued(stage.refresh(&first))))
        };
        (0..50).map(refresh).collect::<Vec<_>>()
    });
    assert_eq!(rows, 1);
    assert!(successors.iter().all(|other| *other == successors[0]));
}

#[test]
fn a_reused_refresh_token_ends_the_session() {
    let stage = Stage::begun();
    let first = token(&stage.granted(""));
    let other = token(&stage.granted(""));
    let second = token(&issued(stage.refresh(&first)));
    stage.world.cut_off(&Stage::tenant(), true);
    stage.world.advance(GRACE_MS + 1);

    assert_eq!(refused(stage.refresh(&first)), GrantRefusal::Reused);
    for proof in [&first, &second, &other] {
        assert_eq!(refused(stage.refresh(proof)), GrantRefusal::Ended);
    }
    assert_eq!(stage.look(), Looked::Gone);
    assert_eq!(stage.inspect().state["ended"]["why"], "token_reused");
    stage.world.cut_off(&Stage::tenant(), false);
    stage.world.advance(MINUTE_MS);
    assert!(!stage.world.exists(&Stage::who()));
    assert_eq!(*stage.told.borrow(), ["SessionBegan", "SessionEnded"]);
}

#[test]
fn another_client_cannot_use_a_token_and_ends_nothing() {
    let stage = Stage::begun();
    let first = token(&stage.granted(""));
    let second = token(&issued(stage.refresh(&first)));
    stage.world.advance(GRACE_MS + 1);
    for proof in [&first, &second] {
        let stolen = Refresh {
            client_id: client("other"),
            ..Stage::refreshing(proof)
        };
        assert_eq!(refused(stage.ask(stolen)), GrantRefusal::OtherClient);
    }
    issued(stage.refresh(&second));
}

#[test]
fn an_invented_token_changes_nothing() {
    let stage = Stage::begun();
    let first = token(&stage.granted(""));
    let forged = RefreshProof {
        tag: Secret::new([0; 32]),
        ..first.clone()
    };
    let elsewhere = RefreshProof {
        grant: GrantId::from_bytes([9; 16]),
        ..first.clone()
    };
    for proof in [forged, elsewhere] {
        let (rows, redeemed) = stage.written(|stage| stage.refresh(&proof));
        assert_eq!((rows, refused(redeemed)), (0, GrantRefusal::Unknown));
        assert!(!stage.is_active(&proof));
    }
    issued(stage.refresh(&first));
}

#[test]
fn s6_scopes_may_be_fewer_and_the_refresh_token_keeps_all() {
    let stage = Stage::begun();
    let first = token(&stage.granted("scope=openid+email"));
    let scoped = |proof: &RefreshProof, scopes: &str| Refresh {
        scopes: Scopes::parse(scopes).ok(),
        ..Stage::refreshing(proof)
    };
    let (rows, wider) = stage.written(|stage| stage.ask(scoped(&first, "openid phone")));
    assert_eq!((rows, refused(wider)), (0, GrantRefusal::Scope));

    let narrow = issued(stage.ask(scoped(&first, "openid")));
    assert_eq!(narrow.scopes.to_string(), "openid");
    let whole = issued(stage.refresh(&token(&narrow)));
    assert_eq!(whole.scopes.to_string(), "email openid");
}

#[test]
fn a_resource_that_was_not_granted_is_refused_and_rotates_nothing() {
    let stage = Stage::begun();
    let first = token(&stage.granted(""));
    let elsewhere = Refresh {
        resources: vec![Resource::parse("https://x.example").unwrap()],
        ..Stage::refreshing(&first)
    };
    assert_eq!(refused(stage.ask(elsewhere)), GrantRefusal::Target);
    assert_eq!(token(&issued(stage.refresh(&first))).generation(), 1);
}

#[test]
fn a_family_ends_at_its_own_time() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let mut redemption = stage.redemption(&code);
    let ends_at = stage.now().plus(10 * MINUTE_MS);
    redemption.refresh.as_mut().unwrap().ends_at = ends_at;
    let first = token(&issued(stage.ask::<Redeem>(redemption)));
    stage.world.advance(10 * MINUTE_MS);
    assert_eq!(refused(stage.refresh(&first)), GrantRefusal::Expired);
    assert!(!stage.is_active(&first));
}

#[test]
fn a_revoked_refresh_token_takes_its_grant_along_and_no_other() {
    let stage = Stage::begun();
    let (one, two) = (stage.granted(""), stage.granted(""));
    let expires_at = stage.now().plus(MINUTE_MS);
    let ask = revoke(TokenRef::Refresh(token(&one)), "app");
    assert_eq!(stage.ask(ask), TokenRevoked::Done);
    assert_eq!(refused(stage.refresh(&token(&one))), GrantRefusal::Ended);
    let gone = introspect(access(&one, "j", expires_at));
    assert_eq!(stage.ask(gone), Introspected::Inactive);
    issued(stage.refresh(&token(&two)));
}

#[test]
fn a_revoked_access_token_goes_alone_until_it_expires() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let expires_at = stage.now().plus(5 * MINUTE_MS);
    let stands = |jti: &str| {
        let token = access(&issue, jti, expires_at);
        stage.ask(introspect(token)) != Introspected::Inactive
    };
    assert!(stands("one") && stands("two"));
    let ask = revoke(access(&issue, "one", expires_at), "app");
    assert_eq!(stage.ask(ask), TokenRevoked::Done);
    stage.evict();
    assert!(!stands("one") && stands("two"));
    stage.world.advance(5 * MINUTE_MS);
    assert_eq!(stage.rows("revoked_token"), 0);
    assert!(!stands("one") && !stands("two"));
    issued(stage.refresh(&token(&issue)));
}

#[test]
fn another_clients_token_is_left_alone() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let expires_at = stage.now().plus(MINUTE_MS);
    for token in [
        TokenRef::Refresh(token(&issue)),
        access(&issue, "j", expires_at),
    ] {
        let (rows, revoked) = stage.written(|stage| stage.ask(revoke(token, "other")));
        assert_eq!((rows, revoked), (0, TokenRevoked::OtherClient));
    }
    issued(stage.refresh(&token(&issue)));
}

#[test]
fn beyond_the_bound_a_revoked_token_takes_its_grant_along() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let expires_at = stage.now().plus(MINUTE_MS);
    for number in 0..=REVOKED_MAX {
        let token = access(&issue, &number.to_string(), expires_at);
        stage.ask(revoke(token, "app"));
    }
    assert_eq!(stage.rows("revoked_token"), REVOKED_MAX);
    assert!(!stage.is_active(&token(&issue)));
}

#[test]
fn introspection_writes_nothing() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    stage.world.advance(20 * MINUTE_MS);
    let (rows, active) = stage.written(|stage| stage.is_active(&token(&issue)));
    assert_eq!((rows, active), (0, true));
}

#[test]
fn a_deleted_client_loses_everything_and_others_nothing() {
    let stage = Stage::begun();
    let issue = stage.granted("");
    let code = stage.code_for(request(""));
    let mut theirs = request("");
    theirs.client_id = client("other");
    let kept = stage.code_for(theirs);
    stage.ask(RevokeClient {
        client_id: client("app"),
        announced: None,
    });
    assert_eq!(refused(stage.refresh(&token(&issue))), GrantRefusal::Ended);
    assert_eq!(refused(stage.redeem(&code)), GrantRefusal::Unknown);
    issued(stage.ask(Redeem {
        client_id: client("other"),
        ..stage.redemption(&kept)
    }));
}

#[test]
fn what_has_expired_is_purged() {
    let stage = Stage::begun();
    let code = stage.code_for(request(""));
    let refresh = None;
    issued(stage.ask(Redeem {
        refresh,
        ..stage.redemption(&code)
    }));
    let mut waited = 0;
    while waited < ACCESS_LIFE_MS_MAX {
        assert_eq!(stage.rows("client_grant"), 1);
        stage.world.advance(10 * MINUTE_MS);
        waited += 10 * MINUTE_MS;
        stage.look();
    }
    assert_eq!(stage.rows("client_grant"), 0);
    assert!(!stage.inspect().jobs.iter().any(|job| job.name == "purge"));
}
