//! Whom does an `id_token_hint` name?

use crate::{
    domain::{
        ids::UserId,
        oauth::ClientId,
        token::jwt::{IdTokenClaims, Jws},
    },
    gateway::{platform::Platform, trouble::Trouble, visit::Visit},
};

/// What a verified hint says; it may have expired long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// About whom it is.
    pub user: UserId,
    /// To whom it was issued.
    pub client_id: ClientId,
}

/// Verifies an ID token of ours that serves as a hint (OpenID Connect Core
/// §3.1.2.1): `None` when it is not ours, or its key is gone.
///
/// With a `client_id` it must have been issued to that client.
///
/// # Errors
/// When the keys cannot be had or the platform's cryptography fails.
pub async fn verify<P: Platform>(
    visit: &Visit<'_, P>,
    text: &str,
    client_id: Option<&ClientId>,
) -> Result<Option<Hint>, Trouble> {
    let Ok(jws) = Jws::<IdTokenClaims>::parse(text) else {
        return Ok(None);
    };
    let keys = visit.keys().await?;
    let Some(key) = jws.kid().and_then(|kid| keys.find(kid)) else {
        return Ok(None);
    };
    let claims = jws.verify(visit.platform().crypto(), key).await?;
    Ok(claims.and_then(|claims| read(&claims, visit, client_id)))
}

fn read<P: Platform>(
    claims: &IdTokenClaims,
    visit: &Visit<'_, P>,
    client_id: Option<&ClientId>,
) -> Option<Hint> {
    let expected = client_id.map(ClientId::as_str);
    let checked = claims.check_hint(&visit.home.issuer, expected, visit.now);
    checked.ok()?;
    Some(Hint {
        user: UserId::parse(&claims.sub).ok()?,
        client_id: ClientId::parse(claims.aud.names().first()?).ok()?,
    })
}
