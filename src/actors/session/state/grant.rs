//! What does each client hold in this session?

use super::{bytes, cell, code::Terms, digest, document, written};
use crate::{
    actors::session::schema,
    domain::{
        ids::GrantId,
        oauth::ClientId,
        refresh::{Family, Lifetime, family::Live},
        time::Timestamp,
        token::{CodeProof, opaque::CodeId},
    },
    store::{Row, Store, StoreFault, Value},
};

/// What a redeemed code became.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    pub(crate) id: GrantId,
    /// The code it was made for, to know it when it comes again.
    pub(crate) code: CodeProof,
    pub(crate) terms: Terms,
    pub(crate) made_at: Timestamp,
    /// From then on none of its tokens is worth anything.
    pub(crate) expires_at: Timestamp,
    /// Its refresh tokens, if it has any.
    pub(crate) family: Option<Live>,
}

pub(crate) fn find(store: &dyn Store, id: GrantId) -> Result<Option<Grant>, StoreFault> {
    let rows = store.query(schema::GRANT, &[id.as_bytes().as_slice().into()])?;
    rows.first().map(read).transpose()
}

/// The grant a spent code became.
pub(crate) fn of_code(store: &dyn Store, code: CodeId) -> Result<Option<Grant>, StoreFault> {
    let rows = store.query(schema::GRANT_OF_CODE, &[code.as_bytes().as_slice().into()])?;
    rows.first().map(read).transpose()
}

pub(crate) fn list(store: &dyn Store) -> Result<Vec<Grant>, StoreFault> {
    store.query(schema::GRANTS, &[])?.iter().map(read).collect()
}

pub(crate) fn add(store: &dyn Store, grant: &Grant) -> Result<(), StoreFault> {
    let family = grant.family.as_ref();
    let previous = family.and_then(|live| live.previous.as_ref()).map(cell);
    let idle = family.and_then(|live| live.lifetime.idle_ms_max);
    let used_at = family.map_or(grant.made_at, |live| live.current_since);
    let values = [
        grant.id.as_bytes().as_slice().into(),
        grant.terms.client_id.as_str().into(),
        grant.code.id.as_bytes().as_slice().into(),
        cell(&grant.code.digest),
        written(&grant.terms)?,
        grant.made_at.into(),
        used_at.into(),
        grant.expires_at.into(),
        family.map(|live| live.generation).into(),
        family.map_or(Value::Null, |live| cell(&live.current)),
        previous.unwrap_or(Value::Null),
        family.map(|live| live.lifetime.ends_at).into(),
        idle.into(),
    ];
    store.query(schema::ADD_GRANT, &values).map(drop)
}

/// Writes a family whose token was rotated: one row.
pub(crate) fn rotate(store: &dyn Store, id: GrantId, family: &Family) -> Result<(), StoreFault> {
    let Family::Live(live) = family else {
        return remove(store, id);
    };
    let values = [
        live.generation.into(),
        cell(&live.current),
        live.previous.as_ref().map_or(Value::Null, cell),
        live.current_since.into(),
        id.as_bytes().as_slice().into(),
    ];
    store.query(schema::ROTATE, &values).map(drop)
}

pub(crate) fn remove(store: &dyn Store, id: GrantId) -> Result<(), StoreFault> {
    let values = [id.as_bytes().as_slice().into()];
    store.query(schema::DROP_GRANT, &values).map(drop)
}

/// Drops what one client holds, and says whether that was anything.
pub(crate) fn remove_of(store: &dyn Store, client: &ClientId) -> Result<bool, StoreFault> {
    let values = [client.as_str().into()];
    let dropped = store.query(schema::DROP_GRANTS_OF, &values)?;
    Ok(!dropped.is_empty())
}

/// The grants of one client beyond `most`, least recently used last.
pub(crate) fn beyond_of(
    store: &dyn Store,
    client: &ClientId,
    most: u32,
) -> Result<Vec<Grant>, StoreFault> {
    let values = [client.as_str().into(), most.into()];
    let rows = store.query(schema::OLD_GRANTS_OF, &values)?;
    rows.iter().map(read).collect()
}

/// The grants beyond `most`, least recently used last.
pub(crate) fn beyond(store: &dyn Store, most: u32) -> Result<Vec<Grant>, StoreFault> {
    let rows = store.query(schema::OLD_GRANTS, &[most.into()])?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Grant, StoreFault> {
    let family = match row.optional(7, Row::count)? {
        None => None,
        Some(generation) => Some(Live {
            generation,
            current: digest(row, 8)?,
            current_since: row.instant(5)?,
            previous: row.optional(9, digest)?,
            lifetime: Lifetime {
                ends_at: row.instant(10)?,
                idle_ms_max: row.optional(11, Row::int)?,
            },
        }),
    };
    Ok(Grant {
        id: GrantId::from_bytes(bytes(row, 0)?),
        code: CodeProof {
            id: CodeId::from_bytes(bytes(row, 1)?),
            digest: digest(row, 2)?,
        },
        terms: document(row, 3)?,
        made_at: row.instant(4)?,
        expires_at: row.instant(6)?,
        family,
    })
}
