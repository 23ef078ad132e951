//! Do the client and the redirect address of a request belong together?

use super::request::RedirectableError;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client_id::ClientId;
use crate::domain::oauth::error::OAuthError;
use crate::domain::oauth::params::Params;
use crate::domain::oauth::redirect_uri::RedirectUri;
use crate::domain::oauth::response::ResponseMode;
use crate::domain::oauth::scope::{Scope, Scopes};

/// Longer than any state we have seen; it comes back in an address.
pub(super) const STATE_BYTES_MAX: usize = 4 * 1024;

/// A refusal that is shown to the person and never redirected, since nobody
/// vouches for the address ([RFC 6749 §4.1.2.1]).
///
/// [RFC 6749 §4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// No `client_id`, two, or one that cannot exist.
    #[error("the request does not name an application")]
    ClientId,
    /// Nobody here is called that; the caller says so who looked.
    #[error("no application here has this name")]
    UnknownClient,
    /// No `redirect_uri` where one is needed, or two.
    #[error("the request does not say where to send you back to")]
    RedirectUri,
    /// A `redirect_uri` that the client has not registered.
    #[error("the address to send you back to is not one the application registered")]
    UnregisteredRedirectUri,
}

/// An authorization request of which only the client's name was read.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizationParams {
    params: Params,
    client_id: ClientId,
}

/// An authorization request whose errors may be redirected.
#[derive(Clone, Debug, PartialEq)]
pub struct Identified {
    pub(super) params: Params,
    /// Who asks.
    pub client_id: ClientId,
    /// Where the answer goes, right or wrong.
    pub redirect_uri: RedirectUri,
    pub(super) redirect_uri_was_given: bool,
}

impl AuthorizationParams {
    /// Reads who asks, so that the client can be looked up.
    ///
    /// # Errors
    /// [`PageError::ClientId`].
    pub fn parse(params: Params) -> Result<Self, PageError> {
        let client_id = match params.one("client_id") {
            Ok(Some(text)) => ClientId::parse(text).map_err(|_| PageError::ClientId)?,
            _ => return Err(PageError::ClientId),
        };
        Ok(Self { params, client_id })
    }

    /// Who asks.
    #[must_use]
    pub const fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// First stage: the address must be one that `client` registered.
    ///
    /// It may be left out when there is one only ([RFC 6749 §3.1.2.3]), but not
    /// by an OpenID request (OpenID Connect Core §3.1.2.1).
    ///
    /// # Errors
    /// A [`PageError`]; nothing may be redirected.
    ///
    /// [RFC 6749 §3.1.2.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2.3
    pub fn identify(self, client: &Client) -> Result<Identified, PageError> {
        if client.client_id != self.client_id {
            return Err(PageError::UnknownClient);
        }
        let registered = &client.metadata.redirect_uris;
        let given = self.params.one("redirect_uri");
        let (redirect_uri, redirect_uri_was_given) =
            match given.map_err(|_| PageError::RedirectUri)? {
                Some(text) => {
                    let uri =
                        RedirectUri::parse(text).map_err(|_| PageError::UnregisteredRedirectUri)?;
                    if !registered.iter().any(|one| one.matches(&uri)) {
                        return Err(PageError::UnregisteredRedirectUri);
                    }
                    (uri, true)
                }
                None => match registered.as_slice() {
                    [only] if !self.asks_for_openid() => (only.clone(), false),
                    _ => return Err(PageError::RedirectUri),
                },
            };
        Ok(Identified {
            params: self.params,
            client_id: self.client_id,
            redirect_uri,
            redirect_uri_was_given,
        })
    }

    fn asks_for_openid(&self) -> bool {
        self.params
            .all("scope")
            .any(|text| Scopes::parse(text).is_ok_and(|scopes| scopes.contains(Scope::OPENID)))
    }
}

impl Identified {
    /// The `state` to return; one that is repeated or too long is not returned.
    pub(super) fn state(&self) -> Option<&str> {
        let state = self.params.one("state").ok().flatten();
        state.filter(|text| text.len() <= STATE_BYTES_MAX)
    }

    /// Dresses `error` for its way back to the client.
    #[must_use]
    pub fn refused(&self, error: OAuthError) -> RedirectableError {
        let mode = self.params.one("response_mode").ok().flatten();
        RedirectableError {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: mode.and_then(ResponseMode::parse).unwrap_or_default(),
            state: self.state().map(str::to_owned),
            error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::tests::client;
    use serde_json::{Value, json};

    fn identify(query: &str, extra: Value) -> Result<Identified, PageError> {
        let params = Params::parse(query.as_bytes()).unwrap();
        AuthorizationParams::parse(params)?.identify(&client(extra))
    }

    #[test]
    fn a_request_without_a_readable_client_is_a_page() {
        for query in [
            "",
            "client_id=",
            "client_id=a&client_id=a",
            "client_id=a%3Ab",
        ] {
            assert_eq!(
                identify(query, json!({})),
                Err(PageError::ClientId),
                "{query}"
            );
        }
        assert_eq!(
            identify("client_id=other", json!({})),
            Err(PageError::UnknownClient)
        );
    }

    #[test]
    fn an_unregistered_address_is_a_page() {
        for uri in [
            "https://evil.example/",
            "https://app.example/cb/",
            "https://app.example/cb?x",
            "javascript:x",
            "x",
        ] {
            let query = Params::default()
                .with("client_id", "app")
                .with("redirect_uri", uri);
            let outcome = identify(&query.encode(), json!({}));
            assert_eq!(outcome, Err(PageError::UnregisteredRedirectUri), "{uri}");
        }
        let twice =
            "client_id=app&redirect_uri=https://app.example/cb&redirect_uri=https://app.example/cb";
        assert_eq!(identify(twice, json!({})), Err(PageError::RedirectUri));
    }

    #[test]
    fn a_missing_address_is_the_only_one_registered() {
        let found = identify("client_id=app", json!({})).unwrap();
        assert_eq!(found.redirect_uri.as_str(), "https://app.example/cb");
        assert!(!found.redirect_uri_was_given);
        let two = json!({"redirect_uris": ["https://app.example/1", "https://app.example/2"]});
        assert_eq!(identify("client_id=app", two), Err(PageError::RedirectUri));
        let openid = identify("client_id=app&scope=openid", json!({}));
        assert_eq!(openid, Err(PageError::RedirectUri));
    }

    #[test]
    fn a_loopback_port_is_free() {
        let native = json!({"redirect_uris": ["http://127.0.0.1/cb"]});
        let found = identify("client_id=app&redirect_uri=http://127.0.0.1:81/cb", native).unwrap();
        assert_eq!(found.redirect_uri.as_str(), "http://127.0.0.1:81/cb");
    }
}
