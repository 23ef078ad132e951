//! `/oauth/par`: an authorization request comes through the back channel
//! ([RFC 9126]).
//!
//! Nothing is stored: the `request_uri` is the request itself, sealed. So it may
//! be used again within its minute and a half, where §4 and §7.3 would have it
//! used once (ADR 3): whoever does that gains nothing, since each code it leads
//! to is redeemed once, by that client, with its verifier.
//!
//! [RFC 9126]: https://www.rfc-editor.org/rfc/rfc9126

use crate::{
    domain::{
        keys::Purpose,
        oauth::{
            ClientId, ErrorCode, OAuthError, Params,
            authorization::{Arrival, AuthorizationParams, Terms},
        },
        seal::{Binding, open_json, seal_json},
        time::SECOND_MS,
    },
    gateway::{
        authenticate::client::authenticate, http::Response, mint, platform::Platform,
        trouble::Answer, visit::Visit,
    },
};
use ::http::StatusCode;
use serde::{Deserialize, Serialize};

/// How long a pushed request may take to come back through the browser:
/// between the 5 and 600 seconds of RFC 9126 §2.2, and long enough for a slow
/// redirect.
const PUSHED_MS_MAX: i64 = 90 * SECOND_MS;

/// What every `request_uri` of ours begins with ([RFC 9126 §2.2]).
///
/// [RFC 9126 §2.2]: https://www.rfc-editor.org/rfc/rfc9126#section-2.2
const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";

/// What authenticates the client and is no part of its request.
const CREDENTIALS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

#[derive(Serialize, Deserialize)]
struct Pushed {
    client_id: ClientId,
    request: String,
}

#[derive(Serialize)]
struct Accepted {
    request_uri: String,
    expires_in: i64,
}

/// Takes a request that the client may make, and answers its `request_uri`.
///
/// # Errors
/// What the authorization endpoint would redirect, here as JSON
/// ([RFC 9126 §2.3]), or a fault.
///
/// [RFC 9126 §2.3]: https://www.rfc-editor.org/rfc/rfc9126#section-2.3
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let params = visit.form()?;
    let client = authenticate(visit, &params).await?;
    if params.all("request_uri").next().is_some() {
        let why = "a pushed request has no request_uri of its own";
        return Err(OAuthError::new(ErrorCode::InvalidRequest, why).into());
    }
    let request = request_of(params, &client.client_id);
    let pushed = Pushed {
        client_id: client.client_id.clone(),
        request: request.encode(),
    };
    let configuration = visit.configuration().await?;
    let default = mint::default_resource(visit, &configuration.settings);
    let terms = Terms {
        default_resource: default.as_ref(),
        arrival: Arrival::Pushed,
    };
    let page = |refusal: &dyn core::fmt::Display| {
        OAuthError::new(ErrorCode::InvalidRequest, refusal.to_string())
    };
    let identified = AuthorizationParams::parse(request)
        .and_then(|request| request.identify(&client))
        .map_err(|refusal| page(&refusal))?;
    let validated = identified.validate(&client, terms);
    validated.map_err(|refusal| refusal.error)?;

    let accepted = Accepted {
        request_uri: seal(visit, &pushed)?,
        expires_in: PUSHED_MS_MAX / SECOND_MS,
    };
    Response::json(StatusCode::CREATED, &accepted)
}

/// The request without the client's credentials, and with its name, which an
/// assertion or a header may have said alone.
fn request_of(params: Params, client_id: &ClientId) -> Params {
    let bare = CREDENTIALS.into_iter().fold(params, Params::without);
    bare.without("client_id")
        .with("client_id", client_id.as_str())
}

fn binding<P: Platform>(visit: &Visit<'_, P>) -> Binding {
    Binding {
        purpose: Purpose::PushedRequest,
        tenant: visit.home.id,
    }
}

fn seal<P: Platform>(visit: &Visit<'_, P>, pushed: &Pushed) -> Result<String, OAuthError> {
    let keys = &visit.platform().settings().master_keys;
    let expires_at = visit.now.plus(PUSHED_MS_MAX);
    let sealed = seal_json(
        keys,
        binding(visit),
        expires_at,
        pushed,
        &mut visit.entropy(),
    );
    let too_long = |_| OAuthError::new(ErrorCode::InvalidRequest, "the request is too long");
    Ok(format!("{REQUEST_URI}{}", sealed.map_err(too_long)?))
}

/// Whether a `request_uri` is one that we hand out.
pub(super) fn is_ours(request_uri: &str) -> bool {
    request_uri.starts_with(REQUEST_URI)
}

/// The request behind a `request_uri` of ours; `None` when it is not genuine,
/// too old, or another client's than the one that `client_id` names
/// ([RFC 9126 §4]).
///
/// [RFC 9126 §4]: https://www.rfc-editor.org/rfc/rfc9126#section-4
pub(super) fn open<P: Platform>(
    visit: &Visit<'_, P>,
    request_uri: &str,
    client_id: &str,
) -> Option<String> {
    let sealed = request_uri.strip_prefix(REQUEST_URI)?;
    let keys = &visit.platform().settings().master_keys;
    let opened: Pushed = open_json(keys, binding(visit), sealed, visit.now).ok()?;
    (opened.client_id.as_str() == client_id).then_some(opened.request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pushed_request_has_no_credentials_and_one_client() {
        let params = Params::parse(b"client_id=x&client_secret=s&scope=openid&client_assertion=a");
        let client_id = ClientId::parse("app").unwrap();
        let request = request_of(params.unwrap(), &client_id);
        assert_eq!(request.encode(), "scope=openid&client_id=app");
    }
}
