//! `/v1/revocations/events`: what does a resource server listen to?

use crate::{
    actors::{
        revocations::{Attach, Attached, Revocations},
        runtime::{Connection, Fault},
    },
    domain::{
        oauth::{ClientId, ErrorCode, OAuthError, scope::Scope},
        revocation::frames::{SUBPROTOCOL, close},
        token::jwt::AccessTokenClaims,
    },
    gateway::{
        authenticate::bearer::{self, Places, invalid_token},
        http::Response,
        mint,
        platform::Platform,
        trouble::{Answer, Trouble},
        upgrade,
        visit::Visit,
    },
};

/// Opens a feed of the tenant's revocations.
///
/// # Errors
/// 400 for a token in the query or another subprotocol, 401, 403 without scope
/// `revocations.read`, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let token = bearer::presented(visit, Places::Header)?;
    if !upgrade::is_wanted(visit.request) {
        return Ok(upgrade::required(visit.request));
    }
    let Some(token) = token else {
        return Ok(bearer::challenge());
    };
    upgrade::check_subprotocol(visit.request)?;
    let claims = bearer::verify(visit, token.expose()).await?;
    let claims = claims.ok_or_else(not_good)?;
    let attach = Attach {
        issuer: visit.home.issuer.clone(),
        client_id: listener(visit, &claims).await?,
        until: claims.exp,
    };
    let log = Revocations::address(visit.home.id);
    let refused = match visit.mail.connect(&log, attach).await? {
        Connection::Open(socket) => return Ok(Response::switching(socket, SUBPROTOCOL)),
        Connection::Answered(Attached::TooMany) => (close::TOO_MANY, "too many feeds are open"),
        Connection::Answered(Attached::Ending) => (close::REVOKED, "the tenant is no more"),
        Connection::Answered(Attached::Open) => {
            return Err(Fault::Corrupt("a socket was accepted and did not come").into());
        }
    };
    Ok(upgrade::refused(visit, Vec::new(), refused))
}

fn not_good() -> Trouble {
    invalid_token("the access token is not good here").into()
}

/// The client whose own token it is, and may listen.
///
/// No user's token will do: what all users' sessions are called is nothing a
/// user can allow. The audience is the issuer, whose feed it is, or the tenant's
/// default, which a client gets that names none.
async fn listener<P: Platform>(
    visit: &Visit<'_, P>,
    claims: &AccessTokenClaims,
) -> Result<ClientId, Trouble> {
    let configuration = visit.configuration().await?;
    let default = mint::default_audience(visit, &configuration.settings);
    let is_for_us = claims.aud.includes(&visit.home.issuer) || claims.aud.includes(&default);
    let is_own = claims.sid.is_none() && claims.sub == claims.client_id;
    if !is_for_us || !is_own {
        return Err(not_good());
    }
    if !claims.scopes().any(|name| name == Scope::REVOCATIONS_READ) {
        let why = "the feed needs scope revocations.read";
        return Err(OAuthError::new(ErrorCode::InsufficientScope, why).into());
    }
    let client_id = ClientId::parse(&claims.client_id).map_err(|_| not_good())?;
    let known = visit.client(&client_id).await?;
    known.map(|_| client_id).ok_or_else(not_good)
}
