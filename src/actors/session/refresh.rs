//! What does a client get for a refresh token, and what is a token worth?

use super::{
    GrantRefusal, Introspect, Introspected, Redeemed, Refresh, RevokeClient, RevokeToken, TokenRef,
    TokenRevoked,
    lifecycle::{end, plan_purge, touch},
    limits::REVOKED_MAX,
    redeem::{chain, issue, narrowed},
    revocation::{announce, end_grant},
    state::{
        code,
        grant::{self, Grant},
        login::Login,
        memo,
    },
};
use crate::{
    actors::{
        acts,
        runtime::{Fault, Turn},
    },
    domain::{
        audit::Event,
        ids::ActId,
        oauth::grant::narrow_scopes,
        refresh::{Family, Rotation, Standing},
        revocation::What,
        session::EndReason,
        time::Timestamp,
        token::{RefreshProof, RefreshToken},
    },
    store::Store,
};

/// Rotates a refresh token ([RFC 6749 §6], RFC 9700 §4.14.2).
///
/// One row is written; a replay within the grace writes none and gets the same
/// successor. A spent token ends the session. The scopes and resources asked
/// for narrow the access token alone: the refresh token keeps the grant's.
///
/// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
pub(super) fn refresh(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: &Refresh,
) -> Result<Redeemed, Fault> {
    let refused = |why| Ok(Redeemed::Refused(why));
    if !login.is_live(turn.now) {
        return refused(GrantRefusal::Ended);
    }
    let Some(grant) = grant::find(turn.store, asked.proof.grant())? else {
        // The key knows every token ever issued here, long after its row.
        let was_ours = login.key.issued(&asked.proof);
        return refused(if was_ours {
            GrantRefusal::Ended
        } else {
            GrantRefusal::Unknown
        });
    };
    if grant.terms.client_id != asked.client_id {
        return refused(GrantRefusal::OtherClient);
    }
    let Some(live) = grant.family else {
        return refused(GrantRefusal::Unknown);
    };
    let rotation = chain(login, grant.id).present(Family::Live(live), &asked.proof, turn.now);
    let (successor, rotated) = match rotation {
        Rotation::Rotated { family, successor } => (successor, Some(family)),
        Rotation::Replayed { successor } => (successor, None),
        Rotation::Reused { .. } => {
            let by = Some(acts::origin(turn));
            end(turn, login, EndReason::TokenReused, None, by)?;
            return refused(GrantRefusal::Reused);
        }
        Rotation::Unknown => return refused(GrantRefusal::Unknown),
        Rotation::Expired => return refused(GrantRefusal::Expired),
        Rotation::Retired => return refused(GrantRefusal::Ended),
    };
    let Some(mut redeemed) = narrowed_issue(login, grant.clone(), asked, &successor) else {
        return refused(GrantRefusal::Target);
    };
    if let (Redeemed::Issued(issue), Some(family)) = (&mut redeemed, rotated) {
        grant::rotate(turn.store, grant.id, &family)?;
        touch(turn, login, None)?;
        issue.until = Some(login.deadline());
    }
    Ok(redeemed)
}

/// `None` when a resource was not granted.
fn narrowed_issue(
    login: &Login,
    grant: Grant,
    asked: &Refresh,
    successor: &RefreshToken,
) -> Option<Redeemed> {
    let Ok(scopes) = narrow_scopes(&grant.terms.scopes, asked.scopes.as_ref()) else {
        return Some(Redeemed::Refused(GrantRefusal::Scope));
    };
    let resources = narrowed(&grant.terms.resources, &asked.resources)?;
    let mut issue = issue(login, grant.id, grant.terms, resources);
    issue.scopes = scopes;
    // OpenID Connect Core §12.2: the ID token of a refresh has none.
    issue.nonce = None;
    issue.refresh = Some(successor.proof());
    Some(Redeemed::Issued(Box::new(issue)))
}

/// Says what a token is worth, and writes nothing ([RFC 7662 §2.2]).
///
/// [RFC 7662 §2.2]: https://www.rfc-editor.org/rfc/rfc7662#section-2.2
pub(super) fn introspect(
    turn: &Turn<'_>,
    login: &Login,
    asked: &Introspect,
) -> Result<Introspected, Fault> {
    let Some((grant, expires_at)) = standing(turn.store, login, &asked.token, turn.now)? else {
        return Ok(Introspected::Inactive);
    };
    Ok(Introspected::Active {
        user: login.user,
        client_id: grant.terms.client_id,
        scopes: grant.terms.scopes,
        expires_at,
    })
}

