//! The rules of OAuth 2.1 and OpenID Connect, as values and functions of values.
//!
//! A request comes in as [`params::Params`] and becomes a type that cannot be
//! malformed, or an [`error::OAuthError`]. What the tenant knows of a client is
//! [`client::Client`]; what a person knows of herself is
//! [`claims::UserClaims`]; [`authorization`] and [`grant`] decide between them.

pub mod authorization;
pub mod claims;
pub mod client;
pub mod client_auth;
pub mod client_id;
pub mod consent;
pub mod error;
pub mod grant;
pub mod logout;
pub mod params;
pub mod pkce;
pub mod redirect_uri;
pub mod resource;
pub mod response;
pub mod scope;
pub(crate) mod text;

pub use authorization::{
    AuthorizationParams, AuthorizationRequest, ClaimsRequest, Interaction, LoginReason,
};
pub use claims::UserClaims;
pub use client::{Client, ValidMetadata};
pub use client_id::ClientId;
pub use consent::Consent;
pub use error::{ErrorCode, OAuthError};
pub use params::Params;
pub use pkce::CodeChallenge;
pub use redirect_uri::RedirectUri;
pub use resource::Resource;
pub use scope::Scopes;
