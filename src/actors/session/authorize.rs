//! May this client have a code of this session?

use super::{
    Authorize, Authorized,
    lifecycle::{plan_purge, touch},
    limits::{CLIENTS_MAX, CODE_LIFE_MS, CODES_MAX},
    state::{
        code::{self, Code, Terms},
        grant,
        login::Login,
        memo,
    },
};
use crate::{
    actors::runtime::{Fault, Turn},
    domain::oauth::{
        Consent, ErrorCode,
        authorization::{Decision, Situation, decide},
    },
};

/// Decides, and keeps the code when the client may have it.
pub(super) fn authorize(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: Authorize,
) -> Result<Authorized, Fault> {
    let held = login.is_held(&asked.cookie, turn.now);
    let view = held.then(|| login.view());
    let consent = match &view {
        Some(_) => consent(turn, &asked)?,
        None => None,
    };
    let situation = Situation {
        skip_consent: asked.skip_consent,
        session: view.as_ref(),
        hinted: asked.hinted,
        consent: consent.as_ref(),
        interaction: asked.interaction,
    };
    let decision = decide(&asked.request, &situation, turn.now);
    let is_told = asked.consent.is_some();
    match (decision, view) {
        (Decision::Grant, Some(_)) => {
            touch(turn, login, asked.device.as_ref())?;
            issue(turn, login, asked)
        }
        (Decision::SelectAccount, Some(view)) => {
            show(turn, login, &asked, Authorized::SelectAccount(view))
        }
        (Decision::Consent, Some(view)) => show(turn, login, &asked, Authorized::Consent(view)),
        // Nobody has asked the tenant yet, and nothing is shown for asking.
        (Decision::Refuse(ErrorCode::ConsentRequired), Some(view)) if !is_told => {
            Ok(Authorized::Consent(view))
        }
        (Decision::LogIn(reason), _) => Ok(Authorized::LogIn(reason)),
        (Decision::Refuse(code), _) => Ok(Authorized::Refused(code)),
        (Decision::Grant | Decision::SelectAccount | Decision::Consent, None) => {
            Err(Fault::Corrupt("a decision in favour of nobody"))
        }
    }
}

fn show(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: &Authorize,
    page: Authorized,
) -> Result<Authorized, Fault> {
    touch(turn, login, asked.device.as_ref())?;
    Ok(page)
}

/// What the tenant says of the user's consent, remembered, or what it said
/// last.
fn consent(turn: &Turn<'_>, asked: &Authorize) -> Result<Option<Consent>, Fault> {
    let client = &asked.request.client_id;
    let known = memo::consent(turn.store, client)?;
    let told = asked.consent.as_ref();
    let Some(told) = told.filter(|told| told.client_id == *client) else {
        return Ok(known);
    };
    if known.as_ref() != Some(told) {
        memo::remember_consent(turn.store, told, turn.now, CLIENTS_MAX)?;
    }
    Ok(Some(told.clone()))
}

/// Keeps the code, once: the same request again finds it kept.
fn issue(turn: &mut Turn<'_>, login: &Login, asked: Authorize) -> Result<Authorized, Fault> {
    let proof = asked.code;
    let kept = code::find(turn.store, proof.id)?.map(|code| code.proof);
    let spent = grant::of_code(turn.store, proof.id)?.map(|grant| grant.code);
    match kept.or(spent) {
        Some(other) if other == proof => return Ok(Authorized::Code),
        Some(_) => return Err(Fault::Corrupt("two codes with one id")),
        None => {}
    }
    let mut waiting = code::count(turn.store)?;
    if waiting >= CODES_MAX {
        memo::purge(turn.store, turn.now)?;
        waiting = code::count(turn.store)?;
    }
    if waiting >= CODES_MAX {
        return Ok(Authorized::Refused(ErrorCode::TemporarilyUnavailable));
    }
    if waiting == 0 {
        plan_purge(turn);
    }
    let terms = Terms::of(*asked.request, login.authentication.clone());
    let expires_at = turn.now.plus(CODE_LIFE_MS);
    let code = Code {
        proof,
        terms,
        expires_at,
    };
    code::add(turn.store, &code)?;
    Ok(Authorized::Code)
}
