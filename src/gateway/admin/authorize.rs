//! May the caller operate the platform, or the tenant?

use super::{
    acts::{Acting, FRESH_S_MAX},
    serve::of_oauth,
};
use crate::{
    domain::{
        audit::{Event, TargetKind},
        oauth::{ErrorCode, OAuthError, scope::Scope},
    },
    gateway::{
        authenticate::bearer,
        console,
        http::Response,
        platform::Platform,
        render::trouble::details,
        trouble::{Problem, Trouble},
        visit::Visit,
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
    let audience = console::audience(&visit.home, &visit.platform().settings().audience);
    let checked = match bearer::authenticate(visit, &audience).await {
        Ok(claims) if claims.scopes().any(|name| name == Scope::ADMIN) => Ok(Acting::by(claims)),
        Ok(claims) => {
            visit.note(
                visit.home.id,
                Event::AdminDenied,
                (
                    Acting::by(claims).actor,
                    Some("insufficient_scope".to_owned()),
                ),
                visit.asked(),
            );
            let lacks = "the access token lacks scope admin";
            return Ok(Err(told(
                visit,
                &OAuthError::new(ErrorCode::InsufficientScope, lacks),
            )));
        }
        Err(Trouble::OAuth(error)) => Err(error),
        Err(other) => return Err(other),
    };
    Ok(checked.map_err(|error| {
        if !is_anonymous(visit) {
            let method = visit.request.method.to_string();
            visit.note_stranger(Event::AdminDenied, TargetKind::Route, method);
        }
        told(visit, &error)
    }))
}

fn is_anonymous<P: Platform>(visit: &Visit<'_, P>) -> bool {
    !visit.request.headers.contains_key(header::AUTHORIZATION)
}

fn told<P: Platform>(visit: &Visit<'_, P>, error: &OAuthError) -> Response {
    let answer = details(&of_oauth(error), visit.request);
    let challenge = challenge(error, is_anonymous(visit));
    answer.with(header::WWW_AUTHENTICATE, &challenge)
}

/// The answer to whoever must sign in anew first ([RFC 9470 §3]).
///
/// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
pub(super) fn step_up<P: Platform>(visit: &Visit<'_, P>) -> Response {
    let slug = "insufficient-user-authentication";
    let why = "a more recent sign-in is needed";
    let told = details(&Problem::new(401, slug, format!("{why}.")), visit.request);
    let challenge = format!(
        "Bearer realm=\"admin\", scope=\"admin\", \
         error=\"insufficient_user_authentication\", error_description=\"{why}\", \
         max_age=\"{FRESH_S_MAX}\""
    );
    told.with(header::WWW_AUTHENTICATE, &challenge)
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
