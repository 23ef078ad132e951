//! Is this access token good here?

use super::machine::Genuine;
use crate::{
    domain::{
        oauth::{ClientId, ErrorCode, OAuthError, Params},
        secret::Secret,
        token::jwt::{AccessTokenClaims, Jws},
    },
    gateway::{http::Response, platform::Platform, trouble::Trouble, upgrade, visit::Visit},
};
use ::http::{Method, StatusCode, header};

/// Where a bearer token may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Places {
    /// The `Authorization` header alone ([RFC 6750 §2.1]).
    ///
    /// [RFC 6750 §2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    Header,
    /// The header, or the field `access_token` of a form ([RFC 6750 §2.2]).
    ///
    /// [RFC 6750 §2.2]: https://www.rfc-editor.org/rfc/rfc6750#section-2.2
    HeaderOrForm,
    /// The header or, with the wish for a socket, a subprotocol: a page can give
    /// a socket no header.
    HeaderOrSocket,
}

/// The answer to a request without any token: the scheme, and no error code
/// ([RFC 6750 §3.1]).
///
/// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
#[must_use]
pub fn challenge() -> Response {
    Response::empty(StatusCode::UNAUTHORIZED)
        .with(header::WWW_AUTHENTICATE, "Bearer realm=\"oauth\"")
        .with(header::CACHE_CONTROL, "no-store")
}

/// The refusal of a token that is not good.
#[must_use]
pub fn invalid_token(why: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidToken, why)
}

fn invalid_request(why: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, why)
}

/// The bearer token of a request, by exactly one method ([RFC 6750 §2]); `None`
/// when there is none.
///
/// One in the query is refused: it would stand in logs and histories
/// ([RFC 9700 §4.3.2]).
///
/// # Errors
/// `invalid_request` when there are two, or one in the query or of another
/// scheme.
///
/// [RFC 6750 §2]: https://www.rfc-editor.org/rfc/rfc6750#section-2
/// [RFC 9700 §4.3.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.3.2
pub fn presented<P: Platform>(
    visit: &Visit<'_, P>,
    places: Places,
) -> Result<Option<Secret<String>>, Trouble> {
    if in_params(&visit.query()?)?.is_some() {
        return Err(invalid_request("an access token must not be in the query").into());
    }
    let may_be_form = places == Places::HeaderOrForm && visit.request.method == Method::POST;
    let in_form = if may_be_form && !visit.body()?.is_empty() {
        in_params(&visit.form()?)?
    } else {
        None
    };
    let in_socket = (places == Places::HeaderOrSocket)
        .then(|| upgrade::bearer(visit.request))
        .flatten();
    match (in_header(visit)?, in_form.or(in_socket)) {
        (Some(_), Some(_)) => Err(invalid_request("there are two access tokens").into()),
        (header, form) => Ok(header.or(form)),
    }
}

fn in_params(params: &Params) -> Result<Option<Secret<String>>, OAuthError> {
    let token = params.one("access_token")?;
    Ok(token.map(|text| Secret::new(text.to_owned())))
}

fn in_header<P: Platform>(visit: &Visit<'_, P>) -> Result<Option<Secret<String>>, OAuthError> {
    if !visit.request.headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    let sent = visit.header(header::AUTHORIZATION.as_str());
    let sent = sent.ok_or_else(|| invalid_request("the Authorization header cannot be read"))?;
    scheme_and_token(sent).map(|token| Some(Secret::new(token.to_owned())))
}

fn scheme_and_token(header: &str) -> Result<&str, OAuthError> {
    match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(invalid_request(
            "the Authorization header has no bearer token",
        )),
    }
}

