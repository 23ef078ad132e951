//! Which rows does the jwks actor keep?

use crate::{actors::runtime::tables, store::migrate::Migration};

pub(super) const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "keys",
    sql: include_str!("../../../migrations/jwks/0001_keys.sql"),
}];

pub(super) const TABLES: &[(&str, &str)] = tables!["epoch", "rsa_key"];

pub(super) const EPOCHS: &str =
    "SELECT number, announced_ms, signs_from_ms, retires_ms FROM epoch ORDER BY number";
pub(super) const ADD_EPOCH: &str = "INSERT INTO epoch \
     (number, announced_ms, signs_from_ms, retires_ms, seed) VALUES (?, ?, ?, ?, ?)";
pub(super) const PLAN_RETIREMENT: &str =
    "UPDATE epoch SET retires_ms = ?1 WHERE number = ?2 AND retires_ms IS NOT ?1";
pub(super) const DROP_EPOCH: &str = "DELETE FROM epoch WHERE number = ?";
pub(super) const DROP_RSA_OF_EPOCH: &str = "DELETE FROM rsa_key WHERE epoch = ?";
pub(super) const SEED: &str = "SELECT seed FROM epoch WHERE number = ?";
pub(super) const RESEAL_SEED: &str = "UPDATE epoch SET seed = ? WHERE number = ?";

pub(super) const RSA_OF: &str = "SELECT epoch, sealed, public FROM rsa_key WHERE tenant = ?";
pub(super) const ADD_RSA: &str = "INSERT INTO rsa_key (tenant, epoch, sealed, public) \
     VALUES (?, ?, ?, ?) ON CONFLICT (tenant, epoch) DO NOTHING";
pub(super) const FORGET_TENANT: &str = "DELETE FROM rsa_key WHERE tenant = ?";
/// A sealed value begins with the fingerprint of the key it is sealed under.
pub(super) const RSA_UNDER_ANOTHER_KEY: &str =
    "SELECT tenant, epoch, sealed FROM rsa_key WHERE substr(sealed, 1, 4) <> ? LIMIT ?";
pub(super) const RESEAL_RSA: &str = "UPDATE rsa_key SET sealed = ? WHERE tenant = ? AND epoch = ?";