/// The grant of a token that is worth something, and until when it is.
pub(super) fn standing(
    store: &dyn Store,
    login: &Login,
    token: &TokenRef,
    now: Timestamp,
) -> Result<Option<(Grant, Timestamp)>, Fault> {
    if !login.is_live(now) {
        return Ok(None);
    }
    let id = match token {
        TokenRef::Refresh(proof) => proof.grant(),
        TokenRef::Access { grant, .. } => *grant,
    };
    let Some(grant) = grant::find(store, id)?.filter(|grant| now < grant.expires_at) else {
        return Ok(None);
    };
    let until = match token {
        TokenRef::Refresh(proof) => refreshes_until(login, &grant, proof, now),
        TokenRef::Access {
            jti, expires_at, ..
        } => (now < *expires_at && !memo::is_revoked(store, jti)?).then_some(*expires_at),
    };
    Ok(until.map(|until| (grant, until)))
}

/// A token within its grace is active: it would be honoured.
fn refreshes_until(
    login: &Login,
    grant: &Grant,
    proof: &RefreshProof,
    now: Timestamp,
) -> Option<Timestamp> {
    let live = grant.family?;
    let standing = chain(login, grant.id).standing(&Family::Live(live), proof, now);
    let is_good = matches!(standing, Standing::Current | Standing::JustSpent);
    let idle = live.lifetime.idle_ms_max;
    let unused_until = idle.map_or(live.lifetime.ends_at, |idle| live.current_since.plus(idle));
    is_good.then(|| unused_until.min(live.lifetime.ends_at))
}

/// Revokes a refresh token with its whole grant, or one access token
/// ([RFC 7009 §2.1]).
///
/// [RFC 7009 §2.1]: https://www.rfc-editor.org/rfc/rfc7009#section-2.1
pub(super) fn revoke_token(
    turn: &mut Turn<'_>,
    login: &Login,
    asked: &RevokeToken,
) -> Result<TokenRevoked, Fault> {
    let id = match &asked.token {
        TokenRef::Refresh(proof) => proof.grant(),
        TokenRef::Access { grant, .. } => *grant,
    };
    // Without its grant a token is worth nothing already.
    let Some(grant) = grant::find(turn.store, id)? else {
        return Ok(TokenRevoked::Done);
    };
    if grant.terms.client_id != asked.client_id {
        return Ok(TokenRevoked::OtherClient);
    }
    match &asked.token {
        // A spent token revokes too: the client wants the grant gone.
        TokenRef::Refresh(proof) if login.key.issued(proof) => {
            note(turn, login)?;
            end_grant(turn, login, grant, EndReason::TokenRevoked)?;
        }
        TokenRef::Access {
            jti, expires_at, ..
        } if *expires_at > turn.now && !memo::is_revoked(turn.store, jti)? => {
            revoke_access(turn, login, grant, (jti, *expires_at))?;
        }
        TokenRef::Refresh(_) | TokenRef::Access { .. } => {}
    }
    Ok(TokenRevoked::Done)
}

/// Tells the tenant that a client has revoked a token of this session.
fn note(turn: &mut Turn<'_>, login: &Login) -> Result<(), Fault> {
    acts::tell(turn, Event::TokenRevoked, &login.session.to_string())
}

/// Revokes an access token alone, or with its grant when there are too many.
fn revoke_access(
    turn: &mut Turn<'_>,
    login: &Login,
    grant: Grant,
    (jti, expires_at): (&str, Timestamp),
) -> Result<(), Fault> {
    let revoked = memo::count_revoked(turn.store)?;
    if revoked >= REVOKED_MAX {
        note(turn, login)?;
        return end_grant(turn, login, grant, EndReason::TokenRevoked);
    }
    if revoked == 0 {
        plan_purge(turn);
    }
    memo::revoke(turn.store, jti, expires_at)?;
    note(turn, login)?;
    let act = ActId::generate(turn.entropy);
    let what = What::Token {
        sub: login.user,
        sid: login.session,
        client_id: grant.terms.client_id,
        jti: jti.to_owned(),
    };
    announce(turn, login, act, what, EndReason::TokenRevoked)
}

/// Drops everything of one client. The tenant has announced that for all its
/// sessions, unless it is of an older release.
pub(super) fn revoke_client(
    turn: &mut Turn<'_>,
    login: &Login,
    asked: &RevokeClient,
) -> Result<(), Fault> {
    let had_grants = grant::remove_of(turn.store, &asked.client_id)?;
    code::remove_of(turn.store, &asked.client_id)?;
    memo::forget_consent(turn.store, &asked.client_id)?;
    if asked.announced.is_some() || !had_grants {
        return Ok(());
    }
    let act = ActId::generate(turn.entropy);
    let what = What::Consent {
        sub: login.user,
        client_id: asked.client_id.clone(),
        not_before: turn.now,
    };
    announce(turn, login, act, what, EndReason::ConsentWithdrawn)
}
