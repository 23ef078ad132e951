//! What does the session remember of others, and when may it forget?

use super::{document, written};
use crate::{
    actors::session::schema,
    domain::{
        oauth::{ClientId, Consent},
        time::Timestamp,
    },
    store::{Row, Store, StoreFault},
};

pub(crate) fn consent(store: &dyn Store, client: &ClientId) -> Result<Option<Consent>, StoreFault> {
    let rows = store.query(schema::CONSENT, &[client.as_str().into()])?;
    rows.first().map(|row| document(row, 0)).transpose()
}

/// Remembers what the tenant says, and of `most` clients at most.
pub(crate) fn remember_consent(
    store: &dyn Store,
    consent: &Consent,
    now: Timestamp,
    most: u32,
) -> Result<(), StoreFault> {
    let values = [
        consent.client_id.as_str().into(),
        written(consent)?,
        now.into(),
    ];
    store.query(schema::REMEMBER_CONSENT, &values)?;
    store
        .query(schema::FORGET_OLD_CONSENTS, &[most.into()])
        .map(drop)
}

pub(crate) fn forget_consent(store: &dyn Store, client: &ClientId) -> Result<(), StoreFault> {
    let values = [client.as_str().into()];
    store.query(schema::FORGET_CONSENT, &values).map(drop)
}

pub(crate) fn count_revoked(store: &dyn Store) -> Result<u32, StoreFault> {
    let rows = store.query(schema::COUNT_REVOKED, &[])?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}

pub(crate) fn is_revoked(store: &dyn Store, jti: &str) -> Result<bool, StoreFault> {
    Ok(!store.query(schema::IS_REVOKED, &[jti.into()])?.is_empty())
}

pub(crate) fn revoke(
    store: &dyn Store,
    jti: &str,
    expires_at: Timestamp,
) -> Result<(), StoreFault> {
    let values = [jti.into(), expires_at.into()];
    store.query(schema::REVOKE, &values).map(drop)
}

/// Drops every code, grant, revoked token and ticket that has expired.
pub(crate) fn purge(store: &dyn Store, now: Timestamp) -> Result<(), StoreFault> {
    for purge in [
        schema::PURGE_CODES,
        schema::PURGE_GRANTS,
        schema::PURGE_REVOKED,
        schema::PURGE_TICKETS,
    ] {
        store.query(purge, &[now.into()])?;
    }
    Ok(())
}

/// When the next code, grant, revoked token or ticket expires.
pub(crate) fn next_expiry(store: &dyn Store) -> Result<Option<Timestamp>, StoreFault> {
    match store.query(schema::NEXT_EXPIRY, &[])?.first() {
        Some(row) => row.optional(0, Row::instant),
        None => Ok(None),
    }
}
