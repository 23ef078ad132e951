//! What can the keeper of keys be asked?

use super::Jwks;
use crate::{
    actors::runtime::conversation,
    domain::{
        ids::TenantId,
        keys::{EpochNumber, PublicJwk, Sealed, epoch::Epoch},
        time::Timestamp,
    },
};
use serde::{Deserialize, Serialize};

/// Asks for a tenant's published keys and its current signing keys. Founds the
/// actor with its first epoch.
#[derive(Debug, Serialize, Deserialize)]
pub struct Lease {
    /// Whose keys.
    pub tenant: TenantId,
}

/// Hands in an RSA key the gateway had the platform make. The first one handed
/// in for a tenant and epoch stays; later ones are dropped.
#[derive(Debug, Serialize, Deserialize)]
pub struct OfferRsa {
    /// Whose key.
    pub tenant: TenantId,
    /// For which epoch.
    pub epoch: EpochNumber,
    /// The key, sealed for its tenant.
    pub sealed: Sealed,
    /// The public half, with `kid`.
    pub public: PublicJwk,
}

/// Answers [`Lease`] and [`OfferRsa`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Leased {
    /// Every published key, newest epoch first.
    pub keys: Vec<LeasedKey>,
    /// Epochs that sign, or will, and have no RSA key of this tenant yet.
    pub lacks_rsa: Vec<EpochNumber>,
    /// The lease must not be used after this.
    pub until: Timestamp,
}

/// One key of a tenant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeasedKey {
    /// Its epoch.
    pub epoch: EpochNumber,
    /// The public half, with its algorithm and `kid`.
    pub public: PublicJwk,
    /// The private half, sealed, when its epoch signs now.
    pub signing: Option<Sealed>,
}

/// Lists the epochs.
#[derive(Debug, Serialize, Deserialize)]
pub struct ListEpochs;

/// Announces a new epoch, which signs once every cache knows it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rotate;

/// Makes a new epoch sign at once and retires every earlier one at once: their
/// tokens are refused from now on.
#[derive(Debug, Serialize, Deserialize)]
pub struct RotateNow;

/// Answers [`ListEpochs`], [`Rotate`] and [`RotateNow`]: all epochs, newest
/// first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epochs {
    /// Them.
    pub epochs: Vec<Epoch>,
}

/// Forgets a deleted tenant's RSA keys.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetTenant {
    /// Whose.
    pub tenant: TenantId,
}

/// It is done, and done again is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

conversation! {
    Jwks as "jwks" {
        Lease => Leased,
        OfferRsa => Leased,
        ListEpochs => Epochs,
        Rotate => Epochs,
        RotateNow => Epochs,
        ForgetTenant => Done,
    }
}
