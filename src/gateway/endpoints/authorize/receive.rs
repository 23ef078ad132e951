//! Which authorization request is it, and may its client make it?

use super::respond;
use crate::{
    domain::{
        ids::UserId,
        oauth::{
            AuthorizationRequest, Client, ClientId, ErrorCode, OAuthError, Params,
            authorization::{Arrival, AuthorizationParams, Identified, PageError, Terms},
        },
    },
    gateway::{
        authenticate::hint,
        endpoints::par,
        http::Response,
        interaction::Pending,
        mint, pages,
        platform::Platform,
        trouble::{Problem, Trouble},
        visit::Visit,
    },
};
use ::http::{Method, StatusCode};
use std::rc::Rc;

/// A request its client may make.
pub(super) struct Received {
    /// As it travels.
    pub(super) pending: Pending,
    /// As it was understood.
    pub(super) request: AuthorizationRequest,
    /// Who makes it.
    pub(super) client: Rc<Client>,
    /// The subject of its verified `id_token_hint`.
    pub(super) hinted: Option<UserId>,
}

/// What becomes of a request that is received.
pub(super) enum Reception {
    /// Go on.
    Received(Box<Received>),
    /// It ends here: with a page, or back at the client.
    Ended(Response),
}

/// Why a request is shown to the user as a page: it may not be redirected
/// ([RFC 6749 §4.1.2.1]).
///
/// [RFC 6749 §4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
enum Unredirectable {
    Page(String),
    Trouble(Trouble),
}

impl From<PageError> for Unredirectable {
    fn from(error: PageError) -> Self {
        Self::Page(format!("{error}."))
    }
}

impl From<OAuthError> for Unredirectable {
    fn from(error: OAuthError) -> Self {
        Self::Page(format!("{}.", error.description()))
    }
}

impl From<Trouble> for Unredirectable {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Problem(Problem {
                status: 400,
                detail,
                ..
            }) => Self::Page(detail),
            Trouble::OAuth(error) => error.into(),
            other => Self::Trouble(other),
        }
    }
}

/// Reads the request, or resumes one that was on its way.
pub(super) async fn receive<P: Platform>(visit: &Visit<'_, P>) -> Result<Reception, Trouble> {
    match sent(visit) {
        Ok(pending) => judge(visit, pending).await,
        Err(why) => ended(visit, why).await,
    }
}

/// Judges a request in both stages, for its client may have changed since it
/// came in.
pub(super) async fn judge<P: Platform>(
    visit: &Visit<'_, P>,
    pending: Pending,
) -> Result<Reception, Trouble> {
    match identified(visit, &pending).await {
        Ok((identified, client)) => check(visit, pending, &identified, client).await,
        Err(why) => ended(visit, why).await,
    }
}

async fn ended<P: Platform>(
    visit: &Visit<'_, P>,
    why: Unredirectable,
) -> Result<Reception, Trouble> {
    match why {
        Unredirectable::Page(detail) => {
            let title = "This application's request is not in order";
            let page = pages::error::page(visit, StatusCode::BAD_REQUEST, title, &detail).await?;
            Ok(Reception::Ended(page))
        }
        Unredirectable::Trouble(trouble) => Err(trouble),
    }
}

fn sent<P: Platform>(visit: &Visit<'_, P>) -> Result<Pending, Unredirectable> {
    let is_post = visit.request.method == Method::POST;
    let params = if is_post {
        visit.form()?
    } else {
        visit.query()?
    };
    pending(visit, &params)
}

/// First stage: everything before the client's address is known to be its own.
async fn identified<P: Platform>(
    visit: &Visit<'_, P>,
    pending: &Pending,
) -> Result<(Identified, Rc<Client>), Unredirectable> {
    let params = Params::parse(pending.request.as_bytes()).map_err(OAuthError::from)?;
    let named = AuthorizationParams::parse(params)?;
    let client = visit.client(named.client_id()).await?;
    let client = client.ok_or(PageError::UnknownClient)?;
    let identified = named.identify(&client)?;
    Ok((identified, client))
}

/// A request on its way, one that was pushed ([RFC 9126 §4]), or a new one.
///
/// [RFC 9126 §4]: https://www.rfc-editor.org/rfc/rfc9126#section-4
fn pending<P: Platform>(visit: &Visit<'_, P>, params: &Params) -> Result<Pending, Unredirectable> {
    if let Some(pending) = visit.open_interaction(params)? {
        return Ok(pending);
    }
    let request_uri = params.one("request_uri").map_err(OAuthError::from)?;
    let pushed = match request_uri.filter(|uri| par::is_ours(uri)) {
        None => None,
        Some(uri) => {
            let client_id = params.one("client_id").map_err(OAuthError::from)?;
            let request = par::open(visit, uri, client_id.unwrap_or_default());
            let refused = "The request the application made beforehand is unknown or too old.";
            Some(request.ok_or_else(|| Unredirectable::Page(refused.to_owned()))?)
        }
    };
    Ok(Pending {
        was_pushed: pushed.is_some(),
        request: pushed.unwrap_or_else(|| params.encode()),
        started_at: visit.now,
        selected_by: None,
        consented_by: None,
    })
}

/// Second stage: what is wrong from here on is told to the client.
async fn check<P: Platform>(
    visit: &Visit<'_, P>,
    pending: Pending,
    identified: &Identified,
    client: Rc<Client>,
) -> Result<Reception, Trouble> {
    let configuration = visit.configuration().await?;
    let default = mint::default_resource(visit, &configuration.settings);
    let terms = Terms {
        default_resource: default.as_ref(),
        arrival: if pending.was_pushed {
            Arrival::Pushed
        } else {
            Arrival::Direct
        },
    };
    let request = match identified.validate(&client, terms) {
        Ok(request) => request,
        Err(refusal) => return Ok(Reception::Ended(respond::refused(visit, &refusal).await?)),
    };
    match hinted(visit, &request, &client.client_id).await? {
        Ok(hinted) => Ok(Reception::Received(Box::new(Received {
            pending,
            request,
            client,
            hinted,
        }))),
        Err(error) => {
            let refusal = request.refused(error);
            Ok(Reception::Ended(respond::refused(visit, &refusal).await?))
        }
    }
}

async fn hinted<P: Platform>(
    visit: &Visit<'_, P>,
    request: &AuthorizationRequest,
    client_id: &ClientId,
) -> Result<Result<Option<UserId>, OAuthError>, Trouble> {
    let Some(text) = &request.id_token_hint else {
        return Ok(Ok(None));
    };
    let hint = hint::verify(visit, text, Some(client_id)).await?;
    let why = "the id_token_hint is not an ID token this client got here";
    let error = || OAuthError::new(ErrorCode::InvalidRequest, why);
    Ok(hint.map(|hint| Some(hint.user)).ok_or_else(error))
}
