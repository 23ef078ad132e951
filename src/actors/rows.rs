//! How does a domain value fit into a cell of a row?
//!
//! Documents as JSON text, so that an operator with a database tool can read
//! them; enumerations as the word they serialise to; ids as their 16 bytes.

use super::runtime::Fault;
use crate::domain::tree;
use crate::{
    domain::ids::ID_BYTES,
    store::{Row, StoreFault},
};
use serde::{Serialize, de::DeserializeOwned, de::value::Error, de::value::StrDeserializer};

/// Before every id: where a walk through ids begins.
pub const FIRST: [u8; ID_BYTES] = [0; ID_BYTES];

/// The document to store for `value`.
///
/// # Errors
/// When it cannot be encoded.
pub fn json<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|_| Fault::Corrupt("a document cannot be written"))
}

/// The value of a stored document.
///
/// # Errors
/// When it does not read as a `T`.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    tree::from_json(text.as_bytes()).map_err(|_| Fault::Corrupt("a stored document cannot be read"))
}

/// The word an enumeration's value serialises to.
///
/// # Errors
/// When it serialises to anything else.
pub fn word<T: Serialize>(value: T) -> Result<String, Fault> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        _ => Err(Fault::Corrupt("a value is not a word")),
    }
}

/// The value of a stored word.
///
/// # Errors
/// When no value has this word.
pub fn from_word<T: DeserializeOwned>(text: &str) -> Result<T, Fault> {
    T::deserialize(StrDeserializer::<Error>::new(text))
        .map_err(|_| Fault::Corrupt("a stored word is not known"))
}

/// The bytes of the id in column `index`.
///
/// # Errors
/// When the column is missing or holds anything else.
pub fn id(row: &Row, index: usize) -> Result<[u8; ID_BYTES], StoreFault> {
    let bytes = row.blob(index)?;
    bytes.try_into().map_err(|_| StoreFault::Column { index })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tenant::Status;

    #[test]
    fn an_enumeration_is_stored_as_its_word() {
        assert_eq!(word(Status::Suspended).unwrap(), "suspended");
        assert_eq!(from_word::<Status>("live").unwrap(), Status::Live);
        assert!(from_word::<Status>("asleep").is_err());
        assert!(word(1).is_err());
    }
}
