//! `/account/applications`: who may use my account?

use super::{
    super::{
        scopes,
        shell::{Needs, field, show},
        view::{ApplicationRow, Applications},
        words,
    },
    owner::{Owner, done, own_proof},
};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{ListConsents, WithdrawConsent},
    },
    domain::oauth::{ClientId, Params},
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Applications shown at most. Each may cost a call for its name the first
/// time, and the platform allows fifty in one request.
const SHOWN_MAX: usize = 40;

/// Lists what the user has allowed, or takes one back.
///
/// # Errors
/// 400 for a form that names none, 403 for one that is not ours, or a fault.
pub(in crate::gateway::pages) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let owner = match visit.owner().await? {
        Ok(owner) => owner,
        Err(elsewhere) => return Ok(elsewhere),
    };
    match visit.own_form()? {
        Some(form) => withdraw(visit, &owner, &form).await,
        None => page(visit, &owner).await,
    }
}

async fn withdraw<P: Platform>(visit: &Visit<'_, P>, owner: &Owner, form: &Params) -> Answer {
    let unnamed = |_| {
        Problem::new(
            400,
            "no-application",
            "The form does not say which application.",
        )
    };
    let client_id = ClientId::parse(field(form, "client_id")).map_err(unnamed)?;
    let withdraw = WithdrawConsent {
        user: owner.user.sub,
        client_id,
    };
    visit.mail.ask(&visit.tenant(), withdraw).await?;
    Ok(done("/account/applications"))
}

async fn page<P: Platform>(visit: &Visit<'_, P>, owner: &Owner) -> Answer {
    let list = ListConsents {
        user: owner.user.sub,
    };
    let consents = visit.mail.ask(&visit.tenant(), list).await?;
    let mut entries = Vec::new();
    for consent in consents.items.iter().take(SHOWN_MAX) {
        entries.push(ApplicationRow {
            id: consent.client_id.to_string(),
            client: visit.application(&consent.client_id).await?,
            allowed: scopes::summary(&consent.scopes),
            since: words::day(consent.granted_at),
            since_iso: words::iso(consent.granted_at),
        });
    }
    let csrf = visit.csrf();
    let page = Applications {
        shell: visit.shell().await?,
        section: "applications",
        proof: own_proof(&csrf),
        notice: visit.notice("The application has no access any more."),
        entries,
    };
    Ok(visit.with_csrf(show(StatusCode::OK, &page, Needs::Nothing, None)?, &csrf))
}
