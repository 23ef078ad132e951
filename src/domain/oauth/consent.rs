//! What has a person allowed a client?

use super::authorization::AuthorizationRequest;
use super::client_id::ClientId;
use super::scope::Scopes;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One person's consent to one client (OpenID Connect Core §3.1.2.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// To whom.
    pub client_id: ClientId,
    /// To which scopes.
    pub scopes: Scopes,
    /// To which claims asked for one by one.
    #[serde(default)]
    pub claims: BTreeSet<String>,
    /// When last.
    pub granted_at: Timestamp,
}

impl Consent {
    /// The consent that saying yes to `request` gives.
    #[must_use]
    pub fn to(request: &AuthorizationRequest, granted_at: Timestamp) -> Self {
        Self {
            client_id: request.client_id.clone(),
            scopes: request.scopes.clone(),
            claims: request.claims.names().map(str::to_owned).collect(),
            granted_at,
        }
    }

    /// This and an earlier consent to the same client together.
    #[must_use]
    pub fn and(mut self, earlier: &Self) -> Self {
        self.scopes = self.scopes.union(&earlier.scopes);
        self.claims.extend(earlier.claims.iter().cloned());
        self
    }

    /// Whether nothing in `request` is new to the person.
    #[must_use]
    pub fn covers(&self, request: &AuthorizationRequest) -> bool {
        self.client_id == request.client_id
            && request.scopes.is_subset(&self.scopes)
            && request
                .claims
                .names()
                .all(|name| self.claims.contains(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::authorization::tests::request;

    const NOW: Timestamp = Timestamp::from_millis(5);

    #[test]
    fn consent_covers_what_was_asked_and_less() {
        let wide = request("scope=openid+email&claims={\"userinfo\":{\"name\":null}}");
        let consent = Consent::to(&wide, NOW);
        assert!(consent.covers(&wide));
        assert!(consent.covers(&request("scope=openid")));
        assert!(!consent.covers(&request("scope=openid+phone")));
        assert!(!consent.covers(&request(
            "scope=openid&claims={\"id_token\":{\"email\":null}}"
        )));
    }

    #[test]
    fn consents_to_one_client_add_up_and_serve_no_other() {
        let (one, two) = (request("scope=openid+email"), request("scope=openid+phone"));
        let both = Consent::to(&two, NOW).and(&Consent::to(&one, NOW));
        assert!(both.covers(&one) && both.covers(&two));
        let mut other = one;
        other.client_id = ClientId::parse("other").unwrap();
        assert!(!both.covers(&other));
    }
}
