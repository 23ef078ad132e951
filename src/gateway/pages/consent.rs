//! `/consent`: may this application have that?

use super::{
    scopes,
    shell::{self, field},
    view,
    waiting::{self, Waiting},
};
use crate::{
    actors::{runtime::Actors, tenant::GiveConsent},
    domain::{
        audit::Actor,
        oauth::{AuthorizationRequest, Client, Consent},
    },
    gateway::{
        endpoints::authorize,
        http::Response,
        interaction::Pending,
        platform::Platform,
        sign_in::Viewer,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Shows what the application wants, or does what the user decided.
///
/// # Errors
/// 400 without an application or a decision, 403 for a form that is not ours,
/// or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let (sent, is_post) = visit.sent()?;
    let waiting = visit.waiting(&sent).await?.ok_or_else(nobody_waits)?;
    if is_post && field(&sent, "decision") == "deny" {
        return authorize::deny(visit, &waiting.pending).await;
    }
    let (Some(viewer), Some((request, client))) =
        (visit.viewer().await?, waiting.request(visit).await?)
    else {
        return waiting.resume(visit);
    };
    match field(&sent, "decision") {
        "allow" if is_post => allow(visit, waiting.pending, &viewer, &request).await,
        _ if is_post => {
            Err(Problem::new(400, "no-decision", "The form says neither allow nor deny.").into())
        }
        _ => page(visit, &waiting, &viewer, &request, &client).await,
    }
}

/// A page that is opened without an application that waits.
pub(super) fn nobody_waits() -> Trouble {
    let detail = "No application waits for you here. Go back to it and start again.";
    Problem::new(400, "nobody-waits", detail).into()
}

async fn allow<P: Platform>(
    visit: &Visit<'_, P>,
    pending: Pending,
    viewer: &Viewer,
    request: &AuthorizationRequest,
) -> Answer {
    let consent = Consent::to(request, visit.now);
    let user = viewer.view.user;
    visit.act_as(Actor::user(user));
    visit
        .mail
        .ask(&visit.tenant(), GiveConsent { user, consent })
        .await?;
    let consented_by = Some(viewer.view.session);
    waiting::resume(
        visit,
        &Pending {
            consented_by,
            ..pending
        },
    )
}

async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    waiting: &Waiting,
    viewer: &Viewer,
    request: &AuthorizationRequest,
    client: &Client,
) -> Answer {
    let Some(user) = visit.user_of(viewer).await? else {
        return Ok(visit.without_session_cookie(Response::see_other("/login")));
    };
    let csrf = visit.csrf();
    let page = view::Consent {
        shell: visit.shell().await?,
        proof: visit.proof(&csrf, Some(&waiting.pending))?,
        client: shell::application(client),
        person: shell::person(&user),
        grants: scopes::grants(request),
        destination: destination(request.redirect_uri.as_str()),
    };
    visit.form_page(StatusCode::OK, &page, &csrf, Some(waiting))
}

/// The part of an address that says to people where it leads.
pub(super) fn destination(redirect_uri: &str) -> String {
    let host = url::Url::parse(redirect_uri).ok();
    let host = host.as_ref().and_then(url::Url::host_str);
    host.map_or("an application on your device", |host| host)
        .to_owned()
}
