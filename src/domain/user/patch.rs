//! What may change in a user, and by whom?

use super::User;
use crate::domain::tree;
use crate::domain::{
    oauth::claims::{ClaimsPatchRefusal, Editor},
    time::Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

impl User {
    /// The user that a JSON merge patch makes of this one ([RFC 7396]), checked.
    ///
    /// Members are the claims, `status` and `roles`; others are ignored, and
    /// from the user himself so are the last two. The address can be changed
    /// but not taken away: one signs in with it.
    ///
    /// # Errors
    /// Names what cannot be had.
    ///
    /// [RFC 7396]: https://www.rfc-editor.org/rfc/rfc7396
    pub fn patched(
        &self,
        patch: Value,
        by: Editor,
        now: Timestamp,
    ) -> Result<Self, ClaimsPatchRefusal> {
        let Value::Object(mut members) = patch else {
            return Err(refusal("a user is an object"));
        };
        let mut user = self.clone();
        let status = take(&mut members, "status");
        let roles = take(&mut members, "roles");
        if by == Editor::Admin {
            user.status = status?.unwrap_or(self.status);
            user.roles = roles?.unwrap_or_else(|| self.roles.clone());
            user.roles.sort_unstable();
            user.roles.dedup();
        }
        user.claims = self.claims.patched(members.into(), by, now)?;
        if user.claims.email.is_none() {
            return Err(refusal("email: a user has an address"));
        }
        Ok(user)
    }
}

fn refusal(why: &str) -> ClaimsPatchRefusal {
    ClaimsPatchRefusal::Malformed(why.to_owned())
}

/// Takes a member out that can be changed but not removed.
fn take<T: DeserializeOwned>(
    members: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<T>, ClaimsPatchRefusal> {
    let value = members.remove(name).map(tree::from_value);
    let value = value.transpose();
    value.map_err(|why| refusal(&format!("{name}: {why}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::UserId,
        user::{Role, UserStatus},
    };
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_seconds(9);

    fn jane() -> User {
        User {
            sub: UserId::from_bytes([1; 16]),
            status: UserStatus::Active,
            roles: vec![],
            has_password: true,
            created_at: NOW,
            claims: serde_json::from_value(json!({
                "email": "jane@example.com", "email_verified": true,
            }))
            .unwrap(),
        }
    }

    #[test]
    fn an_operator_changes_standing_and_claims() {
        let patch = json!({"name": "Jane", "status": "disabled", "roles": ["admin", "admin"]});
        let changed = jane().patched(patch, Editor::Admin, NOW).unwrap();
        assert_eq!(changed.claims.name.as_deref(), Some("Jane"));
        assert_eq!(changed.status, UserStatus::Disabled);
        assert_eq!(changed.roles, [Role::Admin]);
    }

    #[test]
    fn a_user_changes_claims_only() {
        let greedy = json!({
            "name": "J", "status": "disabled", "roles": ["admin"], "sub": "x", "created_at": 1,
        });
        let changed = jane().patched(greedy, Editor::User, NOW).unwrap();
        let named = jane().patched(json!({"name": "J"}), Editor::Admin, NOW);
        assert_eq!(Ok(changed), named);
    }

    #[test]
    fn what_breaks_a_rule_is_refused() {
        for patch in [
            json!([]),
            json!({"email": null}),
            json!({"email": "nobody"}),
            json!({"roles": ["king"]}),
            json!({"roles": null}),
            json!({"status": "asleep"}),
            json!({"name": 1}),
        ] {
            let refused = jane().patched(patch.clone(), Editor::Admin, NOW);
            assert!(refused.is_err(), "{patch}");
        }
    }
}
