//! How are documents read with little code?
//!
//! First into a tree of values, then into the type. A reader of MessagePack or
//! JSON written out for every type was most of the Worker's code; a reader of
//! this tree, which asks each type for no more than it can be, is a fraction of
//! that, and what we read is small. The tree is lent, not given away: what is
//! owned must be dropped wherever reading can stop, for every type once more.
//!
//! * [`grow`](self): bytes into the tree
//! * [`read`](self): the tree into a type

mod grow;
mod read;
#[cfg(test)]
mod tests;

use grow::Tree;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

/// Deeper than any message nests; JSON has a bound of its own.
const DEPTH_MAX: usize = 64;

/// Bytes or a value that are not what they should be; the sentence says why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

/// Reads MessagePack.
///
/// # Errors
/// When it is not MessagePack, or not of this type.
pub fn from_pack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    let mut reader = rmp_serde::Deserializer::from_read_ref(bytes);
    reader.set_max_depth(DEPTH_MAX);
    grown(&Tree::deserialize(&mut reader).map_err(|error| Unreadable(error.to_string()))?)
}

/// Reads a MessagePack pair of a document and bytes. The bytes, which may be
/// secret, go past the tree, where nobody would wipe them.
///
/// # Errors
/// When it is not such a pair.
pub fn with_bytes_from_pack<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Vec<u8>), Unreadable> {
    let pair = rmp_serde::from_slice::<(Tree, Vec<u8>)>(bytes);
    let (tree, beside) = pair.map_err(|error| Unreadable(error.to_string()))?;
    Ok((grown(&tree)?, beside))
}

/// Reads JSON.
///
/// # Errors
/// When it is not JSON, or not of this type.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    grown(&serde_json::from_slice(bytes)?)
}

/// Reads a JSON value.
///
/// # Errors
/// When it is not of this type.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Unreadable> {
    grown(&Tree::from(value))
}

fn grown<T: DeserializeOwned>(tree: &Tree) -> Result<T, Unreadable> {
    T::deserialize(tree).map_err(|error| Unreadable(error.to_string()))
}
