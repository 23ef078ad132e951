//! Requests for the tests of this folder and its neighbours.

use super::{Arrival, AuthorizationParams, AuthorizationRequest, RedirectableError, Terms};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::tests::client;
use crate::domain::oauth::params::Params;
use serde_json::json;

/// The direct arrival, at a tenant without a default audience.
pub(crate) const DIRECT: Terms<'static> = Terms {
    default_resource: None,
    arrival: Arrival::Direct,
};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A good request with the pairs of `extra` in place of its own.
pub(crate) fn query(extra: &str) -> Params {
    let own = [
        ("client_id", "app"),
        ("redirect_uri", "https://app.example/cb"),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let extra = Params::parse(extra.as_bytes()).unwrap();
    let mut whole = Params::default();
    for (name, value) in own {
        if extra.iter().all(|(other, _)| other != name) {
            whole = whole.with(name, value);
        }
    }
    for (name, value) in extra.iter() {
        whole = whole.with(name, value);
    }
    whole
}

/// What `client` gets for a good request with `extra` in it.
pub(crate) fn validated(
    extra: &str,
    client: &Client,
) -> Result<AuthorizationRequest, RedirectableError> {
    let params = AuthorizationParams::parse(query(extra)).unwrap();
    params.identify(client).unwrap().validate(client, DIRECT)
}

/// A valid request with `extra` in it.
pub(crate) fn request(extra: &str) -> AuthorizationRequest {
    validated(extra, &client(json!({}))).unwrap()
}
