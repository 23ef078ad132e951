//! What does a turn want done after its commit?

use super::{
    Address, Ask, Fault, Party, Recipient,
    envelope::{self, EnvelopeFault},
    socket::{Accept, KEPT_BYTES_MAX, SocketChange},
};
use crate::domain::{ids::SocketId, time::Timestamp};
use core::mem;
use serde::Serialize;

/// A message to another actor, not yet written.
#[derive(Debug)]
pub struct Tell {
    /// To whom.
    pub to: Recipient,
    /// The packed message.
    pub message: Vec<u8>,
    /// Whether it is delivered before the turn's own answer leaves.
    pub comes_first: bool,
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
    pub(super) stays: bool,
    pub(super) accept: Option<Accept>,
    pub(super) sockets: Vec<SocketChange>,
}

impl Effects {
    /// Tells another actor something, at least once.
    ///
    /// # Errors
    /// When the message cannot be packed.
    pub fn tell<Q: Ask>(&mut self, to: &Address<Q::Party>, question: Q) -> Result<(), Fault> {
        self.push(to, question, false)
    }

    /// Tells another actor something at least once, and tries to before the
    /// answer to this turn's own message leaves: whoever is answered may rely
    /// on it wherever that actor could be reached.
    ///
    /// # Errors
    /// When the message cannot be packed.
    pub fn tell_first<Q: Ask>(&mut self, to: &Address<Q::Party>, question: Q) -> Result<(), Fault> {
        self.push(to, question, true)
    }

    fn push<Q: Ask>(
        &mut self,
        to: &Address<Q::Party>,
        question: Q,
        comes_first: bool,
    ) -> Result<(), Fault> {
        let message: <Q::Party as Party>::Message = question.into();
        let message = envelope::pack(&message)?;
        self.tells.push(Tell {
            to: to.into(),
            message,
            comes_first,
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

    /// Has an actor that has ended, and is not erased yet, go on as one that
    /// has just begun: what this turn writes stays. The turn that ended it has
    /// to have dropped all rows that such a one does not have.
    pub fn stay(&mut self) {
        self.stays = true;
    }

    /// Accepts the socket that the asker wants to open, instead of answering
    /// him: only in a turn whose message came by
    /// [`super::Mail::connect`].
    ///
    /// # Errors
    /// When what is to be kept with it is too much.
    pub fn accept<T: Serialize>(
        &mut self,
        id: SocketId,
        tags: &[&str],
        kept: &T,
    ) -> Result<(), Fault> {
        self.accept = Some(Accept {
            id,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            kept: pack_kept(kept)?,
        });
        Ok(())
    }

    /// Keeps something else with a socket.
    ///
    /// # Errors
    /// When it is too much.
    pub fn keep<T: Serialize>(&mut self, socket: SocketId, kept: &T) -> Result<(), Fault> {
        let kept = pack_kept(kept)?;
        self.sockets.push(SocketChange::Keep(socket, kept));
        Ok(())
    }

    /// Sends a text frame to one socket.
    pub fn send(&mut self, to: SocketId, frame: String) {
        self.sockets.push(SocketChange::Send(to, frame));
    }

    /// Sends the same text frame to every socket with a tag.
    pub fn broadcast(&mut self, tag: &str, frame: String) {
        let tag = tag.to_owned();
        self.sockets.push(SocketChange::Broadcast(tag, frame));
    }

    /// Closes a socket.
    pub fn close(&mut self, socket: SocketId, code: u16, reason: &'static str) {
        self.sockets.push(SocketChange::Close(socket, code, reason));
    }

    /// Closes every socket with a tag.
    pub fn close_all(&mut self, tag: &str, code: u16, reason: &'static str) {
        let tag = tag.to_owned();
        self.sockets.push(SocketChange::CloseAll(tag, code, reason));
    }

    pub(super) fn take(&mut self) -> Self {
        mem::take(self)
    }
}

fn pack_kept<T: Serialize>(kept: &T) -> Result<Vec<u8>, EnvelopeFault> {
    let bytes = envelope::pack(kept)?;
    if bytes.len() > KEPT_BYTES_MAX {
        return Err(EnvelopeFault::Size(bytes.len()));
    }
    Ok(bytes)
}
