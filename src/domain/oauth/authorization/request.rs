//! What does a well-formed authorization request ask?

use super::{ClaimsRequest, Prompts};
use crate::domain::oauth::client_id::ClientId;
use crate::domain::oauth::error::OAuthError;
use crate::domain::oauth::params::Params;
use crate::domain::oauth::pkce::CodeChallenge;
use crate::domain::oauth::redirect_uri::RedirectUri;
use crate::domain::oauth::resource::Resource;
use crate::domain::oauth::response::ResponseMode;
use crate::domain::oauth::scope::{Scope, Scopes};
use serde::{Deserialize, Serialize};

/// An authorization request that its client may make.
///
/// Everything in it is checked, bounded and limited to what the client is
/// registered for; only the person has not been asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// Whether the request named it; if so, the token request must repeat it
    /// ([RFC 6749 §4.1.3](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3)).
    #[serde(default)]
    pub redirect_uri_was_given: bool,
    /// How the answer goes there.
    #[serde(default)]
    pub response_mode: ResponseMode,
    /// What it wants, limited to what it may have.
    #[serde(default)]
    pub scopes: Scopes,
    /// Returned as it came.
    #[serde(default)]
    pub state: Option<String>,
    /// Copied into the ID token.
    #[serde(default)]
    pub nonce: Option<String>,
    /// What the redeemer's verifier must hash to.
    #[serde(default)]
    pub code_challenge: Option<CodeChallenge>,
    /// What the person must be asked again.
    #[serde(default)]
    pub prompt: Prompts,
    /// Seconds since the sign-in at most; the client's default when it said nothing.
    #[serde(default)]
    pub max_age: Option<u32>,
    /// Wanted authentication contexts, the most wanted first; never binding
    /// (OpenID Connect Core §5.5.1.1).
    #[serde(default)]
    pub acr_values: Vec<String>,
    /// What to fill into the sign-in form.
    #[serde(default)]
    pub login_hint: Option<String>,
    /// An ID token of the person expected, unverified.
    #[serde(default)]
    pub id_token_hint: Option<String>,
    /// Claims asked for one by one.
    #[serde(default)]
    pub claims: ClaimsRequest,
    /// The audiences; none means the tenant's default.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// Languages for the pages, best first.
    #[serde(default)]
    pub ui_locales: Vec<String>,
    /// How much room the pages have.
    #[serde(default)]
    pub display: Display,
}

impl AuthorizationRequest {
    /// Whether an ID token is asked for (OpenID Connect Core §3.1.2.1).
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.scopes.contains(Scope::OPENID)
    }

    /// An error to send back to whoever made this request.
    #[must_use]
    pub fn refused(&self, error: OAuthError) -> RedirectableError {
        RedirectableError {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
            error,
        }
    }
}

/// How much room the pages have (OpenID Connect Core §3.1.2.1).
///
/// Ours fit any window, so it is kept only for the record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Display {
    /// A whole window.
    #[default]
    Page,
    /// A small window.
    Popup,
    /// A touch screen.
    Touch,
    /// A feature phone.
    Wap,
}

impl Display {
    /// Reads `display`; anything unknown is a page.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "popup" => Self::Popup,
            "touch" => Self::Touch,
            "wap" => Self::Wap,
            _ => Self::Page,
        }
    }
}

/// An error that may be sent to the client through the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{error}")]
pub struct RedirectableError {
    /// An address that is the client's.
    pub redirect_uri: RedirectUri,
    /// How to get it there.
    pub response_mode: ResponseMode,
    /// What the client sent, to be returned.
    pub state: Option<String>,
    /// What is wrong.
    pub error: OAuthError,
}

impl RedirectableError {
    /// The parameters of the error response, `iss` among them
    /// ([RFC 6749 §4.1.2.1], [RFC 9207 §2]).
    ///
    /// [RFC 6749 §4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
    /// [RFC 9207 §2]: https://www.rfc-editor.org/rfc/rfc9207#section-2
    #[must_use]
    pub fn params(&self, issuer: &str) -> Params {
        let answer = Params::default()
            .with("error", self.error.code.as_str())
            .with("error_description", self.error.description());
        finished(answer, self.state.as_deref(), issuer)
    }
}

impl AuthorizationRequest {
    /// The parameters of the success response ([RFC 6749 §4.1.2], [RFC 9207 §2]).
    ///
    /// [RFC 6749 §4.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
    /// [RFC 9207 §2]: https://www.rfc-editor.org/rfc/rfc9207#section-2
    #[must_use]
    pub fn granted(&self, code: &str, issuer: &str) -> Params {
        let answer = Params::default().with("code", code);
        finished(answer, self.state.as_deref(), issuer)
    }
}

fn finished(answer: Params, state: Option<&str>, issuer: &str) -> Params {
    let answer = match state {
        Some(state) => answer.with("state", state),
        None => answer,
    };
    answer.with("iss", issuer)
}

impl RedirectUri {
    /// The address with an answer in its query, what was there kept first
    /// ([RFC 6749 §3.1.2]).
    ///
    /// [RFC 6749 §3.1.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2
    #[must_use]
    pub fn with_query(&self, answer: &Params) -> String {
        let uri = self.as_str();
        let joint = match uri.find('?') {
            None => "?",
            Some(_) if uri.ends_with(['?', '&']) => "",
            Some(_) => "&",
        };
        format!("{uri}{joint}{}", answer.encode())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::error::ErrorCode;

    #[test]
    fn an_answer_keeps_the_query_the_client_registered() {
        let answer = Params::default().with("code", "a b");
        for (uri, whole) in [
            ("https://app.example/cb", "https://app.example/cb?code=a+b"),
            (
                "https://app.example/cb?x=1",
                "https://app.example/cb?x=1&code=a+b",
            ),
            ("https://app.example/cb?", "https://app.example/cb?code=a+b"),
            ("com.example.app:/cb", "com.example.app:/cb?code=a+b"),
        ] {
            let uri = RedirectUri::parse(uri).unwrap();
            assert_eq!(uri.with_query(&answer).replace("%20", "+"), whole);
        }
    }

    #[test]
    fn an_error_response_carries_state_and_issuer() {
        let error = RedirectableError {
            redirect_uri: RedirectUri::parse("https://app.example/cb").unwrap(),
            response_mode: ResponseMode::Query,
            state: Some("s&t".to_owned()),
            error: OAuthError::new(ErrorCode::AccessDenied, "no"),
        };
        let answer = error.params("https://acme.example");
        assert_eq!(
            answer.encode(),
            "error=access_denied&error_description=no&state=s%26t&iss=https%3A%2F%2Facme.example"
        );
    }
}
