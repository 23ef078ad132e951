//! What does the keeper of keys not work out twice?

use super::{rotation::foreign, state};
use crate::{
    actors::runtime::Fault,
    domain::{
        ids::TenantId,
        keys::{EpochNumber, MasterKeys, RootSeed, SigningKey},
    },
    store::Store,
};
use std::collections::BTreeMap;

/// Pairs of derived keys kept: some hundred bytes each, so that a thousand
/// busy tenants cost less than a megabyte. At the bound all are let go, for
/// deriving them anew takes microseconds.
const DERIVED_MAX: usize = 1_024;

/// Opened seeds and derived keys: a cache, dropped after any fault.
#[derive(Default)]
pub struct Memory {
    seeds: BTreeMap<EpochNumber, RootSeed>,
    derived: BTreeMap<(TenantId, EpochNumber), Derived>,
    /// A seed was opened that is sealed under the previous master key.
    pub(super) has_seen_previous_key: bool,
}

/// A tenant's derived keys of one epoch.
#[derive(Clone)]
pub(super) struct Derived {
    pub(super) ed25519: SigningKey,
    pub(super) p256: SigningKey,
}

impl Memory {
    /// A tenant's derived keys of one epoch.
    pub(super) fn derived(
        &mut self,
        store: &dyn Store,
        master_keys: &MasterKeys,
        tenant: TenantId,
        epoch: EpochNumber,
    ) -> Result<Derived, Fault> {
        if let Some(known) = self.derived.get(&(tenant, epoch)) {
            return Ok(known.clone());
        }
        let seed = self.seed(store, master_keys, epoch)?;
        let p256 = seed.p256(tenant, epoch);
        let derived = Derived {
            ed25519: seed.ed25519(tenant, epoch),
            p256: p256.map_err(|_| Fault::Corrupt("no P-256 key follows from a seed"))?,
        };
        if self.derived.len() >= DERIVED_MAX {
            self.derived.clear();
        }
        self.derived.insert((tenant, epoch), derived.clone());
        Ok(derived)
    }

    fn seed(
        &mut self,
        store: &dyn Store,
        master_keys: &MasterKeys,
        epoch: EpochNumber,
    ) -> Result<&RootSeed, Fault> {
        use std::collections::btree_map::Entry;
        match self.seeds.entry(epoch) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => {
                let sealed = state::seed(store, epoch)?;
                let sealed = sealed.ok_or(Fault::Corrupt("an epoch has no seed"))?;
                self.has_seen_previous_key |= master_keys.needs_resealing(&sealed);
                let seed = RootSeed::open(master_keys, epoch, &sealed).map_err(foreign)?;
                Ok(place.insert(seed))
            }
        }
    }

    /// Lets go of what is gone.
    pub(super) fn forget_epoch(&mut self, epoch: EpochNumber) {
        self.seeds.remove(&epoch);
        self.derived.retain(|(_, number), _| *number != epoch);
    }

    /// Lets go of a deleted tenant's keys.
    pub(super) fn forget_tenant(&mut self, tenant: TenantId) {
        self.derived.retain(|(owner, _), _| *owner != tenant);
    }
}
