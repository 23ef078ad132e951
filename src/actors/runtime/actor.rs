//! What is an actor, and what does a turn give it?

use super::{
    Address, Fault, MIGRATIONS,
    effects::Effects,
    socket::{Heard, Socket, Sockets},
};
use crate::{
    domain::{audit::Caller, entropy::Entropy, time::Timestamp},
    store::{
        Store,
        migrate::{self, Migration},
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// Everything a message may touch.
pub struct Turn<'a> {
    /// The actor's own name.
    pub name: &'a str,
    /// The instant of this turn: time cannot move inside it.
    pub now: Timestamp,
    /// On whose behalf; `None` when nobody has asked, or has not said.
    pub caller: Option<Box<Caller>>,
    /// Randomness.
    pub entropy: &'a mut dyn Entropy,
    /// The actor's rows, inside the turn's transaction.
    pub store: &'a dyn Store,
    /// What happens after the commit.
    pub effects: &'a mut Effects,
    /// The sockets open as the turn began.
    pub sockets: &'a dyn Sockets,
}

/// What happens to every actor once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It begins, in this turn.
    Born(Timestamp),
    /// It has ended, by this turn. Its rows go when its outbox is empty.
    Ended(Timestamp),
}

/// Adds the news of an actor's life to the effects of the turn in which it
/// happens: of which kind, and by which name.
pub type Announce = fn(&mut Effects, &'static str, &str, Life) -> Result<(), Fault>;

/// Somebody who can be asked: an actor, or a helper without rows of its own.
/// [`super::conversation!`] implements it.
pub trait Party: Sized + 'static {
    /// The kind, as it stands in bindings, rows and inspection.
    const KIND: &'static str;

    /// What it is asked.
    type Message: Serialize + DeserializeOwned;
    /// What it answers, refusals included.
    type Reply: Serialize + DeserializeOwned;

    /// The message's name, for inspection: never its contents.
    fn name_of(message: &Self::Message) -> &'static str;
}

/// A kind of actor. The value itself is its configuration, the same for every
/// actor of the kind; everything an actor knows is in its rows.
pub trait Actor: Party {
    /// Its schema.
    const MIGRATIONS: &'static [Migration];
    /// Its tables with a statement that counts each, for inspection.
    const TABLES: &'static [(&'static str, &'static str)];

    /// A cache of its rows, dropped after any fault and rebuilt from them.
    type Memory: Default;

    /// Tells whoever keeps a register of actors what happens to one of this
    /// kind; none when the kind stands in no register.
    const ANNOUNCE: Option<Announce> = None;

    /// Whether `message` brings an actor into being. Any other message to an
    /// actor without rows is answered [`Fault::Absent`] and leaves no trace.
    fn founds(message: &Self::Message) -> bool;

    /// Whether a second delivery of `message` changes nothing by itself, so
    /// that the runtime need not remember the first.
    fn is_repeatable(_message: &Self::Message) -> bool {
        false
    }

    /// Handles one message.
    ///
    /// # Errors
    /// On a fault, which undoes every write of the turn.
    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Self::Memory,
        message: Self::Message,
    ) -> Result<Self::Reply, Fault>;

    /// The reply to a message that memory alone can answer, without a turn:
    /// nothing is read, written or wanted done, and a crash right after it loses
    /// nothing that was promised. With `None` the message is handled, and
    /// memory is as it was.
    fn recall(
        &self,
        _now: Timestamp,
        _memory: &mut Self::Memory,
        _message: &Self::Message,
    ) -> Option<Self::Reply> {
        None
    }

    /// Does a job that has come due. It is removed when this succeeds, unless
    /// the turn scheduled it anew, and retried with back-off when not.
    ///
    /// # Errors
    /// On a fault, which undoes every write of the turn.
    fn job(&self, turn: &mut Turn<'_>, memory: &mut Self::Memory, name: &str) -> Result<(), Fault>;

    /// Hears from a socket that an earlier turn accepted. Who accepts none has
    /// nothing to hear.
    ///
    /// # Errors
    /// On a fault, which undoes every write of the turn and closes the socket.
    fn hear(
        &self,
        _turn: &mut Turn<'_>,
        _memory: &mut Self::Memory,
        _socket: &Socket,
        _heard: Heard,
    ) -> Result<(), Fault> {
        Err(Fault::Corrupt("a socket nobody accepted"))
    }

    /// The actor's state for an operator's eyes, without any secret.
    ///
    /// # Errors
    /// When its rows cannot be read.
    fn describe(&self, store: &dyn Store, now: Timestamp) -> Result<serde_json::Value, Fault>;
}

/// Brings the database to the shape the code expects; says whether there was
/// none.
pub(super) fn open<A: Actor>(store: &dyn Store, now: Timestamp) -> Result<bool, Fault> {
    let is_new = !migrate::is_founded(store)?;
    if is_new {
        migrate::found(store)?;
    }
    migrate::migrate(store, "runtime", MIGRATIONS, now)?;
    migrate::migrate(store, A::KIND, A::MIGRATIONS, now)?;
    Ok(is_new)
}

/// One question and the answer it is owed.
pub trait Ask: Into<<Self::Party as Party>::Message> {
    /// Who answers.
    type Party: Party;
    /// What comes back.
    type Answer;

    /// Picks the answer out of the party's replies; `None` when it answered
    /// another question.
    fn answer(reply: <Self::Party as Party>::Reply) -> Option<Self::Answer>;
}

/// How everybody outside reaches actors.
pub trait Actors {
    /// Asks one actor one question.
    ///
    /// # Errors
    /// On a fault of the actor, of the way to it, or when nobody is there.
    fn ask<Q: Ask>(
        &self,
        to: &Address<Q::Party>,
        question: Q,
    ) -> impl Future<Output = Result<Q::Answer, Fault>>;
}
