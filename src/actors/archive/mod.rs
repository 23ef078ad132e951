//! Who keeps what actors no longer need?
//!
//! An actor tells the archive as it would tell an actor: from its outbox, at
//! least once, until it is taken. The archive has no rows; what it takes it
//! hands to a queue, and from there it reaches a database in which nobody who
//! must be obeyed ever looks ([`crate::archive`]).

use super::{
    rows,
    runtime::{
        Address, Fault, conversation,
        envelope::{self, Body, Returned},
    },
};
use serde::{Deserialize, Serialize};

/// What is kept apart from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Sessions that have ended.
    Sessions,
    /// Records of acts.
    Audit,
    /// Epochs of keys that are gone.
    Keys,
    /// Tenants that are no more.
    Tenants,
}

impl Shelf {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Sessions, Self::Audit, Self::Keys, Self::Tenants];

    /// Its name, in messages and addresses alike.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Audit => "audit",
            Self::Keys => "keys",
            Self::Tenants => "tenants",
        }
    }

    /// Whether its records are some tenant's, which says how long they stay.
    #[must_use]
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Sessions | Self::Audit)
    }

    /// The shelf of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.as_str() == name)
    }
}

/// Keeps records of one shelf: its name on the first line, then the records as
/// JSON objects, a comma between two. Each has an `id`, by which it is kept
/// once, and `at`, and none a secret.
#[derive(Debug, Serialize, Deserialize)]
pub struct Keep {
    /// The message, as it is handed to the queue.
    pub text: String,
}

impl Keep {
    /// Keeps one record.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn one<T: Serialize>(shelf: Shelf, record: &T) -> Result<Self, Fault> {
        Ok(Self::all(shelf, &[rows::json(record)?]))
    }

    /// Keeps records that are written already.
    #[must_use]
    pub fn all(shelf: Shelf, records: &[String]) -> Self {
        let text = format!("{}\n{}", shelf.as_str(), records.join(","));
        Self { text }
    }
}

/// It has been taken: nothing needs to be told again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept;

/// The archive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Archive;

conversation! {
    Archive as "archive" { Keep => Kept }
}

impl Archive {
    /// The archive, of which there is one.
    #[must_use]
    pub fn address() -> Address<Self> {
        Address::new("archive".to_owned())
    }

    /// The text to hand to the queue, of a packed envelope.
    ///
    /// # Errors
    /// When it is no message to the archive.
    pub fn open(envelope: &[u8]) -> Result<String, Fault> {
        let Body::Message(message) = envelope::open(envelope)?.body else {
            return Err(Fault::Absent);
        };
        let Message::Keep(keep) = envelope::unpack(&message)?;
        Ok(keep.text)
    }

    /// The packed answer to what was handed over.
    ///
    /// # Errors
    /// When it cannot be packed.
    pub fn taken() -> Result<Vec<u8>, Fault> {
        let reply = envelope::pack(&Reply::Keep(Kept))?;
        Ok(envelope::pack(&Returned::Reply(reply))?)
    }
}

/// For tests: who takes what the archive is told, and what that was.
#[cfg(test)]
pub(crate) fn taker() -> (
    std::rc::Rc<core::cell::RefCell<Vec<String>>>,
    super::runtime::world::Helper,
) {
    let kept = std::rc::Rc::<core::cell::RefCell<Vec<String>>>::default();
    let keeping = std::rc::Rc::clone(&kept);
    let taker: super::runtime::world::Helper = Box::new(move |_, _, envelope| {
        let text = Archive::open(&envelope);
        Box::pin(core::future::ready(text.and_then(|text| {
            keeping.borrow_mut().push(text);
            Archive::taken()
        })))
    });
    (kept, taker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_has_one_name() {
        for shelf in Shelf::ALL {
            assert_eq!(Shelf::named(shelf.as_str()), Some(shelf));
        }
        assert_eq!(Shelf::named("cellar"), None);
    }

    #[test]
    fn records_are_written_beside_one_another() {
        let one = Keep::one(Shelf::Keys, &serde_json::json!({"id": "1"})).unwrap();
        assert_eq!(one.text, "keys\n{\"id\":\"1\"}");
        let both = Keep::all(Shelf::Keys, &["{}".to_owned(), "[]".to_owned()]);
        assert_eq!(both.text, "keys\n{},[]");
    }
}
