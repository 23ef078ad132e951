//! What does a tenant know of a client?

mod document;
mod metadata;
mod valid;
mod validate;

pub use document::ClientDocument;
pub use metadata::ClientMetadata;
pub use valid::{ApplicationType, AuthMethod, ValidMetadata};
pub use validate::{LIST_MAX, REDIRECT_URIS_MAX, Registrant};

use super::client_id::ClientId;
use super::error::{ErrorCode, OAuthError};
use super::grant::GrantType;
use super::resource::{Resource, invalid_target};
use super::scope::{Scope, Scopes};
use crate::domain::secret::TokenDigest;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A registered client, as the tenant keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// Its name in the protocol.
    pub client_id: ClientId,
    /// What it said of itself, checked.
    pub metadata: ValidMetadata,
    /// Whether it registered itself ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).
    #[serde(default)]
    pub dynamic: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Of its secret, when its method has one.
    #[serde(default)]
    pub secret_digest: Option<TokenDigest>,
    /// Of its registration access token ([RFC 7592 §3]).
    ///
    /// [RFC 7592 §3]: https://www.rfc-editor.org/rfc/rfc7592#section-3
    #[serde(default)]
    pub registration_token_digest: Option<TokenDigest>,
    /// When it last did anything; unused dynamic registrations expire.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

impl Client {
    /// A client that has no secret and no registration token yet.
    #[must_use]
    pub const fn new(client_id: ClientId, metadata: ValidMetadata, created_at: Timestamp) -> Self {
        Self {
            client_id,
            metadata,
            dynamic: false,
            created_at,
            secret_digest: None,
            registration_token_digest: None,
            last_used_at: None,
        }
    }

    /// Whether it cannot keep a secret ([RFC 6749 §2.1]).
    ///
    /// [RFC 6749 §2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.1
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.metadata.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether its authorization requests need a `code_challenge`.
    ///
    /// A public client always does, whatever its row says ([RFC 9700 §2.1.1]).
    ///
    /// [RFC 9700 §2.1.1]: https://www.rfc-editor.org/rfc/rfc9700#section-2.1.1
    #[must_use]
    pub fn needs_pkce(&self) -> bool {
        self.metadata.require_pkce || self.is_public()
    }

    /// Whether it gets refresh tokens: it registered the grant type.
    ///
    /// OAuth 2.1 §4.3 leaves issuing to the server; the registration says that
    /// the client wants them, `offline_access` asks the person for more time.
    #[must_use]
    pub fn may_refresh(&self) -> bool {
        self.metadata.grant_types.contains(&GrantType::RefreshToken)
    }

