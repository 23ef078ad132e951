//! How does the bucket actor read and write its rows?

use super::schema;
use crate::{
    actors::{rows, runtime::Fault},
    domain::limit::{Gcra, Standing},
    store::{Store, StoreFault},
};

/// What the rows say.
pub(super) struct Stored {
    pub(super) standing: Standing,
    /// Whether there are any.
    pub(super) is_written: bool,
    /// Whether some are of migration 1.
    pub(super) is_older: bool,
}

pub(super) fn read(store: &dyn Store) -> Result<Stored, Fault> {
    let mut standing = match store.query(schema::READ, &[])?.first() {
        Some(row) => Some(rows::from_json(row.text(0)?)?),
        None => None,
    };
    let older = store.query(schema::READ_OLDER, &[])?;
    for row in &older {
        let limit = Gcra::new(row.int(0)?, row.count(1)?);
        let limit = limit.ok_or(StoreFault::Column { index: 1 })?;
        let standing: &mut Standing = standing.get_or_insert_default();
        standing.inherit(limit, row.instant(2)?);
    }
    Ok(Stored {
        is_written: standing.is_some(),
        is_older: !older.is_empty(),
        standing: standing.unwrap_or_default(),
    })
}

pub(super) fn put(store: &dyn Store, standing: &Standing) -> Result<(), Fault> {
    let document = rows::json(standing)?;
    store.query(schema::PUT, &[document.into()])?;
    Ok(())
}

pub(super) fn forget_older(store: &dyn Store) -> Result<(), StoreFault> {
    store.query(schema::FORGET_OLDER, &[]).map(drop)
}

/// Forgets how the subject stands.
pub(super) fn forget(store: &dyn Store) -> Result<(), StoreFault> {
    store.query(schema::FORGET, &[])?;
    forget_older(store)
}
