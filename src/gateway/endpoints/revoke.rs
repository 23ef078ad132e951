//! `/oauth/revoke`: a client is done with a token ([RFC 7009]).
//!
//! [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009

use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{RevokeToken, TokenRef, TokenRevoked},
    },
    domain::{
        audit::Actor,
        ids::SessionId,
        oauth::{ErrorCode, OAuthError},
        token::refresh_token::RefreshToken,
    },
    gateway::{
        authenticate::{bearer, client::authenticate},
        http::Response,
        mint,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::{StatusCode, header};

/// Revokes the client's own token: a refresh token with everything its grant
/// has issued, an access token alone.
///
/// A token that is not known is answered like one that was revoked
/// ([RFC 7009 §2.2]), and so is a client's own access token, which no actor
/// knows: it expires within minutes.
///
/// # Errors
/// `invalid_client`; `invalid_grant` for another client's token
/// ([RFC 7009 §2.1]); or a fault.
///
/// [RFC 7009 §2.1]: https://www.rfc-editor.org/rfc/rfc7009#section-2.1
/// [RFC 7009 §2.2]: https://www.rfc-editor.org/rfc/rfc7009#section-2.2
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let params = visit.form()?;
    let client = authenticate(visit, &params).await?;
    let missing = || OAuthError::new(ErrorCode::InvalidRequest, "token is missing");
    let token = params.one("token").map_err(OAuthError::from)?;
    let done = Response::empty(StatusCode::OK).with(header::CACHE_CONTROL, "no-store");
    let Some((session, token)) = locate(visit, token.ok_or_else(missing)?).await? else {
        return Ok(done);
    };
    visit.act_as(Actor::client(&client.client_id));
    let revoke = RevokeToken {
        token,
        client_id: client.client_id.clone(),
    };
    match visit.mail.ask(&visit.session(session), revoke).await {
        Ok(TokenRevoked::Done) | Err(Fault::Absent) => Ok(done),
        Ok(TokenRevoked::OtherClient) => {
            let why = "the token was issued to another client";
            Err(OAuthError::new(ErrorCode::InvalidGrant, why).into())
        }
        Err(fault) => Err(fault.into()),
    }
}

/// The session that knows a token; `None` when none does.
async fn locate<P: Platform>(
    visit: &Visit<'_, P>,
    token: &str,
) -> Result<Option<(SessionId, TokenRef)>, Trouble> {
    if let Ok(token) = RefreshToken::parse(token) {
        return Ok(Some((token.sid(), TokenRef::Refresh(token.proof()))));
    }
    let Some(claims) = bearer::verify(visit, token).await? else {
        return Ok(None);
    };
    let known = claims.sid.zip(mint::grant_of(&claims));
    Ok(known.map(|(session, grant)| {
        let token = TokenRef::Access {
            grant,
            jti: claims.jti,
            expires_at: claims.exp,
        };
        (session, token)
    }))
}
