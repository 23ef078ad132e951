//! What is a session, in its own row?

use super::{bytes, cell, digest, document, written};
use crate::{
    actors::session::schema,
    domain::{
        ids::{ActId, SessionId, TenantId, UserId},
        oauth::ClientId,
        refresh::FamilyKey,
        secret::TokenDigest,
        session::{Authentication, Device, EndReason, SessionView},
        time::Timestamp,
    },
    store::{Row, Store, StoreFault, Value},
};
use serde::{Deserialize, Serialize};

/// One login.
#[derive(Clone, Debug)]
pub struct Login {
    pub(crate) tenant: TenantId,
    /// Where the user signed in; empty when an older release began it.
    pub(crate) issuer: String,
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    pub(crate) cookie: TokenDigest,
    pub(crate) authentication: Authentication,
    pub(crate) device: Device,
    pub(crate) began_at: Timestamp,
    /// When it was last used, as far as that is written down.
    pub(crate) used_at: Timestamp,
    /// From where it was used then, when that is not where it began.
    pub(crate) seen: Option<Device>,
    /// When the tenant was told of its use last.
    pub(crate) told_at: Timestamp,
    pub(crate) idle_ms: i64,
    /// When it ends however busy it is.
    pub(crate) ends_at: Timestamp,
    pub(crate) key: FamilyKey,
    pub(crate) ending: Option<Ending>,
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ending {
    pub(crate) at: Timestamp,
    pub(crate) why: EndReason,
    /// Who held grants in it: to be told, however often its end is asked for.
    pub(crate) clients: Vec<ClientId>,
    /// By which act; one that ended before this was kept does not know.
    #[serde(default)]
    pub(crate) act: Option<ActId>,
}

/// An ended session, as the archive keeps it: nothing that opens anything.
#[derive(Serialize)]
pub(crate) struct Record<'a> {
    id: SessionId,
    tenant: TenantId,
    user: UserId,
    at: Timestamp,
    why: EndReason,
    act: Option<ActId>,
    clients: &'a [ClientId],
    began_at: Timestamp,
    used_at: Timestamp,
    issuer: &'a str,
    authentication: &'a Authentication,
    device: &'a Device,
    seen: Option<&'a Device>,
}

impl Login {
    /// What is kept of it once it has ended.
    pub(crate) fn record<'a>(&'a self, ending: &'a Ending) -> Record<'a> {
        Record {
            id: self.session,
            tenant: self.tenant,
            user: self.user,
            at: ending.at,
            why: ending.why,
            act: ending.act,
            clients: &ending.clients,
            began_at: self.began_at,
            used_at: self.used_at,
            issuer: &self.issuer,
            authentication: &self.authentication,
            device: &self.device,
            seen: self.seen.as_ref(),
        }
    }

    /// When it ends unless it is used.
    pub(crate) fn deadline(&self) -> Timestamp {
        self.used_at.plus(self.idle_ms).min(self.ends_at)
    }

    pub(crate) fn is_live(&self, now: Timestamp) -> bool {
        self.ending.is_none() && now < self.deadline()
    }

    /// Whether it is live and the browser's.
    pub(crate) fn is_held(&self, cookie: &TokenDigest, now: Timestamp) -> bool {
        self.is_live(now) && self.cookie == *cookie
    }

    pub(crate) fn view(&self) -> SessionView {
        SessionView {
            session: self.session,
            user: self.user,
            authentication: self.authentication.clone(),
            began_at: self.began_at,
            ends_at: self.deadline(),
        }
    }
}

pub(crate) fn read(store: &dyn Store) -> Result<Option<Login>, StoreFault> {
    let rows = store.query(schema::READ, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let key = FamilyKey::from_stored(row.blob(10)?);
    Ok(Some(Login {
        tenant: TenantId::from_bytes(bytes(row, 0)?),
        session: SessionId::from_bytes(bytes(row, 1)?),
        user: UserId::from_bytes(bytes(row, 2)?),
        cookie: digest(row, 3)?,
        authentication: document(row, 4)?,
        device: document(row, 5)?,
        began_at: row.instant(6)?,
        used_at: row.instant(7)?,
        idle_ms: row.int(8)?,
        ends_at: row.instant(9)?,
        key: key.ok_or(StoreFault::Column { index: 10 })?,
        ending: row.optional(11, document::<Ending>)?,
        issuer: row.text(12)?.to_owned(),
        seen: row.optional(13, document::<Device>)?,
        told_at: row.instant(14)?,
    }))
}

pub(crate) fn begin(store: &dyn Store, login: &Login) -> Result<(), StoreFault> {
    let values = [
        login.tenant.as_bytes().as_slice().into(),
        login.session.as_bytes().as_slice().into(),
        login.user.as_bytes().as_slice().into(),
        cell(&login.cookie),
        written(&login.authentication)?,
        written(&login.device)?,
        login.began_at.into(),
        login.used_at.into(),
        login.idle_ms.into(),
        login.ends_at.into(),
        login.key.as_stored().as_slice().into(),
        login.issuer.as_str().into(),
        login.told_at.into(),
    ];
    store.query(schema::BEGIN, &values).map(drop)
}

/// Writes what a new proof of the user's identity changes.
pub(crate) fn reauthenticate(store: &dyn Store, login: &Login) -> Result<(), StoreFault> {
    let values = [
        cell(&login.cookie),
        written(&login.authentication)?,
        written(&login.device)?,
        login.used_at.into(),
    ];
    store.query(schema::REAUTHENTICATE, &values).map(drop)
}

/// Writes when, and from where, it was used last.
pub(crate) fn touch(store: &dyn Store, login: &Login) -> Result<(), StoreFault> {
    let seen = login.seen.as_ref().map(written).transpose()?;
    let values = [
        login.used_at.into(),
        seen.unwrap_or(Value::Null),
        login.told_at.into(),
    ];
    store.query(schema::TOUCH, &values).map(drop)
}

/// Writes how long it may live.
pub(crate) fn bind(store: &dyn Store, login: &Login) -> Result<(), StoreFault> {
    let values = [login.idle_ms.into(), login.ends_at.into()];
    store.query(schema::BIND, &values).map(drop)
}

/// Writes the end, and drops everything that ends with the session.
pub(crate) fn end(store: &dyn Store, ending: &Ending) -> Result<(), StoreFault> {
    store.query(schema::END, &[written(ending)?])?;
    for drop_all in [
        schema::DROP_CONSENTS,
        schema::DROP_CODES,
        schema::DROP_GRANTS,
        schema::DROP_REVOKED,
    ] {
        store.query(drop_all, &[])?;
    }
    Ok(())
}

/// Who holds grants in the session.
pub(crate) fn clients(store: &dyn Store) -> Result<Vec<ClientId>, StoreFault> {
    let rows = store.query(schema::CLIENTS, &[])?;
    let read =
        |row: &Row| ClientId::parse(row.text(0)?).map_err(|_| StoreFault::Column { index: 0 });
    rows.iter().map(read).collect()
}
