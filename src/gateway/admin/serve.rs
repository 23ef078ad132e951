//! Who answers a request to the admin API, and how are its refusals told?

use super::{
    actors,
    acts::{self, Acting},
    archive, authorize, buckets, clients, keys, live, me, openapi, policies, reconcile, registry,
    routes::{self, Action, Found, Need},
    sessions, tenants, users,
};
use crate::{
    domain::{
        audit::Event,
        oauth::{ErrorCode, OAuthError},
    },
    gateway::{
        limit::{self, Policy},
        log,
        platform::Platform,
        render::trouble::details,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::{HeaderName, header};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Answers a request to the admin API: at the platform's own origin about
/// everything, at a tenant's about that tenant.
///
/// # Errors
/// Problem details, or a fault.
pub async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let home = &visit.home;
    if home.is_platform && home.issuer != visit.platform().settings().platform_origin() {
        return Err(nothing_here());
    }
    let found = routes::find(&visit.request.path);
    let found = found.filter(|found| home.is_platform || found.is_of_a_tenant());
    if found.as_ref().is_some_and(|found| is_public(visit, found)) {
        return openapi::answer(visit).await;
    }
    let by = match authorize::check(visit).await? {
        Ok(by) => by,
        Err(refusal) => return Ok(refusal),
    };
    let found = found.ok_or_else(nothing_here)?;
    let Some((action, need)) = found.action(&visit.request.method) else {
        let detail = "This address does not take that method.";
        let problem = Problem::new(405, "method-not-allowed", detail);
        return Ok(details(&problem, visit.request).with(header::ALLOW, &found.allow()));
    };
    let told = limit::charge(visit, Policy::Admin).await?;
    if let Some(refusal) = by.step_up(visit, need == Need::Act) {
        return Ok(told.onto(refusal));
    }
    let reason = acts::reason(visit)?;
    visit.act_because(by.actor.clone(), reason.clone());
    let answer = dispatch(visit, action, &found, &by).await;
    if answer.is_ok() && found.is_looked_at(need) {
        let tenant = visit.about.get().unwrap_or(visit.home.id);
        let (by, what) = ((by.actor, reason), visit.asked());
        visit.note(tenant, Event::AdminLooked, by, what);
    }
    let answer = told.onto(answer.map_err(as_problem_details)?);
    Ok(answer.with(SERVER_TIMING, &log::server_timing(visit)))
}

fn nothing_here() -> Trouble {
    Problem::new(404, "not-found", "There is nothing here.").into()
}

fn is_public<P: Platform>(visit: &Visit<'_, P>, found: &Found) -> bool {
    let action = found.action(&visit.request.method);
    action.is_some_and(|(action, _)| action == Action::ReadDocument)
}

async fn dispatch<P: Platform>(
    visit: &Visit<'_, P>,
    action: Action,
    found: &Found,
    by: &Acting,
) -> Answer {
    let (first, second, third) = (found.named(0), found.named(1), found.named(2));
    match action {
        Action::ReadDocument => openapi::answer(visit).await,
        Action::ReadMe => me::read(visit, by).await,
        Action::ListTenants => tenants::list(visit).await,
        Action::CreateTenant => tenants::create(visit).await,
        Action::ReadTenant => tenants::read(visit, first).await,
        Action::ChangeTenant => tenants::change(visit, first, by).await,
        Action::DeleteTenant => tenants::delete(visit, first).await,
        Action::ListClients => clients::list(visit, first).await,
        Action::CreateClient => clients::create(visit, first, by).await,
        Action::ReadClient => clients::read(visit, first, second).await,
        Action::ChangeClient => clients::change(visit, first, second, by).await,
        Action::DeleteClient => clients::delete(visit, first, second).await,
        Action::RotateSecret => clients::rotate_secret(visit, first, second).await,
        Action::ListUsers => users::list(visit, first).await,
        Action::CreateUser => users::create(visit, first, by).await,
        Action::ReadUser => users::read(visit, first, second).await,
        Action::ChangeUser => users::change(visit, first, second, by).await,
        Action::DeleteUser => users::delete(visit, first, second).await,
        Action::ListSessions => sessions::list(visit, first, second).await,
        Action::EndSessions => sessions::end_all(visit, first, second).await,
        Action::EndSession => sessions::end_one(visit, first, second, third).await,
        Action::EndEverySession => sessions::end_every(visit, first).await,
        Action::ListPolicies => policies::list(visit, first).await,
        Action::CreatePolicy => policies::create(visit, first, by).await,
        Action::ReadPolicy => policies::read(visit, first, second).await,
        Action::ChangePolicy => policies::change(visit, first, second, by).await,
        Action::DeletePolicy => policies::delete(visit, first, second, by).await,
        Action::ReadUsage => policies::usage(visit, first, second).await,
        Action::ReadBucket => buckets::read(visit, first, second).await,
        Action::ResetBucket => buckets::reset(visit, first, second, by).await,
        Action::ListActs => acts::list(visit, first).await,
        Action::ListenTenant => live::at_tenant(visit, first, by.expires_at).await,
        Action::ListenPlatform => live::at_platform(visit, by.expires_at).await,
        Action::ListKeys => keys::list(visit).await,
        Action::RotateKeys => keys::rotate(visit).await,
        Action::CountActors => registry::counts(visit).await,
        Action::ListActors => registry::list(visit, first).await,
        Action::Reconcile => reconcile::run(visit, first, by).await,
        Action::Command => actors::command(visit, (first, second), third, by).await,
        Action::Inspect => actors::inspect(visit, first, second).await,
        Action::ReadArchive => archive::list(visit, first).await,
    }
}

/// What the domain refuses in the words of OAuth is told in the words of this
/// API.
fn as_problem_details(trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::OAuth(error) => of_oauth(&error).into(),
        other => other,
    }
}

pub(super) fn of_oauth(error: &OAuthError) -> Problem {
    let (status, slug) = match error.code {
        ErrorCode::InvalidClientMetadata => (422, "invalid-client-metadata"),
        ErrorCode::InvalidRedirectUri => (422, "invalid-redirect-uri"),
        ErrorCode::InvalidToken => (401, "invalid-token"),
        ErrorCode::InsufficientScope => (403, "insufficient-scope"),
        _ => (400, "invalid-request"),
    };
    Problem::new(status, slug, format!("{}.", error.description()))
}
