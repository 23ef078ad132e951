//! What does a client get for a code?
//!
//! A code is worth something once, to the client it was issued to. A request
//! that breaks a rule leaves it as it was: whoever sees a code on its way
//! cannot guess the verifier, and must not be able to burn it for the client
//! that can prove itself. A second *valid* request for the same code means
//! that two parties have both the code and its proof, so the grant made of it
//! ends ([RFC 6749 §4.1.2], OAuth 2.1 §4.1.3).
//!
//! [RFC 6749 §4.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2

use super::{
    GrantRefusal, Issue, Redeem, Redeemed,
    lifecycle::touch,
    limits::{ACCESS_LIFE_MS_MAX, GRANTS_MAX, GRANTS_PER_CLIENT_MAX},
    revocation::end_grant,
    state::{
        code::{self, Code, Terms},
        grant::{self, Grant},
        login::Login,
    },
};
use crate::{
    actors::{
        acts,
        runtime::{Fault, Turn},
    },
    domain::{
        audit::Event,
        ids::GrantId,
        oauth::Resource,
        refresh::{Chain, Family, Lifetime},
        session::EndReason,
        token::RefreshProof,
    },
};

/// Redeems a code, or says why it is worth nothing.
pub(super) fn redeem(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: &Redeem,
) -> Result<Redeemed, Fault> {
    if !login.is_live(turn.now) {
        return Ok(Redeemed::Refused(GrantRefusal::Ended));
    }
    if let Some(code) = code::find(turn.store, asked.code.id)? {
        return first_time(turn, login, asked, code);
    }
    let spent = grant::of_code(turn.store, asked.code.id)?;
    let Some(grant) = spent.filter(|grant| grant.code == asked.code) else {
        return Ok(Redeemed::Refused(GrantRefusal::Unknown));
    };
    if let Some(refusal) = grant.terms.refuses(asked) {
        return Ok(Redeemed::Refused(refusal));
    }
    let (by, session) = (acts::origin(turn), login.session.to_string());
    acts::tell_of(turn, login.tenant, Event::TokenReused, &session, by)?;
    end_grant(turn, login, grant, EndReason::TokenReused)?;
    Ok(Redeemed::Refused(GrantRefusal::Reused))
}

fn first_time(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: &Redeem,
    code: Code,
) -> Result<Redeemed, Fault> {
    if code.proof != asked.code {
        return Ok(Redeemed::Refused(GrantRefusal::Unknown));
    }
    if let Some(refusal) = code.terms.refuses(asked) {
        return Ok(Redeemed::Refused(refusal));
    }
    if code.expires_at <= turn.now {
        return Ok(Redeemed::Refused(GrantRefusal::Expired));
    }
    let Some(resources) = narrowed(&code.terms.resources, &asked.resources) else {
        return Ok(Redeemed::Refused(GrantRefusal::Target));
    };
    touch(turn, login, None)?;
    let (grant, refresh) = make(turn, login, code, asked.refresh);
    code::remove(turn.store, grant.code.id)?;
    grant::add(turn.store, &grant)?;
    // One came, so that one at most is too many.
    for old in grant::beyond_of(turn.store, &grant.terms.client_id, GRANTS_PER_CLIENT_MAX)? {
        end_grant(turn, login, old, EndReason::Limit)?;
    }
    for old in grant::beyond(turn.store, GRANTS_MAX)? {
        end_grant(turn, login, old, EndReason::Limit)?;
    }
    let mut issue = issue(login, grant.id, grant.terms, resources);
    issue.refresh = refresh;
    Ok(Redeemed::Issued(Box::new(issue)))
}

/// Makes the grant, and its first refresh token when one is due.
fn make(
    turn: &mut Turn<'_>,
    login: &Login,
    code: Code,
    refresh: Option<Lifetime>,
) -> (Grant, Option<RefreshProof>) {
    let id = GrantId::generate(turn.entropy);
    let mut grant = Grant {
        id,
        code: code.proof,
        terms: code.terms,
        made_at: turn.now,
        expires_at: turn.now.plus(ACCESS_LIFE_MS_MAX),
        family: None,
    };
    let Some(asked) = refresh else {
        return (grant, None);
    };
    let lifetime = Lifetime {
        ends_at: asked.ends_at.min(login.ends_at),
        ..asked
    };
    let (family, token) = chain(login, id).begin(lifetime, turn.now, turn.entropy);
    grant.expires_at = lifetime.ends_at.plus(ACCESS_LIFE_MS_MAX);
    if let Family::Live(live) = family {
        grant.family = Some(live);
    }
    (grant, Some(token.proof()))
}

/// What the gateway needs to mint tokens for a grant.
pub(super) fn issue(
    login: &Login,
    grant: GrantId,
    terms: Terms,
    resources: Vec<Resource>,
) -> Issue {
    Issue {
        grant,
        user: login.user,
        client_id: terms.client_id,
        scopes: terms.scopes,
        resources,
        authentication: terms.authentication,
        nonce: terms.nonce,
        claims: terms.claims,
        refresh: None,
        until: Some(login.deadline()),
    }
}

pub(super) const fn chain(login: &Login, grant: GrantId) -> Chain<'_> {
    Chain {
        key: &login.key,
        sid: login.session,
        grant,
    }
}

/// The resources asked for, all when none is named; `None` when one was not
/// granted ([RFC 8707 §2.2]).
///
/// [RFC 8707 §2.2]: https://www.rfc-editor.org/rfc/rfc8707#section-2.2
pub(super) fn narrowed(granted: &[Resource], asked: &[Resource]) -> Option<Vec<Resource>> {
    if asked.is_empty() {
        return Some(granted.to_vec());
    }
    let are_granted = asked.iter().all(|one| granted.contains(one));
    are_granted.then(|| asked.to_vec())
}
