//! `/oauth/register`: a client registers itself ([RFC 7591]).
//!
//! [RFC 7591]: https://www.rfc-editor.org/rfc/rfc7591

use crate::{
    actors::{
        runtime::{Actors, Fault},
        tenant::{ClientRead, CreateClient},
    },
    domain::{
        audit::Actor,
        oauth::{
            Client, ClientId, ErrorCode, OAuthError,
            client::{ClientMetadata, Registrant},
        },
        secret::Secret,
        token::opaque::{ClientSecret, RegistrationToken},
    },
    gateway::{
        http::Response,
        limit::{self, Policy},
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Registers a client, where the tenant lets strangers do that.
///
/// # Errors
/// `access_denied`, `invalid_client_metadata`, `invalid_redirect_uri`
/// ([RFC 7591 §3.2.2]), 415, 429, or a fault.
///
/// [RFC 7591 §3.2.2]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let configuration = visit.configuration().await?;
    if !configuration.settings.registration_enabled {
        return Err(denied("this tenant does not let clients register themselves").into());
    }
    let told = limit::charge(visit, Policy::Register).await?;
    let metadata = ClientMetadata::from_json(document(visit)?)?;
    let valid = metadata.validate(Registrant::Dynamic)?;

    let client_id = ClientId::generate(&mut visit.entropy());
    let mut client = Client::new(client_id, valid, visit.now);
    client.dynamic = true;
    let method = client.metadata.token_endpoint_auth_method;
    let secret = method
        .has_secret()
        .then(|| ClientSecret::mint(&mut visit.entropy()));
    let token = RegistrationToken::mint(&mut visit.entropy());
    client.secret_digest = secret.as_ref().map(ClientSecret::digest);
    client.registration_token_digest = Some(token.digest());

    let create = CreateClient {
        client: Box::new(client),
    };
    visit.act_as(Actor::ANONYMOUS);
    match visit.mail.ask(&visit.tenant(), create).await? {
        ClientRead::Found(client) => {
            let secret = secret.map(|secret| secret.reveal());
            let answer = shown(visit, StatusCode::CREATED, &client, secret, token.reveal())?;
            Ok(told.onto(answer))
        }
        ClientRead::TooMany => Err(denied("this tenant has no room for another client").into()),
        ClientRead::Taken | ClientRead::Missing => {
            Err(Fault::Corrupt("a client id that was just drawn is taken").into())
        }
    }
}

/// A client's metadata as sent: JSON and nothing else.
pub(super) fn document<'a, P: Platform>(visit: &'a Visit<'_, P>) -> Result<&'a [u8], Trouble> {
    if visit.has_content_type("application/json") {
        return visit.body();
    }
    let what = "The body must be application/json.";
    Err(Problem::new(415, "unsupported-media-type", what).into())
}

/// The client information response ([RFC 7591 §3.2.1], [RFC 7592 §3]).
///
/// [RFC 7591 §3.2.1]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1
/// [RFC 7592 §3]: https://www.rfc-editor.org/rfc/rfc7592#section-3
pub(super) fn shown<P: Platform>(
    visit: &Visit<'_, P>,
    status: StatusCode,
    client: &Client,
    secret: Option<Secret<String>>,
    token: Secret<String>,
) -> Answer {
    let path = format!("/oauth/register/{}", client.client_id);
    let document = client
        .document()
        .with_registration(token, visit.home.url(&path));
    match secret {
        Some(secret) => Response::json(status, &document.with_secret(secret)),
        None => Response::json(status, &document),
    }
}

fn denied(why: &'static str) -> OAuthError {
    OAuthError::new(ErrorCode::AccessDenied, why)
}
