//! `/oauth/register/{client_id}`: a client manages its registration
//! ([RFC 7592]).
//!
//! We keep digests of secrets only, so an answer has the secret when it is new
//! and never again, where §3 would have it repeated.
//!
//! [RFC 7592]: https://www.rfc-editor.org/rfc/rfc7592

use super::register::{document, shown};
use crate::domain::tree;
use crate::{
    actors::{
        runtime::Actors,
        tenant::{ChangeClient, ClientRead, DeleteClient, ReadClient},
    },
    domain::{
        audit::Actor,
        oauth::{
            Client, ClientId, ErrorCode, OAuthError, client::ClientMetadata, client::Registrant,
        },
        secret::{Secret, TokenDigest},
        token::opaque::{ClientSecret, RegistrationToken},
    },
    gateway::{
        authenticate::bearer::{self, Places, invalid_token},
        http::Response,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::{Method, StatusCode};
use serde::Deserialize;

/// Members of an update that must be what they are ([RFC 7592 §2.2]).
///
/// [RFC 7592 §2.2]: https://www.rfc-editor.org/rfc/rfc7592#section-2.2
#[derive(Deserialize)]
struct Unchanged {
    client_id: Option<String>,
    client_secret: Option<Secret<String>>,
}

/// Reads, replaces or deletes the client whose registration token is presented.
///
/// # Errors
/// `invalid_token` when it is not its token or there is no such client, which
/// are answered alike ([RFC 7592 §2.1]); what registration answers; or a fault.
///
/// [RFC 7592 §2.1]: https://www.rfc-editor.org/rfc/rfc7592#section-2.1
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let Some(presented) = bearer::presented(visit, Places::Header)? else {
        return Ok(bearer::challenge());
    };
    let client = authenticated(visit, &presented).await?;
    match visit.request.method {
        Method::PUT => replace(visit, &client, presented).await,
        Method::DELETE => delete(visit, client).await,
        _ => shown(visit, StatusCode::OK, &client, None, presented),
    }
}

async fn authenticated<P: Platform>(
    visit: &Visit<'_, P>,
    presented: &Secret<String>,
) -> Result<Client, Trouble> {
    let refused = || invalid_token("the registration access token is not valid for this client");
    let token = RegistrationToken::parse(presented.expose()).map_err(|_| refused())?;
    let named = visit.request.path.strip_prefix("/oauth/register/");
    let client_id = ClientId::parse(named.unwrap_or_default()).map_err(|_| refused())?;
    let ask = ReadClient { client_id };
    let ClientRead::Found(client) = visit.mail.ask(&visit.tenant(), ask).await? else {
        return Err(refused().into());
    };
    if client.registration_token_digest == Some(token.digest()) {
        visit.act_as(Actor::client(&client.client_id));
        Ok(*client)
    } else {
        Err(refused().into())
    }
}

/// Replaces the metadata by what was sent, whole ([RFC 7592 §2.2]). A secret is
/// made only when the new method needs one and there is none.
///
/// [RFC 7592 §2.2]: https://www.rfc-editor.org/rfc/rfc7592#section-2.2
async fn replace<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    presented: Secret<String>,
) -> Answer {
    let body = document(visit)?;
    let metadata = ClientMetadata::from_json(body)?;
    check_unchanged(client, body)?;
    let valid = metadata.validate(Registrant::Dynamic)?;
    let needs_secret = valid.token_endpoint_auth_method.has_secret();
    let lacks_secret = needs_secret && client.secret_digest.is_none();
    let secret = lacks_secret.then(|| ClientSecret::mint(&mut visit.entropy()));
    let change = ChangeClient {
        client_id: client.client_id.clone(),
        metadata: Some(Box::new(valid)),
        secret: secret.as_ref().map(ClientSecret::digest),
        registration_token: None,
    };
    let changed = visit.mail.ask(&visit.tenant(), change).await?;
    visit
        .gateway
        .forget_client(visit.home.id, &client.client_id);
    let ClientRead::Found(client) = changed else {
        return Err(invalid_token("the client has been deleted").into());
    };
    let secret = secret.map(|secret| secret.reveal());
    shown(visit, StatusCode::OK, &client, secret, presented)
}

fn check_unchanged(client: &Client, body: &[u8]) -> Result<(), OAuthError> {
    let refused = |why: String| OAuthError::new(ErrorCode::InvalidClientMetadata, why);
    let sent: Unchanged = tree::from_json(body).map_err(|error| refused(error.to_string()))?;
    if sent.client_id.as_deref() != Some(client.client_id.as_str()) {
        return Err(refused("client_id must be the client's own".to_owned()));
    }
    let digest = |secret: &Secret<String>| TokenDigest::of(secret.expose().as_bytes());
    let sent_secret = sent.client_secret.as_ref().map(digest);
    if sent_secret.is_some() && sent_secret != client.secret_digest {
        return Err(refused("client_secret must be the client's own".to_owned()));
    }
    Ok(())
}

/// Deletes the client; every grant it holds ends ([RFC 7592 §2.3]).
///
/// [RFC 7592 §2.3]: https://www.rfc-editor.org/rfc/rfc7592#section-2.3
async fn delete<P: Platform>(visit: &Visit<'_, P>, client: Client) -> Answer {
    let client_id = client.client_id;
    let delete = DeleteClient {
        client_id: client_id.clone(),
    };
    visit.mail.ask(&visit.tenant(), delete).await?;
    visit.gateway.forget_client(visit.home.id, &client_id);
    Ok(Response::empty(StatusCode::NO_CONTENT))
}
