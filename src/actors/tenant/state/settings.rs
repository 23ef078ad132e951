//! How is the tenant's own row read and written?

use crate::{
    actors::{
        rows,
        runtime::Fault,
        tenant::{Configuration, schema::settings as schema},
    },
    domain::{
        ids::TenantId,
        session::SignedOut,
        tenant::{Status, TenantSettings},
        time::Timestamp,
    },
    store::{Row, Store},
};

/// The tenant's own row.
pub(crate) struct Standing {
    /// Its id.
    pub id: TenantId,
    /// What gateways know of it.
    pub configuration: Configuration,
    /// Sessions that began until then are being ended.
    pub ends_until: Option<Timestamp>,
    /// When it was founded.
    pub founded_at: Timestamp,
}

impl Standing {
    /// Whether anybody may sign in.
    pub(crate) fn is_live(&self) -> bool {
        self.configuration.status == Status::Live
    }
}

/// Writes the row, of which there is one.
pub(crate) fn found(
    store: &dyn Store,
    id: TenantId,
    settings: &TenantSettings,
    status: Status,
    now: Timestamp,
) -> Result<(), Fault> {
    store.query(
        schema::FOUND,
        &[
            id.as_bytes().as_slice().into(),
            rows::json(settings)?.into(),
            rows::word(status)?.into(),
            now.into(),
        ],
    )?;
    Ok(())
}

/// The row, unless this is the turn that will write it.
pub(crate) fn find(store: &dyn Store) -> Result<Option<Standing>, Fault> {
    let rows = store.query(schema::READ, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let configuration = Configuration {
        settings: rows::from_json(row.text(1)?)?,
        status: rows::from_word(row.text(2)?)?,
        version: row.count(3)?,
        signed_out: row
            .optional(6, |row, index| row.text(index).map(str::to_owned))?
            .map(|text| rows::from_json(&text))
            .transpose()?,
    };
    Ok(Some(Standing {
        id: TenantId::from_bytes(rows::id(row, 0)?),
        configuration,
        ends_until: row.optional(4, Row::instant)?,
        founded_at: row.instant(5)?,
    }))
}

/// The row.
pub(crate) fn read(store: &dyn Store) -> Result<Standing, Fault> {
    find(store)?.ok_or(Fault::Corrupt("a tenant without a row of its own"))
}

pub(crate) fn set_settings(store: &dyn Store, settings: &TenantSettings) -> Result<(), Fault> {
    store.query(schema::SET_SETTINGS, &[rows::json(settings)?.into()])?;
    bump(store)
}

/// Takes the directory's news, and says whether it was news.
pub(crate) fn set_status(store: &dyn Store, status: Status, change: u32) -> Result<bool, Fault> {
    let params = [
        rows::word(status)?.into(),
        change.into(),
        change.into(),
        rows::word(Status::Deleting)?.into(),
    ];
    let is_news = !store.query(schema::SET_STATUS, &params)?.is_empty();
    if is_news {
        bump(store)?;
    }
    Ok(is_news)
}

/// From here there is no way back.
pub(crate) fn set_deleting(store: &dyn Store) -> Result<(), Fault> {
    store.query(
        schema::SET_DELETING,
        &[rows::word(Status::Deleting)?.into()],
    )?;
    bump(store)
}

/// Begins to end every session there is.
pub(crate) fn sign_out(store: &dyn Store, act: &SignedOut) -> Result<(), Fault> {
    let params = [act.until.into(), rows::json(act)?.into()];
    store.query(schema::SIGN_OUT, &params)?;
    bump(store)
}

/// Every session there was has been told.
pub(crate) fn end_sign_out(store: &dyn Store) -> Result<(), Fault> {
    store.query(schema::END_SIGN_OUT, &[])?;
    Ok(())
}

/// Something that gateways cache has changed.
pub(crate) fn bump(store: &dyn Store) -> Result<(), Fault> {
    store.query(schema::BUMP, &[])?;
    Ok(())
}
