//! Which metadata may a client have?

use super::{ApplicationType, AuthMethod, ClientMetadata, ValidMetadata};
use crate::domain::keys::Algorithm;
use crate::domain::oauth::error::{ErrorCode, OAuthError};
use crate::domain::oauth::grant::GrantType;
use crate::domain::oauth::redirect_uri::{RedirectKind, RedirectUri};
use crate::domain::oauth::resource::{RESOURCES_MAX, Resource};
use crate::domain::oauth::response::ResponseType;
use crate::domain::oauth::scope::{Scope, Scopes};
use serde::de::{DeserializeOwned, IntoDeserializer, value::Error as NameError};
use serde_json::Value;

/// More addresses than any deployment of one client we know of.
pub const REDIRECT_URIS_MAX: usize = 32;
/// For lists nobody fills: contacts, `default_acr_values`.
pub const LIST_MAX: usize = 8;
/// A name that fits a consent page.
const NAME_CHARS_MAX: usize = 100;
/// Contacts, software ids and versions, `acr` values.
const TEXT_CHARS_MAX: usize = 255;
/// Keys of one client: one in use, one coming, of each kind.
const KEYS_MAX: usize = 8;
/// Eight RSA-4096 keys with certificates left out.
const JWKS_BYTES_MAX: usize = 16 * 1024;

/// Who asks that a client be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrant {
    /// An operator of the tenant, through the admin API.
    Admin,
    /// Anybody at all ([RFC 7591 §3]).
    ///
    /// [RFC 7591 §3]: https://www.rfc-editor.org/rfc/rfc7591#section-3
    Dynamic,
}

