//! One tenant: settings, clients, users, consents, policies, and the index of sessions;
//! and what has been done to them.
//!
//! It is single-threaded, so nothing slow happens in it: passwords are hashed,
//! tokens signed and pages rendered by whoever asks.

mod handler;
mod message;
mod schema;
mod state;
#[cfg(test)]
mod tests;

pub use message::*;

use crate::{
    actors::runtime::Address,
    domain::{
        ids::TenantId,
        time::{DAY_MS, MINUTE_MS},
    },
};

/// More clients than any tenant we know of, few enough to list in a few turns.
pub const CLIENTS_MAX: u32 = 1_000;

/// Policies of one tenant: more than any API has plans and endpoints worth
/// telling apart.
pub const POLICIES_MAX: u32 = 100;

/// Records of acts a tenant keeps; the oldest goes when one more comes.
pub const ACTS_MAX: u32 = 100_000;

/// How long a record of an act is kept.
pub const ACT_MS: i64 = 90 * DAY_MS;

/// How long after an act the archive is told of it, with whatever else was done
/// until then.
pub const ARCHIVE_MS: i64 = MINUTE_MS;

/// How long it is kept how often policies were asked.
pub const USAGE_MS: i64 = DAY_MS;

/// Policies of which a gateway tells at once: with the longest subjects that were
/// refused they fill half a message.
pub const USAGE_POLICIES_MAX: usize = 48;

/// Acts of which a gateway tells at once: with the longest words in them they fill
/// less than half a message.
pub const TOLD_ACTS_MAX: usize = 200;

/// Items in one page of a list.
pub const PAGE_MAX: u32 = 100;

/// Sessions one user may have at a time; the oldest ends when one more begins.
pub const SESSIONS_PER_USER_MAX: u32 = 100;

/// Bytes of documents in one page, so that a page of the largest clients still
/// fits a message.
pub const PAGE_BYTES_MAX: usize = 400_000;

/// Sessions told something in one turn: as many as one user may have, so that
/// whatever concerns one user is done in one turn; and a tenth of the requests
/// that the platform lets one event make.
pub const SESSIONS_PER_TURN_MAX: u32 = SESSIONS_PER_USER_MAX;

/// The pause between two such turns, in which those told can answer and
/// requests come through.
pub const SWEEP_PAUSE_MS: i64 = 500;

/// A session that has not said within this that it began most likely never
/// did: it is not listed, and is the first to give way to another. Right after
/// a sign-in its news is merely on its way.
pub const BEGIN_MS_MAX: i64 = MINUTE_MS;

/// How long a place is reserved for a session that has not said that it began:
/// longer than its outbox tries to (see
/// [`crate::actors::runtime::outbox::ATTEMPTS_MAX`]).
pub const RESERVATION_MS: i64 = 2 * DAY_MS;

/// A client that registered itself and has not been heard of since is dropped.
/// Three months are longer than any roll-out, and keep the abandoned few.
pub const UNUSED_CLIENT_MS: i64 = 90 * DAY_MS;

/// How long an actor that was erased before it was founded refuses to be
/// founded: longer than the directory's outbox tries to.
pub const TOMBSTONE_MS: i64 = 2 * DAY_MS;

/// The client of the operator's own settings; nobody else can have its name.
pub const BOOTSTRAP_CLIENT: &str = "bootstrap";

/// The client that every tenant has without a row; nobody else can have its name.
pub const CONSOLE_CLIENT: &str = "console";

/// The actor of one tenant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tenant;

impl Tenant {
    /// Where a tenant lives.
    #[must_use]
    pub fn address(tenant: TenantId) -> Address<Self> {
        Address::new(tenant.to_string())
    }
}
