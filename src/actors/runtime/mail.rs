//! How does a question reach an actor?

use super::{
    Actors, Address, Ask, Cause, Fault, FaultCode, Party, Recipient,
    envelope::{self, Body, Command, Envelope, EnvelopeFault, Returned, VERSION},
    inspect::Snapshot,
    outbox::Parcel,
};
use crate::domain::{
    audit::Caller,
    ids::MessageId,
    time::{SECOND_MS, Timestamp},
};
use core::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

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

/// Calls that are remembered of one request; more are counted.
const CALLS_MAX: usize = 16;

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// The kind of who was asked.
    pub kind: String,
    /// The message's name.
    pub message: &'static str,
    /// How long the answer took, by the host's clock.
    pub ms: i64,
}

/// The questions that were asked: the cost of an operation.
#[derive(Debug, Default)]
pub struct Calls {
    count: Cell<u32>,
    first: RefCell<Vec<Called>>,
}

impl Calls {
    /// How many there were.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count.get()
    }

    /// The first of them, in the order of their answers.
    pub fn first(&self) -> Ref<'_, Vec<Called>> {
        self.first.borrow()
    }

    fn note(&self, to: &Recipient, message: &'static str, ms: i64) {
        self.count.set(self.count.get().saturating_add(1));
        let mut first = self.first.borrow_mut();
        if first.len() < CALLS_MAX {
            let kind = to.kind.clone();
            first.push(Called { kind, message, ms });
        }
    }
}

/// Asks actors over a [`Transport`], on behalf of one request, and counts.
#[derive(Debug)]
pub struct Mail<T> {
    transport: T,
    cause: Cause,
    caller: RefCell<Option<Box<Caller>>>,
    calls: Rc<Calls>,
}

impl<T: Transport> Mail<T> {
    /// Mail on behalf of `request`.
    #[must_use]
    pub fn new(transport: T, request: Option<String>) -> Self {
        let trace = None;
        Self::of(transport, Cause { request, trace })
    }

    /// Mail on behalf of a request with its trace.
    #[must_use]
    pub fn of(transport: T, cause: Cause) -> Self {
        Self {
            transport,
            cause,
            caller: RefCell::new(None),
            calls: Rc::default(),
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
            cause: self.cause.clone(),
            caller: self.caller(),
        }
    }

    /// What has been asked, and will be.
    #[must_use]
    pub fn calls(&self) -> Rc<Calls> {
        Rc::clone(&self.calls)
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
        let name = <Q::Party as Party>::name_of(&message);
        let body = Body::Message(envelope::pack(&message)?);
        let to = to.into();
        let (letter, deadline) = letter(&self.transport, self.sender(), body)?;
        let connected = self.transport.connect(&to, letter, deadline).await;
        self.note(&to, name, deadline);
        match connected? {
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
        match self.send(to, "Inspect", Body::Inspect).await? {
            Returned::Snapshot(snapshot) => Ok(*snapshot),
            _ => Err(EnvelopeFault::WrongReply.into()),
        }
    }

    /// Has an actor of any kind carry out a command.
    ///
    /// # Errors
    /// [`Fault::Absent`] when it is not there; when it cannot be reached or fails.
    pub async fn act(&self, to: &Recipient, command: Command) -> Result<(), Fault> {
        let body = Body::Act(command);
        self.send(to, body.name(), body).await.map(drop)
    }

    /// Makes the actor panic, to see what its callers and neighbours see.
    ///
    /// # Errors
    /// Always, when all is well.
    #[cfg(feature = "test-hooks")]
    pub async fn panic(&self, to: &Recipient) -> Result<(), Fault> {
        self.send(to, "Panic", Body::Panic).await.map(drop)
    }

    async fn send(
        &self,
        to: &Recipient,
        name: &'static str,
        body: Body,
    ) -> Result<Returned, Fault> {
        let (letter, deadline) = letter(&self.transport, self.sender(), body)?;
        let carried = self.transport.carry(to, letter, deadline).await;
        self.note(to, name, deadline);
        read(to, &carried?)
    }

    /// Notes a question that was waited for until `deadline` at most.
    fn note(&self, to: &Recipient, name: &'static str, deadline: Timestamp) {
        let left_ms = deadline.since(self.transport.now());
        self.calls.note(to, name, ASK_DEADLINE_MS - left_ms);
    }
}

impl<T: Transport> Actors for Mail<T> {
    async fn ask<Q: Ask>(&self, to: &Address<Q::Party>, question: Q) -> Result<Q::Answer, Fault> {
        let message: <Q::Party as Party>::Message = question.into();
        let name = <Q::Party as Party>::name_of(&message);
        let body = Body::Message(envelope::pack(&message)?);
        answer_of::<Q>(self.send(&to.into(), name, body).await?)
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
        cause: parcel.cause.clone(),
        caller: None,
    };
    let (letter, deadline) = letter(transport, sender, body)?;
    let carried = transport.carry(&parcel.to, letter, deadline).await?;
    match read(&parcel.to, &carried) {
        Ok(_) | Err(Fault::Absent) => Ok(()),
        Err(fault) => Err(fault),
    }
}

/// What an envelope says of where it comes from.
struct Sender {
    delivery: Option<MessageId>,
    cause: Cause,
    caller: Option<Box<Caller>>,
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
        request: sender.cause.request,
        trace: sender.cause.trace,
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
