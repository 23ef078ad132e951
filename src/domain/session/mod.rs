//! What is a session, to those who look at it?

use super::{
    ids::{ActId, SessionId, UserId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// The `acr` of a sign-in with one factor that the user knows.
pub const ACR_PASSWORD: &str = "urn:aero2:acr:pwd";

/// The `amr` of a password ([RFC 8176 §2]).
///
/// [RFC 8176 §2]: https://www.rfc-editor.org/rfc/rfc8176#section-2
pub const AMR_PASSWORD: &str = "pwd";

/// How a user was authenticated ([OIDC Core §2]: `auth_time`, `acr`, `amr`).
///
/// [OIDC Core §2]: https://openid.net/specs/openid-connect-core-1_0.html#IDToken
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// When.
    pub at: Timestamp,
    /// Authentication context class.
    pub acr: String,
    /// Methods used (RFC 8176).
    pub amr: Vec<String>,
}

impl Authentication {
    /// A password was checked at `at`.
    #[must_use]
    pub fn by_password(at: Timestamp) -> Self {
        Self {
            at,
            acr: ACR_PASSWORD.to_owned(),
            amr: vec![AMR_PASSWORD.to_owned()],
        }
    }
}

/// From where a session is used, for its owner's eyes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// The browser's `User-Agent`, shortened to 256 bytes by whoever reads it.
    pub user_agent: Option<String>,
    /// The client's address, as text.
    pub address: Option<String>,
    /// Roughly where that is ("Kraków, PL").
    pub place: Option<String>,
}

/// A live session, as the gateway sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Which.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// How and when the user was authenticated last.
    pub authentication: Authentication,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ends unless it is used.
    pub ends_at: Timestamp,
}

/// One act that ended every session of a tenant: whoever asks a session tells it
/// what he knows, so that one which nobody has reached yet ends then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOut {
    /// The act, which the tenant has announced.
    pub act: ActId,
    /// Sessions that began until then have ended.
    pub until: Timestamp,
    /// Why.
    pub why: EndReason,
}

/// How long sessions live, as their tenant has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPolicy {
    /// Without being used, in milliseconds.
    pub idle_ms: i64,
    /// At the longest, in milliseconds.
    pub absolute_ms: i64,
}

/// What whoever asks a session knows of its tenant, and the session may not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantNews {
    /// The latest end of all sessions.
    pub signed_out: Option<SignedOut>,
    /// How long sessions live.
    pub policy: Option<SessionPolicy>,
}

/// Why a session, a grant or a token ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The user signed out here.
    SignedOut,
    /// The user, or a relying party's logout request, ended it from elsewhere.
    SignedOutElsewhere,
    /// It was not used for too long.
    Idle,
    /// It reached its longest life.
    Expired,
    /// The user's password changed.
    PasswordChanged,
    /// The user was disabled or deleted.
    UserDisabled,
    /// A spent refresh token or code was presented.
    TokenReused,
    /// Another user signed in, in the same browser.
    Replaced,
    /// An administrator ended it.
    Administrator,
    /// The tenant was deleted or suspended.
    TenantEnded,
    /// The client is no more.
    ClientDeleted,
    /// The user has withdrawn the consent.
    ConsentWithdrawn,
    /// The client has revoked its token ([RFC 7009]).
    ///
    /// [RFC 7009]: https://www.rfc-editor.org/rfc/rfc7009
    TokenRevoked,
    /// A newer session or grant has taken its place.
    Limit,
}

impl EndReason {
    /// The word that stands for it wherever it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::SignedOutElsewhere => "signed_out_elsewhere",
            Self::Idle => "idle",
            Self::Expired => "expired",
            Self::PasswordChanged => "password_changed",
            Self::UserDisabled => "user_disabled",
            Self::TokenReused => "token_reused",
            Self::Replaced => "replaced",
            Self::Administrator => "administrator",
            Self::TenantEnded => "tenant_ended",
            Self::ClientDeleted => "client_deleted",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::TokenRevoked => "token_revoked",
            Self::Limit => "limit",
        }
    }
}
