//! May this user's tokens operate the tenant?
//!
//! A client may be registered for scope `admin`, and its user consent to it: the
//! token has it only as long as the user has [`Role::Admin`]. That is asked when
//! a token is minted, by code and at every refresh, and only when the scope is
//! there: nobody else's sign-in costs a call more. Whoever loses the role loses
//! the sessions, and so has the scope no longer than one access token lives.

use super::{platform::Platform, trouble::Trouble, visit::Visit};
use crate::{
    actors::{
        runtime::Actors,
        session::Issue,
        tenant::{ReadUser, UserRead},
    },
    domain::{
        oauth::{ErrorCode, OAuthError, Scopes, scope::Scope},
        user::{Role, User},
    },
};

/// The issue with scope `admin` taken out when its user may not have it.
///
/// # Errors
/// `invalid_scope` when nothing else was asked for ([RFC 6749 §5.2]), or a
/// fault.
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
pub async fn limited<P: Platform>(
    visit: &Visit<'_, P>,
    mut issue: Issue,
) -> Result<Issue, Trouble> {
    if issue.scopes.contains(Scope::ADMIN) {
        let ask = ReadUser { id: issue.user };
        let read = visit.mail.ask(&visit.tenant(), ask).await?;
        issue.scopes = scopes_for(issue.scopes, &read)?;
    }
    Ok(issue)
}

fn scopes_for(granted: Scopes, read: &UserRead) -> Result<Scopes, OAuthError> {
    if matches!(read, UserRead::Found(user) if operates(user)) {
        return Ok(granted);
    }
    let left = granted.without(&[Scope::ADMIN]);
    if left.is_empty() {
        let why = "scope admin is for administrators";
        return Err(OAuthError::new(ErrorCode::InvalidScope, why));
    }
    Ok(left)
}

fn operates(user: &User) -> bool {
    user.status.is_active() && user.roles.contains(&Role::Admin)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ids::UserId, oauth::UserClaims, time::Timestamp, user::UserStatus};

    fn user(roles: &[Role], status: UserStatus) -> UserRead {
        UserRead::Found(Box::new(User {
            sub: UserId::from_bytes([1; 16]),
            status,
            roles: roles.to_vec(),
            has_password: true,
            created_at: Timestamp::default(),
            claims: UserClaims::default(),
        }))
    }

    #[test]
    fn only_an_active_administrator_keeps_the_scope() {
        let granted = || Scopes::of(["openid", "admin"]);
        let admin = user(&[Role::Admin], UserStatus::Active);
        assert_eq!(scopes_for(granted(), &admin), Ok(granted()));
        for other in [
            user(&[], UserStatus::Active),
            user(&[Role::Admin], UserStatus::Disabled),
            UserRead::Missing,
        ] {
            assert_eq!(scopes_for(granted(), &other), Ok(Scopes::of(["openid"])));
            let refusal = scopes_for(Scopes::of(["admin"]), &other).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidScope);
        }
    }
}
