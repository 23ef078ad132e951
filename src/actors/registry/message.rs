//! What can a shard of the registry be asked?

use super::Registry;
use crate::{actors::runtime::conversation, domain::time::Timestamp};
use serde::{Deserialize, Serialize};

/// An actor has begun or ended. Founds the shard; the same again, and older
/// news than is known, change nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Whether it has begun.
    pub is_birth: bool,
}

/// Lists actors of one kind, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct List {
    /// Which kind.
    pub kind: String,
    /// Whether it lists those that live; both sorts when nobody says.
    pub is_live: Option<bool>,
    /// Only names that begin so.
    pub prefix: String,
    /// After this name.
    pub after: Option<String>,
    /// At most so many and one more, bounded by [`super::PAGE_MAX`]: the one
    /// more says that there is more.
    pub limit: u32,
}

/// Finds some actors of one kind, in the order of their names; who is not known
/// is left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Find {
    /// Which kind.
    pub kind: String,
    /// Which: at most [`super::PAGE_MAX`].
    pub names: Vec<String>,
}

/// What is known of an actor.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// When it last began; `None` when only its end was heard of.
    pub born_at: Option<Timestamp>,
    /// When it last ended.
    pub ended_at: Option<Timestamp>,
}

impl Entry {
    /// Whether it lives. No actor ends and begins within one millisecond, so
    /// that one which has begun and ended within one has ended.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.born_at > self.ended_at
    }
}

/// Counts actors by kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountActors {
    /// Those of one owner; of all when nobody says.
    pub owner: Option<String>,
}

/// How many actors of one kind there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Which kind.
    pub kind: String,
    /// How many live.
    pub live: u32,
    /// How many have ended within [`super::ENDED_KEPT_MS`].
    pub ended: u32,
}

impl Count {
    /// Adds up what several have counted.
    #[must_use]
    pub fn sum(counts: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut sums: Vec<Self> = Vec::new();
        for count in counts {
            match sums.iter_mut().find(|sum| sum.kind == count.kind) {
                Some(sum) => {
                    sum.live = sum.live.saturating_add(count.live);
                    sum.ended = sum.ended.saturating_add(count.ended);
                }
                None => sums.push(count),
            }
        }
        sums.sort_by(|a, b| a.kind.cmp(&b.kind));
        sums
    }
}

/// It is done, and done again is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

conversation! {
    Registry as "registry" {
        Note => Done,
        List => Vec<Entry>,
        Find => Vec<Entry>,
        CountActors => Vec<Count>,
    }
}
