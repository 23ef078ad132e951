//! What goes into a row and comes out of it?

use super::StoreFault;
use crate::domain::time::Timestamp;

/// The largest integer that JavaScript, between us and the engine, keeps exact.
pub const INTEGER_MAX: i64 = (1 << 53) - 1;

/// A bound or fetched value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `NULL`.
    Null,
    /// A whole number of at most 53 bits.
    Int(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value {
    /// 0 or 1: a Rust `bool` handed to the platform would bind as TEXT.
    fn from(truth: bool) -> Self {
        Self::Int(truth.into())
    }
}

impl From<Timestamp> for Value {
    fn from(instant: Timestamp) -> Self {
        Self::Int(instant.as_millis())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Blob(bytes.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The integer an engine's REAL stands for.
///
/// JavaScript knows one kind of number: what is bound arrives in SQLite as a
/// REAL, and whole REALs and INTEGERs come back alike.
pub(crate) fn whole(index: usize, number: f64) -> Result<Value, StoreFault> {
    if !number.is_finite() || number.trunc().to_bits() != number.to_bits() {
        return Err(StoreFault::Column { index });
    }
    // Beyond 2^63 the cast stops at the ends, which are out of range too.
    #[expect(clippy::cast_possible_truncation, reason = "checked right after")]
    let integer = number as i64;
    if integer.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
        return Err(StoreFault::IntegerRange(integer));
    }
    Ok(Value::Int(integer))
}

/// A fetched row, read by column number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    /// Wraps the cells of one row, in the order the statement named them.
    #[must_use]
    pub const fn new(cells: Vec<Value>) -> Self {
        Self(cells)
    }

    /// The integer in column `index`.
    ///
    /// # Errors
    /// When the column is missing or not an integer.
    pub fn int(&self, index: usize) -> Result<i64, StoreFault> {
        match self.0.get(index) {
            Some(Value::Int(number)) => Ok(*number),
            _ => Err(StoreFault::Column { index }),
        }
    }

    /// The non-negative 32-bit number in column `index`.
    ///
    /// # Errors
    /// When the column is missing, not an integer or out of range.
    pub fn count(&self, index: usize) -> Result<u32, StoreFault> {
        u32::try_from(self.int(index)?).map_err(|_| StoreFault::Column { index })
    }

    /// The truth value in column `index`, stored as 0 or 1.
    ///
    /// # Errors
    /// When the column is missing or holds anything else.
    pub fn truth(&self, index: usize) -> Result<bool, StoreFault> {
        match self.int(index)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(StoreFault::Column { index }),
        }
    }

    /// The instant in column `index`.
    ///
    /// # Errors
    /// When the column is missing or not an integer.
    pub fn instant(&self, index: usize) -> Result<Timestamp, StoreFault> {
        self.int(index).map(Timestamp::from_millis)
    }

    /// The text in column `index`.
    ///
    /// # Errors
    /// When the column is missing or not text.
    pub fn text(&self, index: usize) -> Result<&str, StoreFault> {
        match self.0.get(index) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(StoreFault::Column { index }),
        }
    }

    /// The bytes in column `index`.
    ///
    /// # Errors
    /// When the column is missing or not a blob.
    pub fn blob(&self, index: usize) -> Result<&[u8], StoreFault> {
        match self.0.get(index) {
            Some(Value::Blob(bytes)) => Ok(bytes),
            _ => Err(StoreFault::Column { index }),
        }
    }

    /// Reads column `index` with `read` unless it is `NULL`.
    ///
    /// # Errors
    /// When the column is missing or `read` fails.
    pub fn optional<'a, T>(
        &'a self,
        index: usize,
        read: impl FnOnce(&'a Self, usize) -> Result<T, StoreFault>,
    ) -> Result<Option<T>, StoreFault> {
        match self.0.get(index) {
            None => Err(StoreFault::Column { index }),
            Some(Value::Null) => Ok(None),
            Some(_) => read(self, index).map(Some),
        }
    }
}
