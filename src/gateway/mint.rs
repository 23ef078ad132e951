//! Which tokens does a client get for what it may have?

use super::{
    console, operator, platform::Platform, settings::Settings, trouble::Trouble, visit::Visit,
};
use crate::{
    actors::{
        runtime::Actors,
        session::Issue,
        tenant::{CONSOLE_CLIENT, ClaimsRead, ReadClaims},
    },
    domain::{
        entropy::draw,
        ids::{GrantId, ID_BYTES, SessionId, base32},
        oauth::{
            Client, ClientId, ErrorCode, OAuthError, Resource, Scopes,
            claims::{scope_of, select},
            scope::Scope,
        },
        secret::Secret,
        tenant::TenantSettings,
        time::SECOND_MS,
        token::{
            jwt::{AccessTokenClaims, Audience, ExtraClaims, IdTokenClaims, at_hash},
            refresh_token::RefreshToken,
        },
    },
};
use serde::{Serialize, Serializer};

/// A token response ([RFC 6749 §5.1], OpenID Connect Core §3.1.3.3).
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Debug, Serialize)]
pub struct Tokens {
    access_token: HandedOut,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<HandedOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<HandedOut>,
    scope: Scopes,
}

/// A token on its way to the client: the only form in which one leaves us.
#[derive(Debug)]
struct HandedOut(Secret<String>);

impl HandedOut {
    const fn new(token: String) -> Self {
        Self(Secret::new(token))
    }
}

impl Serialize for HandedOut {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// On which occasion a user's tokens are minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// A code was redeemed: the ID token repeats the request's `nonce`.
    Redemption,
    /// A refresh: its ID token should have no `nonce` (OpenID Connect Core §12.2).
    Refresh,
}

/// Mints the tokens a session has issued to a client.
///
/// Costs no call, and one of the tenant when the client asked for claims of the
/// user in the ID token.
///
/// # Errors
/// `invalid_grant` when the user is gone meanwhile, or a fault.
pub async fn for_user<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    session: SessionId,
    issue: Issue,
    occasion: Occasion,
) -> Result<Tokens, Trouble> {
    let issue = operator::limited(visit, issue).await?;
    let configuration = visit.configuration().await?;
    let settings = &configuration.settings;
    let extra = extra_claims(visit, session, &issue).await?;
    let claims = access_claims(visit, settings, session, &issue)?;
    let access_token = visit.sign(settings.access_token_alg, &claims).await?;

    let alg = client.metadata.id_token_signed_response_alg;
    let id_token = if issue.scopes.contains(Scope::OPENID) {
        let claims = IdTokenClaims {
            iss: visit.home.issuer.clone(),
            sub: issue.user.to_string(),
            aud: Audience::one(client.client_id.as_str()),
            exp: visit.now.plus(settings.id_token_ttl_ms),
            iat: visit.now,
            auth_time: Some(issue.authentication.at),
            nonce: issue.nonce.filter(|_| occasion == Occasion::Redemption),
            acr: Some(issue.authentication.acr),
            amr: issue.authentication.amr,
            azp: None,
            at_hash: Some(at_hash(alg, &access_token)),
            sid: Some(session),
            extra,
        };
        Some(HandedOut::new(visit.sign(alg, &claims).await?))
    } else {
        None
    };
    let refresh_token = issue.refresh.map(|proof| RefreshToken::new(session, proof));
    Ok(Tokens {
        access_token: HandedOut::new(access_token),
        token_type: "Bearer",
        expires_in: claims.exp.since(visit.now) / SECOND_MS,
        refresh_token: refresh_token.map(|token| HandedOut(token.reveal())),
        id_token,
        scope: issue.scopes,
    })
}

/// Mints an access token for a client of its own ([RFC 6749 §4.4.3]): no user,
/// no session, no refresh token.
///
/// # Errors
/// On a fault.
///
/// [RFC 6749 §4.4.3]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4.3
pub async fn for_client<P: Platform>(
    visit: &Visit<'_, P>,
    client: &Client,
    scopes: Scopes,
    resources: &[Resource],
) -> Result<Tokens, Trouble> {
    let configuration = visit.configuration().await?;
    let settings = &configuration.settings;
    let claims = AccessTokenClaims {
        iss: visit.home.issuer.clone(),
        sub: client.client_id.to_string(),
        aud: audience(visit, settings, &client.client_id, resources)?,
        client_id: client.client_id.to_string(),
        scope: spelled(&scopes),
        exp: visit.now.plus(settings.access_token_ttl_ms),
        iat: visit.now,
        jti: random(visit),
        sid: None,
        auth_time: None,
        acr: None,
        amr: Vec::new(),
        roles: Vec::new(),
        userinfo_claims: Vec::new(),
    };
    let access_token = visit.sign(settings.access_token_alg, &claims).await?;
    Ok(Tokens {
        access_token: HandedOut::new(access_token),
        token_type: "Bearer",
        expires_in: settings.access_token_ttl_ms / SECOND_MS,
        refresh_token: None,
        id_token: None,
        scope: scopes,
    })
}

