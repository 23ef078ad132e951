//! How are consents read and written?

use crate::{
    actors::{rows, runtime::Fault, tenant::schema::consents as schema},
    domain::{
        ids::UserId,
        oauth::{ClientId, Consent},
    },
    store::{Row, Store, Value},
};

fn key(id: UserId) -> Value {
    id.as_bytes().as_slice().into()
}

pub(crate) fn read(
    store: &dyn Store,
    user: UserId,
    client: &ClientId,
) -> Result<Option<Consent>, Fault> {
    let rows = store.query(schema::READ, &[key(user), client.as_str().into()])?;
    rows.first().map(consent).transpose()
}

/// All that a user has allowed: no more than there are clients.
pub(crate) fn of_user(store: &dyn Store, user: UserId) -> Result<Vec<Consent>, Fault> {
    let rows = store.query(schema::OF_USER, &[key(user)])?;
    rows.iter().map(consent).collect()
}

pub(crate) fn put(store: &dyn Store, user: UserId, consent: &Consent) -> Result<(), Fault> {
    let client = consent.client_id.as_str().into();
    let row = [key(user), client, rows::json(consent)?.into()];
    store.query(schema::PUT, &row)?;
    Ok(())
}

pub(crate) fn delete(store: &dyn Store, user: UserId, client: &ClientId) -> Result<(), Fault> {
    store.query(schema::DELETE, &[key(user), client.as_str().into()])?;
    Ok(())
}

pub(crate) fn delete_of_user(store: &dyn Store, user: UserId) -> Result<(), Fault> {
    store.query(schema::DELETE_OF_USER, &[key(user)])?;
    Ok(())
}

pub(crate) fn delete_of_client(store: &dyn Store, client: &ClientId) -> Result<(), Fault> {
    store.query(schema::DELETE_OF_CLIENT, &[client.as_str().into()])?;
    Ok(())
}

fn consent(row: &Row) -> Result<Consent, Fault> {
    rows::from_json(row.text(0)?)
}
