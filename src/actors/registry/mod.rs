//! Which actors there are.
//!
//! Sixteen shards share the register by a hash of kind and name, so that none
//! is a hot spot. Whoever begins or ends says so by the outbox, in the turn
//! that begins or ends it ([`tell`]); nobody waits for that. An entry keeps the
//! latest beginning and the latest end it has heard of and nothing else, so
//! that news may come in any order and any number of times, and the runtime
//! need not remember it. Nothing is decided by what stands here: who wants to
//! know whether an actor is there asks the actor.

mod handler;
mod message;
mod schema;
mod state;
#[cfg(test)]
mod tests;

pub use message::*;

use crate::{
    actors::runtime::{Address, Fault, Life, effects::Effects},
    domain::time::{DAY_MS, SECOND_MS},
};

/// The shards, by the last part of their names.
pub const SHARDS: [&str; 16] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f",
];

/// Items in one page of a list.
pub const PAGE_MAX: u32 = 100;

/// How long an entry stays after its actor has ended. The news of a beginning
/// that arrives later than that, when the shard had already heard of the end,
/// has been on its way for longer than any back-off
/// ([`crate::actors::runtime::jobs::BACK_OFF_MS_MAX`]).
pub const ENDED_KEPT_MS: i64 = DAY_MS;

/// How often a shard tells the directory what it counts, at most.
pub const REPORT_MS: i64 = 2 * SECOND_MS;

/// Ended entries dropped in one turn; the rest follow in the next.
pub const SWEEP_MAX: u32 = 500;

/// One shard of the register.
#[derive(Clone, Copy, Debug, Default)]
pub struct Registry;

impl Registry {
    /// The shard that knows of an actor.
    #[must_use]
    pub fn address(kind: &str, name: &str) -> Address<Self> {
        let shard = SHARDS.get(shard(kind, name)).copied().unwrap_or_default();
        Address::new(shard.to_owned())
    }

    /// All shards, in order.
    pub fn all() -> impl Iterator<Item = Address<Self>> {
        SHARDS.iter().map(|shard| Address::new((*shard).to_owned()))
    }
}

/// FNV-1a, of which the high bits are the well mixed ones. It says where rows
/// lie, and so never changes.
fn shard(kind: &str, name: &str) -> usize {
    let bytes = kind.bytes().chain(core::iter::once(0)).chain(name.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    usize::try_from(hash >> 60).unwrap_or_default()
}

/// What an actor's name begins with: the tenant it belongs to.
#[must_use]
pub fn owner(name: &str) -> &str {
    name.split_once('/').map_or(name, |(owner, _)| owner)
}

/// Tells the registry of an actor's life: the
/// [`crate::actors::runtime::Actor::ANNOUNCE`] of a kind that stands in it.
///
/// # Errors
/// When the message cannot be packed.
pub fn tell(
    effects: &mut Effects,
    kind: &'static str,
    name: &str,
    life: Life,
) -> Result<(), Fault> {
    let (at, is_birth) = match life {
        Life::Born(at) => (at, true),
        Life::Ended(at) => (at, false),
    };
    let news = Note {
        kind: kind.to_owned(),
        name: name.to_owned(),
        at,
        is_birth,
    };
    effects.tell(&Registry::address(kind, name), news)
}
