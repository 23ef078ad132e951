//! Is no record lost, whatever goes wrong?
//!
//! Resource servers that follow the contract, and a log whose host dies, whose
//! connections break and whose rows are put back to older copies. What is
//! committed is known exactly, for the test decides when the host dies; after
//! every step, whoever is caught up must know precisely that.

use super::{
    ISSUER, OTHER, Stage,
    client::{Habits, Model, Places, note},
    record, set, who,
};
use crate::{
    actors::runtime::world::Doom,
    domain::{
        entropy::{Seeded, draw},
        revocation::Cursor,
        time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp},
    },
    store::sqlite::Sqlite,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const HABITS: [Habits; 5] = [
    habits("a", ISSUER, true, true),
    habits("b", ISSUER, true, true),
    habits("c", OTHER, true, true),
    habits("never-acks", ISSUER, false, true),
    habits("no-snapshots", OTHER, true, false),
];

const fn habits(name: &'static str, issuer: &'static str, acks: bool, snapshot: bool) -> Habits {
    Habits {
        name,
        issuer,
        acks,
        snapshot,
    }
}

struct Simulation {
    stage: Stage,
    chance: Seeded,
    clients: Vec<Model>,
    /// Every record ever made, by id, and when its tokens are gone.
    made: BTreeMap<String, Timestamp>,
    /// The records of the log as it stands.
    committed: BTreeSet<String>,
    /// The records whose delivery was not acknowledged, to be repeated.
    owed: Vec<u32>,
    last: Option<Cursor>,
    places: Places,
    doom: Doom,
    copy: Option<(Sqlite, BTreeSet<String>)>,
    faults: u32,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        Self {
            stage: Stage::new(seed),
            chance: Seeded::new(seed),
            clients: HABITS.map(Model::new).into(),
            made: BTreeMap::new(),
            committed: BTreeSet::new(),
            owed: Vec::new(),
            last: None,
            places: Places::new(),
            doom: Doom::BeforeCommit,
            copy: None,
            faults: 0,
        }
    }

    fn below(&mut self, bound: u32) -> u32 {
        u32::from_be_bytes(draw(&mut self.chance)) % bound
    }

    fn some_client(&mut self) -> &mut Model {
        let count = u32::try_from(self.clients.len()).unwrap();
        let place = self.below(count);
        &mut self.clients[place as usize]
    }

    fn doom(&mut self) {
        self.doom = match self.below(2) {
            0 => Doom::BeforeCommit,
            _ => Doom::AfterCommit,
        };
        self.stage.world.doom(&who(), self.doom);
    }

    /// Delivers a record, new or not.
    fn deliver(&mut self, number: u32) {
        let id = set(number);
        let exp = self.stage.now().plus(HOUR_MS);
        let exp = *self.made.entry(id.clone()).or_insert(exp);
        let record = record(number, exp.plus(-HOUR_MS));
        let is_new = !self.committed.contains(&id);
        let Ok(appended) = self.stage.try_append(record) else {
            if self.doom == Doom::AfterCommit {
                self.committed.insert(id);
            }
            self.owed.push(number);
            return;
        };
        note(&mut self.places, &appended.cursor.to_string(), &id);
        if is_new {
            let seq = |cursor: Cursor| cursor.seq;
            assert!(self.last.map(seq) < Some(seq(appended.cursor)));
            self.last = Some(appended.cursor);
        }
        self.committed.insert(id);
    }

    /// One thing goes wrong, or seems to.
    fn fault(&mut self) {
        self.faults += 1;
        let stage = Stage {
            world: self.stage.world.clone(),
        };
        let made = u32::try_from(self.made.len()).unwrap();
        match self.below(12) {
            0 | 1 => self.some_client().hang_up(&stage),
            2 => stage.world.evict(&who()),
            3 | 4 => {
                self.doom();
                self.deliver(made);
            }
            5 => {
                self.doom();
                let client = self.some_client();
                client.hang_up(&stage);
                client.connect(&stage);
            }
            6 => {
                self.doom();
                let sync = json!({ "type": "sync", "nonce": "n" });
                self.some_client().say(&stage, &sync);
            }
            7 => {
                self.doom();
                stage.world.advance(SECOND_MS * 10);
            }
            8 | 9 if made > 0 => {
                let again = made - 1 - self.below(made.min(40));
                self.deliver(again);
            }
            10 => {
                let holds = self.below(2) == 0;
                stage.world.hold_mail(holds);
            }
            _ => self.copy_or_restore(),
        }
    }

    fn copy_or_restore(&mut self) {
        match self.copy.take() {
            Some((copy, committed)) if self.below(3) == 0 => {
                self.stage.world.restore(&who(), copy);
                self.committed = committed;
                // Nobody restores a copy within the millisecond it was lost in.
                self.stage.world.advance(1);
            }
            Some(older) if self.below(2) == 0 => self.copy = Some(older),
            _ => {
                let copied = self.stage.world.copy(&who()).unwrap();
                self.copy = copied.map(|copy| (copy, self.committed.clone()));
            }
        }
    }

    /// Ordinary life goes on: records, time, and whoever was cut off returns.
    fn live_on(&mut self) {
        let made = u32::try_from(self.made.len()).unwrap();
        for offset in 0..self.below(3) {
            self.deliver(made + offset);
        }
        if let Some(owed) = self.owed.pop() {
            self.deliver(owed);
        }
        let pause_ms = match self.below(200) {
            0 => 70 * MINUTE_MS,
            1..20 => MINUTE_MS,
            _ => i64::from(self.below(2_000)),
        };
        self.stage.world.advance(pause_ms);
        for _ in 0..2 {
            let stage = Stage {
                world: self.stage.world.clone(),
            };
            self.some_client().connect(&stage);
        }
        self.take_in();
    }

    /// Everybody takes in what has come: only what is durable may have.
    fn take_in(&mut self) {
        for client in &mut self.clients {
            for id in client.take_in(&self.stage, &mut self.places) {
                assert!(self.committed.contains(&id), "{id} was told too early");
            }
        }
    }

    /// Whoever is caught up knows what is in force, and nothing else.
    fn invariant_nothing_is_lost(&mut self) {
        let (made, now) = (&self.made, self.stage.now());
        let is_over = |id: &str| made[id] <= now;
        let in_force = self.committed.iter().filter(|id| !is_over(id));
        let in_force: BTreeSet<_> = in_force.collect();
        for client in &mut self.clients {
            client.forget(is_over);
            if client.is_live() {
                assert!(client.known().iter().eq(in_force.iter().copied()));
            }
        }
    }

    /// All come back, and all are caught up.
    fn settle(&mut self) {
        self.stage.world.hold_mail(false);
        while let Some(owed) = self.owed.pop() {
            self.deliver(owed);
        }
        for _ in 0..3 {
            for client in &mut self.clients {
                client.connect(&self.stage);
            }
            self.take_in();
        }
        assert!(self.clients.iter().all(Model::is_live));
        self.invariant_nothing_is_lost();
    }

    fn run(&mut self, faults: u32) {
        while self.faults < faults {
            self.fault();
            self.take_in();
            self.live_on();
            self.invariant_nothing_is_lost();
            if self.faults.is_multiple_of(100) {
                self.settle();
            }
        }
        self.settle();
    }
}

#[test]
fn ten_thousand_faults_lose_nothing() {
    for seed in 0..10 {
        let mut simulation = Simulation::new(seed);
        simulation.run(1_000);
        assert!(simulation.places.len() > 500);
    }
}
