//! Who may change which of a person's claims?

use super::{ClaimRefusal, UserClaims};
use crate::domain::merge_patch::patched;
use crate::domain::time::Timestamp;
use serde_json::Value;

/// Who changes a person's claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// An operator, who may vouch for an address.
    Admin,
    /// The person.
    User,
}

/// Why a change is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsPatchRefusal {
    /// The outcome does not read as claims; names the member.
    #[error("{0}")]
    Malformed(String),
    /// A claim breaks its rule.
    #[error(transparent)]
    Claim(#[from] ClaimRefusal),
}

impl UserClaims {
    /// The claims that a JSON merge patch makes of these, checked.
    ///
    /// Members that are no claims are ignored. A new address or number is not
    /// verified until somebody verifies it, and nobody vouches for their own.
    ///
    /// # Errors
    /// Names what cannot be kept.
    pub fn patched(
        &self,
        patch: Value,
        by: Editor,
        now: Timestamp,
    ) -> Result<Self, ClaimsPatchRefusal> {
        let malformed = |why: &str| ClaimsPatchRefusal::Malformed(why.to_owned());
        let Value::Object(mut members) = patch else {
            return Err(malformed("the claims are not an object"));
        };
        members.remove("updated_at");
        if by == Editor::User {
            members.remove("email_verified");
            members.remove("phone_number_verified");
        }
        let vouches_email = members.contains_key("email_verified");
        let vouches_phone = members.contains_key("phone_number_verified");
        let mut claims: Self =
            patched(self, members.into()).map_err(|why| malformed(&why.to_string()))?;
        if claims.email != self.email && !vouches_email {
            claims.email_verified = claims.email.is_some().then_some(false);
        }
        if claims.phone_number != self.phone_number && !vouches_phone {
            claims.phone_number_verified = claims.phone_number.is_some().then_some(false);
        }
        claims.validate()?;
        if claims != *self {
            claims.updated_at = Some(now.as_seconds());
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_seconds(9);

    fn jane() -> UserClaims {
        let document = json!({"name": "Jane", "email": "jane@example.com", "email_verified": true});
        UserClaims::default()
            .patched(document, Editor::Admin, NOW)
            .unwrap()
    }

    #[test]
    fn a_new_address_is_not_verified() {
        let moved = json!({"email": "jane@new.example", "email_verified": true});
        let by_user = jane().patched(moved.clone(), Editor::User, NOW).unwrap();
        assert_eq!(by_user.email_verified, Some(false));
        let by_admin = jane().patched(moved, Editor::Admin, NOW).unwrap();
        assert_eq!(by_admin.email_verified, Some(true));
        let silent = jane().patched(json!({"email": "jane@new.example"}), Editor::Admin, NOW);
        assert_eq!(silent.unwrap().email_verified, Some(false));
        let gone = jane().patched(json!({"email": null}), Editor::User, NOW);
        assert_eq!(gone.unwrap().email_verified, None);
    }

    #[test]
    fn nobody_vouches_for_their_own_address() {
        let mut unverified = jane();
        unverified.email_verified = Some(false);
        let claimed = json!({"email_verified": true});
        let outcome = unverified.patched(claimed, Editor::User, NOW).unwrap();
        assert_eq!(outcome, unverified);
    }

    #[test]
    fn a_change_is_dated_by_us_and_no_change_is_not() {
        let later = Timestamp::from_seconds(20);
        let patch = json!({"name": "Janet", "updated_at": 1, "password": "ignored"});
        let changed = jane().patched(patch, Editor::User, later).unwrap();
        assert_eq!(changed.updated_at, Some(20));
        let same = jane().patched(json!({"name": "Jane"}), Editor::User, later);
        assert_eq!(same.unwrap().updated_at, Some(9));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for patch in [
            json!([]),
            json!({"email": "x"}),
            json!({"name": 1}),
            json!({"name": ""}),
        ] {
            assert!(jane().patched(patch, Editor::Admin, NOW).is_err());
        }
    }
}
