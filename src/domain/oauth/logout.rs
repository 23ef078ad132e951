//! May a client sign a person out, and where to then?

use super::client::Client;
use super::client_id::ClientId;
use super::params::{Params, Repeated};
use super::redirect_uri::RedirectUri;
use crate::domain::ids::UserId;
use serde::{Deserialize, Serialize};

/// Longer than any state we have seen; it comes back in an address.
const STATE_BYTES_MAX: usize = 4 * 1024;

/// A logout request (OpenID Connect RP-Initiated Logout §2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogoutRequest {
    /// An ID token of the session to end, unverified.
    pub id_token_hint: Option<String>,
    /// Who is to be signed out; only ever shown.
    pub logout_hint: Option<String>,
    /// Who asks.
    pub client_id: Option<ClientId>,
    /// Where to go then.
    pub post_logout_redirect_uri: Option<RedirectUri>,
    /// Returned as it came.
    pub state: Option<String>,
}

/// What a verified `id_token_hint` says; it may have expired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutHint {
    /// To whom it was issued.
    pub client_id: ClientId,
    /// About whom.
    pub user: UserId,
}

/// Why a logout request is a page and nothing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutRefusal {
    /// A parameter is repeated.
    #[error("{0}")]
    Repeated(#[from] Repeated),
    /// The `client_id` cannot exist, or is not the hint's.
    #[error("the client_id is not acceptable")]
    ClientId,
    /// The address is malformed, nobody's, or not registered.
    #[error("the post_logout_redirect_uri is not registered")]
    RedirectUri,
}

/// What to do with a logout request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutPlan {
    /// Whether the person must be asked first.
    pub confirm: bool,
    /// Where to go once signed out, or nowhere: the signed-out page.
    pub return_to: Option<String>,
}

impl LogoutRequest {
    /// Reads a logout request.
    ///
    /// # Errors
    /// When a parameter is repeated, or names what cannot exist.
    pub fn parse(params: &Params) -> Result<Self, LogoutRefusal> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let client_id = params.one("client_id")?.map(ClientId::parse).transpose();
        let uri = params.one("post_logout_redirect_uri")?;
        let uri = uri.map(RedirectUri::parse).transpose();
        let state = params
            .one("state")?
            .filter(|text| text.len() <= STATE_BYTES_MAX);
        Ok(Self {
            id_token_hint: owned(params.one("id_token_hint")?),
            logout_hint: owned(params.one("logout_hint")?),
            client_id: client_id.map_err(|_| LogoutRefusal::ClientId)?,
            post_logout_redirect_uri: uri.map_err(|_| LogoutRefusal::RedirectUri)?,
            state: owned(state),
        })
    }

    /// Which client the request is about, so that it can be looked up.
    ///
    /// # Errors
    /// When the hint was issued to another than the one named
    /// (RP-Initiated Logout §2).
    pub fn client_of(&self, hint: Option<&LogoutHint>) -> Result<Option<ClientId>, LogoutRefusal> {
        match (&self.client_id, hint) {
            (Some(named), Some(hint)) if *named != hint.client_id => Err(LogoutRefusal::ClientId),
            (Some(named), _) => Ok(Some(named.clone())),
            (None, hint) => Ok(hint.map(|hint| hint.client_id.clone())),
        }
    }

    /// Decides (RP-Initiated Logout §2 and §3).
    ///
    /// Only a hint about the very person signed in spares the question, for
    /// anybody can make a browser ask. The address must be one that the client
    /// registered for this, octet for octet.
    ///
    /// # Errors
    /// When there is an address and nobody who may vouch for it.
    pub fn plan(
        &self,
        hint: Option<&LogoutHint>,
        client: Option<&Client>,
        signed_in: Option<UserId>,
    ) -> Result<LogoutPlan, LogoutRefusal> {
        let named = self.client_of(hint)?;
        let client = client.filter(|client| Some(&client.client_id) == named.as_ref());
        let return_to = match (&self.post_logout_redirect_uri, client) {
            (None, _) => None,
            (Some(uri), Some(client))
                if client.metadata.post_logout_redirect_uris.contains(uri) =>
            {
                Some(self.with_state(uri))
            }
            (Some(_), _) => return Err(LogoutRefusal::RedirectUri),
        };
        let vouched = hint
            .zip(signed_in)
            .is_some_and(|(hint, user)| hint.user == user);
        let confirm = !vouched && (signed_in.is_some() || hint.is_none());
        Ok(LogoutPlan { confirm, return_to })
    }

    fn with_state(&self, uri: &RedirectUri) -> String {
        match &self.state {
            Some(state) => uri.with_query(&Params::default().with("state", state)),
            None => uri.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::tests::client;
    use serde_json::json;

    const ALICE: UserId = UserId::from_bytes([1; 16]);
    const BOB: UserId = UserId::from_bytes([2; 16]);

    fn request(query: &str) -> Result<LogoutRequest, LogoutRefusal> {
        LogoutRequest::parse(&Params::parse(query.as_bytes()).unwrap())
    }

    fn plan(
        query: &str,
        hint: Option<UserId>,
        signed_in: Option<UserId>,
    ) -> Result<LogoutPlan, LogoutRefusal> {
        let client = client(json!({"post_logout_redirect_uris": ["https://app.example/bye"]}));
        let hint = hint.map(|user| LogoutHint {
            client_id: client.client_id.clone(),
            user,
        });
        request(query)?.plan(hint.as_ref(), Some(&client), signed_in)
    }

    #[test]
    fn a_hint_about_the_person_signed_in_spares_the_question() {
        let query = "id_token_hint=x&post_logout_redirect_uri=https://app.example/bye&state=a%26b";
        let planned = plan(query, Some(ALICE), Some(ALICE)).unwrap();
        assert!(!planned.confirm);
        assert_eq!(
            planned.return_to.as_deref(),
            Some("https://app.example/bye?state=a%26b")
        );
    }

    #[test]
    fn without_such_a_hint_the_person_is_asked() {
        let query = "client_id=app&post_logout_redirect_uri=https://app.example/bye";
        assert!(plan(query, None, Some(ALICE)).unwrap().confirm);
        assert!(plan(query, None, None).unwrap().confirm);
        assert!(plan(query, Some(BOB), Some(ALICE)).unwrap().confirm);
        assert!(!plan(query, Some(BOB), None).unwrap().confirm);
    }

    #[test]
    fn an_address_needs_a_client_that_registered_it() {
        for query in [
            "client_id=app&post_logout_redirect_uri=https://app.example/bye/",
            "client_id=app&post_logout_redirect_uri=https://app.example/cb",
            "client_id=app&post_logout_redirect_uri=https://evil.example/",
            "client_id=other&post_logout_redirect_uri=https://app.example/bye",
            "post_logout_redirect_uri=https://app.example/bye",
            "post_logout_redirect_uri=x",
        ] {
            assert_eq!(
                plan(query, None, Some(ALICE)),
                Err(LogoutRefusal::RedirectUri),
                "{query}"
            );
        }
    }

    #[test]
    fn a_hint_of_another_client_is_refused() {
        let refusal = plan("client_id=other", Some(ALICE), Some(ALICE));
        assert_eq!(refusal, Err(LogoutRefusal::ClientId));
        assert_eq!(
            request("state=a&state=b"),
            Err(LogoutRefusal::Repeated(Repeated("state")))
        );
    }
}
