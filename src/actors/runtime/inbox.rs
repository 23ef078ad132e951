//! Has this delivery been handled before?

use crate::{
    domain::{
        ids::MessageId,
        time::{DAY_MS, Timestamp},
    },
    store::{Store, StoreFault},
};

/// How long a delivery is remembered: longer than any outbox tries
/// ([`super::outbox::ATTEMPTS_MAX`] with its back-off is under two days).
pub const MEMORY_MS: i64 = 8 * DAY_MS;

const SEEN: &str = "SELECT 1 FROM inbox WHERE id = ?";
const FORGET: &str = "DELETE FROM inbox WHERE seen_ms < ?";
const RECORD: &str = "INSERT INTO inbox (id, seen_ms) VALUES (?, ?)";

/// Whether `delivery` was handled in an earlier turn.
///
/// # Errors
/// When storage fails.
pub fn has_seen(store: &dyn Store, delivery: &MessageId) -> Result<bool, StoreFault> {
    Ok(!store
        .query(SEEN, &[delivery.as_bytes().as_slice().into()])?
        .is_empty())
}

/// Remembers `delivery`, in the turn that handles it.
///
/// # Errors
/// When storage fails.
pub fn record(store: &dyn Store, delivery: &MessageId, now: Timestamp) -> Result<(), StoreFault> {
    store.query(FORGET, &[now.plus(-MEMORY_MS).into()])?;
    store.query(RECORD, &[delivery.as_bytes().as_slice().into(), now.into()])?;
    Ok(())
}