    /// Refuses a grant type that the client has not registered.
    ///
    /// # Errors
    /// `unauthorized_client` ([RFC 6749 §5.2]).
    ///
    /// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    pub fn check_grant_type(&self, grant_type: GrantType) -> Result<(), OAuthError> {
        if self.metadata.grant_types.contains(&grant_type) {
            return Ok(());
        }
        let why = format!("the client is not registered for {}", grant_type.as_str());
        Err(OAuthError::new(ErrorCode::UnauthorizedClient, why))
    }

    /// Refuses an audience that is neither the client's nor the tenant's default.
    ///
    /// # Errors
    /// `invalid_target` ([RFC 8707 §2]).
    ///
    /// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
    pub fn check_resources(
        &self,
        requested: &[Resource],
        default: Option<&Resource>,
    ) -> Result<(), OAuthError> {
        let is_foreign =
            |one: &&Resource| !self.metadata.resources.contains(one) && default != Some(*one);
        match requested.iter().find(is_foreign) {
            Some(other) => Err(invalid_target(format!("{other} is not for this client"))),
            None => Ok(()),
        }
    }

    /// The scopes of a request: those it asks for and may have.
    ///
    /// Unknown ones are dropped (OpenID Connect Core §3.1.2.1). A request that
    /// names none gets those that say nothing of a user ([RFC 6749 §3.3]).
    ///
    /// # Errors
    /// `invalid_scope` when nothing that was asked for is left.
    ///
    /// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    pub fn limit_scopes(&self, requested: &Scopes) -> Result<Scopes, OAuthError> {
        let registered = &self.metadata.scope;
        if requested.is_empty() {
            return Ok(registered.without(&Scope::OF_A_USER));
        }
        let left = requested.intersection(registered);
        if left.is_empty() {
            let why = "the client may have none of these scopes";
            return Err(OAuthError::new(ErrorCode::InvalidScope, why));
        }
        Ok(left)
    }

    /// The scopes of tokens that it gets for itself: none that is about a user,
    /// for there is none ([RFC 6749 §4.4]).
    ///
    /// # Errors
    /// `invalid_scope` when nothing that was asked for is left.
    ///
    /// [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4
    pub fn scopes_for_itself(&self, asked: Option<&Scopes>) -> Result<Scopes, OAuthError> {
        let asked = asked.cloned().unwrap_or_default();
        let left = self.limit_scopes(&asked)?.without(&Scope::OF_A_USER);
        if left.is_empty() && !asked.is_empty() {
            let why = "these scopes are about a user, and there is none";
            return Err(OAuthError::new(ErrorCode::InvalidScope, why));
        }
        Ok(left)
    }

    /// What people are shown: its name, or its id when it has none.
    #[must_use]
    pub fn display_name(&self) -> &str {
        let name = self.metadata.client_name.as_deref();
        name.unwrap_or_else(|| self.client_id.as_str())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A confidential web client with the members of `extra` set.
    pub(crate) fn client(extra: Value) -> Client {
        let mut document = json!({
            "client_name": "App",
            "redirect_uris": ["https://app.example/cb"],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        crate::domain::merge_patch::merge(&mut document, extra);
        let metadata: ClientMetadata = serde_json::from_value(document).unwrap();
        let valid = metadata.validate(Registrant::Admin).unwrap();
        Client::new(ClientId::parse("app").unwrap(), valid, Timestamp::default())
    }

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    #[test]
    fn a_client_survives_its_encoding() {
        let mut client =
            client(json!({"jwks": {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]}}));
        client.secret_digest = Some(TokenDigest::of(b"secret"));
        let packed = rmp_serde::to_vec_named(&client).unwrap();
        assert_eq!(rmp_serde::from_slice::<Client>(&packed).unwrap(), client);
    }

    #[test]
    fn an_older_row_has_the_defaults_of_newer_members() {
        let row = json!({"client_id": "app", "metadata": {}, "created_at": 1});
        let client: Client = serde_json::from_value(row).unwrap();
        assert!(client.needs_pkce() && !client.metadata.skip_consent && !client.dynamic);
    }

    #[test]
    fn a_public_client_needs_pkce_whatever_its_row_says() {
        let mut client = client(json!({"token_endpoint_auth_method": "none"}));
        client.metadata.require_pkce = false;
        assert!(client.needs_pkce());
    }

    #[test]
    fn unknown_scopes_are_dropped_and_nothing_left_is_refused() {
        let client = client(json!({"scope": "openid email api"}));
        assert_eq!(
            client.limit_scopes(&scopes("openid unknown")),
            Ok(scopes("openid"))
        );
        assert_eq!(client.limit_scopes(&scopes("")), Ok(scopes("api")));
        let refusal = client.limit_scopes(&scopes("admin")).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidScope);
    }

    #[test]
    fn a_client_gets_nothing_about_a_user_for_itself() {
        let client = client(json!({"scope": "openid email api admin"}));
        let asked = |text: &str| client.scopes_for_itself(Some(&scopes(text)));
        assert_eq!(asked("openid api"), Ok(scopes("api")));
        assert_eq!(asked("email").unwrap_err().code, ErrorCode::InvalidScope);
        assert_eq!(client.scopes_for_itself(None), Ok(scopes("admin api")));
    }

    #[test]
    fn a_resource_is_the_clients_or_the_tenants() {
        let (own, default, other) = ("urn:own", "urn:default", "urn:other");
        let client = client(json!({"resources": [own]}));
        let resource = |text: &str| Resource::parse(text).unwrap();
        let fallback = resource(default);
        assert!(client.check_resources(&[resource(own)], None).is_ok());
        assert!(
            client
                .check_resources(&[resource(default)], Some(&fallback))
                .is_ok()
        );
        assert!(client.check_resources(&[resource(default)], None).is_err());
        assert!(
            client
                .check_resources(&[resource(other)], Some(&fallback))
                .is_err()
        );
    }

    #[test]
    fn a_grant_type_must_be_registered() {
        let client = client(json!({}));
        assert!(client.check_grant_type(GrantType::RefreshToken).is_ok());
        let refusal = client
            .check_grant_type(GrantType::ClientCredentials)
            .unwrap_err();
        assert_eq!(refusal.code, ErrorCode::UnauthorizedClient);
    }
}
