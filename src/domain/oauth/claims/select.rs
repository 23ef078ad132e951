//! Which of a person's claims does a client get?

use super::UserClaims;
use crate::domain::oauth::authorization::ClaimRequests;
use crate::domain::oauth::scope::{Scope, Scopes};
use serde_json::{Map, Value};

/// Every claim with the scope that asks for it (OpenID Connect Core §5.4).
pub const STANDARD_CLAIMS: [(&str, &str); 19] = [
    ("name", Scope::PROFILE),
    ("given_name", Scope::PROFILE),
    ("family_name", Scope::PROFILE),
    ("middle_name", Scope::PROFILE),
    ("nickname", Scope::PROFILE),
    ("preferred_username", Scope::PROFILE),
    ("profile", Scope::PROFILE),
    ("picture", Scope::PROFILE),
    ("website", Scope::PROFILE),
    ("gender", Scope::PROFILE),
    ("birthdate", Scope::PROFILE),
    ("zoneinfo", Scope::PROFILE),
    ("locale", Scope::PROFILE),
    ("updated_at", Scope::PROFILE),
    ("email", Scope::EMAIL),
    ("email_verified", Scope::EMAIL),
    ("phone_number", Scope::PHONE),
    ("phone_number_verified", Scope::PHONE),
    ("address", Scope::ADDRESS),
];

/// The scope that asks for a claim; `None` for one we do not keep.
#[must_use]
pub fn scope_of(claim: &str) -> Option<&'static str> {
    let found = STANDARD_CLAIMS.into_iter().find(|(name, _)| *name == claim);
    found.map(|(_, scope)| scope)
}

/// The claims that `scopes` and `requested` ask for and the person has
/// (OpenID Connect Core §5.4 and §5.5).
///
/// A claim that is not known is left out, never `null` (§5.3.2), and so is one
/// asked for with values of which it has none. `sub` is for the caller to add.
/// For an ID token that comes with an access token, pass no scopes (§5.4).
#[must_use]
pub fn select(
    claims: &UserClaims,
    scopes: &Scopes,
    requested: &ClaimRequests,
) -> Map<String, Value> {
    let Ok(Value::Object(mut known)) = serde_json::to_value(claims) else {
        return Map::new();
    };
    known.retain(|name, value| {
        let by_scope = scope_of(name).is_some_and(|scope| scopes.contains(scope));
        by_scope
            || requested
                .get(name)
                .is_some_and(|wanted| wanted.takes(value))
    });
    known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::authorization::ClaimsRequest;
    use serde_json::json;

    fn selected(scopes: &str, requested: &Value) -> Value {
        let claims: UserClaims = serde_json::from_value(json!({
            "name": "Jane", "email": "jane@example.com", "email_verified": true,
            "phone_number": "+16045551234", "address": {"country": "US"},
        }))
        .unwrap();
        let requested = json!({"userinfo": requested}).to_string();
        let requested = ClaimsRequest::parse(&requested).unwrap().userinfo;
        select(&claims, &Scopes::parse(scopes).unwrap(), &requested).into()
    }

    #[test]
    fn a_scope_gives_its_claims_and_no_other() {
        assert_eq!(selected("openid", &json!({})), json!({}));
        assert_eq!(
            selected("openid profile", &json!({})),
            json!({"name": "Jane"})
        );
        assert_eq!(
            selected("openid email", &json!({})),
            json!({"email": "jane@example.com", "email_verified": true})
        );
        assert_eq!(
            selected("phone", &json!({})),
            json!({"phone_number": "+16045551234"})
        );
        assert_eq!(
            selected("address", &json!({})),
            json!({"address": {"country": "US"}})
        );
    }

    #[test]
    fn a_claim_may_be_asked_for_by_name_and_value() {
        assert_eq!(
            selected(
                "openid",
                &json!({"name": null, "nickname": {"essential": true}, "x": null})
            ),
            json!({"name": "Jane"})
        );
        assert_eq!(
            selected("openid", &json!({"name": {"value": "Joe"}})),
            json!({})
        );
        assert_eq!(
            selected("openid profile", &json!({"name": {"value": "Joe"}})),
            json!({"name": "Jane"})
        );
    }

    #[test]
    fn every_claim_has_a_scope() {
        let full = UserClaims {
            updated_at: Some(1),
            ..serde_json::from_value(
                json!({"gender": "x", "zoneinfo": "UTC", "profile": "https://x/"}),
            )
            .unwrap()
        };
        let names = serde_json::to_value(full).unwrap();
        for name in names.as_object().unwrap().keys() {
            assert_eq!(scope_of(name), Some(Scope::PROFILE));
        }
        assert_eq!(scope_of("sub"), None);
    }
}
