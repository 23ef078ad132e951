//! May this client make this request?

use super::identify::{Identified, STATE_BYTES_MAX};
use super::request::{AuthorizationRequest, Display, RedirectableError};
use super::{ClaimsRequest, Prompts};
use crate::domain::oauth::claims::scope_of;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::error::{ErrorCode, OAuthError, invalid_request};
use crate::domain::oauth::grant::GrantType;
use crate::domain::oauth::pkce::CodeChallenge;
use crate::domain::oauth::resource::Resource;
use crate::domain::oauth::response::{ResponseMode, ResponseType};
use crate::domain::oauth::scope::{Scope, Scopes};

/// Longer than any nonce we have seen; it goes into every ID token.
const NONCE_BYTES_MAX: usize = 1_024;
/// An address, a telephone number or a name.
const LOGIN_HINT_BYTES_MAX: usize = 320;
/// Languages or contexts of one request.
const WORDS_MAX: usize = 16;

/// How a request reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Through the browser.
    Direct,
    /// Through the client's own back channel ([RFC 9126]).
    ///
    /// [RFC 9126]: https://www.rfc-editor.org/rfc/rfc9126
    Pushed,
}

/// What the tenant lays down for every request.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The audience that every client may ask for.
    pub default_resource: Option<&'a Resource>,
    /// How the request reached us.
    pub arrival: Arrival,
}

impl Identified {
    /// Second stage: the request must be one that `client` may make.
    ///
    /// Parameters nobody defined are ignored ([RFC 6749 §3.1]).
    ///
    /// # Errors
    /// The first rule it breaks, ready to be sent to the client.
    ///
    /// [RFC 6749 §3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-3.1
    pub fn validate(
        &self,
        client: &Client,
        terms: Terms<'_>,
    ) -> Result<AuthorizationRequest, RedirectableError> {
        self.checked(client, terms)
            .map_err(|error| self.refused(error))
    }

    fn checked(
        &self,
        client: &Client,
        terms: Terms<'_>,
    ) -> Result<AuthorizationRequest, OAuthError> {
        self.check_transport(client, terms.arrival)?;
        self.check_response_type(client)?;
        let scopes = self.scopes(client)?;
        let resources = Resource::all_of(&self.params)?;
        client.check_resources(&resources, terms.default_resource)?;
        Ok(AuthorizationRequest {
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            redirect_uri_was_given: self.redirect_uri_was_given,
            response_mode: self.response_mode()?,
            state: self.bounded("state", STATE_BYTES_MAX)?,
            nonce: self.bounded("nonce", NONCE_BYTES_MAX)?,
            code_challenge: self.code_challenge(client)?,
            prompt: self.prompt()?,
            max_age: self.max_age()?.or(client.metadata.default_max_age),
            acr_values: self.acr_values(client)?,
            login_hint: self.bounded("login_hint", LOGIN_HINT_BYTES_MAX)?,
            id_token_hint: self.params.one("id_token_hint")?.map(str::to_owned),
            claims: self.claims(client, &scopes)?,
            scopes,
            resources,
            ui_locales: self.words("ui_locales")?,
            display: self
                .params
                .one("display")?
                .map_or(Display::Page, Display::parse),
        })
    }

    /// Refuses the ways to send a request that we do not have
    /// (OpenID Connect Core §6, [RFC 9126 §5]).
    ///
    /// A `request_uri` of our own is resolved before it comes here.
    ///
    /// [RFC 9126 §5]: https://www.rfc-editor.org/rfc/rfc9126#section-5
    fn check_transport(&self, client: &Client, arrival: Arrival) -> Result<(), OAuthError> {
        for (name, code) in [
            ("request", ErrorCode::RequestNotSupported),
            ("request_uri", ErrorCode::RequestUriNotSupported),
            ("registration", ErrorCode::RegistrationNotSupported),
        ] {
            if self.params.all(name).next().is_some() {
                return Err(OAuthError::new(code, format!("{name} is not supported")));
            }
        }
        let pushed_only = client.metadata.require_pushed_authorization_requests;
        if pushed_only && arrival == Arrival::Direct {
            return Err(invalid_request(
                "the client must push its authorization requests",
            ));
        }
        Ok(())
    }

