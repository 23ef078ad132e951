//! Which client asks with a token of its own ([RFC 6749 §4.4])?
//!
//! Its backend shows the same token again and again, and a signature takes longer
//! to verify than all the rest. So an isolate remembers, by its digest, a token
//! whose signature it has verified; whether the token holds (its issuer, its
//! time, its key, its client, and whether everybody has been signed out) is
//! looked at anew each time.
//!
//! [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4

use super::bearer::{self, invalid_token};
use crate::{
    domain::{
        ids::TenantId,
        keys::Kid,
        oauth::{ClientId, ErrorCode, OAuthError},
        secret::{Secret, TokenDigest},
        token::jwt::AccessTokenClaims,
    },
    gateway::{cache::Cache, mint, platform::Platform, trouble::Trouble, visit::Visit},
};
use std::rc::Rc;

/// Tokens an isolate remembers: one for each backend, and those before.
const TOKENS_MAX: usize = 1_024;

/// A token whose signature has been verified.
#[derive(Debug)]
pub(in crate::gateway) struct Genuine {
    pub(super) kid: Kid,
    pub(super) claims: AccessTokenClaims,
}

/// Tokens whose signatures have been verified, by tenant and digest, until they
/// expire.
pub(in crate::gateway) type Remembered = Cache<(TenantId, [u8; 32]), Rc<Genuine>>;

pub(in crate::gateway) const fn none() -> Remembered {
    Cache::new(TOKENS_MAX)
}

/// A client that has shown a token of its own.
#[derive(Debug)]
pub struct Machine {
    /// Which.
    pub client: ClientId,
    token: Rc<Genuine>,
}

impl Machine {
    /// What its token says.
    #[must_use]
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.token.claims
    }
}

/// The client whose own token it is, when that is for us and has one of `scopes`.
///
/// No user's token will do: it says what that user allows. The audience is the
/// issuer, or the tenant's default, which a client gets that names none.
///
/// # Errors
/// `invalid_token`, `insufficient_scope` in the words of `lacks`, or a fault.
pub async fn authenticate<P: Platform>(
    visit: &Visit<'_, P>,
    token: &Secret<String>,
    scopes: &[&str],
    lacks: &'static str,
) -> Result<Machine, Trouble> {
    let remembered = &visit.gateway.memory.tokens;
    let digest = TokenDigest::of(token.expose().as_bytes());
    let key = (visit.home.id, *digest.as_bytes());
    let known = remembered.find(&key, visit.now);
    let is_new = known.is_none();
    let token = match known {
        Some(known) => Some(known),
        None => bearer::genuine(visit, token.expose()).await?.map(Rc::new),
    };
    let token = token.ok_or_else(not_good)?;
    if !bearer::holds(visit, &token).await? {
        return Err(not_good());
    }
    let claims = &token.claims;
    let configuration = visit.configuration().await?;
    let default = mint::default_audience(visit, &configuration.settings);
    let is_for_us = claims.aud.includes(&visit.home.issuer) || claims.aud.includes(&default);
    let is_own = claims.sid.is_none() && claims.sub == claims.client_id;
    if !is_for_us || !is_own {
        return Err(not_good());
    }
    if !claims.scopes().any(|name| scopes.contains(&name)) {
        return Err(OAuthError::new(ErrorCode::InsufficientScope, lacks).into());
    }
    let client = ClientId::parse(&claims.client_id).map_err(|_| not_good())?;
    if is_new {
        remembered.put(key, Rc::clone(&token), claims.exp);
    }
    Ok(Machine { client, token })
}

fn not_good() -> Trouble {
    invalid_token("the access token is not good here").into()
}
