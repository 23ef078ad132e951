//! How does a session begin, go on and end?

use super::{
    Begin, Begun, End, Ended, Look, Looked, Reauthenticate,
    limits::{CODE_LIFE_MS, NEWS_AGE_MS_MAX, TELL_USE_MS, TOUCH_MS_MAX, TOUCH_PART},
    revocation,
    state::{
        login::{self, Ending, Login},
        memo,
    },
    tabs,
};
use crate::{
    actors::{
        archive::{Archive, Keep, Shelf},
        runtime::{Fault, Turn},
        tenant::{OwnEnd, SessionBegan, SessionEnded, SessionUsed, Tenant},
    },
    domain::{
        audit::{Actor, ActorKind, Origin},
        ids::ActId,
        refresh::FamilyKey,
        revocation::What,
        session::{Authentication, Device, EndReason, SessionPolicy, TenantNews},
    },
};

/// The job that ends a session whose time has come.
pub(super) const DEADLINE: &str = "deadline";

/// The job that drops what has expired.
pub(super) const PURGE: &str = "purge";

/// Begins the session, once: the same sign-in again finds it begun.
pub(super) fn begin(
    turn: &mut Turn<'_>,
    known: &mut Option<Login>,
    begin: Begin,
) -> Result<Begun, Fault> {
    if let Some(login) = known {
        let is_same = login.is_held(&begin.cookie, turn.now) && login.user == begin.user;
        return Ok(if is_same {
            Begun::Live(login.view())
        } else {
            Begun::Taken
        });
    }
    let login = Login {
        tenant: begin.tenant,
        issuer: begin.issuer,
        session: begin.session,
        user: begin.user,
        cookie: begin.cookie,
        authentication: proved_now(turn, begin.authentication),
        device: begin.device,
        began_at: turn.now,
        used_at: turn.now,
        seen: None,
        told_at: turn.now,
        idle_ms: begin.idle_ms,
        ends_at: turn.now.plus(begin.absolute_ms),
        key: FamilyKey::generate(turn.entropy),
        ending: None,
    };
    login::begin(turn.store, &login)?;
    let session = login.session;
    let tenant = Tenant::address(login.tenant);
    turn.effects.tell(&tenant, SessionBegan { session })?;
    turn.effects.schedule(DEADLINE, login.deadline());
    Ok(Begun::Live(known.insert(login).view()))
}

/// Takes a new proof of the same user's identity, and a new cookie with it.
pub(super) fn reauthenticate(
    turn: &mut Turn<'_>,
    login: &mut Login,
    proof: Reauthenticate,
) -> Result<Looked, Fault> {
    if login.is_held(&proof.next_cookie, turn.now) && login.user == proof.user {
        // The same message again: nobody else knows the cookie to come.
        return Ok(Looked::Live(login.view()));
    }
    if !login.is_held(&proof.cookie, turn.now) || login.user != proof.user {
        return Ok(Looked::Gone);
    }
    login.cookie = proof.next_cookie;
    login.authentication = proved_now(turn, proof.authentication);
    login.device = proof.device;
    login.seen = None;
    login.used_at = turn.now;
    login::reauthenticate(turn.store, login)?;
    Ok(Looked::Live(login.view()))
}

/// Shows a live session to its browser.
pub(super) fn look(turn: &mut Turn<'_>, login: &mut Login, look: &Look) -> Result<Looked, Fault> {
    if !login.is_held(&look.cookie, turn.now) {
        return Ok(Looked::Gone);
    }
    touch(turn, login, look.device.as_ref())?;
    Ok(Looked::Live(login.view()))
}

/// Ends the session for whoever may ask that.
pub(super) fn end_asked(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: &End,
) -> Result<Ended, Fault> {
    if asked.cookie.is_some_and(|cookie| cookie != login.cookie) {
        return Ok(Ended::Refused);
    }
    let by = turn.caller.as_ref().map(|caller| caller.origin.clone());
    let ending = end(turn, login, asked.why, asked.announced, by)?;
    Ok(Ended::Ended {
        user: login.user,
        clients: ending.clients,
    })
}

/// Ends the session: the only way it ever ends, whatever the reason.
///
/// Marks it, drops its codes and grants, tells the tenant, the tenant's log (unless
/// the act is `announced`), every client, every tab and the archive, and lets the
/// actor be erased once all of them have heard. Again, it changes nothing.
pub(super) fn end(
    turn: &mut Turn<'_>,
    login: &mut Login,
    why: EndReason,
    announced: Option<ActId>,
    by: Option<Origin>,
) -> Result<Ending, Fault> {
    if let Some(ending) = &login.ending {
        return Ok(ending.clone());
    }
    let act = announced.unwrap_or_else(|| ActId::generate(turn.entropy));
    let ending = Ending {
        at: turn.now,
        why,
        clients: login::clients(turn.store)?,
        act: Some(act),
    };
    login::end(turn.store, &ending)?;
    login.ending = Some(ending.clone());
    if announced.is_none() {
        let what = What::Sessions {
            sub: login.user,
            sids: vec![login.session],
            all: false,
        };
        revocation::announce(turn, login, act, what, why)?;
    }
    revocation::log_out(turn, login, &ending, act)?;
    tabs::end(turn, login);
    let session = login.session;
    let tenant = Tenant::address(login.tenant);
    let own = announced
        .is_none()
        .then(|| Box::new(own_end(login, why, by)));
    turn.effects.tell(&tenant, SessionEnded { session, own })?;
    let keep = Keep::one(Shelf::Sessions, &login.record(&ending))?;
    turn.effects.tell(&Archive::address(), keep)?;
    turn.effects.unschedule(DEADLINE);
    turn.effects.unschedule(PURGE);
    turn.effects.unschedule(tabs::SILENT);
    turn.effects.end();
    Ok(ending)
}