impl ClientMetadata {
    /// Checks the document against every rule, each by itself and together.
    ///
    /// A stranger may not skip consent, hold scope `admin`, name audiences,
    /// or act without a user.
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata`, naming the member
    /// ([RFC 7591 §3.2.2]).
    ///
    /// [RFC 7591 §3.2.2]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
    pub fn validate(self, by: Registrant) -> Result<ValidMetadata, OAuthError> {
        if self.jwks_uri.is_some() {
            return Err(refused("jwks_uri is not supported; send jwks"));
        }
        if self.subject_type.is_some_and(|kind| kind != "public") {
            return Err(refused("subject_type must be public"));
        }
        let (grant_types, response_types) = flows(self.grant_types, self.response_types)?;
        let valid = ValidMetadata {
            client_name: text("client_name", self.client_name, NAME_CHARS_MAX)?,
            redirect_uris: redirect_uris("redirect_uris", self.redirect_uris)?,
            scope: scope(self.scope, &grant_types)?,
            grant_types,
            response_types,
            token_endpoint_auth_method: name(
                "token_endpoint_auth_method",
                self.token_endpoint_auth_method,
            )?
            .unwrap_or_default(),
            application_type: name("application_type", self.application_type)?.unwrap_or_default(),
            contacts: texts("contacts", self.contacts)?,
            client_uri: web_uri("client_uri", self.client_uri)?,
            logo_uri: web_uri("logo_uri", self.logo_uri)?,
            policy_uri: web_uri("policy_uri", self.policy_uri)?,
            tos_uri: web_uri("tos_uri", self.tos_uri)?,
            jwks: self.jwks.map(jwks).transpose()?,
            post_logout_redirect_uris: redirect_uris(
                "post_logout_redirect_uris",
                self.post_logout_redirect_uris,
            )?,
            id_token_signed_response_alg: name(
                "id_token_signed_response_alg",
                self.id_token_signed_response_alg,
            )?
            .unwrap_or(Algorithm::Rs256),
            token_endpoint_auth_signing_alg: name(
                "token_endpoint_auth_signing_alg",
                self.token_endpoint_auth_signing_alg,
            )?,
            default_max_age: self.default_max_age,
            require_auth_time: self.require_auth_time.unwrap_or(false),
            default_acr_values: texts("default_acr_values", self.default_acr_values)?,
            initiate_login_uri: web_uri("initiate_login_uri", self.initiate_login_uri)?,
            software_id: text("software_id", self.software_id, TEXT_CHARS_MAX)?,
            software_version: text("software_version", self.software_version, TEXT_CHARS_MAX)?,
            require_pushed_authorization_requests: self
                .require_pushed_authorization_requests
                .unwrap_or(false),
            backchannel_logout_uri: web_uri("backchannel_logout_uri", self.backchannel_logout_uri)?,
            backchannel_logout_session_required: self
                .backchannel_logout_session_required
                .unwrap_or(false),
            frontchannel_logout_uri: web_uri(
                "frontchannel_logout_uri",
                self.frontchannel_logout_uri,
            )?,
            frontchannel_logout_session_required: self
                .frontchannel_logout_session_required
                .unwrap_or(false),
            require_pkce: self.require_pkce.unwrap_or(true),
            skip_consent: self.skip_consent.unwrap_or(false),
            resources: resources(self.resources)?,
        };
        check_flows(&valid)?;
        check_authentication(&valid)?;
        check_front_channel(&valid)?;
        if by == Registrant::Dynamic {
            check_stranger(&valid)?;
        }
        Ok(valid)
    }
}

fn refused(why: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, why)
}

/// Grant and response types imply each other (RFC 7591 §2.1).
fn flows(
    grants: Option<Vec<String>>,
    responses: Option<Vec<String>>,
) -> Result<(Vec<GrantType>, Vec<ResponseType>), OAuthError> {
    let mut grant_types: Vec<GrantType> = match grants {
        Some(list) => names("grant_types", list)?,
        None => vec![GrantType::AuthorizationCode],
    };
    grant_types.sort_unstable();
    grant_types.dedup();
    let by_code = grant_types.contains(&GrantType::AuthorizationCode);
    let mut response_types: Vec<ResponseType> = match responses {
        Some(list) => names("response_types", list)?,
        None => by_code.then_some(ResponseType::Code).into_iter().collect(),
    };
    response_types.dedup();
    if by_code == response_types.is_empty() {
        return Err(refused("grant_types and response_types disagree"));
    }
    Ok((grant_types, response_types))
}

fn check_flows(valid: &ValidMetadata) -> Result<(), OAuthError> {
    let by_code = valid.grant_types.contains(&GrantType::AuthorizationCode);
    if valid.grant_types.is_empty() {
        return Err(refused("grant_types is empty"));
    }
    if by_code && valid.redirect_uris.is_empty() {
        let why = "the authorization code grant needs redirect_uris";
        return Err(OAuthError::new(ErrorCode::InvalidRedirectUri, why));
    }
    if valid.grant_types.contains(&GrantType::RefreshToken) && !by_code {
        return Err(refused("refresh_token needs a grant that issues one"));
    }
    let mut uris = valid
        .redirect_uris
        .iter()
        .chain(&valid.post_logout_redirect_uris);
    let web = valid.application_type == ApplicationType::Web;
    if web && uris.any(|uri| uri.kind() == RedirectKind::PrivateUse) {
        let why = "only a native application has a scheme of its own";
        return Err(OAuthError::new(ErrorCode::InvalidRedirectUri, why));
    }
    Ok(())
}

fn check_authentication(valid: &ValidMetadata) -> Result<(), OAuthError> {
    let method = valid.token_endpoint_auth_method;
    if method == AuthMethod::None {
        if !valid.require_pkce {
            return Err(refused("a public client needs PKCE"));
        }
        if valid.grant_types.contains(&GrantType::ClientCredentials) {
            return Err(refused(
                "client_credentials needs a client that authenticates",
            ));
        }
    }
    if method == AuthMethod::PrivateKeyJwt && valid.jwks.is_none() {
        return Err(refused("private_key_jwt needs jwks"));
    }
    Ok(())
}

/// Its page is loaded into ours, so it must be where the client is known to be
/// ([OpenID Connect Front-Channel Logout §2]).
///
/// [OpenID Connect Front-Channel Logout §2]: https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout
fn check_front_channel(valid: &ValidMetadata) -> Result<(), OAuthError> {
    let Some(uri) = &valid.frontchannel_logout_uri else {
        return Ok(());
    };
    let origin = RedirectUri::parse(uri).ok().and_then(|uri| uri.origin());
    let mut known = valid.redirect_uris.iter().map(RedirectUri::origin);
    if origin.is_none() || !known.any(|known| known == origin) {
        let why = "frontchannel_logout_uri must have the origin of one of redirect_uris";
        return Err(refused(why));
    }
    Ok(())
}

fn check_stranger(valid: &ValidMetadata) -> Result<(), OAuthError> {
    if valid.skip_consent {
        return Err(refused("skip_consent is for an admin to set"));
    }
    if valid.scope.contains(Scope::ADMIN) {
        return Err(refused("scope admin is for an admin to give"));
    }
    if !valid.resources.is_empty() {
        return Err(refused("resources are for an admin to give"));
    }
    if valid.grant_types.contains(&GrantType::ClientCredentials) {
        return Err(refused("client_credentials is for an admin to give"));
    }
    Ok(())
}

/// A client that says nothing may ask for what is said of a user, if it has one.
fn scope(given: Option<String>, grant_types: &[GrantType]) -> Result<Scopes, OAuthError> {
    match given {
        Some(text) => Scopes::parse(&text).map_err(|why| refused(why.to_string())),
        None if grant_types.contains(&GrantType::AuthorizationCode) => {
            Ok(Scopes::of(Scope::OF_A_USER))
        }
        None => Ok(Scopes::default()),
    }
}

fn redirect_uris(
    member: &'static str,
    given: Option<Vec<String>>,
) -> Result<Vec<RedirectUri>, OAuthError> {
    let given = bounded(member, given.unwrap_or_default(), REDIRECT_URIS_MAX)?;
    let mut uris: Vec<RedirectUri> = Vec::new();
    for text in given {
        let uri = RedirectUri::parse(&text).map_err(|why| {
            OAuthError::new(ErrorCode::InvalidRedirectUri, format!("{member}: {why}"))
        })?;
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    Ok(uris)
}

fn resources(given: Option<Vec<String>>) -> Result<Vec<Resource>, OAuthError> {
    bounded("resources", given.unwrap_or_default(), RESOURCES_MAX)?
        .iter()
        .map(|text| Resource::parse(text).map_err(|why| refused(why.to_string())))
        .collect()
}

/// An address that a page may link to: a redirect address that is the web's.
fn web_uri(member: &'static str, given: Option<String>) -> Result<Option<String>, OAuthError> {
    let Some(text) = given.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match RedirectUri::parse(&text) {
        Ok(uri) if uri.kind() != RedirectKind::PrivateUse => Ok(Some(text)),
        _ => Err(refused(format!("{member} must be an https URI"))),
    }
}

/// A bounded set of public keys ([RFC 7517 §5]).
///
/// [RFC 7517 §5]: https://www.rfc-editor.org/rfc/rfc7517#section-5
fn jwks(set: Value) -> Result<Value, OAuthError> {
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or_else(|| refused("jwks has no keys"))?;
    if keys.is_empty() || keys.len() > KEYS_MAX || set.to_string().len() > JWKS_BYTES_MAX {
        return Err(refused("jwks has too few or too many keys"));
    }
    for key in keys {
        if !matches!(
            key.get("kty").and_then(Value::as_str),
            Some("RSA" | "EC" | "OKP")
        ) {
            return Err(refused("jwks has a key of an unknown type"));
        }
        if key.get("d").is_some() || key.get("k").is_some() {
            return Err(refused("jwks has a key that is not public"));
        }
    }
    Ok(set)
}

/// A line of text: no control character that could forge another.
fn text(
    member: &'static str,
    given: Option<String>,
    chars_max: usize,
) -> Result<Option<String>, OAuthError> {
    match given {
        Some(text) if text.chars().count() > chars_max || text.chars().any(char::is_control) => {
            Err(refused(format!(
                "{member} is too long or has control characters"
            )))
        }
        other => Ok(other.filter(|text| !text.trim().is_empty())),
    }
}

fn texts(member: &'static str, given: Option<Vec<String>>) -> Result<Vec<String>, OAuthError> {
    let list = bounded(member, given.unwrap_or_default(), LIST_MAX)?;
    list.into_iter()
        .filter_map(|one| text(member, Some(one), TEXT_CHARS_MAX).transpose())
        .collect()
}

fn bounded(
    member: &'static str,
    list: Vec<String>,
    most: usize,
) -> Result<Vec<String>, OAuthError> {
    if list.len() > most {
        return Err(refused(format!("{member} has more than {most} entries")));
    }
    Ok(list)
}

/// Reads an enum's registered name with the decoder the enum already has.
fn name<T: DeserializeOwned>(
    member: &'static str,
    given: Option<String>,
) -> Result<Option<T>, OAuthError> {
    let Some(text) = given else { return Ok(None) };
    let read: Result<T, NameError> = T::deserialize(text.as_str().into_deserializer());
    read.map(Some)
        .map_err(|_| refused(format!("{member}: {text} is not supported")))
}

fn names<T: DeserializeOwned>(
    member: &'static str,
    list: Vec<String>,
) -> Result<Vec<T>, OAuthError> {
    bounded(member, list, LIST_MAX)?
        .into_iter()
        .filter_map(|one| name(member, Some(one)).transpose())
        .collect()
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
