//! What does the user's session say to a request, and what follows?

use super::{
    receive::{Received, Reception, judge, receive},
    respond,
};
use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{Authorize, Authorized},
        tenant::ReadConsent,
    },
    domain::{
        oauth::{
            Consent, ErrorCode, Interaction, OAuthError,
            authorization::{Decision, LoginReason, Situation, decide},
        },
        session::SessionView,
        token::opaque::{AuthorizationCode, SessionCookie},
    },
    gateway::{
        http::Response,
        interaction::Pending,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::Method;

/// Answers an authorization request: a code, a page of ours, or an error.
///
/// # Errors
/// 413, 414, or a fault; the client's mistakes are pages or redirects.
pub(in crate::gateway::endpoints) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let received = match receive(visit).await? {
        Reception::Received(received) => received,
        Reception::Ended(response) => return Ok(response),
    };
    let Some(cookie) = visit.session_cookie() else {
        if visit.request.method == Method::POST {
            // A form of another site comes without our cookie; a redirect brings it.
            let again = visit.page_for("/oauth/authorize", &received.pending)?;
            return Ok(Response::see_other(&again));
        }
        return without_session(visit, &received).await;
    };
    let code = AuthorizationCode::mint(cookie.sid(), &mut visit.entropy());
    match ask(visit, &received, &cookie, &code, None).await? {
        Some(Authorized::Consent(view)) => {
            recall_consent(visit, &received, &cookie, &code, &view).await
        }
        authorized => follow(visit, &received, &code, authorized).await,
    }
}

/// Tells the client that its user said no (OpenID Connect Core §3.1.2.6).
///
/// # Errors
/// On a fault.
pub async fn deny<P: Platform>(visit: &Visit<'_, P>, pending: &Pending) -> Answer {
    match judge(visit, pending.clone()).await? {
        Reception::Received(received) => refuse(visit, &received, ErrorCode::AccessDenied).await,
        Reception::Ended(response) => Ok(response),
    }
}

/// Asks the session; `None` when there is none any more.
async fn ask<P: Platform>(
    visit: &Visit<'_, P>,
    received: &Received,
    cookie: &SessionCookie,
    code: &AuthorizationCode,
    consent: Option<Consent>,
) -> Result<Option<Authorized>, Trouble> {
    let interaction = received.pending.interaction(cookie.sid());
    // What the user has just allowed on our page, the session may remember too.
    let given = || Consent::to(&received.request, visit.now);
    let question = Authorize {
        cookie: cookie.digest(),
        request: Box::new(received.request.clone()),
        interaction,
        hinted: received.hinted,
        consent: consent.or_else(|| interaction.consented.then(given)),
        skip_consent: received.client.metadata.skip_consent,
        code: code.proof(),
        device: Some(visit.device()),
        news: visit.news().await?,
    };
    match visit.mail.ask(&visit.session(cookie.sid()), question).await {
        Ok(authorized) => Ok(Some(authorized)),
        Err(Fault::Absent) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// The session remembers no consent that is enough: perhaps the tenant does.
async fn recall_consent<P: Platform>(
    visit: &Visit<'_, P>,
    received: &Received,
    cookie: &SessionCookie,
    code: &AuthorizationCode,
    view: &SessionView,
) -> Answer {
    let read = ReadConsent {
        user: view.user,
        client_id: received.client.client_id.clone(),
    };
    let consents = visit.mail.ask(&visit.tenant(), read).await?;
    let consent = consents.items.into_iter().next();
    let situation = Situation {
        skip_consent: received.client.metadata.skip_consent,
        session: Some(view),
        hinted: received.hinted,
        consent: consent.as_ref(),
        interaction: received.pending.interaction(cookie.sid()),
    };
    match decide(&received.request, &situation, visit.now) {
        Decision::Grant => {
            let authorized = ask(visit, received, cookie, code, consent).await?;
            follow(visit, received, code, authorized).await
        }
        Decision::Refuse(error) => refuse(visit, received, error).await,
        _ => page(visit, "/consent", received),
    }
}

async fn without_session<P: Platform>(visit: &Visit<'_, P>, received: &Received) -> Answer {
    let situation = Situation {
        skip_consent: received.client.metadata.skip_consent,
        session: None,
        hinted: received.hinted,
        consent: None,
        interaction: Interaction::begun(received.pending.started_at),
    };
    match decide(&received.request, &situation, visit.now) {
        Decision::Refuse(error) => refuse(visit, received, error).await,
        _ => page(visit, "/login", received),
    }
}

async fn follow<P: Platform>(
    visit: &Visit<'_, P>,
    received: &Received,
    code: &AuthorizationCode,
    authorized: Option<Authorized>,
) -> Answer {
    match authorized {
        None | Some(Authorized::LogIn(LoginReason::NoSession)) => {
            without_session(visit, received).await
        }
        Some(Authorized::Code) => {
            respond::granted(visit, &received.request, code.reveal().expose()).await
        }
        Some(Authorized::LogIn(_)) => page(visit, "/login", received),
        Some(Authorized::SelectAccount(_)) => page(visit, "/select-account", received),
        Some(Authorized::Consent(_)) => page(visit, "/consent", received),
        Some(Authorized::Refused(error)) => refuse(visit, received, error).await,
    }
}

fn page<P: Platform>(visit: &Visit<'_, P>, path: &str, received: &Received) -> Answer {
    let address = visit.page_for(path, &received.pending)?;
    Ok(Response::see_other(&address))
}

async fn refuse<P: Platform>(
    visit: &Visit<'_, P>,
    received: &Received,
    error: ErrorCode,
) -> Answer {
    let error = OAuthError::new(error, sentence(error));
    respond::refused(visit, &received.request.refused(error)).await
}

/// What the client's developer reads.
const fn sentence(error: ErrorCode) -> &'static str {
    match error {
        ErrorCode::LoginRequired => "the user would have to sign in",
        ErrorCode::ConsentRequired => "the user would have to consent",
        ErrorCode::AccountSelectionRequired => "the user would have to choose an account",
        ErrorCode::UnmetAuthenticationRequirements => "the acr asked for cannot be had",
        ErrorCode::AccessDenied => "the user said no",
        _ => "the request cannot be granted",
    }
}
