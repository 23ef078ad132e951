//! How does the jwks actor read and write its rows?

use super::schema;
use crate::domain::tree;
use crate::{
    domain::{
        ids::TenantId,
        keys::{
            EpochNumber, PublicJwk, Sealed,
            epoch::{Epoch, Schedule},
        },
    },
    store::{Row, Store, StoreFault, Value},
};

/// A tenant's RSA key of one epoch.
pub(super) struct RsaKey {
    pub(super) epoch: EpochNumber,
    pub(super) sealed: Sealed,
    pub(super) public: PublicJwk,
}

/// A sealed RSA key and whose it is.
pub(super) struct SealedRsa {
    pub(super) tenant: TenantId,
    pub(super) epoch: EpochNumber,
    pub(super) sealed: Sealed,
}

pub(super) fn schedule(store: &dyn Store) -> Result<Schedule, StoreFault> {
    let rows = store.query(schema::EPOCHS, &[])?;
    let read = |row: &Row| {
        Ok(Epoch {
            number: EpochNumber(row.count(0)?),
            announced_at: row.instant(1)?,
            signs_from: row.instant(2)?,
            retires_at: row.optional(3, Row::instant)?,
        })
    };
    let epochs: Result<_, StoreFault> = rows.iter().map(read).collect();
    Ok(Schedule::from_stored(epochs?))
}

pub(super) fn add_epoch(store: &dyn Store, epoch: &Epoch, seed: &Sealed) -> Result<(), StoreFault> {
    let values = [
        epoch.number.0.into(),
        epoch.announced_at.into(),
        epoch.signs_from.into(),
        epoch.retires_at.into(),
        seed.as_bytes().into(),
    ];
    store.query(schema::ADD_EPOCH, &values).map(drop)
}

pub(super) fn plan_retirement(store: &dyn Store, epoch: &Epoch) -> Result<(), StoreFault> {
    let values = [epoch.retires_at.into(), epoch.number.0.into()];
    store.query(schema::PLAN_RETIREMENT, &values).map(drop)
}

/// Erases an epoch's seed and every RSA key of it.
pub(super) fn drop_epoch(store: &dyn Store, epoch: EpochNumber) -> Result<(), StoreFault> {
    store.query(schema::DROP_EPOCH, &[epoch.0.into()])?;
    store
        .query(schema::DROP_RSA_OF_EPOCH, &[epoch.0.into()])
        .map(drop)
}

pub(super) fn seed(store: &dyn Store, epoch: EpochNumber) -> Result<Option<Sealed>, StoreFault> {
    let rows = store.query(schema::SEED, &[epoch.0.into()])?;
    rows.first().map(|row| sealed(row, 0)).transpose()
}

pub(super) fn reseal_seed(
    store: &dyn Store,
    epoch: EpochNumber,
    seed: &Sealed,
) -> Result<(), StoreFault> {
    let values = [seed.as_bytes().into(), epoch.0.into()];
    store.query(schema::RESEAL_SEED, &values).map(drop)
}

pub(super) fn rsa_of(store: &dyn Store, tenant: TenantId) -> Result<Vec<RsaKey>, StoreFault> {
    let rows = store.query(schema::RSA_OF, &[owner(tenant)])?;
    let read = |row: &Row| {
        Ok(RsaKey {
            epoch: EpochNumber(row.count(0)?),
            sealed: sealed(row, 1)?,
            public: tree::from_json(row.text(2)?.as_bytes())
                .map_err(|_| StoreFault::Column { index: 2 })?,
        })
    };
    rows.iter().map(read).collect()
}

/// Keeps a tenant's RSA key unless there is one of the same epoch.
pub(super) fn add_rsa(store: &dyn Store, tenant: TenantId, key: &RsaKey) -> Result<(), StoreFault> {
    let public = serde_json::to_string(&key.public);
    let values = [
        owner(tenant),
        key.epoch.0.into(),
        key.sealed.as_bytes().into(),
        public.map_err(|_| StoreFault::Column { index: 3 })?.into(),
    ];
    store.query(schema::ADD_RSA, &values).map(drop)
}

pub(super) fn forget_tenant(store: &dyn Store, tenant: TenantId) -> Result<(), StoreFault> {
    store
        .query(schema::FORGET_TENANT, &[owner(tenant)])
        .map(drop)
}

/// Some RSA keys that are not sealed under the key of this fingerprint.
pub(super) fn rsa_under_another_key(
    store: &dyn Store,
    fingerprint: &[u8],
    limit: u32,
) -> Result<Vec<SealedRsa>, StoreFault> {
    let values = [fingerprint.into(), limit.into()];
    let rows = store.query(schema::RSA_UNDER_ANOTHER_KEY, &values)?;
    let read = |row: &Row| {
        let tenant = row.blob(0)?.try_into();
        Ok(SealedRsa {
            tenant: tenant
                .map(TenantId::from_bytes)
                .map_err(|_| StoreFault::Column { index: 0 })?,
            epoch: EpochNumber(row.count(1)?),
            sealed: sealed(row, 2)?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) fn reseal_rsa(store: &dyn Store, key: &SealedRsa) -> Result<(), StoreFault> {
    let values = [
        key.sealed.as_bytes().into(),
        owner(key.tenant),
        key.epoch.0.into(),
    ];
    store.query(schema::RESEAL_RSA, &values).map(drop)
}

fn owner(tenant: TenantId) -> Value {
    tenant.as_bytes().as_slice().into()
}

fn sealed(row: &Row, index: usize) -> Result<Sealed, StoreFault> {
    Sealed::from_stored(row.blob(index)?.to_vec()).map_err(|_| StoreFault::Column { index })
}
