//! Is this security event token the tenant's, and what does it revoke ([RFC 8417])?
//!
//! [RFC 8417]: https://www.rfc-editor.org/rfc/rfc8417

use super::{access_token::check_parties, jws::Jws, keys::Keys, refusal::TokenRefusal};
use crate::feed::Revocation;
use aero2_tenant::json;

/// The one event of the feed.
const REVOKED: &str = "urn:aero2:event:revoked";

/// Verifies a security event token of the feed and reads its record.
///
/// `audiences` are the names the feed may address: the tenant's default audience.
///
/// # Errors
/// Names the first thing that does not hold.
pub fn open_security_event(
    text: &str,
    keys: &Keys,
    issuer: &str,
    audiences: &[&str],
) -> Result<Revocation, TokenRefusal> {
    let claims = Jws::parse(text, "secevent+jwt")?.claims(keys)?;
    check_parties(&claims, issuer, audiences)?;
    let claim = |name| json::text(&claims, name).ok_or(TokenRefusal::Claim(name));
    claim("jti")?;
    json::whole(&claims, "iat").ok_or(TokenRefusal::Claim("iat"))?;
    let events = claims.get("events").and_then(|events| events.as_object());
    let event = events.and_then(|events| events.get(REVOKED)?.as_object());
    event
        .and_then(Revocation::parse)
        .ok_or(TokenRefusal::Claim("events"))
}
