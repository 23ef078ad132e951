//! What does a resource server do that follows the contract?

use super::{Stage, log};
use crate::{
    actors::{
        revocations::Attach,
        runtime::{Connection, Mail, world::Line},
    },
    domain::time::HOUR_MS,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Where it is in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It waits for the answer to what it asked for.
    Asked,
    /// It knows everything.
    Live,
}

/// Its habits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) name: &'static str,
    pub(super) issuer: &'static str,
    /// Whether it acknowledges what it takes in.
    pub(super) acks: bool,
    /// Whether it takes a snapshot where it asked for single records.
    pub(super) snapshot: bool,
}

/// One resource server.
pub(super) struct Model {
    habits: Habits,
    line: Option<Line>,
    phase: Phase,
    cursor: Option<String>,
    known: BTreeSet<String>,
    staged: BTreeSet<String>,
    unacked: u32,
    last_seq: u64,
    /// Whether it was asked to come back.
    is_drained: bool,
}

/// Which record stood at which cursor, as seen by anybody.
pub(super) type Places = BTreeMap<String, String>;

/// Notes that a record stands at a cursor, where no other ever stood.
pub(super) fn note(places: &mut Places, cursor: &str, id: &str) {
    let before = places.insert(cursor.to_owned(), id.to_owned());
    assert!(
        before.as_deref().is_none_or(|before| before == id),
        "{cursor} was {before:?} and is {id}"
    );
}

impl Model {
    pub(super) const fn new(habits: Habits) -> Self {
        Self {
            habits,
            line: None,
            phase: Phase::Asked,
            cursor: None,
            known: BTreeSet::new(),
            staged: BTreeSet::new(),
            unacked: 0,
            last_seq: 0,
            is_drained: false,
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.phase == Phase::Live && self.line.is_some()
    }

    /// The records it takes to be in force, and those that have since expired.
    pub(super) const fn known(&self) -> &BTreeSet<String> {
        &self.known
    }

    pub(super) fn forget(&mut self, is_over: impl Fn(&str) -> bool) {
        self.known.retain(|id| !is_over(id));
    }

    /// The connection breaks.
    pub(super) fn hang_up(&mut self, stage: &Stage) {
        if let Some(line) = self.line.take() {
            stage.world.hang_up(&line);
        }
    }

    /// Connects, unless it is, and says where it stands.
    pub(super) fn connect(&mut self, stage: &Stage) {
        if self.line.is_some() {
            return;
        }
        let attach = Attach {
            issuer: self.habits.issuer.to_owned(),
            client_id: super::client(self.habits.name),
            until: stage.now().plus(HOUR_MS),
        };
        let mail = Mail::new(stage.world.clone(), None);
        let Ok(Connection::Open(line)) = stage.world.run(mail.connect(&log(), attach)) else {
            return;
        };
        self.line = Some(line);
        self.phase = Phase::Asked;
        self.unacked = 0;
        self.last_seq = 0;
        self.is_drained = false;
        self.staged.clear();
        let ask = match &self.cursor {
            None => json!({ "type": "start" }),
            Some(cursor) => {
                json!({ "type": "resume", "cursor": cursor, "snapshot": self.habits.snapshot })
            }
        };
        self.say(stage, &ask);
    }

    pub(super) fn say(&self, stage: &Stage, frame: &Value) {
        if let Some(line) = &self.line {
            stage.world.say(line, &frame.to_string());
        }
    }

    /// Takes in what has come; `places` learns where records stand. Answers the
    /// records it was told of by events.
    pub(super) fn take_in(&mut self, stage: &Stage, places: &mut Places) -> Vec<String> {
        let mut told = Vec::new();
        let Some(line) = self.line.clone() else {
            return told;
        };
        for text in line.frames() {
            let frame: Value = serde_json::from_str(&text).unwrap();
            self.take(stage, places, &frame, &mut told);
        }
        if let Some(code) = line.closed() {
            assert!(
                [1001, 1006, 4401, 4408, 4410, 4413].contains(&code),
                "{code}"
            );
            self.line = None;
            if code == 4410 {
                self.cursor = None;
            }
        } else if self.is_drained {
            self.hang_up(stage);
        }
        told
    }

    fn take(&mut self, stage: &Stage, places: &mut Places, frame: &Value, told: &mut Vec<String>) {
        let cursor = || frame["cursor"].as_str().unwrap().to_owned();
        match frame["type"].as_str().unwrap() {
            "hello" | "synced" => {}
            "drain" => self.is_drained = true,
            "reset" => {
                let held = frame["revoked"].as_array().unwrap().iter();
                let ids = held.map(|held| held["id"].as_str().unwrap().to_owned());
                self.staged.extend(ids);
                if frame["part"] == frame["parts"] {
                    self.known = core::mem::take(&mut self.staged);
                    self.cursor = Some(cursor());
                }
            }
            "event" => {
                let id = frame["set"].as_str().unwrap().to_owned();
                note(places, &cursor(), &id);
                told.push(id.clone());
                let asked_to_start = self.cursor.is_none();
                if !asked_to_start {
                    self.known.insert(id);
                }
                if self.phase == Phase::Live {
                    self.in_order(&cursor());
                    self.cursor = Some(cursor());
                    self.unacked += 1;
                    if self.habits.acks && self.unacked >= 32 {
                        self.ack(stage);
                    }
                }
            }
            "caught_up" => {
                self.phase = Phase::Live;
                self.in_order(&cursor());
                self.cursor = Some(cursor());
                if self.habits.acks {
                    self.ack(stage);
                }
            }
            other => panic!("a frame of type {other}"),
        }
    }

    /// On one connection cursors only grow.
    fn in_order(&mut self, cursor: &str) {
        let (_, seq) = cursor.split_once('.').unwrap();
        let seq = seq.parse().unwrap();
        assert!(self.last_seq < seq, "{} before {seq}", self.last_seq);
        self.last_seq = seq;
    }

    fn ack(&mut self, stage: &Stage) {
        self.unacked = 0;
        let cursor = self.cursor.clone();
        self.say(stage, &json!({ "type": "ack", "cursor": cursor }));
    }
}
