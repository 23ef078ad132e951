//! What does a registrant say of a client?

use super::super::error::{ErrorCode, OAuthError};
use super::{Registrant, ValidMetadata};
use crate::domain::merge_patch::merge;
use crate::domain::tree;
use serde::Deserialize;
use serde_json::{Value, json};

/// A client metadata document as it was sent, unchecked ([RFC 7591 §2]).
///
/// Members we do not know are ignored, as the clause says. What is checked
/// becomes [`ValidMetadata`].
///
/// [RFC 7591 §2]: https://www.rfc-editor.org/rfc/rfc7591#section-2
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[expect(
    missing_docs,
    reason = "RFC 7591 §2 and OpenID Connect Registration §2 name the fields"
)]
pub struct ClientMetadata {
    /// An admin may choose it; a registrant repeats it when updating (RFC 7592 §2.2).
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    pub redirect_uris: Option<Vec<String>>,
    pub grant_types: Option<Vec<String>>,
    pub response_types: Option<Vec<String>>,
    pub token_endpoint_auth_method: Option<String>,
    pub application_type: Option<String>,
    pub scope: Option<String>,
    pub contacts: Option<Vec<String>>,
    pub client_uri: Option<String>,
    pub logo_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
    pub jwks: Option<Value>,
    /// Refused: we do not fetch what strangers name.
    pub jwks_uri: Option<String>,
    pub post_logout_redirect_uris: Option<Vec<String>>,
    pub id_token_signed_response_alg: Option<String>,
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// `public` is the only one.
    pub subject_type: Option<String>,
    pub default_max_age: Option<u32>,
    pub require_auth_time: Option<bool>,
    pub default_acr_values: Option<Vec<String>>,
    pub initiate_login_uri: Option<String>,
    pub software_id: Option<String>,
    pub software_version: Option<String>,
    pub require_pushed_authorization_requests: Option<bool>,
    pub backchannel_logout_uri: Option<String>,
    pub backchannel_logout_session_required: Option<bool>,
    pub frontchannel_logout_uri: Option<String>,
    pub frontchannel_logout_session_required: Option<bool>,
    pub require_pkce: Option<bool>,
    pub skip_consent: Option<bool>,
    pub resources: Option<Vec<String>>,
}

impl ClientMetadata {
    /// Reads a document from JSON.
    ///
    /// # Errors
    /// `invalid_client_metadata` when it is not an object, or a member is of
    /// another type ([RFC 7591 §3.2.2]).
    ///
    /// [RFC 7591 §3.2.2]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2
    pub fn from_json(json: &[u8]) -> Result<Self, OAuthError> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(members)) => Self::from_value(Value::Object(members)),
            Ok(_) => Err(refusal("the client metadata is not an object".to_owned())),
            Err(why) => Err(refusal(why.to_string())),
        }
    }

    fn from_value(document: Value) -> Result<Self, OAuthError> {
        tree::from_value(document).map_err(|why| refusal(why.to_string()))
    }
}

impl ValidMetadata {
    /// The metadata that a JSON merge patch makes of this, checked anew.
    ///
    /// Grant types imply the response types ([RFC 7591 §2.1]): a patch that says
    /// nothing of these has them follow.
    ///
    /// # Errors
    /// As [`ClientMetadata::validate`].
    ///
    /// [RFC 7591 §2.1]: https://www.rfc-editor.org/rfc/rfc7591#section-2.1
    pub fn patched(&self, patch: Value, by: Registrant) -> Result<Self, OAuthError> {
        let mut document = serde_json::to_value(self).map_err(|why| refusal(why.to_string()))?;
        if patch.get("grant_types").is_some() {
            merge(&mut document, json!({ "response_types": null }));
        }
        merge(&mut document, patch);
        ClientMetadata::from_value(document)?.validate(by)
    }
}

fn refusal(why: String) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidClientMetadata, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::tests::client;

    #[test]
    fn unknown_members_are_ignored_and_wrong_types_refused() {
        let read = |text: &str| ClientMetadata::from_json(text.as_bytes());
        assert!(read(r#"{"x": 1, "client_name#ja": "あ", "client_name": "App"}"#).is_ok());
        for text in [
            "",
            "[]",
            "null",
            r#"{"redirect_uris": "x"}"#,
            r#"{"client_name": 1}"#,
        ] {
            let code = read(text).unwrap_err().code;
            assert_eq!(code, ErrorCode::InvalidClientMetadata, "{text}");
        }
    }

    #[test]
    fn a_patch_is_checked_like_a_whole_document() {
        let metadata = client(json!({})).metadata;
        let renamed = metadata.patched(json!({"client_name": "New"}), Registrant::Admin);
        assert_eq!(renamed.unwrap().client_name.as_deref(), Some("New"));
        let broken = metadata.patched(json!({"redirect_uris": []}), Registrant::Admin);
        assert_eq!(broken.unwrap_err().code, ErrorCode::InvalidRedirectUri);
        let machine = json!({"grant_types": ["client_credentials"]});
        let machine = metadata.patched(machine, Registrant::Admin);
        assert_eq!(machine.unwrap().response_types, []);
        let same = metadata.patched(json!({}), Registrant::Admin);
        assert_eq!(same.unwrap(), metadata);
    }
}
