//! How does a question reach an actor?

use super::{
    Actors, Address, Ask, Fault, FaultCode, Party, Recipient,
    envelope::{self, Body, Command, Envelope, EnvelopeFault, Returned, VERSION},
    inspect::Snapshot,
    outbox::Parcel,
};
use crate::domain::{
    audit::Caller,
    ids::MessageId,
    time::{SECOND_MS, Timestamp},
};
use core::cell::{Cell, RefCell};

/// How long an asker waits. An actor's turn takes about a millisecond; longer
/// than this only an unreachable or overloaded one takes.
pub const ASK_DEADLINE_MS: i64 = 10 * SECOND_MS;

/// The host's way from one actor to another, in bytes.
pub trait Transport {
    /// The asker's end of a socket that an actor has accepted.
    type Socket: 'static;

    /// The host's clock.
    fn now(&self) -> Timestamp;

    /// Carries a packed envelope there and the packed [`Returned`] back,
    /// waiting no longer than `deadline`.
    ///
    /// # Errors
    /// [`Fault::Unreachable`], [`Fault::Overloaded`] or [`Fault::Deadline`].
    fn carry(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<Vec<u8>, Fault>>;

    /// The same for an asker who wants to open a socket.
    ///
    /// # Errors
    /// As [`Transport::carry`].
    fn connect(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> impl Future<Output = Result<Connected<Self::Socket>, Fault>>;
}

/// What comes of the wish for a socket, in bytes.
#[derive(Debug)]
pub enum Connected<S> {
    /// It is open: the asker's end.
    Open(S),
    /// The actor has answered instead: a packed [`Returned`].
    Answered(Vec<u8>),
}

/// What comes of the wish for a socket.
#[derive(Debug)]
pub enum Connection<S, A> {
    /// It is open: the asker's end.
    Open(S),
    /// The actor has answered instead.
    Answered(A),
}

/// Asks actors over a [`Transport`], on behalf of one request, and counts.
#[derive(Debug)]
pub struct Mail<T> {
    transport: T,
    request: Option<String>,
    caller: RefCell<Option<Box<Caller>>>,
    asked: Cell<u32>,
}

impl<T: Transport> Mail<T> {
    /// Mail on behalf of `request`.
    #[must_use]
    pub const fn new(transport: T, request: Option<String>) -> Self {
        Self {
            transport,
            request,
            caller: RefCell::new(None),
            asked: Cell::new(0),
        }
    }

    /// Asks on behalf of somebody from now on, so that whoever does what is asked can
    /// keep a record of it.
    pub fn act_as(&self, caller: Caller) {
        self.caller.replace(Some(Box::new(caller)));
    }

    /// On whose behalf.
    #[must_use]
    pub fn caller(&self) -> Option<Box<Caller>> {
        self.caller.borrow().clone()
    }

    fn sender(&self) -> Sender {
        Sender {
            delivery: None,
            request: self.request.clone(),
            caller: self.caller(),
        }
    }

    /// How many questions have been asked: the cost of the operation.
    #[must_use]
    pub const fn asked(&self) -> u32 {
        self.asked.get()
    }

    /// Asks an actor one question by which it may accept a socket.
    ///
    /// # Errors
    /// As [`Actors::ask`].
    pub async fn connect<Q: Ask>(
        &self,
        to: &Address<Q::Party>,
        question: Q,
    ) -> Result<Connection<T::Socket, Q::Answer>, Fault> {
        let message: <Q::Party as Party>::Message = question.into();
        let body = Body::Message(envelope::pack(&message)?);
        self.asked.set(self.asked.get().saturating_add(1));
        let to = to.into();
        let (letter, deadline) = letter(&self.transport, self.sender(), body)?;
        match self.transport.connect(&to, letter, deadline).await? {
            Connected::Open(socket) => Ok(Connection::Open(socket)),
            Connected::Answered(bytes) => {
                answer_of::<Q>(read(&to, &bytes)?).map(Connection::Answered)
            }
        }
    }

    /// Asks an actor of any kind to describe itself.
    ///
    /// # Errors
    /// When it cannot be reached or fails.
    pub async fn inspect(&self, to: &Recipient) -> Result<Snapshot, Fault> {
        match self.send(to, Body::Inspect).await? {
            Returned::Snapshot(snapshot) => Ok(*snapshot),
            _ => Err(EnvelopeFault::WrongReply.into()),
        }
    }

    /// Has an actor of any kind carry out a command.
    ///
    /// # Errors
    /// [`Fault::Absent`] when it is not there; when it cannot be reached or fails.
    pub async fn act(&self, to: &Recipient, command: Command) -> Result<(), Fault> {
        self.send(to, Body::Act(command)).await.map(drop)
    }

    /// Makes the actor panic, to see what its callers and neighbours see.
    ///
    /// # Errors
    /// Always, when all is well.
    #[cfg(feature = "test-hooks")]
    pub async fn panic(&self, to: &Recipient) -> Result<(), Fault> {
        self.send(to, Body::Panic).await.map(drop)
    }

    async fn send(&self, to: &Recipient, body: Body) -> Result<Returned, Fault> {
        self.asked.set(self.asked.get().saturating_add(1));
        exchange(&self.transport, to, self.sender(), body).await
    }
}

impl<T: Transport> Actors for Mail<T> {
    async fn ask<Q: Ask>(&self, to: &Address<Q::Party>, question: Q) -> Result<Q::Answer, Fault> {
        let message: <Q::Party as Party>::Message = question.into();
        let body = Body::Message(envelope::pack(&message)?);
        answer_of::<Q>(self.send(&to.into(), body).await?)
    }
}

fn answer_of<Q: Ask>(returned: Returned) -> Result<Q::Answer, Fault> {
    match returned {
        Returned::Reply(reply) => {
            Q::answer(envelope::unpack(&reply)?).ok_or(EnvelopeFault::WrongReply.into())
        }
        _ => Err(EnvelopeFault::WrongReply.into()),
    }
}

/// Delivers one parcel of an outbox. An answer of any kind, and an actor that
/// is no more, mean that it was delivered.
///
/// # Errors
/// When it did not arrive and must be tried again.
pub async fn deliver<T: Transport>(transport: &T, parcel: &Parcel) -> Result<(), Fault> {
    let body = Body::Message(parcel.message.clone());
    let sender = Sender {
        delivery: Some(parcel.id),
        ..Sender::default()
    };
    match exchange(transport, &parcel.to, sender, body).await {
        Ok(_) | Err(Fault::Absent) => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// What an envelope says of where it comes from.
#[derive(Default)]
struct Sender {
    delivery: Option<MessageId>,
    request: Option<String>,
    caller: Option<Box<Caller>>,
}

async fn exchange<T: Transport>(
    transport: &T,
    to: &Recipient,
    sender: Sender,
    body: Body,
) -> Result<Returned, Fault> {
    let (letter, deadline) = letter(transport, sender, body)?;
    read(to, &transport.carry(to, letter, deadline).await?)
}

/// Packs an envelope, and says until when its answer is waited for.
fn letter<T: Transport>(
    transport: &T,
    sender: Sender,
    body: Body,
) -> Result<(Vec<u8>, Timestamp), Fault> {
    let deadline = transport.now().plus(ASK_DEADLINE_MS);
    let envelope = Envelope {
        v: VERSION,
        delivery: sender.delivery,
        request: sender.request,
        caller: sender.caller,
        deadline: Some(deadline),
        body,
    };
    Ok((envelope::pack(&envelope)?, deadline))
}

fn read(from: &Recipient, bytes: &[u8]) -> Result<Returned, Fault> {
    match envelope::unpack(bytes)? {
        Returned::Fault {
            code: FaultCode::Absent,
            ..
        } => Err(Fault::Absent),
        Returned::Fault { code, text } => Err(Fault::Remote {
            kind: from.kind.clone(),
            code,
            text,
        }),
        returned => Ok(returned),
    }
}
