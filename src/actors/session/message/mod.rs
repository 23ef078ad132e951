//! What can a session be asked?
//!
//! * [`tabs`](self): what its browser's tabs want of it

mod tabs;

pub use tabs::*;

use super::Session;
use crate::{
    actors::runtime::conversation,
    domain::{
        ids::{ActId, GrantId, SessionId, TenantId, UserId},
        oauth::{
            AuthorizationRequest, ClaimsRequest, ClientId, CodeChallenge, Consent, ErrorCode,
            Interaction, LoginReason, Resource, Scopes,
        },
        refresh::Lifetime,
        secret::TokenDigest,
        session::{Authentication, Device, EndReason, SessionView, TenantNews},
        time::Timestamp,
        token::{CodeProof, RefreshProof},
    },
};
use serde::{Deserialize, Serialize};

/// Begins a session. Founds the actor; a second one with the same cookie
/// changes nothing, so that a sign-in may be repeated.
#[derive(Debug, Serialize, Deserialize)]
pub struct Begin {
    /// The tenant.
    pub tenant: TenantId,
    /// The issuer the user signs in at; an older release does not say.
    #[serde(default)]
    pub issuer: String,
    /// This session.
    pub session: SessionId,
    /// Who signed in.
    pub user: UserId,
    /// Digest of the cookie the browser will hold.
    pub cookie: TokenDigest,
    /// How the user was authenticated; the time is the turn's.
    pub authentication: Authentication,
    /// From where.
    pub device: Device,
    /// Ends this long after it was last used, in milliseconds.
    pub idle_ms: i64,
    /// Ends this long after it began, in milliseconds.
    pub absolute_ms: i64,
}

/// Answers [`Begin`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Begun {
    /// It is live.
    Live(SessionView),
    /// The id is taken by another login: draw a new one.
    Taken,
}

/// The same user has authenticated again in this session ("step up").
#[derive(Debug, Serialize, Deserialize)]
pub struct Reauthenticate {
    /// The cookie presented.
    pub cookie: TokenDigest,
    /// The cookie from now on: a cookie seen before the step-up is worth
    /// nothing after it.
    pub next_cookie: TokenDigest,
    /// Who authenticated: must be the session's user.
    pub user: UserId,
    /// How.
    pub authentication: Authentication,
    /// From where.
    pub device: Device,
}

/// Shows the session to the browser that holds its cookie, and counts as use.
#[derive(Debug, Serialize, Deserialize)]
pub struct Look {
    /// The cookie presented.
    pub cookie: TokenDigest,
    /// From where it is used.
    #[serde(default)]
    pub device: Option<Device>,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// Answers [`Look`] and [`Reauthenticate`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Looked {
    /// It is live.
    Live(SessionView),
    /// There is no live session for this cookie.
    Gone,
}

/// An authorization request of the signed-in user ([RFC 6749 §4.1.1]).
///
/// [RFC 6749 §4.1.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
#[derive(Debug, Serialize, Deserialize)]
pub struct Authorize {
    /// The cookie presented.
    pub cookie: TokenDigest,
    /// The valid request.
    pub request: Box<AuthorizationRequest>,
    /// What the user has done for this request so far.
    pub interaction: Interaction,
    /// The subject of a verified `id_token_hint`.
    pub hinted: Option<UserId>,
    /// What the tenant knows of the user's consent, when the gateway has asked:
    /// the session remembers it from then on.
    pub consent: Option<Consent>,
    /// The client needs no consent.
    pub skip_consent: bool,
    /// The code to issue: minted by the gateway, known here by its digest.
    pub code: CodeProof,
    /// From where the session is used.
    #[serde(default)]
    pub device: Option<Device>,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// Answers [`Authorize`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Authorized {
    /// The code may be handed out.
    Code,
    /// The user must sign in (again).
    LogIn(LoginReason),
    /// The user must say which account to use.
    SelectAccount(SessionView),
    /// The session does not know of a consent that covers the request: ask the
    /// tenant, then the user.
    Consent(SessionView),
    /// The request cannot be granted without interaction, and forbids it
    /// ([OIDC Core §3.1.2.6]).
    ///
    /// [OIDC Core §3.1.2.6]: https://openid.net/specs/openid-connect-core-1_0.html#AuthError
    Refused(ErrorCode),
}

/// Redeems an authorization code ([RFC 6749 §4.1.3]).
///
/// [RFC 6749 §4.1.3]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3
#[derive(Debug, Serialize, Deserialize)]
pub struct Redeem {
    /// The code presented.
    pub code: CodeProof,
    /// The authenticated client.
    pub client_id: ClientId,
    /// The `redirect_uri` parameter as sent.
    pub redirect_uri: Option<String>,
    /// The challenge of the `code_verifier` presented.
    pub challenge: Option<CodeChallenge>,
    /// The `resource` parameters; none means all that were authorized.
    pub resources: Vec<Resource>,
    /// A refresh token is due when the grant has `offline_access` or the
    /// client's policy says so; with this lifetime.
    pub refresh: Option<Lifetime>,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// Answers [`Redeem`].
#[derive(Debug, Serialize, Deserialize)]
pub enum Redeemed {
    /// Mint these tokens.
    Issued(Box<Issue>),
    /// `invalid_grant` ([RFC 6749 §5.2]) or `invalid_target`.
    ///
    /// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    Refused(GrantRefusal),
}

/// Why a code or refresh token is worth nothing. For the log: the client is
/// told `invalid_grant` and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantRefusal {
    /// No such code or token, or not genuine.
    Unknown,
    /// Too late.
    Expired,
    /// The session or the grant has ended.
    Ended,
    /// It belongs to another client.
    OtherClient,
    /// The `redirect_uri` differs from the one authorized.
    RedirectUri,
    /// The PKCE verifier is missing, unasked for or wrong (RFC 7636 §4.6).
    Verifier,
    /// It had been used: what it issued has now been ended too.
    Reused,
    /// The scope exceeds what was granted (RFC 6749 §6): `invalid_scope`.
    Scope,
    /// The resource was not granted (RFC 8707 §2.2): `invalid_target`.
    Target,
}

