//! How is a client shown to whoever registered it?

use super::{Client, ValidMetadata};
use crate::domain::oauth::client_id::ClientId;
use crate::domain::secret::Secret;
use serde::{Serialize, Serializer};

/// The client information response ([RFC 7591 §3.2.1], [RFC 7592 §3]).
///
/// It has no secret unless the caller, who has just made one, puts it in.
///
/// [RFC 7591 §3.2.1]: https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1
/// [RFC 7592 §3]: https://www.rfc-editor.org/rfc/rfc7592#section-3
#[derive(Clone, Debug, Serialize)]
pub struct ClientDocument<'a> {
    client_id: &'a ClientId,
    client_id_issued_at: i64,
    /// Shown once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<Shown>,
    /// Zero, because secrets do not expire; absent without a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    /// Shown to a dynamic registrant only.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_access_token: Option<Shown>,
    /// Where the registration is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_client_uri: Option<String>,
    #[serde(flatten)]
    metadata: &'a ValidMetadata,
}

impl Client {
    /// The client as its registrant may see it.
    #[must_use]
    pub fn document(&self) -> ClientDocument<'_> {
        let has_secret = self.metadata.token_endpoint_auth_method.has_secret();
        ClientDocument {
            client_id: &self.client_id,
            client_id_issued_at: self.created_at.as_seconds(),
            client_secret: None,
            client_secret_expires_at: has_secret.then_some(0),
            registration_access_token: None,
            registration_client_uri: None,
            metadata: &self.metadata,
        }
    }
}

impl ClientDocument<'_> {
    /// The document with a secret that was just made; it is never shown again.
    #[must_use]
    pub fn with_secret(mut self, secret: Secret<String>) -> Self {
        self.client_secret = Some(Shown(secret));
        self
    }

    /// The document with what manages a dynamic registration ([RFC 7592 §3]).
    ///
    /// [RFC 7592 §3]: https://www.rfc-editor.org/rfc/rfc7592#section-3
    #[must_use]
    pub fn with_registration(mut self, token: Secret<String>, uri: String) -> Self {
        self.registration_access_token = Some(Shown(token));
        self.registration_client_uri = Some(uri);
        self
    }
}

/// The only form in which a client's secret leaves us.
#[derive(Clone, Debug)]
struct Shown(Secret<String>);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::tests::client;
    use crate::domain::secret::TokenDigest;
    use serde_json::json;

    #[test]
    fn a_document_has_no_secret_nor_digest_of_its_own() {
        let mut client = client(json!({}));
        client.secret_digest = Some(TokenDigest::of(b"x"));
        let shown = serde_json::to_value(client.document()).unwrap();
        assert_eq!(shown["client_id"], "app");
        assert_eq!(shown["client_secret_expires_at"], 0);
        assert_eq!(shown["redirect_uris"], json!(["https://app.example/cb"]));
        assert!(shown.get("client_secret").is_none() && shown.get("secret_digest").is_none());
        assert!(shown.get("logo_uri").is_none());
    }

    #[test]
    fn the_caller_may_show_a_new_secret() {
        let client = client(json!({}));
        let secret = || Secret::new("s3cret".to_owned());
        let at = "https://acme.example/oauth/register/app".to_owned();
        let document = client
            .document()
            .with_secret(secret())
            .with_registration(secret(), at);
        assert!(!format!("{document:?}").contains("s3cret"));
        let shown = serde_json::to_value(document).unwrap();
        assert_eq!(shown["client_secret"], "s3cret");
        assert_eq!(shown["registration_access_token"], "s3cret");
    }

    #[test]
    fn a_public_client_has_no_secret_to_expire() {
        let client = client(json!({"token_endpoint_auth_method": "none"}));
        let shown = serde_json::to_value(client.document()).unwrap();
        assert!(shown.get("client_secret_expires_at").is_none());
    }
}