    fn check_response_type(&self, client: &Client) -> Result<(), OAuthError> {
        let text = self.params.one("response_type")?;
        let text = text.ok_or_else(|| invalid_request("response_type is missing"))?;
        if ResponseType::parse(text).is_none() {
            let why = "response_type must be code";
            return Err(OAuthError::new(ErrorCode::UnsupportedResponseType, why));
        }
        client.check_grant_type(GrantType::AuthorizationCode)
    }

    fn response_mode(&self) -> Result<ResponseMode, OAuthError> {
        match self.params.one("response_mode")? {
            None => Ok(ResponseMode::default()),
            Some(text) => ResponseMode::parse(text)
                .ok_or_else(|| invalid_request("response_mode must be query or form_post")),
        }
    }

    /// `offline_access` stays only for a client that gets refresh tokens, and
    /// then consent to it is asked like consent to any scope: that is the
    /// condition under which OpenID Connect Core §11 lets it be granted
    /// without `prompt=consent`.
    fn scopes(&self, client: &Client) -> Result<Scopes, OAuthError> {
        let text = self.params.one("scope")?.unwrap_or_default();
        let requested = Scopes::parse(text)
            .map_err(|why| OAuthError::new(ErrorCode::InvalidScope, why.to_string()))?;
        let scopes = client.limit_scopes(&requested)?;
        let may_stay_away = client.may_refresh();
        Ok(if may_stay_away {
            scopes
        } else {
            scopes.without(&[Scope::OFFLINE_ACCESS])
        })
    }

    /// PKCE with S256 or, for a confidential client excused from it, nothing
    /// ([RFC 7636 §4.4.1], [RFC 9700 §2.1.1]).
    ///
    /// [RFC 7636 §4.4.1]: https://www.rfc-editor.org/rfc/rfc7636#section-4.4.1
    /// [RFC 9700 §2.1.1]: https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1
    fn code_challenge(&self, client: &Client) -> Result<Option<CodeChallenge>, OAuthError> {
        let method = self.params.one("code_challenge_method")?;
        match self.params.one("code_challenge")? {
            Some(text) => CodeChallenge::parse(text, method)
                .map(Some)
                .map_err(|why| invalid_request(why.to_string())),
            None if method.is_some() || client.needs_pkce() => {
                Err(invalid_request("code_challenge is missing"))
            }
            None => Ok(None),
        }
    }

    fn prompt(&self) -> Result<Prompts, OAuthError> {
        let text = self.params.one("prompt")?.unwrap_or_default();
        Prompts::parse(text).map_err(|why| invalid_request(why.to_string()))
    }

    fn max_age(&self) -> Result<Option<u32>, OAuthError> {
        let Some(text) = self.params.one("max_age")? else {
            return Ok(None);
        };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(seconds) if digits => Ok(Some(seconds)),
            _ => Err(invalid_request("max_age must be a number of seconds")),
        }
    }

    fn acr_values(&self, client: &Client) -> Result<Vec<String>, OAuthError> {
        let given = self.words("acr_values")?;
        Ok(if given.is_empty() {
            client.metadata.default_acr_values.clone()
        } else {
            given
        })
    }

    /// What is asked for claim by claim, no wider than the registered scopes
    /// would allow; without `openid` it means nothing.
    fn claims(&self, client: &Client, scopes: &Scopes) -> Result<ClaimsRequest, OAuthError> {
        let Some(text) = self.params.one("claims")? else {
            return Ok(ClaimsRequest::default());
        };
        let claims = ClaimsRequest::parse(text).map_err(|why| invalid_request(why.to_string()))?;
        if !scopes.contains(Scope::OPENID) {
            return Ok(ClaimsRequest::default());
        }
        let registered = &client.metadata.scope;
        Ok(claims.retaining(|name| scope_of(name).is_none_or(|scope| registered.contains(scope))))
    }

    fn bounded(&self, name: &'static str, most: usize) -> Result<Option<String>, OAuthError> {
        match self.params.one(name)? {
            Some(text) if text.len() > most => Err(invalid_request(format!("{name} is too long"))),
            other => Ok(other.map(str::to_owned)),
        }
    }

    fn words(&self, name: &'static str) -> Result<Vec<String>, OAuthError> {
        let text = self.params.one(name)?.unwrap_or_default();
        let words = text.split(' ').filter(|word| !word.is_empty());
        Ok(words.take(WORDS_MAX).map(str::to_owned).collect())
    }
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
