//! What has a resource server ever heard of a tenant's log?

use super::text;
use crate::support::relying_party::claims;
use aero2::domain::revocation::{Cursor, Epoch, Seq};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All that a resource server has ever heard of a tenant's log.
#[derive(Default)]
pub(super) struct Ledger {
    epoch: Option<Epoch>,
    /// The token that stands at each cursor.
    sets: BTreeMap<Seq, String>,
    /// Where it is told what ended.
    places: BTreeMap<String, Seq>,
}

impl Ledger {
    /// Takes in one frame. No cursor is ever used for anything else, and nothing
    /// is told twice.
    fn take(&mut self, frame: &Value) -> Seq {
        let cursor = Cursor::parse(frame["cursor"].as_str().unwrap()).unwrap();
        assert_eq!(*self.epoch.get_or_insert(cursor.epoch), cursor.epoch);
        let (seq, set) = (cursor.seq, frame["set"].as_str().unwrap());
        let known = self.sets.entry(seq).or_insert_with(|| set.to_owned());
        assert_eq!(known, set, "a cursor was used again");
        let place = self.places.entry(ended(set)).or_insert(seq);
        assert_eq!(*place, seq, "an act was told twice");
        seq
    }

    /// Takes in a frame that came after `caught_up`: it is later than all others.
    pub(super) fn take_live(&mut self, frame: &Value) {
        let newest = self.sets.last_key_value().map(|(seq, _)| *seq);
        let seq = self.take(frame);
        assert!(newest.is_none_or(|newest| newest < seq), "out of order");
    }

    /// Takes in the frames up to `caught_up`. What was appended before the answer
    /// to `resume` is in it too.
    pub(super) fn take_all(&mut self, frames: &[Value]) -> Vec<Seq> {
        let (last, events) = frames.split_last().unwrap();
        assert_eq!(last["type"], "caught_up");
        assert!(events.iter().all(|frame| frame["type"] == "event"));
        let seqs: Vec<Seq> = events.iter().map(|frame| self.take(frame)).collect();
        let mut all = seqs.clone();
        all.sort_unstable();
        all.dedup();
        assert!(seqs.ends_with(&all), "out of order: {seqs:?}");
        all
    }

    /// Everything after a cursor.
    pub(super) fn after(&self, seq: Seq) -> Vec<Seq> {
        let later = self.sets.keys().copied();
        later.filter(|one| *one > seq).collect()
    }

    /// Whether it has been told that this ended.
    pub(super) fn tells(&self, what: &str) -> bool {
        self.places.contains_key(what)
    }

    /// All it has been told has ended.
    pub(super) fn ends(&self) -> impl Iterator<Item = String> {
        self.places.keys().cloned()
    }

    /// The latest cursor that was heard.
    pub(super) fn cursor(&self) -> Option<Value> {
        let (seq, _) = self.sets.last_key_value()?;
        Some(json!(Cursor {
            epoch: self.epoch?,
            seq: *seq
        }))
    }
}

/// The one session or grant a token tells of.
fn ended(set: &str) -> String {
    let event = claims(set)["events"]["urn:aero2:event:revoked"].clone();
    match event["sids"].as_array() {
        Some(sids) => {
            assert_eq!(sids.len(), 1, "{event}");
            sids[0].as_str().unwrap().to_owned()
        }
        None => text(&event, "grant"),
    }
}

/// The number in a cursor.
pub(super) fn seq_of(cursor: &Value) -> Seq {
    Cursor::parse(cursor.as_str().unwrap()).unwrap().seq
}