/// Whoever brought the session's cookie, and nothing else, is its user.
fn own_end(login: &Login, why: EndReason, by: Option<Origin>) -> OwnEnd {
    let known = |origin: Origin| match origin.actor.kind {
        ActorKind::Anonymous => Origin {
            actor: Actor::user(login.user),
            ..origin
        },
        _ => origin,
    };
    let by = by.map(|origin| Box::new(known(origin)));
    OwnEnd { why, by }
}

/// Takes what is known of the tenant: that all sessions were ended before this
/// one has heard of it, or how long sessions live now.
pub(super) fn take_news(
    turn: &mut Turn<'_>,
    login: &mut Login,
    news: &TenantNews,
) -> Result<(), Fault> {
    if let Some(out) = news.signed_out.filter(|out| login.began_at <= out.until) {
        return end(turn, login, out.why, Some(out.act), None).map(drop);
    }
    match news.policy {
        Some(policy) if login.ending.is_none() => bind(turn, login, policy),
        _ => Ok(()),
    }
}

/// Holds the session to a policy that is stricter than the one it began under.
/// One that allows more is for sessions to come (ADR 9).
fn bind(turn: &mut Turn<'_>, login: &mut Login, policy: SessionPolicy) -> Result<(), Fault> {
    // It may have begun under a policy that whoever asks has not heard of.
    if turn.now.since(login.began_at) < NEWS_AGE_MS_MAX {
        return Ok(());
    }
    let idle_ms = login.idle_ms.min(policy.idle_ms);
    let ends_at = login.ends_at.min(login.began_at.plus(policy.absolute_ms));
    if (idle_ms, ends_at) == (login.idle_ms, login.ends_at) {
        return Ok(());
    }
    (login.idle_ms, login.ends_at) = (idle_ms, ends_at);
    login::bind(turn.store, login)?;
    watch_deadline(turn, login)
}

/// Counts as use, from `device` when that is known, and writes that down now and
/// then; the tenant hears of it less often still.
pub(super) fn touch(
    turn: &mut Turn<'_>,
    login: &mut Login,
    device: Option<&Device>,
) -> Result<(), Fault> {
    let step = (login.idle_ms / TOUCH_PART).min(TOUCH_MS_MAX);
    if turn.now.since(login.used_at) <= step {
        return Ok(());
    }
    login.used_at = turn.now;
    if let Some(device) = device {
        login.seen = (*device != login.device).then(|| device.clone());
    }
    if turn.now.since(login.told_at) >= TELL_USE_MS {
        login.told_at = turn.now;
        let used = SessionUsed {
            session: login.session,
            at: turn.now,
            device: login.seen.clone(),
        };
        turn.effects.tell(&Tenant::address(login.tenant), used)?;
    }
    Ok(login::touch(turn.store, login)?)
}

/// Ends the session when its time has come, and else waits until it has.
pub(super) fn watch_deadline(turn: &mut Turn<'_>, login: &mut Login) -> Result<(), Fault> {
    if turn.now < login.deadline() {
        turn.effects.schedule(DEADLINE, login.deadline());
        return Ok(());
    }
    let is_idle = login.deadline() < login.ends_at;
    let why = if is_idle {
        EndReason::Idle
    } else {
        EndReason::Expired
    };
    end(turn, login, why, None, None).map(drop)
}

/// Drops what has expired, and looks again when more will have.
pub(super) fn purge(turn: &mut Turn<'_>) -> Result<(), Fault> {
    memo::purge(turn.store, turn.now)?;
    if let Some(next) = memo::next_expiry(turn.store)? {
        turn.effects.schedule(PURGE, next);
    }
    Ok(())
}

/// Plans the purge when the first of its kind is written; from then on it plans
/// itself.
pub(super) fn plan_purge(turn: &mut Turn<'_>) {
    turn.effects.schedule(PURGE, turn.now.plus(CODE_LIFE_MS));
}

/// The session's clock, not the gateway's, says when it was.
fn proved_now(turn: &Turn<'_>, authentication: Authentication) -> Authentication {
    Authentication {
        at: turn.now,
        ..authentication
    }
}
