//! How are members of a JSON document read?

use serde_json::{Map, Value};

/// Members by name.
pub type Object = Map<String, Value>;

/// The longest id, name or address we keep: longer than any in use.
pub const TEXT_BYTES_MAX: usize = 256;

/// The largest number that every reader of JSON reads alike.
pub const WHOLE_MAX: u64 = (1 << 53) - 1;

/// The object that `text` is.
#[must_use]
pub fn object(text: &[u8]) -> Option<Object> {
    match serde_json::from_slice(text) {
        Ok(Value::Object(members)) => Some(members),
        _ => None,
    }
}

/// A text member that is neither empty nor longer than [`TEXT_BYTES_MAX`].
#[must_use]
pub fn text<'a>(members: &'a Object, name: &str) -> Option<&'a str> {
    let text = members.get(name)?.as_str()?;
    (1..=TEXT_BYTES_MAX).contains(&text.len()).then_some(text)
}

/// A whole number from 0 on, also when it is spelled `1.0`.
#[must_use]
pub fn whole(members: &Object, name: &str) -> Option<u64> {
    let value = members.get(name)?;
    if let Some(number) = value.as_u64() {
        return (number <= WHOLE_MAX).then_some(number);
    }
    let number = value.as_f64()?;
    #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact")]
    let is_whole = number.fract() == 0.0 && (0.0..=WHOLE_MAX as f64).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and within bounds, as just compared"
    )]
    is_whole.then_some(number as u64)
}
