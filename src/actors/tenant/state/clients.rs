//! How are clients read and written?

use crate::{
    actors::{
        rows::{self, FIRST},
        runtime::Fault,
        tenant::schema::clients as schema,
    },
    domain::{
        ids::{ActId, SessionId},
        oauth::{Client, ClientId},
        secret::TokenDigest,
        time::Timestamp,
    },
    store::{Row, Store, StoreFault, Value},
};

fn key(id: &ClientId) -> Value {
    id.as_str().into()
}

pub(crate) fn count(store: &dyn Store) -> Result<u32, Fault> {
    let rows = store.query(schema::COUNT, &[])?;
    Ok(rows.first().map_or(Ok(0), |row| row.count(0))?)
}

pub(crate) fn read(store: &dyn Store, id: &ClientId) -> Result<Option<Client>, Fault> {
    let rows = store.query(schema::READ, &[key(id)])?;
    rows.first().map(client).transpose()
}

/// Up to `limit` clients after `after`, in the order of their ids.
pub(crate) fn page(
    store: &dyn Store,
    after: Option<&ClientId>,
    limit: u32,
) -> Result<Vec<Client>, Fault> {
    let after = after.map_or("", ClientId::as_str);
    let rows = store.query(schema::PAGE, &[after.into(), limit.into()])?;
    rows.iter().map(client).collect()
}

/// Adds a client, or changes its metadata and digests.
pub(crate) fn put(store: &dyn Store, client: &Client) -> Result<(), Fault> {
    let digest = |digest: Option<TokenDigest>| digest.map(|d| d.as_bytes().to_vec());
    store.query(
        schema::PUT,
        &[
            key(&client.client_id),
            rows::json(&client.metadata)?.into(),
            client.dynamic.into(),
            digest(client.secret_digest).into(),
            digest(client.registration_token_digest).into(),
            client.created_at.into(),
            client.last_used_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn note_use(store: &dyn Store, id: &ClientId, now: Timestamp) -> Result<(), Fault> {
    store.query(schema::NOTE_USE, &[now.into(), key(id)])?;
    Ok(())
}

pub(crate) fn delete(store: &dyn Store, id: &ClientId) -> Result<(), Fault> {
    store.query(schema::DELETE, &[key(id)])?;
    Ok(())
}

/// Up to `limit` dynamic clients registered until `until` and never used.
pub(crate) fn unused(
    store: &dyn Store,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<ClientId>, Fault> {
    let rows = store.query(schema::UNUSED, &[until.into(), limit.into()])?;
    rows.iter().map(|row| id(row, 0)).collect()
}

/// When the oldest unused dynamic client was registered.
pub(crate) fn oldest_unused(store: &dyn Store) -> Result<Option<Timestamp>, Fault> {
    let rows = store.query(schema::OLDEST_UNUSED, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(row.optional(0, Row::instant)?)
}

/// A client whose grants are being ended in every session.
pub(crate) struct Farewell {
    /// Which.
    pub client: ClientId,
    /// The last session that was told.
    pub told: SessionId,
    /// The act; an older release did not keep it.
    pub act: Option<ActId>,
}

/// Remembers that the client's grants must be ended in every session.
pub(crate) fn begin_farewell(store: &dyn Store, id: &ClientId, act: ActId) -> Result<(), Fault> {
    let nobody = FIRST.as_slice().into();
    let act = act.as_bytes().as_slice().into();
    store.query(schema::BEGIN_FAREWELL, &[key(id), nobody, act])?;
    Ok(())
}

/// The client whose turn it is.
pub(crate) fn farewell(store: &dyn Store) -> Result<Option<Farewell>, Fault> {
    let rows = store.query(schema::FAREWELL, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(Farewell {
        client: id(row, 0)?,
        told: SessionId::from_bytes(rows::id(row, 1)?),
        act: row.optional(2, rows::id)?.map(ActId::from_bytes),
    }))
}

pub(crate) fn go_on_with_farewell(
    store: &dyn Store,
    id: &ClientId,
    told: SessionId,
) -> Result<(), Fault> {
    let told = told.as_bytes().as_slice().into();
    store.query(schema::GO_ON_WITH_FAREWELL, &[told, key(id)])?;
    Ok(())
}

pub(crate) fn end_farewell(store: &dyn Store, id: &ClientId) -> Result<(), Fault> {
    store.query(schema::END_FAREWELL, &[key(id)])?;
    Ok(())
}

fn id(row: &Row, index: usize) -> Result<ClientId, Fault> {
    ClientId::parse(row.text(index)?).map_err(|_| Fault::Corrupt("a stored client_id is none"))
}

fn client(row: &Row) -> Result<Client, Fault> {
    Ok(Client {
        client_id: id(row, 0)?,
        metadata: rows::from_json(row.text(1)?)?,
        dynamic: row.truth(2)?,
        secret_digest: row.optional(3, digest)?,
        registration_token_digest: row.optional(4, digest)?,
        created_at: row.instant(5)?,
        last_used_at: row.optional(6, Row::instant)?,
    })
}

fn digest(row: &Row, index: usize) -> Result<TokenDigest, StoreFault> {
    TokenDigest::from_stored(row.blob(index)?).ok_or(StoreFault::Column { index })
}