/// Everything the gateway needs to mint tokens for one grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Issue {
    /// The grant, named in the access token's `jti`.
    pub grant: GrantId,
    /// The user.
    pub user: UserId,
    /// The client.
    pub client_id: ClientId,
    /// What the access token may do.
    pub scopes: Scopes,
    /// Where the access token may be used; empty means the tenant's default.
    pub resources: Vec<Resource>,
    /// How and when the user was authenticated.
    pub authentication: Authentication,
    /// `nonce` of the authorization request, for the ID token.
    pub nonce: Option<String>,
    /// `claims` of the authorization request.
    pub claims: ClaimsRequest,
    /// The refresh token to hand out.
    pub refresh: Option<RefreshProof>,
    /// When the session ends unless it is used: no access token outlives that.
    /// An older release does not say.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// Presents a refresh token ([RFC 6749 §6], RFC 9700 §4.14.2).
///
/// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
#[derive(Debug, Serialize, Deserialize)]
pub struct Refresh {
    /// The token presented.
    pub proof: RefreshProof,
    /// The authenticated client.
    pub client_id: ClientId,
    /// The `scope` parameter.
    pub scopes: Option<Scopes>,
    /// The `resource` parameters.
    pub resources: Vec<Resource>,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// A token whose standing is asked or which is to be revoked.
#[derive(Debug, Serialize, Deserialize)]
pub enum TokenRef {
    /// A refresh token.
    Refresh(RefreshProof),
    /// An access token, verified by the gateway.
    Access {
        /// The grant it was issued for.
        grant: GrantId,
        /// Its `jti`.
        jti: String,
        /// When it expires anyway.
        expires_at: Timestamp,
    },
}

/// Asks whether a token is active ([RFC 7662]).
///
/// [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662
#[derive(Debug, Serialize, Deserialize)]
pub struct Introspect {
    /// Which.
    pub token: TokenRef,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// Answers [`Introspect`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Introspected {
    /// It is active.
    Active {
        /// The user.
        user: UserId,
        /// The client.
        client_id: ClientId,
        /// The grant's scopes.
        scopes: Scopes,
        /// When it expires.
        expires_at: Timestamp,
    },
    /// It is not, for whatever reason.
    Inactive,
}

/// Revokes a token ([RFC 7009 §2.1]): a refresh token with its whole grant, an
/// access token alone.
///
/// [RFC 7009 §2.1]: https://www.rfc-editor.org/rfc/rfc7009#section-2.1
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeToken {
    /// Which.
    pub token: TokenRef,
    /// The authenticated client: another client's token is left alone.
    pub client_id: ClientId,
}

/// Answers [`RevokeToken`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenRevoked {
    /// It is worth nothing now, whatever it was before.
    Done,
    /// It was issued to another client.
    OtherClient,
}

/// Ends every grant of one client: it was deleted, or its consent withdrawn.
#[derive(Debug, Serialize, Deserialize)]
pub struct RevokeClient {
    /// Which.
    pub client_id: ClientId,
    /// The act, when the tenant has announced it for all its sessions. Without
    /// one this session announces its own part.
    #[serde(default)]
    pub announced: Option<ActId>,
}

/// Ends the session.
#[derive(Debug, Serialize, Deserialize)]
pub struct End {
    /// Why.
    pub why: EndReason,
    /// When the browser asks: its cookie, which must be the session's.
    /// `None` when another actor or an administrator asks.
    pub cookie: Option<TokenDigest>,
    /// The act, when the tenant has announced it for all the sessions it
    /// ends. Without one this session announces its own end.
    #[serde(default)]
    pub announced: Option<ActId>,
}

/// Answers [`End`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Ended {
    /// It has ended, now or earlier.
    Ended {
        /// Whose it was.
        user: UserId,
        /// The clients that held grants in it, to be told.
        clients: Vec<ClientId>,
    },
    /// The cookie is not this session's.
    Refused,
}

/// It is done, and done again is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

conversation! {
    Session as "session" {
        Begin => Begun,
        Reauthenticate => Looked,
        Look => Looked,
        Authorize => Authorized,
        Redeem => Redeemed,
        Refresh => Redeemed,
        Introspect => Introspected,
        RevokeToken => TokenRevoked,
        RevokeClient => Done,
        End => Ended,
        MakeTicket => TicketMade,
        AttachTab => Attached,
    }
}
