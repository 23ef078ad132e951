//! How does the answer to an authorization request reach the client?

use crate::{
    domain::oauth::{
        AuthorizationRequest, Params, RedirectUri, authorization::RedirectableError,
        response::ResponseMode,
    },
    gateway::{http::Response, pages, platform::Platform, trouble::Answer, visit::Visit},
};

/// Sends the code ([RFC 6749 §4.1.2]).
///
/// [RFC 6749 §4.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
pub(super) async fn granted<P: Platform>(
    visit: &Visit<'_, P>,
    request: &AuthorizationRequest,
    code: &str,
) -> Answer {
    let params = request.granted(code, &visit.home.issuer);
    send(visit, &request.redirect_uri, request.response_mode, &params).await
}

/// Sends an error ([RFC 6749 §4.1.2.1]).
///
/// [RFC 6749 §4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
pub(super) async fn refused<P: Platform>(
    visit: &Visit<'_, P>,
    refusal: &RedirectableError,
) -> Answer {
    let params = refusal.params(&visit.home.issuer);
    send(visit, &refusal.redirect_uri, refusal.response_mode, &params).await
}

async fn send<P: Platform>(
    visit: &Visit<'_, P>,
    to: &RedirectUri,
    mode: ResponseMode,
    params: &Params,
) -> Answer {
    match mode {
        ResponseMode::Query => Ok(Response::see_other(&to.with_query(params))),
        ResponseMode::FormPost => pages::form_post::page(visit, to, params).await,
    }
}
