//! How are users read and written?

use crate::{
    actors::{
        rows::{self, FIRST},
        runtime::Fault,
        tenant::schema::users as schema,
    },
    domain::{
        ids::UserId,
        user::{Email, User, UserStatus},
    },
    store::{Row, Store, Value},
};

const NO_ADDRESS: Fault = Fault::Corrupt("a user without an address");

fn key(id: UserId) -> Value {
    id.as_bytes().as_slice().into()
}

pub(crate) fn read(store: &dyn Store, id: UserId) -> Result<Option<User>, Fault> {
    let rows = store.query(schema::READ, &[key(id)])?;
    rows.first().map(user).transpose()
}

/// The user, when there is one who may sign in.
pub(crate) fn read_active(store: &dyn Store, id: UserId) -> Result<Option<User>, Fault> {
    Ok(read(store, id)?.filter(|user| user.status.is_active()))
}

pub(crate) fn by_email(store: &dyn Store, email: &Email) -> Result<Option<User>, Fault> {
    let rows = store.query(schema::BY_EMAIL, &[email.canonical().into()])?;
    rows.first().map(user).transpose()
}

/// Up to `limit` users after `after`, in the order of their ids.
pub(crate) fn page(
    store: &dyn Store,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<User>, Fault> {
    let after = after.map_or(FIRST, |id| *id.as_bytes());
    let rows = store.query(schema::PAGE, &[after.as_slice().into(), limit.into()])?;
    rows.iter().map(user).collect()
}

/// Adds a user, or changes everything but the password.
pub(crate) fn put(store: &dyn Store, user: &User) -> Result<(), Fault> {
    let email = user.claims.email.as_ref().ok_or(NO_ADDRESS)?;
    store.query(
        schema::PUT,
        &[
            key(user.sub),
            email.canonical().into(),
            rows::json(&user.claims)?.into(),
            rows::word(user.status)?.into(),
            rows::json(&user.roles)?.into(),
            user.created_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn delete(store: &dyn Store, id: UserId) -> Result<(), Fault> {
    store.query(schema::DELETE, &[key(id)])?;
    Ok(())
}

/// Whether somebody may act as an administrator.
pub(crate) fn has_admin(store: &dyn Store) -> Result<bool, Fault> {
    let active = rows::word(UserStatus::Active)?;
    Ok(!store.query(schema::ADMIN, &[active.into()])?.is_empty())
}

fn user(row: &Row) -> Result<User, Fault> {
    Ok(User {
        sub: UserId::from_bytes(rows::id(row, 0)?),
        claims: rows::from_json(row.text(1)?)?,
        status: rows::from_word(row.text(2)?)?,
        roles: rows::from_json(row.text(3)?)?,
        has_password: row.truth(4)?,
        created_at: row.instant(5)?,
    })
}
