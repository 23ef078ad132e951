//! How do tests host actors?
//!
//! A whole deployment in one process: every actor on rusqlite, a clock that
//! moves when told, randomness from a seed. Whatever happens here happens the
//! same way again with the same seed. Hosts die on request: [`World::evict`]
//! drops an actor's memory, [`World::hold_mail`] is the moment between a commit
//! and its deliveries.

use super::{
    Fault, Recipient, Transport,
    activation::{After, Awake, Host},
    deliver,
    outbox::Parcel,
};
use crate::{
    domain::{
        entropy::{Entropy, Seeded},
        time::Timestamp,
    },
    store::sqlite::Sqlite,
};
use core::{
    cell::{Cell, RefCell},
    pin::pin,
    task::{Context, Poll, Waker},
};
use std::{collections::BTreeMap, rc::Rc};

/// Wakes an actor of a kind; `None` when there is no such kind.
pub type Roster = Box<dyn Fn(&str, Timestamp) -> Option<Box<dyn Awake>>>;

/// Rounds of deliveries and alarms after which a test is surely going in circles.
const ROUNDS_MAX: usize = 10_000;

struct Home {
    store: Sqlite,
    awake: Option<Box<dyn Awake>>,
    alarm: Option<Timestamp>,
}

struct Inner {
    roster: Roster,
    now: Cell<Timestamp>,
    entropy: RefCell<Seeded>,
    homes: RefCell<BTreeMap<Recipient, Home>>,
    mail: RefCell<Vec<(Recipient, Parcel)>>,
    holds_mail: Cell<bool>,
    unreachable: RefCell<Vec<Recipient>>,
}

/// A deployment in one process; clones share it.
#[derive(Clone)]
pub struct World(Rc<Inner>);

impl World {
    /// An empty world at a fixed instant.
    #[must_use]
    pub fn new(seed: u64, roster: Roster) -> Self {
        Self(Rc::new(Inner {
            roster,
            now: Cell::new(Timestamp::from_millis(1_790_000_000_000)),
            entropy: RefCell::new(Seeded::new(seed)),
            homes: RefCell::default(),
            mail: RefCell::default(),
            holds_mail: Cell::new(false),
            unreachable: RefCell::default(),
        }))
    }

    /// Draws from the world's randomness.
    pub fn draw(&self, bytes: &mut [u8]) {
        self.0.entropy.borrow_mut().fill(bytes);
    }

    /// Moves the clock, ringing every alarm on the way at its time.
    ///
    /// # Panics
    /// When alarms ring for ever.
    #[expect(clippy::panic, reason = "a test that goes in circles must say so")]
    pub fn advance(&self, millis: i64) {
        let end = self.0.now.get().plus(millis);
        for _ in 0..ROUNDS_MAX {
            let next = self.next_alarm().filter(|(due, _)| *due <= end);
            let Some((due, who)) = next else {
                self.0.now.set(end);
                return;
            };
            self.0.now.set(self.0.now.get().max(due));
            self.ring(&who);
            self.deliver_mail();
        }
        panic!("alarms ring for ever");
    }

    /// Drops an actor's memory, as the platform may at any time.
    pub fn evict(&self, who: &Recipient) {
        if let Some(home) = self.0.homes.borrow_mut().get_mut(who) {
            home.awake = None;
        }
    }

    /// Whether the actor stores anything.
    #[must_use]
    pub fn exists(&self, who: &Recipient) -> bool {
        self.0.homes.borrow().contains_key(who)
    }

    /// Rows the actor has inserted, updated and deleted so far: what an
    /// operation costs is the difference.
    #[must_use]
    pub fn rows_written(&self, who: &Recipient) -> u64 {
        let homes = self.0.homes.borrow();
        homes.get(who).map_or(0, |home| home.store.rows_written())
    }

    /// Every actor that stores anything.
    #[must_use]
    pub fn everybody(&self) -> Vec<Recipient> {
        self.0.homes.borrow().keys().cloned().collect()
    }

    /// While `true`, hosts die between commit and delivery: what is written to
    /// an outbox is delivered by its alarm only.
    pub fn hold_mail(&self, holds: bool) {
        self.0.holds_mail.set(holds);
    }

