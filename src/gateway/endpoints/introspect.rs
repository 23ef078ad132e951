//! `/oauth/introspect`: is this token active ([RFC 7662])?
//!
//! [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662

use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{Introspect, Introspected, TokenRef},
    },
    domain::{
        ids::SessionId,
        oauth::{Client, ErrorCode, OAuthError, Resource, Scopes},
        time::Timestamp,
        token::{
            jwt::{AccessTokenClaims, Audience},
            refresh_token::RefreshToken,
        },
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
use ::http::StatusCode;
use serde::Serialize;

/// What is told of a token ([RFC 7662 §2.2]); of one that is not active,
/// nothing more.
///
/// [RFC 7662 §2.2]: https://www.rfc-editor.org/rfc/rfc7662#section-2.2
#[derive(Default, Serialize)]
struct Standing {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
}

/// Answers a confidential client that asks about a token.
///
/// A refresh token is shown to the client it was issued to. An access token is
/// shown to that client too, to one that is registered for an audience of it,
/// and, when it is for the tenant's default audience, which is everybody's, to
/// every one. To anybody else no token is active ([RFC 7662 §4]).
///
/// # Errors
/// `invalid_client`, `invalid_request`, or a fault.
///
/// [RFC 7662 §4]: https://www.rfc-editor.org/rfc/rfc7662#section-4
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let params = visit.form()?;
    let client = authenticate(visit, &params).await?;
    if client.is_public() {
        let why = "introspection needs a client that authenticates";
        return Err(OAuthError::new(ErrorCode::InvalidClient, why).into());
    }
    let missing = || OAuthError::new(ErrorCode::InvalidRequest, "token is missing");
    let token = params.one("token").map_err(OAuthError::from)?;
    let token = token.ok_or_else(missing)?;
    let standing = match RefreshToken::parse(token) {
        Ok(token) => of_refresh(visit, &client, &token).await?,
        Err(_) => of_access(visit, &client, token).await?,
    };
    Response::json(StatusCode::OK, &standing.unwrap_or_default())
}

async fn of_refresh<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    token: &RefreshToken,
) -> Result<Option<Standing>, Trouble> {
    let token_ref = TokenRef::Refresh(token.proof());
    let Introspected::Active {
        user,
        client_id,
        scopes,
        expires_at,
    } = ask(visit, token.sid(), token_ref).await?
    else {
        return Ok(None);
    };
    let is_own = client_id == client.client_id;
    Ok(is_own.then(|| Standing {
        active: true,
        scope: spelled(&scopes),
        client_id: Some(client_id.to_string()),
        exp: Some(expires_at.as_seconds()),
        sub: Some(user.to_string()),
        iss: Some(visit.home.issuer.clone()),
        sid: Some(token.sid()),
        ..Standing::default()
    }))
}

async fn of_access<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    token: &str,
) -> Result<Option<Standing>, Trouble> {
    let Some(claims) = bearer::verify(visit, token).await? else {
        return Ok(None);
    };
    let configuration = visit.configuration().await?;
    let default = mint::default_audience(visit, &configuration.settings);
    if !may_see(client, &claims, &default) {
        return Ok(None);
    }
    let Some(session) = claims.sid else {
        return Ok(Some(of_claims(claims)));
    };
    let Some(grant) = mint::grant_of(&claims) else {
        return Ok(None);
    };
    let token_ref = TokenRef::Access {
        grant,
        jti: claims.jti.clone(),
        expires_at: claims.exp,
    };
    let stands = ask(visit, session, token_ref).await? != Introspected::Inactive;
    Ok(stands.then(|| of_claims(claims)))
}

async fn ask<P: Platform>(
    visit: &Visit<'_, P>,
    session: SessionId,
    token: TokenRef,
) -> Result<Introspected, Trouble> {
    let ask = Introspect {
        token,
        news: visit.news().await?,
    };
    match visit.mail.ask(&visit.session(session), ask).await {
        Err(Fault::Absent) => Ok(Introspected::Inactive),
        answered => Ok(answered?),
    }
}

fn may_see(client: &Client, claims: &AccessTokenClaims, default: &str) -> bool {
    let mut own = client.metadata.resources.iter().map(Resource::as_str);
    claims.client_id == client.client_id.as_str()
        || claims.aud.includes(default)
        || own.any(|resource| claims.aud.includes(resource))
}

fn of_claims(claims: AccessTokenClaims) -> Standing {
    Standing {
        active: true,
        scope: claims.scope,
        client_id: Some(claims.client_id),
        token_type: Some("Bearer"),
        exp: Some(claims.exp.as_seconds()),
        iat: Some(claims.iat.as_seconds()),
        sub: Some(claims.sub),
        aud: Some(claims.aud),
        iss: Some(claims.iss),
        jti: Some(claims.jti),
        sid: claims.sid,
        auth_time: claims.auth_time.map(Timestamp::as_seconds),
        acr: claims.acr,
    }
}

fn spelled(scopes: &Scopes) -> Option<String> {
    (!scopes.is_empty()).then(|| scopes.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_token_that_is_not_active_nothing_more_is_told() {
        let told = serde_json::to_string(&Standing::default()).unwrap();
        assert_eq!(told, r#"{"active":false}"#);
    }
}
