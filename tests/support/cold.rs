//! How is the archive kept in-process?
//!
//! A queue and a database that a test can stop: what the queue brings goes
//! through the gateway as on the platform.

use super::platform::TestPlatform;
use aero2::{
    actors::{archive::Archive, runtime::Fault, runtime::world::Helper},
    archive::{ArchiveFault, native::Cabinet},
    gateway::Gateway,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// Messages that the queue brings at once.
const BATCH: usize = 100;

/// The archive of an in-process deployment.
pub(crate) struct Cold {
    pub(crate) cabinet: Cabinet,
    pub(crate) queue: RefCell<Vec<String>>,
    /// Whether there is a database at all.
    pub(crate) is_bound: Cell<bool>,
    /// Whether the database answers.
    pub(crate) is_up: Cell<bool>,
    /// Whether the queue takes anything.
    pub(crate) takes: Cell<bool>,
}

impl Cold {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Self {
            cabinet: Cabinet::new().unwrap(),
            queue: RefCell::default(),
            is_bound: Cell::new(true),
            is_up: Cell::new(true),
            takes: Cell::new(true),
        })
    }

    /// Who takes what actors tell the archive.
    pub(crate) fn helper(self: &Rc<Self>) -> Helper {
        let cold = Rc::clone(self);
        Box::new(move |_, _, envelope| {
            let cold = Rc::clone(&cold);
            Box::pin(async move {
                if !cold.takes.get() {
                    return Err(Fault::Unreachable("the queue is down".to_owned()));
                }
                cold.queue.borrow_mut().push(Archive::open(&envelope)?);
                Archive::taken()
            })
        })
    }

    pub(crate) fn run(&self, statements: &str) -> Result<String, ArchiveFault> {
        if !self.is_bound.get() {
            return Err(ArchiveFault::Missing);
        }
        if !self.is_up.get() {
            return Err(ArchiveFault::Failed("the database is down".to_owned()));
        }
        self.cabinet.run(statements)
    }

    /// The queue brings what it has, a batch at a time, until one fails.
    pub(crate) async fn bring(&self, gateway: &Gateway<TestPlatform>) {
        loop {
            let batch: Vec<String> = self.queue.borrow().iter().take(BATCH).cloned().collect();
            if batch.is_empty() || gateway.take(&batch).await.is_err() {
                return;
            }
            self.queue.borrow_mut().drain(..batch.len());
        }
    }
}
