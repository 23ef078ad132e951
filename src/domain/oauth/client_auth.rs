//! How does a client prove who it is?

use super::client::{AuthMethod, Client};
use super::client_id::ClientId;
use super::error::{ErrorCode, OAuthError, invalid_request};
use super::params::{Params, decode};
use crate::domain::secret::{Secret, TokenDigest};
use base64ct::{Base64, Encoding};

/// The one `client_assertion_type` ([RFC 7523 §2.2]).
///
/// [RFC 7523 §2.2]: https://www.rfc-editor.org/rfc/rfc7523#section-2.2
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The credentials of a request, by exactly one method ([RFC 6749 §2.3]).
///
/// [RFC 6749 §2.3]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3
#[derive(Clone, Debug)]
pub enum Presented {
    /// A name and no proof.
    None {
        /// Who it says it is.
        client_id: ClientId,
    },
    /// In the `Authorization` header.
    SecretBasic {
        /// Who it says it is.
        client_id: ClientId,
        /// Its proof.
        secret: Secret<String>,
    },
    /// In the body.
    SecretPost {
        /// Who it says it is.
        client_id: ClientId,
        /// Its proof.
        secret: Secret<String>,
    },
    /// A JWT signed with its key, unverified.
    PrivateKeyJwt {
        /// Who it says it is besides what the assertion says, if it does.
        client_id: Option<ClientId>,
        /// Its proof.
        assertion: Secret<String>,
    },
}

impl Presented {
    /// Reads the credentials of a token, introspection, revocation or pushed
    /// authorization request.
    ///
    /// # Errors
    /// `invalid_request` when there are two methods or half of one,
    /// `invalid_client` when there is none or it cannot be read.
    pub fn from_request(authorization: Option<&str>, params: &Params) -> Result<Self, OAuthError> {
        let client_id = params.one("client_id")?.map(ClientId::parse).transpose();
        let client_id = client_id.map_err(|why| invalid_client(why.to_string()))?;
        let secret = params.one("client_secret")?.map(hidden);
        let assertion = assertion(params)?;
        match (authorization, secret, assertion) {
            (Some(header), None, None) => {
                let (name, secret) = basic(header)?;
                if client_id.is_some_and(|other| other != name) {
                    return Err(invalid_request(
                        "client_id is not the one that authenticates",
                    ));
                }
                Ok(Self::SecretBasic {
                    client_id: name,
                    secret,
                })
            }
            (None, Some(secret), None) => match client_id {
                Some(client_id) => Ok(Self::SecretPost { client_id, secret }),
                None => Err(invalid_request("client_id is missing")),
            },
            (None, None, Some(assertion)) => Ok(Self::PrivateKeyJwt {
                client_id,
                assertion,
            }),
            (None, None, None) => match client_id {
                Some(client_id) => Ok(Self::None { client_id }),
                None => Err(invalid_client("the request has no client authentication")),
            },
            _ => Err(invalid_request(
                "more than one method of client authentication",
            )),
        }
    }

    /// The method it is.
    #[must_use]
    pub const fn method(&self) -> AuthMethod {
        match self {
            Self::None { .. } => AuthMethod::None,
            Self::SecretBasic { .. } => AuthMethod::ClientSecretBasic,
            Self::SecretPost { .. } => AuthMethod::ClientSecretPost,
            Self::PrivateKeyJwt { .. } => AuthMethod::PrivateKeyJwt,
        }
    }

    /// Who it says it is; an assertion may say so only inside.
    #[must_use]
    pub const fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::None { client_id }
            | Self::SecretBasic { client_id, .. }
            | Self::SecretPost { client_id, .. } => Some(client_id),
            Self::PrivateKeyJwt { client_id, .. } => client_id.as_ref(),
        }
    }

    /// Checks everything but a signature: that `client` is meant, that the
    /// method is the one it registered, and its secret.
    ///
    /// # Errors
    /// `invalid_client`, with one sentence for all that a guesser could learn from.
    pub fn check(&self, client: &Client) -> Result<(), OAuthError> {
        if self
            .client_id()
            .is_some_and(|name| *name != client.client_id)
        {
            return Err(failed());
        }
        if self.method() != client.metadata.token_endpoint_auth_method {
            let why = "the client is registered with another authentication method";
            return Err(invalid_client(why));
        }
        match self {
            Self::SecretBasic { secret, .. } | Self::SecretPost { secret, .. } => {
                let digest = TokenDigest::of(secret.expose().as_bytes());
                let known = client.secret_digest == Some(digest);
                if known { Ok(()) } else { Err(failed()) }
            }
            Self::None { .. } | Self::PrivateKeyJwt { .. } => Ok(()),
        }
    }
}

/// The answer to a wrong secret, and to an unknown client, so that they are one.
#[must_use]
pub fn failed() -> OAuthError {
    invalid_client("client authentication failed")
}

fn invalid_client(why: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClient, why)
}

fn hidden(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn assertion(params: &Params) -> Result<Option<Secret<String>>, OAuthError> {
    let kind = params.one("client_assertion_type")?;
    match (kind, params.one("client_assertion")?) {
        (None, None) => Ok(None),
        (Some(ASSERTION_TYPE), Some(text)) => Ok(Some(hidden(text))),
        (Some(ASSERTION_TYPE), None) => Err(invalid_request("client_assertion is missing")),
        (None, Some(_)) => Err(invalid_request("client_assertion_type is missing")),
        _ => Err(invalid_client("the client_assertion_type is not supported")),
    }
}

/// Name and secret are form-encoded before they are joined ([RFC 6749 §2.3.1]).
///
/// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
fn basic(header: &str) -> Result<(ClientId, Secret<String>), OAuthError> {
    basic_parts(header).ok_or_else(|| invalid_client("the Authorization header cannot be read"))
}

fn basic_parts(header: &str) -> Option<(ClientId, Secret<String>)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let joined = Secret::new(Base64::decode_vec(credentials.trim()).ok()?);
    let mut halves = joined.expose().splitn(2, |&byte| byte == b':');
    let name = decode(halves.next()?).ok()?;
    let secret = Secret::new(decode(halves.next()?).ok()?);
    Some((ClientId::parse(&name).ok()?, secret))
}

#[cfg(test)]
#[path = "client_auth_tests.rs"]
mod tests;
