//! What does a turn want done after its commit?

use super::{Actor, Address, Ask, Fault, Recipient, envelope};
use crate::domain::time::Timestamp;
use core::mem;

/// A message to another actor, not yet written.
#[derive(Debug)]
pub struct Tell {
    /// To whom.
    pub to: Recipient,
    /// The packed message.
    pub message: Vec<u8>,
}

/// A change to the actor's jobs, not yet written.
#[derive(Debug)]
pub enum JobChange {
    /// Do it at this time, once; replaces an earlier plan of the same name.
    At(String, Timestamp),
    /// Do not do it.
    Never(String),
}

/// Collects what a turn wants done; the runtime writes it in the turn's own
/// transaction and acts after the commit.
#[derive(Debug, Default)]
pub struct Effects {
    pub(super) tells: Vec<Tell>,
    pub(super) jobs: Vec<JobChange>,
    pub(super) ends: bool,
}

impl Effects {
    /// Tells another actor something, at least once.
    ///
    /// # Errors
    /// When the message cannot be packed.
    pub fn tell<Q: Ask>(&mut self, to: &Address<Q::Actor>, question: Q) -> Result<(), Fault> {
        let message: <Q::Actor as Actor>::Message = question.into();
        let message = envelope::pack(&message)?;
        self.tells.push(Tell {
            to: to.into(),
            message,
        });
        Ok(())
    }

    /// Plans a job.
    pub fn schedule(&mut self, name: &str, due: Timestamp) {
        self.jobs.push(JobChange::At(name.to_owned(), due));
    }

    /// Drops a job.
    pub fn unschedule(&mut self, name: &str) {
        self.jobs.push(JobChange::Never(name.to_owned()));
    }

    /// Ends the actor: everything it stores is erased as soon as its outbox
    /// has been delivered.
    pub fn end(&mut self) {
        self.ends = true;
    }

    pub(super) fn take(&mut self) -> Self {
        mem::take(self)
    }
}
