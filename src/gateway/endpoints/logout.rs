//! `/oauth/logout`: a client asks that its user be signed out (OpenID Connect
//! RP-Initiated Logout §2).

use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{End, Ended},
    },
    domain::{
        audit::Actor,
        oauth::{
            Params,
            logout::{LogoutHint, LogoutPlan, LogoutRefusal, LogoutRequest},
        },
        session::EndReason,
        token::opaque::SessionCookie,
    },
    gateway::{
        authenticate::hint,
        browser::CSRF_FIELD,
        http::{Response, TARGET_BYTES_MAX},
        pages,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::{Method, StatusCode};

/// Signs the user out, after asking when the specification wants that, and
/// sends the browser on.
///
/// The page that asks posts back here what the client sent, with the proof that
/// it was our page.
///
/// # Errors
/// 403 when the proof is not good, 413, 414, or a fault; the client's mistakes are a
/// page.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let is_post = visit.request.method == Method::POST;
    let params = if is_post {
        visit.form()?
    } else {
        visit.query()?
    };
    let is_confirmed = is_post && params.all(CSRF_FIELD).next().is_some();
    if is_confirmed {
        visit.check_csrf(&params)?;
    }
    let cookie = visit.session_cookie();
    if is_post && !is_confirmed && cookie.is_none() {
        // A form of another site comes without our cookie; a redirect brings it.
        return by_redirect(&params);
    }
    match plan(visit, &params).await? {
        Ok(plan) if plan.confirm && !is_confirmed => {
            pages::sign_out::page(visit, &params.without(CSRF_FIELD)).await
        }
        Ok(plan) => {
            let next = plan.return_to.as_deref().unwrap_or("/signed-out");
            sign_out(visit, cookie.as_ref(), next).await
        }
        Err(refusal) => {
            let title = "You cannot be signed out this way";
            let detail = sentence(refusal);
            pages::error::page(visit, StatusCode::BAD_REQUEST, title, &detail).await
        }
    }
}

/// The same request as a query, which has a shorter limit than a form.
fn by_redirect(params: &Params) -> Answer {
    let again = format!("/oauth/logout?{}", params.encode());
    if again.len() > TARGET_BYTES_MAX {
        let detail = "The application's request is too long.";
        return Err(Problem::new(414, "uri-too-long", detail).into());
    }
    Ok(Response::see_other(&again))
}

fn sentence(refusal: LogoutRefusal) -> String {
    format!("The application's request is not in order: {refusal}.")
}

async fn plan<P: Platform>(
    visit: &Visit<'_, P>,
    params: &Params,
) -> Result<Result<LogoutPlan, LogoutRefusal>, Trouble> {
    let request = match LogoutRequest::parse(params) {
        Ok(request) => request,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let hint = match &request.id_token_hint {
        Some(text) => hint::verify(visit, text, None).await?,
        None => None,
    };
    let hint = hint.map(|hint| LogoutHint {
        client_id: hint.client_id,
        user: hint.user,
    });
    let client = match request.client_of(hint.as_ref()) {
        Ok(Some(client_id)) => visit.client(&client_id).await?,
        Ok(None) => None,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let signed_in = visit.viewer().await?.map(|viewer| viewer.view.user);
    Ok(request.plan(hint.as_ref(), client.as_deref(), signed_in))
}

async fn sign_out<P: Platform>(
    visit: &Visit<'_, P>,
    cookie: Option<&SessionCookie>,
    next: &str,
) -> Answer {
    let Some(cookie) = cookie else {
        return Ok(Response::see_other(next));
    };
    let end = End {
        why: EndReason::SignedOut,
        cookie: Some(cookie.digest()),
        announced: None,
    };
    visit.act_as(Actor::ANONYMOUS);
    let clients = match visit.mail.ask(&visit.session(cookie.sid()), end).await {
        Ok(Ended::Ended { clients, .. }) => clients,
        Ok(Ended::Refused) | Err(Fault::Absent) => Vec::new(),
        Err(fault) => return Err(fault.into()),
    };
    let response = pages::signing_out::answer(visit, cookie.sid(), &clients, next).await?;
    Ok(visit.without_session_cookie(response))
}
