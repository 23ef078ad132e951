//! How does a host drive an actor?

use super::{
    Fault,
    outbox::Parcel,
    socket::{Accept, Heard, Socket, SocketChange, Sockets},
};
use crate::{
    domain::{entropy::Entropy, ids::MessageId, time::Timestamp},
    store::Store,
};

/// What the host lends for one event.
pub struct Host<'a> {
    /// The actor's name.
    pub name: &'a str,
    /// The host's clock at this event.
    pub now: Timestamp,
    /// The host's randomness.
    pub entropy: &'a mut dyn Entropy,
    /// The actor's database.
    pub store: &'a dyn Store,
    /// The sockets open to the actor.
    pub sockets: &'a dyn Sockets,
}

/// What the host must do once the event's writes are committed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Deliver these before the answer leaves, and tell [`Awake::settle`] of
    /// each.
    pub first: Vec<Parcel>,
    /// Deliver these now, and tell [`Awake::settle`] of each.
    pub parcels: Vec<Parcel>,
    /// Set the alarm anew: to an instant, or to none.
    pub alarm: Option<Option<Timestamp>>,
    /// Accept the socket the asker wants to open, instead of answering him.
    pub accept: Option<Accept>,
    /// Then do this with sockets, in order.
    pub sockets: Vec<SocketChange>,
    /// Erase everything the actor stores, and put it to sleep. Sockets that
    /// are still open are closed.
    pub erase: bool,
    /// Lines for the operator's log: what has failed here.
    pub log: Vec<String>,
}

impl After {
    /// Adds what a later turn of the same event wants done. Its alarm is the
    /// one that counts.
    pub fn merge(&mut self, later: Self) {
        self.first.extend(later.first);
        self.parcels.extend(later.parcels);
        self.alarm = later.alarm.or(self.alarm);
        self.accept = later.accept.or(self.accept.take());
        self.sockets.extend(later.sockets);
        self.erase |= later.erase;
        self.log.extend(later.log);
    }
}

/// An actor of some kind in memory, driven by its host in bytes.
pub trait Awake {
    /// Handles one packed envelope and answers a packed
    /// [`super::envelope::Returned`].
    fn receive(&mut self, host: &mut Host<'_>, envelope: &[u8]) -> (Vec<u8>, After);

    /// Does the jobs and names the deliveries that are due.
    ///
    /// # Errors
    /// When storage fails; the host rings again later.
    fn alarm(&mut self, host: &mut Host<'_>) -> Result<After, Fault>;

    /// Hears from a socket.
    ///
    /// # Errors
    /// On a fault, after which the host closes the socket.
    fn hear(
        &mut self,
        _host: &mut Host<'_>,
        _socket: &Socket,
        _heard: Heard,
    ) -> Result<After, Fault> {
        Err(Fault::Corrupt("a socket nobody accepted"))
    }

    /// Records what became of a delivery; `failure` says why it must be tried
    /// again.
    ///
    /// # Errors
    /// When storage fails; the parcel is then delivered once more, harmlessly.
    fn settle(
        &mut self,
        host: &mut Host<'_>,
        parcel: &MessageId,
        failure: Option<&str>,
    ) -> Result<After, Fault>;
}
