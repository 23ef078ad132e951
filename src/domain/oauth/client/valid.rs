//! What has a client truthfully said of itself?

use crate::domain::keys::Algorithm;
use crate::domain::oauth::grant::GrantType;
use crate::domain::oauth::redirect_uri::RedirectUri;
use crate::domain::oauth::resource::Resource;
use crate::domain::oauth::response::ResponseType;
use crate::domain::oauth::scope::Scopes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a client proves who it is at the token endpoint ([RFC 7591 §2]).
///
/// [RFC 7591 §2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// It cannot: a public client.
    None,
    /// A secret in HTTP Basic credentials: the default of RFC 7591.
    #[default]
    ClientSecretBasic,
    /// A secret in the body.
    ClientSecretPost,
    /// A signed assertion ([RFC 7523 §2.2]).
    ///
    /// [RFC 7523 §2.2]: https://www.rfc-editor.org/rfc/rfc7523#section-2.2
    PrivateKeyJwt,
}

impl AuthMethod {
    /// Every method, for discovery.
    pub const ALL: [Self; 4] = [
        Self::ClientSecretBasic,
        Self::ClientSecretPost,
        Self::PrivateKeyJwt,
        Self::None,
    ];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    /// Whether a client with this method has a secret.
    #[must_use]
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost)
    }
}

/// Where a client runs (OpenID Connect Registration §2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// On a web server, or in a page it served.
    #[default]
    Web,
    /// On the user's machine.
    Native,
}

/// Client metadata that obeys every rule of [`ClientMetadata::validate`](super::ClientMetadata::validate).
///
/// Encoded under its registered names: the same shape in rows, messages and
/// answers. A member that a stored row lacks has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "RFC 7591 §2 and OpenID Connect Registration §2 name the fields"
)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the standards name independent switches"
)]
pub struct ValidMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    pub redirect_uris: Vec<RedirectUri>,
    pub grant_types: Vec<GrantType>,
    pub response_types: Vec<ResponseType>,
    pub token_endpoint_auth_method: AuthMethod,
    pub application_type: ApplicationType,
    /// All that the client may ask for.
    pub scope: Scopes,
    pub contacts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// A JWK set of public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    pub id_token_signed_response_alg: Algorithm,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<Algorithm>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<u32>,
    pub require_auth_time: bool,
    pub default_acr_values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    pub require_pushed_authorization_requests: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    pub backchannel_logout_session_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    pub frontchannel_logout_session_required: bool,
    /// Ours: refuse authorization requests without a `code_challenge`.
    pub require_pkce: bool,
    /// Ours: a client of the tenant's own, for which nobody is asked.
    pub skip_consent: bool,
    /// Ours: the audiences it may ask for besides the tenant's default.
    pub resources: Vec<Resource>,
}

impl Default for ValidMetadata {
    /// What RFC 7591 §2 says of a client that says nothing; PKCE is on.
    fn default() -> Self {
        Self {
            client_name: None,
            redirect_uris: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode],
            response_types: vec![ResponseType::Code],
            token_endpoint_auth_method: AuthMethod::default(),
            application_type: ApplicationType::default(),
            scope: Scopes::default(),
            contacts: Vec::new(),
            client_uri: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            jwks: None,
            post_logout_redirect_uris: Vec::new(),
            id_token_signed_response_alg: Algorithm::Rs256,
            token_endpoint_auth_signing_alg: None,
            default_max_age: None,
            require_auth_time: false,
            default_acr_values: Vec::new(),
            initiate_login_uri: None,
            software_id: None,
            software_version: None,
            require_pushed_authorization_requests: false,
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            require_pkce: true,
            skip_consent: false,
            resources: Vec::new(),
        }
    }
}
