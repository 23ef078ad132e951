//! How do tests host actors?
//!
//! A whole deployment in one process: every actor on rusqlite, a clock that
//! moves when told, randomness from a seed. Whatever happens here happens the
//! same way again with the same seed. Hosts die on request: [`World::evict`]
//! drops an actor's memory, [`World::hold_mail`] is the moment between a commit
//! and its deliveries, [`World::doom`] lets the host die before or after the
//! next commit.
//!
//! * [`line`](self): the sockets of a test's clients
//! * [`post`](self): how mail travels

mod line;
mod post;

pub use line::Line;

use super::{
    After, Awake, Fault, Host, Recipient,
    envelope::{self, Returned},
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
use futures::future::LocalBoxFuture;
use line::{Plug, Plugged};
use std::{collections::BTreeMap, rc::Rc};

/// Wakes an actor of a kind; `None` when there is no such kind.
pub type Roster = Box<dyn Fn(&str, Timestamp) -> Option<Box<dyn Awake>>>;

/// Answers for a kind that has no rows: asked in bytes, like an actor.
pub type Helper =
    Box<dyn Fn(World, String, Vec<u8>) -> LocalBoxFuture<'static, Result<Vec<u8>, Fault>>>;

/// When a host dies, as seen from one event of an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doom {
    /// Nothing of the event was done.
    BeforeCommit,
    /// The event was committed, and nobody was told: no answer, no delivery,
    /// no frame.
    AfterCommit,
}

/// Rounds of deliveries and alarms after which a test is surely going in circles.
const ROUNDS_MAX: usize = 10_000;

/// How much later the platform rings again for an alarm that failed.
const ALARM_AGAIN_MS: i64 = 2_000;

struct Home {
    store: Sqlite,
    awake: Option<Box<dyn Awake>>,
    alarm: Option<Timestamp>,
    plugs: Vec<Plug>,
}

impl Home {
    /// The host's process dies: memory and connections go, rows stay.
    fn crash(&mut self) {
        self.awake = None;
        self.plugs.drain(..).for_each(|plug| plug.cut());
    }
}

