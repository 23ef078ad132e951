//! Which keys exist, and what may each be used for?
//!
//! * [`master`]: the operator's key, under which everything else is sealed
//! * [`mod@derive`]: a tenant's signing keys from an epoch's root seed
//! * [`epoch`]: when which epoch is published and signs
//! * [`signing`]: a private key and its sealed form
//! * [`jwk`]: public keys as others read and write them
//! * [`jwks`]: sets of them: ours, and a client's
//! * [`crypto`]: signing and verifying, here or by the host

pub mod crypto;
pub mod derive;
pub mod epoch;
pub mod jwk;
#[cfg(test)]
mod jwk_tests;
pub mod jwks;
pub mod master;
pub(crate) mod prf;
pub mod signing;

pub use crypto::{Crypto, CryptoFault};
pub use derive::{EpochNumber, RootSeed};
pub use jwk::{Algorithm, JwkRefusal, Kid, PublicJwk, PublicKey};
pub use jwks::{ClientJwks, JwksRefusal, PublishedJwks};
pub use master::{MasterKeyRefusal, MasterKeys, OpenRefusal, Purpose, Sealed};
pub use signing::SigningKey;
