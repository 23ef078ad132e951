//! `/oauth/userinfo`: who is the user behind this access token
//! (OpenID Connect Core §5.3)?

use crate::{
    actors::{
        runtime::Actors,
        tenant::{ClaimsRead, ReadClaims},
    },
    domain::{
        ids::UserId,
        oauth::{
            ErrorCode, OAuthError, Scopes,
            authorization::{ClaimRequest, ClaimRequests},
            claims::select,
            scope::Scope,
        },
        token::jwt::AccessTokenClaims,
    },
    gateway::{
        authenticate::bearer::{self, Places, invalid_token},
        http::Response,
        platform::Platform,
        trouble::Answer,
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Answers the claims that the token's scopes and the request behind it ask
/// for.
///
/// Every token of ours with scope `openid` is taken, whatever its audience:
/// that scope is the right to ask here, and nothing else is (OpenID Connect
/// Core §5.4).
///
/// # Errors
/// What RFC 6750 §3.1 names, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let Some(token) = bearer::presented(visit, Places::HeaderOrForm)? else {
        return Ok(bearer::challenge());
    };
    let not_good = || invalid_token("the access token is not valid, expired or revoked");
    let claims = bearer::verify(visit, token.expose()).await?;
    let claims = claims.ok_or_else(not_good)?;
    let scopes = Scopes::of(claims.scopes());
    if !scopes.contains(Scope::OPENID) {
        let why = "userinfo needs scope openid";
        return Err(OAuthError::new(ErrorCode::InsufficientScope, why).into());
    }
    let user = UserId::parse(&claims.sub).map_err(|_| not_good())?;
    let ask = ReadClaims {
        user,
        session: claims.sid,
    };
    let ClaimsRead::Claims(known) = visit.mail.ask(&visit.tenant(), ask).await? else {
        return Err(not_good().into());
    };
    let mut document = select(&known, &scopes, &requested(&claims));
    document.insert("sub".to_owned(), claims.sub.into());
    Response::json(StatusCode::OK, &document)
}

fn requested(claims: &AccessTokenClaims) -> ClaimRequests {
    let names = claims.userinfo_claims.iter().cloned();
    names.map(|name| (name, ClaimRequest::default())).collect()
}
