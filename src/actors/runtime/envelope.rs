//! How does a message travel?
//!
//! As MessagePack maps with named fields, so that a field may be added with a
//! default and an older release still reads what it knows. `v` counts the
//! changes that are not of that sort; a newer one than ours is refused. The
//! actor's own message lies packed inside, so that the runtime and the outbox
//! carry it without knowing its type.

use super::{Fault, FaultCode};
use crate::domain::{audit::Caller, ids::MessageId, time::Timestamp, tree};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The version this code writes, and the newest it reads.
pub const VERSION: u8 = 1;

/// The largest envelope: a message carries no more than one request's body.
pub const ENVELOPE_BYTES_MAX: usize = 1_000_000;

/// A message or reply that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeFault {
    /// Not MessagePack, or not of the expected shape.
    #[error("a message could not be read: {0}")]
    Unreadable(String),
    /// Could not be encoded.
    #[error("a message could not be written: {0}")]
    Unwritable(String),
    /// From a later release.
    #[error("a message of version {0} comes from a later release")]
    Newer(u8),
    /// Larger than [`ENVELOPE_BYTES_MAX`].
    #[error("a message of {0} bytes is too large")]
    Size(usize),
    /// The reply belongs to another question.
    #[error("the actor answered another question")]
    WrongReply,
}

/// A message with what the runtime needs to know of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// See [`VERSION`].
    pub v: u8,
    /// Present on what an outbox delivers: the same at every attempt.
    #[serde(default)]
    pub delivery: Option<MessageId>,
    /// The request that caused this message, for logs and inspection.
    #[serde(default)]
    pub request: Option<String>,
    /// Its `traceparent`, with our span, for logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// On whose behalf, for records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Box<Caller>>,
    /// When the sender stops waiting.
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    /// What is asked.
    pub body: Body,
}

/// What an envelope asks.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A message of the actor's own, packed.
    Message(#[serde(with = "serde_bytes")] Vec<u8>),
    /// The runtime's own: describe yourself ([`super::inspect::Snapshot`]).
    Inspect,
    /// The runtime's own: an operator wants something done.
    Act(Command),
    /// A test's wish that the actor panic after a write.
    #[cfg(feature = "test-hooks")]
    Panic,
}

impl Body {
    /// What inspection calls it, as long as nobody has read the message in it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Inspect => "Inspect",
            Self::Act(Command::Flush) => "Flush",
            Self::Act(Command::Revive) => "Revive",
            Self::Act(Command::Evict) => "Evict",
            _ => "?",
        }
    }
}

/// What an operator may have any actor do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Deliver what waits in the outbox, however long that would wait.
    Flush,
    /// The same with the dead letters.
    Revive,
    /// Forget everything that is not a row.
    Evict,
}

/// What comes back.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub enum Returned {
    /// The actor's reply, packed.
    Reply(#[serde(with = "serde_bytes")] Vec<u8>),
    /// A delivery that had been handled before; nothing was done.
    Repeated,
    /// A [`Command`] was carried out.
    Done,
    /// The answer to [`Body::Inspect`].
    Snapshot(Box<super::inspect::Snapshot>),
    /// A fault.
    Fault {
        /// Its sort.
        code: FaultCode,
        /// Its words.
        text: String,
    },
}

impl Returned {
    /// What a fault looks like from outside.
    #[must_use]
    pub fn fault(fault: &Fault) -> Self {
        Self::Fault {
            code: fault.code(),
            text: fault.to_string(),
        }
    }
}

/// Encodes anything that travels.
///
/// # Errors
/// When it cannot be encoded or is too large.
pub fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, EnvelopeFault> {
    let bytes = rmp_serde::to_vec_named(value)
        .map_err(|error| EnvelopeFault::Unwritable(error.to_string()))?;
    bounded(&bytes)?;
    Ok(bytes)
}

/// Decodes anything that travels.
///
/// # Errors
/// When it is too large or not of the expected shape.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, EnvelopeFault> {
    bounded(bytes)?;
    tree::from_pack(bytes).map_err(|error| EnvelopeFault::Unreadable(error.to_string()))
}

fn bounded(bytes: &[u8]) -> Result<(), EnvelopeFault> {
    if bytes.len() > ENVELOPE_BYTES_MAX {
        return Err(EnvelopeFault::Size(bytes.len()));
    }
    Ok(())
}

/// Reads an envelope. One of a later release is refused by its version, even
/// where nothing else of it can be read.
///
/// # Errors
/// When it is from a later release, too large or not of the expected shape.
pub fn open(bytes: &[u8]) -> Result<Envelope, EnvelopeFault> {
    #[derive(Deserialize)]
    struct Version {
        v: u8,
    }
    // Most are of this release: its version is asked for alone only when the
    // whole does not read as ours do.
    let envelope = unpack::<Envelope>(bytes);
    let v = match &envelope {
        Ok(envelope) => envelope.v,
        Err(_) => unpack::<Version>(bytes)?.v,
    };
    if v > VERSION {
        return Err(EnvelopeFault::Newer(v));
    }
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letter(v: u8) -> Envelope {
        let body = Body::Message(pack(&7).unwrap());
        Envelope {
            v,
            delivery: None,
            request: None,
            trace: None,
            caller: None,
            deadline: None,
            body,
        }
    }

    #[test]
    fn an_envelope_survives_the_journey() {
        let bytes = pack(&letter(VERSION)).unwrap();
        assert_eq!(open(&bytes).unwrap(), letter(VERSION));
    }

    #[test]
    fn a_later_release_is_refused_by_its_version() {
        let bytes = pack(&letter(VERSION + 1)).unwrap();
        assert!(matches!(open(&bytes), Err(EnvelopeFault::Newer(_))));
    }

    #[test]
    fn unknown_fields_are_skipped_and_missing_ones_default() {
        #[derive(Serialize)]
        struct Later {
            v: u8,
            novelty: &'static str,
            body: Body,
        }
        let later = Later {
            v: VERSION,
            novelty: "?",
            body: letter(VERSION).body,
        };
        assert_eq!(open(&pack(&later).unwrap()).unwrap(), letter(VERSION));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(open(&bytes));
        }
    }
}
