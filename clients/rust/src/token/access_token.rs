//! What does an access token say, and may we act on it ([RFC 9068 §4])?
//!
//! [RFC 9068 §4]: https://www.rfc-editor.org/rfc/rfc9068#section-4

use super::{jws::Jws, keys::Keys, refusal::TokenRefusal};
use crate::{feed::Facts, time::LEEWAY_S_MAX};
use aero2_tenant::{
    Now,
    json::{self, Object},
};
use serde_json::Value;

/// More audiences than any token names.
const AUDIENCES_MAX: usize = 16;

/// What a token must say to be for us.
#[derive(Clone, Debug)]
pub struct Expectations {
    /// The tenant's issuer, letter for letter.
    pub issuer: String,
    /// Who we are: one of the token's audiences.
    pub audience: String,
    /// How far clocks may differ, at most a minute.
    pub leeway_s: u64,
}

/// An access token whose signature and claims are good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Whose resources: a user, or the client itself where no user is involved.
    pub subject: String,
    /// The client that uses it.
    pub client: String,
    /// The session it belongs to; none for a client's own token.
    pub session: Option<String>,
    /// Its own name.
    pub id: String,
    /// In seconds since the Unix epoch.
    pub issued_at: u64,
    /// In seconds since the Unix epoch.
    pub expires_at: u64,
    /// What it allows.
    pub scopes: Vec<String>,
    /// All of its claims.
    pub claims: Object,
}

impl AccessToken {
    /// Verifies `text` against the tenant's keys and checks its claims.
    ///
    /// Whether its session still stands is for the feed to say.
    ///
    /// # Errors
    /// Names the first thing that does not hold.
    pub fn verify(
        text: &str,
        keys: &Keys,
        expected: &Expectations,
        now: Now,
    ) -> Result<Self, TokenRefusal> {
        let claims = Jws::parse(text, "at+jwt")?.claims(keys)?;
        check_parties(&claims, &expected.issuer, &[&expected.audience])?;
        let (issued_at, expires_at) = lifetime(&claims, expected.leeway_s, now)?;
        let text = |name| json::text(&claims, name).ok_or(TokenRefusal::Claim(name));
        let owned = |name| text(name).map(str::to_owned);
        let session = match claims.get("sid") {
            None => None,
            Some(_) => Some(owned("sid")?),
        };
        Ok(Self {
            subject: owned("sub")?,
            client: owned("client_id")?,
            session,
            id: owned("jti")?,
            issued_at,
            expires_at,
            scopes: scopes(&claims)?,
            claims,
        })
    }

    /// Whether it allows `scope`.
    #[must_use]
    pub fn allows(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| one == scope)
    }

    /// What the feed needs to know of it.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            subject: &self.subject,
            client: &self.client,
            session: self.session.as_deref(),
            id: &self.id,
            issued_at: self.issued_at,
            expires_at: self.expires_at,
        }
    }
}

/// Whether the claims are `issuer`'s, and meant for one of `audiences`.
pub(super) fn check_parties(
    claims: &Object,
    issuer: &str,
    audiences: &[&str],
) -> Result<(), TokenRefusal> {
    if json::text(claims, "iss") != Some(issuer) {
        return Err(TokenRefusal::Issuer);
    }
    let is_meant = |one: &Value| one.as_str().is_some_and(|one| audiences.contains(&one));
    let is_ours = match claims.get("aud") {
        Some(Value::Array(several)) if several.len() <= AUDIENCES_MAX => {
            several.iter().any(is_meant)
        }
        Some(one) => is_meant(one),
        None => false,
    };
    is_ours.then_some(()).ok_or(TokenRefusal::Audience)
}

/// From when until when, if that is now.
fn lifetime(claims: &Object, leeway_s: u64, now: Now) -> Result<(u64, u64), TokenRefusal> {
    let leeway_s = leeway_s.min(LEEWAY_S_MAX);
    let date = |name| json::whole(claims, name).ok_or(TokenRefusal::Claim(name));
    let (issued_at, expires_at) = (date("iat")?, date("exp")?);
    if expires_at.saturating_add(leeway_s) <= now.wall_s() {
        return Err(TokenRefusal::Expired);
    }
    let latest = now.wall_s().saturating_add(leeway_s);
    let not_before = match claims.get("nbf") {
        None => 0,
        Some(_) => date("nbf")?,
    };
    if issued_at > latest || not_before > latest {
        return Err(TokenRefusal::NotYet);
    }
    Ok((issued_at, expires_at))
}

fn scopes(claims: &Object) -> Result<Vec<String>, TokenRefusal> {
    let scope = match claims.get("scope") {
        None => "",
        Some(Value::String(scope)) => scope,
        Some(_) => return Err(TokenRefusal::Claim("scope")),
    };
    Ok(scope
        .split(' ')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect())
}
