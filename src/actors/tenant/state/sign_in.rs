//! How are credentials read and written?

use crate::{
    actors::{
        rows,
        runtime::Fault,
        tenant::{CredentialsOf, schema::sign_in as schema},
    },
    domain::{
        ids::UserId,
        password::PasswordHash,
        secret::TokenDigest,
        user::{Email, UserStatus},
    },
    store::{Row, Store, StoreFault},
};

/// The password of somebody who may sign in.
pub(crate) fn password(
    store: &dyn Store,
    of: &CredentialsOf,
) -> Result<Option<(UserId, PasswordHash)>, Fault> {
    let active = rows::word(UserStatus::Active)?.into();
    let rows = match of {
        CredentialsOf::Email(email) => {
            store.query(schema::BY_EMAIL, &[email.canonical().into(), active])?
        }
        CredentialsOf::User(id) => {
            store.query(schema::BY_ID, &[id.as_bytes().as_slice().into(), active])?
        }
    };
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let id = UserId::from_bytes(rows::id(row, 0)?);
    let hash = row.optional(1, |row, index| {
        PasswordHash::from_stored(row.text(index)?).map_err(|_| StoreFault::Column { index })
    })?;
    Ok(hash.map(|hash| (id, hash)))
}

/// Whether `checked` is still the password of a user who may sign in.
pub(crate) fn is_current(
    store: &dyn Store,
    user: UserId,
    checked: &PasswordHash,
) -> Result<bool, Fault> {
    let current = password(store, &CredentialsOf::User(user))?;
    Ok(current.is_some_and(|(_, hash)| hash == *checked))
}

pub(crate) fn set_password(
    store: &dyn Store,
    user: UserId,
    hash: &PasswordHash,
) -> Result<(), Fault> {
    let user = user.as_bytes().as_slice().into();
    store.query(schema::SET_PASSWORD, &[hash.as_str().into(), user])?;
    Ok(())
}

/// The invitation to the first administrator.
pub(crate) struct Setup {
    /// Whom it invites.
    pub email: Email,
    /// What the link carries.
    pub token: TokenDigest,
    /// Whether it was followed.
    pub is_used: bool,
}

pub(crate) fn read_setup(store: &dyn Store) -> Result<Option<Setup>, Fault> {
    let rows = store.query(schema::READ_SETUP, &[])?;
    let read = |row: &Row| {
        let email = Email::parse(row.text(0)?);
        let token = TokenDigest::from_stored(row.blob(1)?);
        Ok(Setup {
            email: email.map_err(|_| Fault::Corrupt("a stored address is none"))?,
            token: token.ok_or(Fault::Corrupt("a stored digest is none"))?,
            is_used: row.truth(2)?,
        })
    };
    rows.first().map(read).transpose()
}

pub(crate) fn put_setup(
    store: &dyn Store,
    email: &Email,
    token: &TokenDigest,
) -> Result<(), Fault> {
    let params = [email.as_str().into(), token.as_bytes().as_slice().into()];
    store.query(schema::PUT_SETUP, &params)?;
    Ok(())
}

pub(crate) fn use_setup(store: &dyn Store) -> Result<(), Fault> {
    store.query(schema::USE_SETUP, &[])?;
    Ok(())
}

pub(crate) fn drop_setup(store: &dyn Store) -> Result<(), Fault> {
    store.query(schema::DROP_SETUP, &[])?;
    Ok(())
}