struct Inner {
    roster: Roster,
    now: Cell<Timestamp>,
    entropy: RefCell<Seeded>,
    homes: RefCell<BTreeMap<Recipient, Home>>,
    mail: RefCell<Vec<(Recipient, Parcel)>>,
    holds_mail: Cell<bool>,
    delays_mail: Cell<bool>,
    unreachable: RefCell<Vec<Recipient>>,
    doomed: RefCell<BTreeMap<Recipient, Doom>>,
    helpers: RefCell<BTreeMap<String, Rc<Helper>>>,
    log: RefCell<Vec<String>>,
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
            delays_mail: Cell::new(false),
            unreachable: RefCell::default(),
            doomed: RefCell::default(),
            helpers: RefCell::default(),
            log: RefCell::default(),
        }))
    }

    /// Lets `helper` answer for a kind that has no rows of its own.
    pub fn employ(&self, kind: &str, helper: Helper) {
        let mut helpers = self.0.helpers.borrow_mut();
        helpers.insert(kind.to_owned(), Rc::new(helper));
    }

    /// Lets a kind hear everything and do nothing: for tests of others, who tell
    /// it something.
    pub fn deafen(&self, kind: &str) {
        let deaf: Helper = Box::new(|_, _, _| {
            let heard = envelope::pack(&Returned::Repeated).map_err(Fault::from);
            Box::pin(core::future::ready(heard))
        });
        self.employ(kind, deaf);
    }

    /// Lets the host die at the actor's next event.
    pub fn doom(&self, who: &Recipient, doom: Doom) {
        self.0.doomed.borrow_mut().insert(who.clone(), doom);
    }

    /// A copy of what the actor stores; `None` when that is nothing.
    ///
    /// # Errors
    /// When the engine cannot copy.
    pub fn copy(&self, who: &Recipient) -> Result<Option<Sqlite>, Fault> {
        let homes = self.0.homes.borrow();
        Ok(homes.get(who).map(|home| home.store.copy()).transpose()?)
    }

    /// Puts an older copy in the place of what the actor stores, as an operator
    /// would who restores a backup.
    pub fn restore(&self, who: &Recipient, copy: Sqlite) {
        if let Some(home) = self.0.homes.borrow_mut().get_mut(who) {
            home.crash();
            home.store = copy;
        }
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

    /// What actors have logged since the last time.
    #[must_use]
    pub fn take_log(&self) -> Vec<String> {
        self.0.log.take()
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

    /// Lets one event happen to an actor; answers what came of it, and what
    /// must be delivered before anybody hears of that.
    fn visit<T>(
        &self,
        who: &Recipient,
        event: impl FnOnce(&mut dyn Awake, &mut Host<'_>) -> (T, After),
    ) -> Result<(T, After), Fault> {
        let doom = self.0.doomed.borrow_mut().remove(who);
        let died = || Fault::Unreachable("its host died".to_owned());
        if doom == Some(Doom::BeforeCommit) {
            if let Some(home) = self.0.homes.borrow_mut().get_mut(who) {
                home.crash();
            }
            return Err(died());
        }
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
                    plugs: Vec::new(),
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
            sockets: &Plugged(home.plugs.clone()),
        };
        let (value, mut after) = event(awake.as_mut(), &mut host);
        if let Some(alarm) = after.alarm {
            home.alarm = alarm;
        }
        if doom == Some(Doom::AfterCommit) {
            home.crash();
            return Err(died());
        }
        line::apply(&mut home.plugs, core::mem::take(&mut after.sockets));
        self.0.log.borrow_mut().append(&mut after.log);
        let parcels = core::mem::take(&mut after.parcels);
        if self.0.holds_mail.get() {
            after.first.clear();
        } else if !self.0.delays_mail.get() {
            let parcels = parcels.into_iter().map(|parcel| (who.clone(), parcel));
            self.0.mail.borrow_mut().extend(parcels);
        }
        if after.erase || !crate::store::migrate::is_founded(&home.store)? {
            home.crash();
            homes.remove(who);
        }
        Ok((value, after))
    }

    /// Lets one event happen to an actor, and delivers what comes first.
    async fn visit_and_deliver<T>(
        &self,
        who: &Recipient,
        event: impl FnOnce(&mut dyn Awake, &mut Host<'_>) -> (T, After),
    ) -> Result<T, Fault> {
        let (value, after) = self.visit(who, event)?;
        for parcel in after.first {
            Box::pin(self.deliver_one(who.clone(), parcel)).await;
        }
        Ok(value)
    }

    /// Lets an event happen that fails only when storage does.
    #[expect(clippy::panic, reason = "storage does not fail in a test world")]
    async fn happen(
        &self,
        who: &Recipient,
        event: impl FnOnce(&mut dyn Awake, &mut Host<'_>) -> Result<After, Fault>,
    ) {
        let done = self.visit_and_deliver(who, |awake, host| match event(awake, host) {
            Ok(after) => (Ok(()), after),
            Err(fault) => (Err(fault), After::default()),
        });
        match done.await {
            Ok(Ok(())) | Err(Fault::Unreachable(_)) => {}
            Ok(Err(fault)) | Err(fault) => panic!("an event of {who:?} failed: {fault}"),
        }
    }

    fn ring(&self, who: &Recipient) {
        if let Some(home) = self.0.homes.borrow_mut().get_mut(who) {
            home.alarm = None;
        }
        let is_doomed = self.0.doomed.borrow().contains_key(who);
        now_or_never(self.happen(who, |awake, host| awake.alarm(host)));
        if let Some(home) = self.0.homes.borrow_mut().get_mut(who)
            && is_doomed
            && home.alarm.is_none()
        {
            // The platform rings again for an alarm that did not come through.
            home.alarm = Some(self.0.now.get().plus(ALARM_AGAIN_MS));
        }
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
