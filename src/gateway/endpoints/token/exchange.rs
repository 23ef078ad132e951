//! Who presents what at the token endpoint?

use super::{authorization_code, client_credentials, refresh_token};
use crate::{
    actors::session::GrantRefusal,
    domain::{
        audit::Actor,
        oauth::{ErrorCode, OAuthError, grant::TokenRequest},
    },
    gateway::{
        authenticate::client::authenticate, http::Response, platform::Platform, trouble::Answer,
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Answers a token request ([RFC 6749 §5.1], §5.2).
///
/// # Errors
/// What RFC 6749 §5.2 and RFC 8707 §2 name, or a fault.
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
pub(in crate::gateway::endpoints) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let params = visit.form()?;
    let request = TokenRequest::parse(&params)?;
    let client = authenticate(visit, &params).await?;
    client.check_grant_type(request.grant_type())?;
    visit.act_as(Actor::client(&client.client_id));
    let tokens = match request {
        TokenRequest::AuthorizationCode {
            code,
            redirect_uri,
            code_verifier,
            resources,
        } => {
            let redemption = authorization_code::Presented {
                code,
                redirect_uri,
                challenge: code_verifier.map(|verifier| verifier.challenge()),
                resources,
            };
            authorization_code::redeem(visit, &client, redemption).await?
        }
        TokenRequest::RefreshToken {
            refresh_token,
            scope,
            resources,
        } => refresh_token::refresh(visit, &client, &refresh_token, scope, resources).await?,
        TokenRequest::ClientCredentials { scope, resources } => {
            client_credentials::issue(visit, &client, scope, &resources).await?
        }
    };
    Response::json(StatusCode::OK, &tokens)
}

/// What the client is told of a refusal: which rule was broken stays here, for
/// whoever stole a code or token would learn from it.
pub(super) fn told(refusal: GrantRefusal) -> OAuthError {
    match refusal {
        GrantRefusal::Scope => OAuthError::new(
            ErrorCode::InvalidScope,
            "the scope exceeds what was granted",
        ),
        GrantRefusal::Target => {
            OAuthError::new(ErrorCode::InvalidTarget, "the resource was not granted")
        }
        _ => invalid_grant(),
    }
}

/// The one answer to every code or refresh token that is not good.
pub(super) fn invalid_grant() -> OAuthError {
    let why = "the code or refresh token is not valid, expired, revoked, or another client's";
    OAuthError::new(ErrorCode::InvalidGrant, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thief_does_not_learn_which_rule_he_broke() {
        let told = [
            GrantRefusal::Unknown,
            GrantRefusal::OtherClient,
            GrantRefusal::Verifier,
            GrantRefusal::Reused,
        ]
        .map(told);
        assert!(told.iter().all(|error| *error == invalid_grant()));
    }
}
