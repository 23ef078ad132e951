//! What went wrong that the caller can do nothing about?

use super::envelope::EnvelopeFault;
use crate::store::{StoreFault, migrate::MigrationFault};
use serde::{Deserialize, Serialize};

/// The machine failed; the turn is undone, the caller did nothing wrong.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Storage failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The database does not fit the code.
    #[error(transparent)]
    Migration(#[from] MigrationFault),
    /// A message could not be read or written.
    #[error(transparent)]
    Envelope(#[from] EnvelopeFault),
    /// Rows contradict what the code knows to be true.
    #[error("stored state is not what it must be: {0}")]
    Corrupt(&'static str),
    /// The actor panicked; its memory was dropped and its turn undone.
    #[error("the actor panicked")]
    Panicked,
    /// The caller no longer waits.
    #[error("the deadline passed before the turn began")]
    Deadline,
    /// The actor was never founded, or has ended: there is nobody to answer.
    #[error("there is no such actor")]
    Absent,
    /// The platform could not reach the actor.
    #[error("the actor could not be reached: {0}")]
    Unreachable(String),
    /// The platform says the actor has too much to do; do not ask again.
    #[error("the actor is overloaded")]
    Overloaded,
    /// The actor answered with a fault of its own.
    #[error("{kind} failed: {text}")]
    Remote {
        /// The actor's kind.
        kind: String,
        /// What sort of fault.
        code: FaultCode,
        /// Its words; they carry no secret.
        text: String,
    },
}

/// A fault's sort, as it crosses from actor to caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// Storage or stored state.
    Storage,
    /// The database is newer than, or differs from, the code.
    Schema,
    /// A message could not be read.
    Envelope,
    /// A panic.
    Panicked,
    /// Too late.
    Deadline,
    /// No such actor.
    Absent,
    /// Could not be reached or overloaded.
    Unavailable,
}

impl Fault {
    /// The fault's sort.
    #[must_use]
    pub const fn code(&self) -> FaultCode {
        match self {
            Self::Store(_) | Self::Corrupt(_) => FaultCode::Storage,
            Self::Migration(_) => FaultCode::Schema,
            Self::Envelope(_) => FaultCode::Envelope,
            Self::Panicked => FaultCode::Panicked,
            Self::Deadline => FaultCode::Deadline,
            Self::Absent => FaultCode::Absent,
            Self::Unreachable(_) | Self::Overloaded => FaultCode::Unavailable,
            Self::Remote { code, .. } => *code,
        }
    }
}
