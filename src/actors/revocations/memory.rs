//! What does a log not read twice?

use super::state::{self, Log};
use crate::{
    actors::runtime::{Fault, socket::Sockets},
    domain::{revocation::Seq, time::Timestamp},
    store::Store,
};
use std::collections::{BTreeMap, BTreeSet};

/// A cache of the rows, and of how many feeds there are.
#[derive(Default)]
pub struct Memory {
    log: Option<Log>,
    issuers: Option<BTreeSet<String>>,
    /// Feeds by tag: never fewer than there are.
    feeds: BTreeMap<String, usize>,
    /// The last snapshot.
    pub(super) snapshot: Option<Snapshot>,
}

/// A snapshot as it was told.
pub(super) struct Snapshot {
    pub(super) seq: Seq,
    pub(super) made_at: Timestamp,
    pub(super) frames: Vec<String>,
}

impl Memory {
    /// The log; `None` before it is founded.
    pub(super) fn log(&mut self, store: &dyn Store) -> Result<Option<Log>, Fault> {
        if self.log.is_none() {
            self.log = state::log(store)?;
        }
        Ok(self.log)
    }

    /// Remembers the log as it was just written.
    pub(super) const fn put_log(&mut self, log: Log) {
        self.log = Some(log);
    }

    /// The issuers at which feeds have been opened.
    pub(super) fn issuers(&mut self, store: &dyn Store) -> Result<&mut BTreeSet<String>, Fault> {
        if self.issuers.is_none() {
            self.issuers = Some(state::issuers(store)?);
        }
        Ok(self.issuers.get_or_insert_default())
    }

    /// Counts one more feed with this tag, unless there are `max`. Hosts count
    /// by listing, so they are asked as rarely as can be: feeds that were
    /// closed since are noticed only once there seem to be too many.
    pub(super) fn admit(&mut self, sockets: &dyn Sockets, tag: &str, max: usize) -> bool {
        let known = self.feeds.get(tag).copied().filter(|known| *known < max);
        let count = known.unwrap_or_else(|| sockets.count(Some(tag)));
        let is_room = count < max;
        let count = if is_room {
            count.saturating_add(1)
        } else {
            count
        };
        self.feeds.insert(tag.to_owned(), count);
        is_room
    }
}