    /// Makes an actor unreachable, or reachable again.
    pub fn cut_off(&self, who: &Recipient, is_cut_off: bool) {
        let mut unreachable = self.0.unreachable.borrow_mut();
        unreachable.retain(|other| other != who);
        if is_cut_off {
            unreachable.push(who.clone());
        }
    }

    fn next_alarm(&self) -> Option<(Timestamp, Recipient)> {
        let homes = self.0.homes.borrow();
        let alarms = homes
            .iter()
            .filter_map(|(who, home)| home.alarm.map(|due| (due, who)));
        alarms.min().map(|(due, who)| (due, who.clone()))
    }

    fn visit<T>(
        &self,
        who: &Recipient,
        event: impl FnOnce(&mut dyn Awake, &mut Host<'_>) -> (T, After),
    ) -> Result<T, Fault> {
        let now = self.0.now.get();
        let mut homes = self.0.homes.borrow_mut();
        if !homes.contains_key(who) {
            let store = Sqlite::in_memory()?;
            homes.insert(
                who.clone(),
                Home {
                    store,
                    awake: None,
                    alarm: None,
                },
            );
        }
        let Some(home) = homes.get_mut(who) else {
            return Err(Fault::Absent);
        };
        if home.awake.is_none() {
            home.awake = (self.0.roster)(&who.kind, now);
        }
        let Some(awake) = home.awake.as_mut() else {
            return Err(Fault::Unreachable(format!("no kind {}", who.kind)));
        };
        let mut entropy = self.0.entropy.borrow_mut();
        let mut host = Host {
            name: &who.name,
            now,
            entropy: &mut *entropy,
            store: &home.store,
        };
        let (value, after) = event(awake.as_mut(), &mut host);
        if let Some(alarm) = after.alarm {
            home.alarm = alarm;
        }
        if !self.0.holds_mail.get() {
            let parcels = after
                .parcels
                .into_iter()
                .map(|parcel| (who.clone(), parcel));
            self.0.mail.borrow_mut().extend(parcels);
        }
        if after.erase || !crate::store::migrate::is_founded(&home.store)? {
            homes.remove(who);
        }
        Ok(value)
    }

    fn ring(&self, who: &Recipient) {
        if let Some(home) = self.0.homes.borrow_mut().get_mut(who) {
            home.alarm = None;
        }
        let rung = self.visit(who, |awake, host| match awake.alarm(host) {
            Ok(after) => (Ok(()), after),
            Err(fault) => (Err(fault), After::default()),
        });
        #[expect(clippy::panic, reason = "storage does not fail in a test world")]
        if let Err(fault) | Ok(Err(fault)) = rung {
            panic!("the alarm of {who:?} failed: {fault}");
        }
    }

    fn deliver_mail(&self) {
        loop {
            let Some((from, parcel)) = self.0.mail.borrow_mut().pop() else {
                return;
            };
            let failure = now_or_never(deliver(self, &parcel))
                .err()
                .map(|fault| fault.to_string());
            let settled = self.visit(&from, |awake, host| {
                match awake.settle(host, &parcel.id, failure.as_deref()) {
                    Ok(after) => (Ok(()), after),
                    Err(fault) => (Err(fault), After::default()),
                }
            });
            #[expect(clippy::panic, reason = "storage does not fail in a test world")]
            if let Err(fault) | Ok(Err(fault)) = settled {
                panic!("a delivery of {from:?} could not be settled: {fault}");
            }
        }
    }
}

impl Transport for World {
    fn now(&self) -> Timestamp {
        self.0.now.get()
    }

    async fn carry(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        _deadline: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        if self.0.unreachable.borrow().contains(to) {
            return Err(Fault::Unreachable("cut off".to_owned()));
        }
        let reply = self.visit(to, |awake, host| awake.receive(host, &envelope))?;
        Ok(reply)
    }
}

impl World {
    /// Runs one request to its end, then everything it set going: nothing in a
    /// test world ever waits.
    ///
    /// # Panics
    /// When the future waits for something outside the world.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let value = now_or_never(future);
        self.deliver_mail();
        value
    }
}

#[expect(clippy::panic, reason = "nothing in a test world ever waits")]
fn now_or_never<T>(future: impl Future<Output = T>) -> T {
    match pin!(future)
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a future waits for something outside the world"),
    }
}
