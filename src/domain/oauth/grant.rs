//! With what does a client ask for tokens?

use super::error::{ErrorCode, OAuthError, invalid_request};
use super::params::Params;
use super::pkce::CodeVerifier;
use super::resource::Resource;
use super::scope::Scopes;
use crate::domain::secret::Secret;
use serde::{Deserialize, Serialize};

/// Longer than any code or refresh token of ours.
pub const TOKEN_BYTES_MAX: usize = 1_024;

/// What a client may present for tokens ([RFC 6749 §1.3]).
///
/// The password grant does not exist (OAuth 2.1 §10), nor the implicit one.
///
/// [RFC 6749 §1.3]: https://www.rfc-editor.org/rfc/rfc6749#section-1.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A code from the authorization endpoint.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
    /// Nothing but its own credentials.
    ClientCredentials,
}

impl GrantType {
    /// Every type, for discovery.
    pub const ALL: [Self; 3] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
    ];

    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// Reads a `grant_type`; `None` for one we do not have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// A token request, client authentication aside.
#[derive(Clone, Debug)]
pub enum TokenRequest {
    /// [RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)
    AuthorizationCode {
        /// The code.
        code: Secret<String>,
        /// Must repeat the authorization request's, octet for octet.
        redirect_uri: Option<String>,
        /// Must hash to the authorization request's challenge.
        code_verifier: Option<CodeVerifier>,
        /// Fewer audiences than were granted, or none for all of them.
        resources: Vec<Resource>,
    },
    /// [RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)
    RefreshToken {
        /// The refresh token.
        refresh_token: Secret<String>,
        /// Fewer scopes than were granted, or none given for all of them.
        scope: Option<Scopes>,
        /// Fewer audiences than were granted, or none for all of them.
        resources: Vec<Resource>,
    },
    /// [RFC 6749 §4.4.2](https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2)
    ClientCredentials {
        /// The scopes wanted, or none given for the client's default.
        scope: Option<Scopes>,
        /// The audiences wanted, or none for the tenant's default.
        resources: Vec<Resource>,
    },
}

impl TokenRequest {
    /// Reads a token request.
    ///
    /// # Errors
    /// `invalid_request`, `unsupported_grant_type`, `invalid_grant`,
    /// `invalid_scope` or `invalid_target` ([RFC 6749 §5.2], RFC 8707 §2).
    ///
    /// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    pub fn parse(params: &Params) -> Result<Self, OAuthError> {
        let name = required(params, "grant_type")?;
        let Some(grant_type) = GrantType::parse(name) else {
            let why = "the grant_type is not supported";
            return Err(OAuthError::new(ErrorCode::UnsupportedGrantType, why));
        };
        let resources = Resource::all_of(params)?;
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::AuthorizationCode {
                code: token(params, "code")?,
                redirect_uri: params.one("redirect_uri")?.map(str::to_owned),
                code_verifier: verifier(params)?,
                resources,
            },
            GrantType::RefreshToken => Self::RefreshToken {
                refresh_token: token(params, "refresh_token")?,
                scope: scope(params)?,
                resources,
            },
            GrantType::ClientCredentials => Self::ClientCredentials {
                scope: scope(params)?,
                resources,
            },
        })
    }

    /// Which grant it is.
    #[must_use]
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }
}

/// The scopes of new tokens: those granted, or fewer when fewer are asked for
/// ([RFC 6749 §6]).
///
/// # Errors
/// `invalid_scope` when something else is asked for.
///
/// [RFC 6749 §6]: https://www.rfc-editor.org/rfc/rfc6749#section-6
pub fn narrow_scopes(granted: &Scopes, asked: Option<&Scopes>) -> Result<Scopes, OAuthError> {
    match asked {
        None => Ok(granted.clone()),
        Some(fewer) if fewer.is_subset(granted) => Ok(fewer.clone()),
        Some(_) => Err(OAuthError::new(
            ErrorCode::InvalidScope,
            "the scope exceeds what was granted",
        )),
    }
}

fn required<'a>(params: &'a Params, name: &'static str) -> Result<&'a str, OAuthError> {
    let value = params.one(name)?;
    value.ok_or_else(|| invalid_request(format!("{name} is missing")))
}

fn token(params: &Params, name: &'static str) -> Result<Secret<String>, OAuthError> {
    let text = required(params, name)?;
    if text.len() > TOKEN_BYTES_MAX {
        return Err(invalid_grant(format!("the {name} is not one of ours")));
    }
    Ok(Secret::new(text.to_owned()))
}

/// A malformed verifier cannot match any challenge ([RFC 7636 §4.6]).
///
/// [RFC 7636 §4.6]: https://www.rfc-editor.org/rfc/rfc7636#section-4.6
fn verifier(params: &Params) -> Result<Option<CodeVerifier>, OAuthError> {
    let text = params.one("code_verifier")?;
    let verifier = text.map(CodeVerifier::parse).transpose();
    verifier.map_err(|why| invalid_grant(why.to_string()))
}

fn scope(params: &Params) -> Result<Option<Scopes>, OAuthError> {
    let scopes = params.one("scope")?.map(Scopes::parse).transpose();
    scopes.map_err(|why| OAuthError::new(ErrorCode::InvalidScope, why.to_string()))
}

fn invalid_grant(why: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidGrant, why)
}

#[cfg(test)]
#[path = "grant_tests.rs"]
mod tests;
