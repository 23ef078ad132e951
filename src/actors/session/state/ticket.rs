//! Which tickets wait to be used?

use super::cell;
use crate::{
    actors::session::schema,
    domain::{secret::TokenDigest, time::Timestamp},
    store::{Store, StoreFault},
};

pub(crate) fn count(store: &dyn Store) -> Result<u32, StoreFault> {
    let rows = store.query(schema::COUNT_TICKETS, &[])?;
    rows.first().map_or(Ok(0), |row| row.count(0))
}

pub(crate) fn add(
    store: &dyn Store,
    ticket: &TokenDigest,
    origin: &str,
    expires_at: Timestamp,
) -> Result<(), StoreFault> {
    let values = [cell(ticket), origin.into(), expires_at.into()];
    store.query(schema::ADD_TICKET, &values).map(drop)
}

/// Uses a ticket up, whatever comes of it; answers the origin it was made for
/// and until when it is good.
pub(crate) fn spend(
    store: &dyn Store,
    ticket: &TokenDigest,
) -> Result<Option<(String, Timestamp)>, StoreFault> {
    let rows = store.query(schema::SPEND_TICKET, &[cell(ticket)])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some((row.text(0)?.to_owned(), row.instant(1)?)))
}
