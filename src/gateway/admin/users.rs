//! `/admin/v1/tenants/{tenant}/users`: which users does a tenant have?
//!
//! Documents are OpenID Connect claims with `status` and `roles`, and `password`
//! on write. Passwords are hashed here, never in the tenant's actor.

use super::{
    acts::Acting,
    body::{self, Members, members_of, unprocessable},
    page::{self, List},
    place::{self, Place},
    shown::{Instant, created, done, ok},
};
use crate::{
    actors::{
        runtime::Fault,
        tenant::{
            ChangeUser, ChangedBy, CreateUser, DeleteUser, ListUsers, ReadSettings, ReadUser,
            UserRead,
        },
    },
    domain::{
        ids::UserId,
        oauth::{
            OAuthError, UserClaims,
            claims::{Address, Editor},
        },
        password::{self, Password, PasswordHash},
        secret::Secret,
        user::{Email, Role, User, UserStatus},
    },
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use serde::Serialize;

/// The members that say what a user may do, and who can be them.
const OF_ACCESS: [&str; 3] = ["password", "roles", "status"];

/// What is ours to say about a claim, not the caller's.
const DATED_BY_US: &str = "updated_at";

/// A user as an operator sees them.
#[derive(Serialize)]
struct Shown {
    sub: UserId,
    status: UserStatus,
    roles: Vec<Role>,
    has_password: bool,
    created_at: Instant,
    #[serde(flatten)]
    claims: UserClaims,
}

impl From<User> for Shown {
    fn from(user: User) -> Self {
        Self {
            sub: user.sub,
            status: user.status,
            roles: user.roles,
            has_password: user.has_password,
            created_at: Instant(user.created_at),
            claims: user.claims,
        }
    }
}

/// The refusal of a name that no user has.
pub(super) fn no_user() -> Trouble {
    Problem::new(404, "unknown-user", "The tenant has no such user.").into()
}

/// What a name cannot be, no user has.
pub(super) fn named(sub: &str) -> Result<UserId, Trouble> {
    UserId::parse(sub).map_err(|_| no_user())
}

fn found(read: UserRead) -> Result<User, Trouble> {
    match read {
        UserRead::Found(user) => Ok(*user),
        UserRead::Missing => Err(no_user()),
        UserRead::EmailTaken => {
            let detail = "Another user has this address.";
            Err(Problem::new(409, "email-taken", detail).into())
        }
        UserRead::Refused(why) => Err(unprocessable("invalid-user", why)),
    }
}

/// Lists a tenant's users by `sub`, or finds the one with an address.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, tenant: &str) -> Answer {
    let wanted = page::wanted(visit)?;
    let query = visit.query()?;
    let email = query.one("email").map_err(OAuthError::from)?;
    let email = email.map(Email::parse).transpose().map_err(|refusal| {
        let detail = format!("email is {refusal}.");
        Problem::new(400, "invalid-email", detail)
    })?;
    let ask = ListUsers {
        email,
        after: wanted.after_as(UserId::parse)?,
        limit: wanted.limit,
    };
    let place = place::find(visit, tenant).await?;
    let page = place.ask(visit, ask).await?;
    ok(&List {
        items: page.items.into_iter().map(Shown::from).collect(),
        next_cursor: page.next.as_ref().map(page::cursor),
    })
}

/// Adds a user.
pub(super) async fn create<P: Platform>(visit: &Visit<'_, P>, tenant: &str, by: &Acting) -> Answer {
    let mut sent = body::object(visit)?;
    check_members(&sent, &["password", "roles"])?;
    if let Some(refusal) = by.step_up(visit, sent.has("roles")) {
        return Ok(refusal);
    }
    let password = take_password(&mut sent)?;
    let roles: Vec<Role> = sent
        .take_as("roles", "a list of roles")?
        .unwrap_or_default();
    let claims = UserClaims::default()
        .patched(sent.rest(), Editor::Admin, visit.now)
        .map_err(|refusal| unprocessable("invalid-user", refusal))?;

    let place = place::find(visit, tenant).await?;
    let password = match password {
        Some(password) => Some(hashed(visit, &place, &password, claims.email.as_ref()).await?),
        None => None,
    };
    let ask = CreateUser {
        id: UserId::generate(&mut visit.entropy()),
        claims: Box::new(claims),
        password,
        roles,
    };
    let user = found(place.ask(visit, ask).await?)?;
    created(visit, &user.sub.to_string(), &Shown::from(user))
}

/// Shows one user.
pub(super) async fn read<P: Platform>(visit: &Visit<'_, P>, tenant: &str, sub: &str) -> Answer {
    let id = named(sub)?;
    let place = place::find(visit, tenant).await?;
    ok(&Shown::from(found(
        place.ask(visit, ReadUser { id }).await?,
    )?))
}

/// Changes a user. A new password, a lost role or a disabled account ends their
/// sessions.
pub(super) async fn change<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    sub: &str,
    by: &Acting,
) -> Answer {
    let id = named(sub)?;
    let mut sent = body::patch(visit)?;
    check_members(&sent, &OF_ACCESS)?;
    if let Some(refusal) = by.step_up(visit, sent.has_any(&OF_ACCESS)) {
        return Ok(refusal);
    }
    let password = take_password(&mut sent)?;
    let place = place::find(visit, tenant).await?;
    let password = match password {
        Some(password) => {
            let user = found(place.ask(visit, ReadUser { id }).await?)?;
            Some(hashed(visit, &place, &password, user.claims.email.as_ref()).await?)
        }
        None => None,
    };
    let ask = ChangeUser {
        id,
        patch: sent.rest(),
        by: ChangedBy::Admin,
        password,
    };
    ok(&Shown::from(found(place.ask(visit, ask).await?)?))
}

/// Deletes a user and ends their sessions.
pub(super) async fn delete<P: Platform>(visit: &Visit<'_, P>, tenant: &str, sub: &str) -> Answer {
    let id = named(sub)?;
    let place = place::find(visit, tenant).await?;
    found(place.ask(visit, DeleteUser { id }).await?)?;
    Ok(done())
}

fn check_members(sent: &Members, ours: &[&str]) -> Result<(), Trouble> {
    if sent.has(DATED_BY_US) {
        let why = format!("{DATED_BY_US} is not a member that can be set here");
        return Err(unprocessable("unknown-member", why));
    }
    sent.only(&[ours, members_of::<UserClaims>()])?;
    sent.only_in("address", members_of::<Address>())
}

fn take_password(sent: &mut Members) -> Result<Option<Password>, Trouble> {
    let text: Option<Secret<String>> = sent.take_as("password", "text")?;
    let password = text.map(Password::parse).transpose();
    password.map_err(|refusal| unprocessable("password-refused", refusal))
}

/// Hashes a password that the tenant's policy allows.
async fn hashed<P: Platform>(
    visit: &Visit<'_, P>,
    place: &Place,
    password: &Password,
    email: Option<&Email>,
) -> Result<PasswordHash, Trouble> {
    let policy = place
        .ask(visit, ReadSettings)
        .await?
        .settings
        .password_policy;
    policy
        .check(password.expose().expose(), email)
        .map_err(|refusal| unprocessable("password-refused", refusal))?;
    password::hash(password, &mut visit.entropy())
        .map_err(|fault| Fault::Unreachable(fault.to_string()).into())
}
