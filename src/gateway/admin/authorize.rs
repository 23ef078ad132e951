//! May the caller operate the platform?

use super::{acts::Acting, serve::of_oauth};
use crate::{
    domain::oauth::{ErrorCode, OAuthError, scope::Scope},
    gateway::{
        authenticate::bearer, http::Response, platform::Platform, render::trouble::details,
        trouble::Trouble, visit::Visit,
    },
};
use ::http::header;

/// Checks the access token: of this tenant, for this API, with scope `admin`; says
/// who brought it.
/// The inner error is the answer to a token that is not all of that
/// ([RFC 6750 §3]).
///
/// # Errors
/// When the keys cannot be had.
///
/// [RFC 6750 §3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
pub(super) async fn check<P: Platform>(
    visit: &Visit<'_, P>,
) -> Result<Result<Acting, Response>, Trouble> {
    let audience = &visit.platform().settings().audience;
    let checked = match bearer::authenticate(visit, audience).await {
        Ok(claims) if claims.scopes().any(|name| name == Scope::ADMIN) => Ok(Acting::by(claims)),
        Ok(_) => Err(OAuthError::new(
            ErrorCode::InsufficientScope,
            "the access token lacks scope admin",
        )),
        Err(Trouble::OAuth(error)) => Err(error),
        Err(other) => return Err(other),
    };
    Ok(checked.map_err(|error| {
        let is_anonymous = !visit.request.headers.contains_key(header::AUTHORIZATION);
        let answer = details(&of_oauth(&error), visit.request);
        answer.with(header::WWW_AUTHENTICATE, &challenge(&error, is_anonymous))
    }))
}

/// Whoever brought no token has made no error yet: he is told what to bring.
fn challenge(error: &OAuthError, is_anonymous: bool) -> String {
    if is_anonymous && error.code == ErrorCode::InvalidToken {
        return "Bearer realm=\"admin\", scope=\"admin\"".to_owned();
    }
    let (code, why) = (error.code.as_str(), error.description());
    format!(
        "Bearer realm=\"admin\", scope=\"admin\", error=\"{code}\", error_description=\"{why}\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_names_the_error_only_when_there_is_one() {
        let error = OAuthError::new(ErrorCode::InvalidToken, "no");
        assert!(!challenge(&error, true).contains("error"));
        assert!(challenge(&error, false).contains("error=\"invalid_token\""));
    }
}
