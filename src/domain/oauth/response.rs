//! In which form does an authorization response go back?

use serde::{Deserialize, Serialize};

/// What the authorization endpoint answers with: a code and nothing else.
///
/// The implicit and hybrid types put tokens into addresses; OAuth 2.1 leaves
/// them out ([RFC 9700 §2.1.2]).
///
/// [RFC 9700 §2.1.2]: https://www.rfc-editor.org/rfc/rfc9700#section-2.1.2
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// An authorization code.
    #[default]
    Code,
}

/// How the parameters of the answer reach the client (OAuth 2.0 Multiple
/// Response Types §2.1, OAuth 2.0 Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
}

impl ResponseType {
    /// Reads `response_type`; `None` for one we do not have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text == "code").then_some(Self::Code)
    }
}

impl ResponseMode {
    /// Reads `response_mode`; `None` for one we do not have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}
