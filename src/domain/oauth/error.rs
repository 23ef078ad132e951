//! How is a refusal told to a client?

use super::params::{ParamsRefusal, Repeated};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A description is a sentence, not a page.
const DESCRIPTION_CHARS_MAX: usize = 300;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// A registered error code ([RFC 6749 §4.1.2.1] and §5.2, OpenID
        /// Connect Core §3.1.2.6, RFC 6750 §3.1, RFC 7009, RFC 7591, RFC 8707).
        ///
        /// [RFC 6749 §4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $variant),+
        }

        impl ErrorCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

codes! {
    /// The request is malformed: RFC 6749 §5.2.
    InvalidRequest = "invalid_request",
    /// Client authentication failed: RFC 6749 §5.2.
    InvalidClient = "invalid_client",
    /// The code or refresh token is not good, or not for this client: RFC 6749 §5.2.
    InvalidGrant = "invalid_grant",
    /// The client may not use this grant or response type: RFC 6749 §5.2.
    UnauthorizedClient = "unauthorized_client",
    /// No such grant type here: RFC 6749 §5.2.
    UnsupportedGrantType = "unsupported_grant_type",
    /// The scope is malformed, or exceeds what may be had: RFC 6749 §5.2.
    InvalidScope = "invalid_scope",
    /// The user, or we, said no: RFC 6749 §4.1.2.1.
    AccessDenied = "access_denied",
    /// No such response type here: RFC 6749 §4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type",
    /// No such token type here: RFC 7009 §2.2.1.
    UnsupportedTokenType = "unsupported_token_type",
    /// Our own fault: RFC 6749 §4.1.2.1.
    ServerError = "server_error",
    /// Come back later: RFC 6749 §4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// The user would have to sign in: OpenID Connect Core §3.1.2.6.
    LoginRequired = "login_required",
    /// The user would have to consent: OpenID Connect Core §3.1.2.6.
    ConsentRequired = "consent_required",
    /// The user would have to do something: OpenID Connect Core §3.1.2.6.
    InteractionRequired = "interaction_required",
    /// The user would have to choose: OpenID Connect Core §3.1.2.6.
    AccountSelectionRequired = "account_selection_required",
    /// An essential `acr` cannot be met: OpenID Connect Core Error Code 1.0.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements",
    /// `request` is not supported: OpenID Connect Core §3.1.2.6.
    RequestNotSupported = "request_not_supported",
    /// `request_uri` is not supported: OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported = "request_uri_not_supported",
    /// `registration` is not supported: OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported = "registration_not_supported",
    /// The resource is malformed or not for this client: RFC 8707 §2.
    InvalidTarget = "invalid_target",
    /// A redirect address cannot be registered: RFC 7591 §3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri",
    /// A metadata field cannot be registered: RFC 7591 §3.2.2.
    InvalidClientMetadata = "invalid_client_metadata",
    /// The access token is not good: RFC 6750 §3.1.
    InvalidToken = "invalid_token",
    /// The access token is good for less: RFC 6750 §3.1.
    InsufficientScope = "insufficient_scope",
}

impl ErrorCode {
    /// The HTTP status of an error that is answered and not redirected
    /// (RFC 6749 §5.2, RFC 6750 §3.1).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidClient | Self::InvalidToken => 401,
            Self::InsufficientScope | Self::AccessDenied => 403,
            Self::ServerError => 500,
            Self::TemporarilyUnavailable => 503,
            _ => 400,
        }
    }
}

impl core::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal in the words of the protocol: `error` and `error_description`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {description}")]
pub struct OAuthError {
    /// What a program reads.
    #[serde(rename = "error")]
    pub code: ErrorCode,
    #[serde(rename = "error_description", default)]
    description: Cow<'static, str>,
}

impl OAuthError {
    /// An error with a sentence for the developer who meets it.
    ///
    /// Characters the grammar forbids become `?`, since a description may
    /// quote the request ([RFC 6749 appendix A.8]).
    ///
    /// [RFC 6749 appendix A.8]: https://www.rfc-editor.org/rfc/rfc6749#appendix-A.8
    #[must_use]
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        let clean = description.len() <= DESCRIPTION_CHARS_MAX && description.chars().all(allowed);
        let description = if clean {
            description
        } else {
            let kept = description.chars().take(DESCRIPTION_CHARS_MAX);
            Cow::Owned(kept.map(|c| if allowed(c) { c } else { '?' }).collect())
        };
        Self { code, description }
    }

    /// The sentence, of characters that may stand in a header or a query.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }
}

/// `invalid_request`, said of `description`.
pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidRequest, description)
}

/// `%x20-21 / %x23-5B / %x5D-7E`: no quote, no backslash, no control.
const fn allowed(c: char) -> bool {
    matches!(c, ' '..='~') && c != '"' && c != '\\'
}

impl From<Repeated> for OAuthError {
    fn from(repeated: Repeated) -> Self {
        invalid_request(repeated.to_string())
    }
}

impl From<ParamsRefusal> for OAuthError {
    fn from(refusal: ParamsRefusal) -> Self {
        invalid_request(refusal.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_error_is_its_wire_document() {
        let error = OAuthError::new(ErrorCode::InvalidGrant, "the code was spent");
        assert_eq!(
            serde_json::to_string(&error).unwrap(),
            r#"{"error":"invalid_grant","error_description":"the code was spent"}"#
        );
        let packed = rmp_serde::to_vec_named(&error).unwrap();
        assert_eq!(rmp_serde::from_slice::<OAuthError>(&packed).unwrap(), error);
    }

    #[test]
    fn every_code_encodes_as_it_is_written() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_value(code).unwrap();
            assert_eq!(json, serde_json::Value::from(code.as_str()));
        }
    }

    proptest! {
        #[test]
        fn a_description_never_leaves_its_grammar(text in ".{0,400}") {
            let error = OAuthError::new(ErrorCode::InvalidRequest, text);
            prop_assert!(error.description().chars().all(allowed));
            prop_assert!(error.description().len() <= DESCRIPTION_CHARS_MAX);
        }
    }
}
