//! Where does an actor live?

use core::{fmt, marker::PhantomData};
use serde::{Deserialize, Serialize};

/// Where one actor lives; the type says which kind answers.
///
/// Only an actor's own module builds addresses, from typed ids, so that a name
/// is never taken unchecked from a request.
pub struct Address<A> {
    name: String,
    kind: PhantomData<fn() -> A>,
}

impl<A> Address<A> {
    /// Wraps a name derived by the actor's own module.
    pub(crate) const fn new(name: String) -> Self {
        Self {
            name,
            kind: PhantomData,
        }
    }

    /// The name the platform derives the object from.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl<A> Clone for Address<A> {
    fn clone(&self) -> Self {
        Self::new(self.name.clone())
    }
}

impl<A> PartialEq for Address<A> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<A> Eq for Address<A> {}

impl<A> fmt::Debug for Address<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Address").field(&self.name).finish()
    }
}

/// An address whose kind is a value: what the outbox stores.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recipient {
    /// The actor's kind, as in [`super::Party::KIND`].
    pub kind: String,
    /// The actor's name.
    pub name: String,
}

impl Recipient {
    /// The same as an address of a kind; `None` when it is of another.
    #[must_use]
    pub fn address<A: super::Party>(&self) -> Option<Address<A>> {
        (self.kind == A::KIND).then(|| Address::new(self.name.clone()))
    }
}

impl<A: super::Party> From<&Address<A>> for Recipient {
    fn from(address: &Address<A>) -> Self {
        Self {
            kind: A::KIND.to_owned(),
            name: address.name.clone(),
        }
    }
}
