//! How do users come, change and go?

use super::{audit, endings, page};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            ChangeUser, ChangedBy, ClaimsRead, CreateUser, DeleteUser, ListUsers, ReadClaims,
            ReadUser, UserPage, UserRead,
            state::{consents, sessions, sign_in, users as state},
        },
    },
    domain::{
        audit::Event,
        ids::UserId,
        oauth::claims::Editor,
        session::EndReason,
        user::{User, UserStatus},
    },
};

/// The same id again is the same user.
pub(super) fn create(turn: &mut Turn<'_>, m: CreateUser) -> Result<UserRead, Fault> {
    if let Some(user) = state::read(turn.store, m.id)? {
        return Ok(UserRead::Found(Box::new(user)));
    }
    let mut claims = *m.claims;
    claims.updated_at = Some(turn.now.as_seconds());
    if let Err(refusal) = claims.validate() {
        return Ok(UserRead::Refused(refusal.to_string()));
    }
    let Some(email) = &claims.email else {
        return Ok(UserRead::Refused("email: a user has an address".to_owned()));
    };
    if state::by_email(turn.store, email)?.is_some() {
        return Ok(UserRead::EmailTaken);
    }
    let user = User {
        sub: m.id,
        status: UserStatus::Active,
        roles: m.roles,
        has_password: false,
        created_at: turn.now,
        claims,
    };
    state::put(turn.store, &user)?;
    if let Some(password) = m.password {
        sign_in::set_password(turn.store, m.id, &password)?;
    }
    let event = if audit::is_anonymous(turn) {
        Event::UserSignedUp
    } else {
        Event::UserCreated
    };
    audit::done(turn, event, &m.id)?;
    read_again(turn, m.id)
}

pub(super) fn read(turn: &Turn<'_>, m: &ReadUser) -> Result<UserRead, Fault> {
    read_again(turn, m.id)
}

fn read_again(turn: &Turn<'_>, id: UserId) -> Result<UserRead, Fault> {
    let user = state::read(turn.store, id)?;
    Ok(user.map_or(UserRead::Missing, |user| UserRead::Found(Box::new(user))))
}

/// Whatever takes something away from a user ends his sessions, in which it
/// may have been granted onwards.
pub(super) fn change(turn: &mut Turn<'_>, m: ChangeUser) -> Result<UserRead, Fault> {
    let Some(before) = state::read(turn.store, m.id)? else {
        return Ok(UserRead::Missing);
    };
    let by = match m.by {
        ChangedBy::Admin => Editor::Admin,
        ChangedBy::User => Editor::User,
    };
    let is_change = m.patch.as_object().is_some_and(|patch| !patch.is_empty());
    let user = match before.patched(m.patch, by, turn.now) {
        Ok(user) => user,
        Err(refusal) => return Ok(UserRead::Refused(refusal.to_string())),
    };
    if let Some(email) = &user.claims.email {
        let owner = state::by_email(turn.store, email)?;
        if owner.is_some_and(|owner| owner.sub != m.id) {
            return Ok(UserRead::EmailTaken);
        }
    }
    state::put(turn.store, &user)?;
    if is_change {
        let event = match m.by {
            ChangedBy::Admin => Event::UserChanged,
            ChangedBy::User => Event::ProfileChanged,
        };
        audit::done(turn, event, &m.id)?;
    }
    if let Some(password) = &m.password {
        sign_in::set_password(turn.store, m.id, password)?;
        audit::done(turn, Event::PasswordChanged, &m.id)?;
    }
    let loses_role = before.roles.iter().any(|role| !user.roles.contains(role));
    let why = if !user.status.is_active() {
        Some(EndReason::UserDisabled)
    } else if m.password.is_some() {
        Some(EndReason::PasswordChanged)
    } else {
        loses_role.then_some(EndReason::Administrator)
    };
    match why {
        Some(why) if m.password.is_some() => endings::change_password(turn, m.id, None, why)?,
        Some(why) => endings::end_user(turn, m.id, None, why)?,
        None => {}
    }
    read_again(turn, m.id)
}

pub(super) fn delete(turn: &mut Turn<'_>, m: &DeleteUser) -> Result<UserRead, Fault> {
    let user = read_again(turn, m.id)?;
    if matches!(user, UserRead::Found(_)) {
        audit::done(turn, Event::UserDeleted, &m.id)?;
    }
    endings::end_user(turn, m.id, None, EndReason::UserDisabled)?;
    consents::delete_of_user(turn.store, m.id)?;
    state::delete(turn.store, m.id)?;
    Ok(user)
}

pub(super) fn list(turn: &Turn<'_>, m: &ListUsers) -> Result<UserPage, Fault> {
    if let Some(email) = &m.email {
        let found = state::by_email(turn.store, email)?;
        let items = found.into_iter().collect();
        return Ok(UserPage { items, next: None });
    }
    let mut items = state::page(turn.store, m.after, page::reads(m.limit))?;
    let has_more = page::cut(&mut items, m.limit)?;
    let next = items.last().filter(|_| has_more).map(|user| user.sub);
    Ok(UserPage { items, next })
}

pub(super) fn claims(turn: &Turn<'_>, m: &ReadClaims) -> Result<ClaimsRead, Fault> {
    if let Some(session) = m.session
        && sessions::owner(turn.store, session)? != Some(m.user)
    {
        return Ok(ClaimsRead::Gone);
    }
    let user = state::read_active(turn.store, m.user)?;
    Ok(user.map_or(ClaimsRead::Gone, |user| {
        ClaimsRead::Claims(Box::new(user.claims))
    }))
}
