//! What does a log not read twice?

use super::{
    RECOUNT_MS,
    state::{self, Log},
};
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
    /// Feeds by tag.
    feeds: BTreeMap<String, Feeds>,
    /// The last snapshot.
    pub(super) snapshot: Option<Snapshot>,
}

/// A snapshot as it was told.
pub(super) struct Snapshot {
    pub(super) seq: Seq,
    pub(super) made_at: Timestamp,
    pub(super) frames: Vec<String>,
}

/// How many feeds with one tag there are, or more.
struct Feeds {
    count: usize,
    /// When the host was asked.
    counted_at: Timestamp,
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

    /// Counts one more feed with this tag, unless there are `max`.
    ///
    /// Hosts count by listing. They are asked once an activation, and then only
    /// when there seem to be too many, for feeds that were closed are not told
    /// apart; and not again for [`RECOUNT_MS`], for whoever is refused comes
    /// back at once.
    pub(super) fn admit(
        &mut self,
        (sockets, now): (&dyn Sockets, Timestamp),
        tag: &str,
        max: usize,
    ) -> bool {
        let known = self.feeds.get(tag).filter(|feeds| {
            feeds.count < max || (0..RECOUNT_MS).contains(&now.since(feeds.counted_at))
        });
        let (count, counted_at) = known.map_or_else(
            || (sockets.count(Some(tag)), now),
            |feeds| (feeds.count, feeds.counted_at),
        );
        let is_room = count < max;
        let count = count.saturating_add(usize::from(is_room));
        self.feeds
            .insert(tag.to_owned(), Feeds { count, counted_at });
        is_room
    }
}
