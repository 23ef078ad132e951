//! Which client is asking, and is it that?

use crate::{
    actors::{
        runtime::{Actors, Fault, Mail},
        tenant::{ClientRead, ReadClient, Tenant},
    },
    domain::{
        audit::{Event, TargetKind},
        ids::TenantId,
        keys::ClientJwks,
        oauth::{
            Client, ClientId, ErrorCode, OAuthError, Params,
            client_auth::{self, Presented},
        },
        token::jwt::{AssertionClaims, ClaimsRefusal, Jws},
    },
    gateway::{
        Gateway, console,
        platform::Platform,
        trouble::Trouble,
        visit::{CONFIGURATION_MS_MAX, Visit},
    },
};
use ::http::header;
use std::rc::Rc;

/// Authenticates the client of a token, introspection, revocation or pushed
/// authorization request by the one method it registered ([RFC 6749 §2.3]).
///
/// An unknown client and a wrong secret are answered alike.
///
/// # Errors
/// `invalid_client`, `invalid_request`, or a fault.
///
/// [RFC 6749 §2.3]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3
pub async fn authenticate<P: Platform>(
    visit: &Visit<'_, P>,
    params: &Params,
) -> Result<Rc<Client>, Trouble> {
    let presented = Presented::from_request(authorization(visit)?, params)?;
    let assertion = match &presented {
        Presented::PrivateKeyJwt { assertion, .. } => Some(parse(assertion.expose())?),
        _ => None,
    };
    let named = match (presented.client_id(), &assertion) {
        (Some(named), _) => named.clone(),
        (None, Some(jws)) => subject(jws)?,
        (None, None) => return Err(client_auth::failed().into()),
    };
    let client = visit.client(&named).await?;
    let shown = match &client {
        // A name that no client has may be anything: it is nobody's to keep.
        None => Err(client_auth::failed().into()),
        Some(client) => shown(visit, client, &presented, assertion).await,
    };
    if let Err(Trouble::OAuth(error)) = &shown
        && error.code == ErrorCode::InvalidClient
    {
        let id = client.as_ref().map(|client| client.client_id.to_string());
        let id = id.unwrap_or_default();
        visit.note_stranger(Event::ClientRefused, TargetKind::Client, id);
    }
    shown?;
    client.ok_or_else(|| client_auth::failed().into())
}

async fn shown<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    presented: &Presented,
    assertion: Option<Jws<AssertionClaims>>,
) -> Result<(), Trouble> {
    presented.check(client)?;
    match assertion {
        Some(jws) => check_assertion(visit, client, jws).await,
        None => Ok(()),
    }
}

impl<P: Platform> Visit<'_, P> {
    /// A client of the tenant, at most [`CONFIGURATION_MS_MAX`] old; the console is one
    /// of every tenant.
    ///
    /// # Errors
    /// When the tenant's actor fails.
    pub async fn client(&self, client_id: &ClientId) -> Result<Option<Rc<Client>>, Trouble> {
        if let Some(console) = console::client(&self.home, client_id) {
            return Ok(Some(Rc::new(console)));
        }
        Ok(known_client(self.gateway, &self.mail, self.home.id, client_id).await?)
    }
}

/// A client of a tenant, at most [`CONFIGURATION_MS_MAX`] old.
///
/// # Errors
/// When the tenant's actor fails.
pub async fn known_client<P: Platform>(
    gateway: &Gateway<P>,
    mail: &Mail<P::Transport>,
    tenant: TenantId,
    client_id: &ClientId,
) -> Result<Option<Rc<Client>>, Fault> {
    let cache = &gateway.memory.clients;
    let now = gateway.platform().now();
    let key = (tenant, client_id.clone());
    if let Some(known) = cache.find(&key, now) {
        return Ok(Some(known));
    }
    let client_id = client_id.clone();
    let ask = ReadClient { client_id };
    let ClientRead::Found(client) = mail.ask(&Tenant::address(tenant), ask).await? else {
        return Ok(None);
    };
    let client = Rc::from(client);
    cache.put(key, Rc::clone(&client), now.plus(CONFIGURATION_MS_MAX));
    Ok(Some(client))
}

/// The one `Authorization` header, as text.
fn authorization<'a, P: Platform>(visit: &'a Visit<'_, P>) -> Result<Option<&'a str>, OAuthError> {
    let mut sent = visit.request.headers.get_all(header::AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => {
            let text = one.to_str();
            text.map(Some)
                .map_err(|_| refused("the Authorization header cannot be read"))
        }
        _ => {
            let why = "there are several Authorization headers";
            Err(OAuthError::new(ErrorCode::InvalidRequest, why))
        }
    }
}

fn refused(why: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, why)
}

fn of_claims(refusal: ClaimsRefusal) -> OAuthError {
    refused(format!("the assertion is {refusal}"))
}

fn parse(assertion: &str) -> Result<Jws<AssertionClaims>, OAuthError> {
    Jws::parse(assertion).map_err(|refusal| refused(format!("the assertion is {refusal}")))
}

fn subject(jws: &Jws<AssertionClaims>) -> Result<ClientId, OAuthError> {
    let text = jws.unverified().client_id().map_err(of_claims)?;
    ClientId::parse(text).map_err(|_| client_auth::failed())
}

/// Verifies a client's assertion with the keys it registered, and that it was
/// not used before, as far as this isolate knows ([RFC 7523 §3]).
///
/// Its audience is the issuer, the token endpoint, or the endpoint it was sent
/// to ([RFC 9126 §2]).
///
/// [RFC 7523 §3]: https://www.rfc-editor.org/rfc/rfc7523#section-3
/// [RFC 9126 §2]: https://www.rfc-editor.org/rfc/rfc9126#section-2
async fn check_assertion<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    jws: Jws<AssertionClaims>,
) -> Result<(), Trouble> {
    let wanted = client.metadata.token_endpoint_auth_signing_alg;
    if wanted.is_some_and(|alg| alg != jws.algorithm()) {
        return Err(client_auth::failed().into());
    }
    let keys = client.metadata.jwks.as_ref();
    let keys = keys.and_then(|set| ClientJwks::from_json(set).ok());
    let keys = keys.ok_or_else(client_auth::failed)?;
    let kid = jws.kid().cloned();
    let candidates: Vec<_> = keys.candidates(kid.as_ref(), jws.algorithm()).collect();
    let verified = jws.verify_any(visit.platform().crypto(), candidates);
    let claims = verified.await?.ok_or_else(client_auth::failed)?;

    let (token, here) = (
        visit.home.url("/oauth/token"),
        visit.home.url(&visit.request.path),
    );
    let audiences = [visit.home.issuer.as_str(), &token, &here];
    let spent = claims
        .check(client.client_id.as_str(), &audiences, visit.now)
        .map_err(of_claims)?;
    let used = &visit.gateway.memory.assertions;
    let key = (visit.home.id, *spent.digest.as_bytes());
    if used.find(&key, visit.now).is_some() {
        return Err(refused("the assertion was used before").into());
    }
    used.put(key, (), spent.until);
    Ok(())
}