/// Verifies an access token of this tenant: kind, signature, issuer, time
/// ([RFC 9068 §4]). Its audience is for the caller to check; `None` when it is
/// not good, for whatever reason.
///
/// # Errors
/// When the keys cannot be had or the platform's cryptography fails.
///
/// [RFC 9068 §4]: https://www.rfc-editor.org/rfc/rfc9068#section-4
pub async fn verify<P: Platform>(
    visit: &Visit<'_, P>,
    text: &str,
) -> Result<Option<AccessTokenClaims>, Trouble> {
    match genuine(visit, text).await? {
        Some(token) if holds(visit, &token).await? => Ok(Some(token.claims)),
        _ => Ok(None),
    }
}

/// A token that one of the tenant's keys has signed, whatever it says.
pub(super) async fn genuine<P: Platform>(
    visit: &Visit<'_, P>,
    text: &str,
) -> Result<Option<Genuine>, Trouble> {
    let Ok(jws) = Jws::<AccessTokenClaims>::parse(text) else {
        return Ok(None);
    };
    let keys = visit.keys().await?;
    let Some(kid) = jws.kid().cloned() else {
        return Ok(None);
    };
    let Some(key) = keys.find(&kid) else {
        return Ok(None);
    };
    let claims = jws.verify(visit.platform().crypto(), key).await?;
    Ok(claims.map(|claims| Genuine { kid, claims }))
}

/// Whether such a token is good here and now: its key has not been withdrawn, it
/// is of this issuer and has not expired, and what it was issued on is there.
pub(super) async fn holds<P: Platform>(
    visit: &Visit<'_, P>,
    token: &Genuine,
) -> Result<bool, Trouble> {
    let keys = visit.keys().await?;
    let checked = token.claims.check(&visit.home.issuer, None, visit.now);
    if checked.is_err() || keys.find(&token.kid).is_none() {
        return Ok(false);
    }
    stands(visit, &token.claims).await
}

/// Whether what a token was issued on is still there. A session knows its own
/// tokens; of a client's own no actor knows, so they end with the client, and
/// with everybody's.
async fn stands<P: Platform>(
    visit: &Visit<'_, P>,
    claims: &AccessTokenClaims,
) -> Result<bool, Trouble> {
    if claims.sid.is_some() {
        return Ok(true);
    }
    let issued = claims.iat.as_seconds();
    let ended = visit
        .configuration()
        .await?
        .signed_out
        .map(|out| out.until.as_seconds());
    if ended.is_some_and(|until| issued <= until) {
        return Ok(false);
    }
    match ClientId::parse(&claims.client_id) {
        Ok(client_id) => Ok(visit.client(&client_id).await?.is_some()),
        Err(_) => Ok(false),
    }
}

/// The claims of the access token of a request, or of the wish for a socket, which
/// must be for `audience`.
///
/// # Errors
/// `invalid_token` when there is none or it is not good.
pub async fn authenticate<P: Platform>(
    visit: &Visit<'_, P>,
    audience: &str,
) -> Result<AccessTokenClaims, Trouble> {
    let token = presented(visit, Places::HeaderOrSocket)?;
    let token = token.ok_or_else(|| invalid_token("there is no access token"))?;
    let claims = verify(visit, token.expose()).await?;
    let claims = claims.filter(|claims| claims.aud.includes(audience));
    claims.ok_or_else(|| invalid_token("the access token is not good here").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_without_case() {
        for header in ["Bearer x", "bearer x", "BEARER  x "] {
            assert_eq!(scheme_and_token(header), Ok("x"), "{header}");
        }
        for header in ["", "Bearer", "Basic x", "Bearerx"] {
            assert!(scheme_and_token(header).is_err(), "{header}");
        }
    }

    #[test]
    fn a_token_comes_once() {
        let params = Params::parse(b"access_token=a&access_token=b").unwrap();
        assert_eq!(
            in_params(&params).unwrap_err().code,
            ErrorCode::InvalidRequest
        );
    }

    #[test]
    fn a_challenge_without_a_token_has_no_error() {
        let response = challenge();
        assert_eq!(
            response.headers["www-authenticate"],
            "Bearer realm=\"oauth\""
        );
    }
}
