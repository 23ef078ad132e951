//! How is the index of sessions read and written?

use crate::{
    actors::{
        rows,
        runtime::Fault,
        tenant::{SessionEntry, schema::sessions as schema},
    },
    domain::{
        ids::{SessionId, UserId},
        session::Device,
        time::Timestamp,
    },
    store::{Row, Store, Value},
};

fn key(id: SessionId) -> Value {
    id.as_bytes().as_slice().into()
}

fn user_key(id: UserId) -> Value {
    id.as_bytes().as_slice().into()
}

/// Whose session it is, while the index knows it.
pub(crate) fn owner(store: &dyn Store, id: SessionId) -> Result<Option<UserId>, Fault> {
    let rows = store.query(schema::OWNER, &[key(id)])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(UserId::from_bytes(rows::id(row, 0)?)))
}

pub(crate) fn reserve(
    store: &dyn Store,
    id: SessionId,
    user: UserId,
    device: &Device,
    now: Timestamp,
) -> Result<(), Fault> {
    let device = rows::json(device)?;
    let row = [key(id), user_key(user), device.into(), now.into()];
    store.query(schema::RESERVE, &row)?;
    Ok(())
}

/// Confirms a place, and says whether there was one.
pub(crate) fn confirm(store: &dyn Store, id: SessionId) -> Result<bool, Fault> {
    Ok(!store.query(schema::CONFIRM, &[key(id)])?.is_empty())
}

/// Notes when and from where a session was used last.
pub(crate) fn note_use(
    store: &dyn Store,
    id: SessionId,
    at: Timestamp,
    device: Option<&Device>,
) -> Result<(), Fault> {
    let device = device.map(rows::json).transpose()?;
    store.query(schema::NOTE_USE, &[at.into(), device.into(), key(id)])?;
    Ok(())
}

pub(crate) fn remove(store: &dyn Store, id: SessionId) -> Result<(), Fault> {
    store.query(schema::REMOVE, &[key(id)])?;
    Ok(())
}

/// All sessions of a user: no more than one may have.
pub(crate) fn of_user(store: &dyn Store, user: UserId) -> Result<Vec<SessionId>, Fault> {
    ids(&store.query(schema::OF_USER, &[user_key(user)])?)
}

/// All sessions of a user, first those that give way to another: reserved
/// until `lapsed` and never confirmed, then the oldest.
pub(crate) fn to_give_way(
    store: &dyn Store,
    user: UserId,
    lapsed: Timestamp,
) -> Result<Vec<SessionId>, Fault> {
    ids(&store.query(schema::TO_GIVE_WAY, &[user_key(user), lapsed.into()])?)
}

/// Up to `limit` sessions of a user that are confirmed, or reserved after
/// `lapsed`; latest first.
pub(crate) fn list(
    store: &dyn Store,
    user: UserId,
    lapsed: Timestamp,
    limit: u32,
) -> Result<Vec<SessionEntry>, Fault> {
    let params = [user_key(user), lapsed.into(), limit.into()];
    let rows = store.query(schema::LIST, &params)?;
    let entry = |row: &Row| {
        Ok(SessionEntry {
            session: SessionId::from_bytes(rows::id(row, 0)?),
            device: rows::from_json(row.text(1)?)?,
            began_at: row.instant(2)?,
            used_at: row.optional(3, Row::instant)?,
            seen: row
                .optional(4, |row, index| row.text(index).map(str::to_owned))?
                .map(|text| rows::from_json(&text))
                .transpose()?,
        })
    };
    rows.iter().map(entry).collect()
}

/// Up to `limit` sessions that began until `until`.
pub(crate) fn begun_until(
    store: &dyn Store,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<SessionId>, Fault> {
    ids(&store.query(schema::BEGUN_UNTIL, &[until.into(), limit.into()])?)
}

/// Up to `limit` sessions after `after`, in the order of their ids.
pub(crate) fn after(
    store: &dyn Store,
    after: SessionId,
    limit: u32,
) -> Result<Vec<SessionId>, Fault> {
    ids(&store.query(schema::AFTER, &[key(after), limit.into()])?)
}

/// Drops places reserved until `until` and never confirmed.
pub(crate) fn drop_reservations(store: &dyn Store, until: Timestamp) -> Result<(), Fault> {
    store.query(schema::DROP_RESERVATIONS, &[until.into()])?;
    Ok(())
}

/// When the oldest place not confirmed was reserved.
pub(crate) fn oldest_reservation(store: &dyn Store) -> Result<Option<Timestamp>, Fault> {
    let rows = store.query(schema::OLDEST_RESERVATION, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(row.optional(0, Row::instant)?)
}

fn ids(rows: &[Row]) -> Result<Vec<SessionId>, Fault> {
    let read = |row: &Row| Ok(SessionId::from_bytes(rows::id(row, 0)?));
    rows.iter().map(read).collect()
}