/// The grant an access token was issued for, as its `jti` says; `None` for a
/// client's own token.
#[must_use]
pub fn grant_of(claims: &AccessTokenClaims) -> Option<GrantId> {
    let (grant, _) = claims.jti.split_once('.')?;
    GrantId::parse(grant).ok()
}

/// For whom a token is when nobody said: the tenant's default resource, the
/// operator's `AUDIENCE` at the platform, else the issuer itself.
#[must_use]
pub fn default_audience<P: Platform>(visit: &Visit<'_, P>, settings: &TenantSettings) -> String {
    let (home, deployment) = (&visit.home, visit.platform().settings());
    audience_at(deployment, settings, &home.issuer, home.is_platform)
}

/// The default audience of what a tenant signs at one of its issuers.
#[must_use]
pub fn audience_at(
    deployment: &Settings,
    settings: &TenantSettings,
    issuer: &str,
    is_platform: bool,
) -> String {
    match &settings.default_resource {
        Some(resource) => resource.to_string(),
        None if is_platform => deployment.audience.clone(),
        None => issuer.to_owned(),
    }
}

/// The default audience as a resource that every client may name; `None` when
/// it is a word that no request can spell.
#[must_use]
pub fn default_resource<P: Platform>(
    visit: &Visit<'_, P>,
    settings: &TenantSettings,
) -> Option<Resource> {
    Resource::parse(&default_audience(visit, settings)).ok()
}

fn access_claims<P: Platform>(
    visit: &Visit<'_, P>,
    settings: &TenantSettings,
    session: SessionId,
    issue: &Issue,
) -> Result<AccessTokenClaims, Trouble> {
    let whole_life = visit.now.plus(settings.access_token_ttl_ms);
    // Whoever is asked about a token and does not ask its session refuses it no
    // later than the session ends by itself: userinfo, and verifiers.
    let exp = issue.until.map_or(whole_life, |end| end.min(whole_life));
    let asked = issue.claims.userinfo.keys();
    let userinfo_claims = asked.filter(|name| scope_of(name).is_some());
    Ok(AccessTokenClaims {
        iss: visit.home.issuer.clone(),
        sub: issue.user.to_string(),
        aud: audience(visit, settings, &issue.client_id, &issue.resources)?,
        client_id: issue.client_id.to_string(),
        scope: spelled(&issue.scopes),
        exp,
        iat: visit.now,
        jti: format!("{}.{}", issue.grant, random(visit)),
        sid: Some(session),
        auth_time: Some(issue.authentication.at),
        acr: Some(issue.authentication.acr.clone()),
        amr: issue.authentication.amr.clone(),
        roles: Vec::new(),
        userinfo_claims: userinfo_claims.cloned().collect(),
    })
}

fn audience<P: Platform>(
    visit: &Visit<'_, P>,
    settings: &TenantSettings,
    client_id: &ClientId,
    resources: &[Resource],
) -> Result<Audience, OAuthError> {
    if resources.is_empty() && client_id.as_str() == CONSOLE_CLIENT {
        let of_platform = &visit.platform().settings().audience;
        return Ok(Audience::one(console::audience(&visit.home, of_platform)));
    }
    if resources.is_empty() {
        return Ok(Audience::one(default_audience(visit, settings)));
    }
    let names = resources.iter().map(Resource::to_string).collect();
    let too_many = || OAuthError::new(ErrorCode::InvalidTarget, "too many resources");
    Audience::of(names).ok_or_else(too_many)
}

fn spelled(scopes: &Scopes) -> Option<String> {
    (!scopes.is_empty()).then(|| scopes.to_string())
}

fn random<P: Platform>(visit: &Visit<'_, P>) -> String {
    base32(&draw::<ID_BYTES>(&mut visit.entropy()))
}

/// What the `claims` parameter wants to know of the user in the ID token
/// (OpenID Connect Core §5.5).
async fn extra_claims<P: Platform>(
    visit: &Visit<'_, P>,
    session: SessionId,
    issue: &Issue,
) -> Result<ExtraClaims, Trouble> {
    let mut extra = ExtraClaims::default();
    let wanted = &issue.claims.id_token;
    let is_openid = issue.scopes.contains(Scope::OPENID);
    if !is_openid || !wanted.keys().any(|name| scope_of(name).is_some()) {
        return Ok(extra);
    }
    let ask = ReadClaims {
        user: issue.user,
        session: Some(session),
    };
    let ClaimsRead::Claims(known) = visit.mail.ask(&visit.tenant(), ask).await? else {
        let why = "the user is no longer here";
        return Err(OAuthError::new(ErrorCode::InvalidGrant, why).into());
    };
    for (name, value) in select(&known, &Scopes::default(), wanted) {
        extra.insert(&name, value);
    }
    Ok(extra)
}
