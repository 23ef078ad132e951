//! What did a receiver send?
//!
//! One JSON object. Members that mean nothing here are ignored: later versions
//! of the framework have more of them. A member that is `null` is not there.

use crate::domain::{
    ids::StreamId,
    tree::{self, Unreadable},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What cannot be understood; the sentence names the member and its rule, and
/// repeats nothing of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

impl Malformed {
    pub(super) fn must(member: &str, what: &str) -> Self {
        Self(format!("{member} must be {what}"))
    }
}

/// The object.
#[derive(Clone, Debug)]
pub struct Sent(Map<String, Value>);

impl Sent {
    /// Reads a body.
    ///
    /// # Errors
    /// When it is not a JSON object.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        match tree::from_json(body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            _ => Err(Malformed::must("the body", "a JSON object")),
        }
    }

    /// The object that a value is.
    ///
    /// # Errors
    /// When it is anything else; `member` is what it is called.
    pub fn of(member: &str, value: &Value) -> Result<Self, Malformed> {
        match value {
            Value::Object(members) => Ok(Self(members.clone())),
            _ => Err(Malformed::must(member, "an object")),
        }
    }

    /// Whether a member is there, be it `null`.
    #[must_use]
    pub fn names(&self, member: &str) -> bool {
        self.0.contains_key(member)
    }

    /// A member, unless it is `null`.
    #[must_use]
    pub fn value(&self, member: &str) -> Option<&Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    /// A member of some type.
    ///
    /// # Errors
    /// When it is of another; `what` says which it must be.
    pub fn read<T: DeserializeOwned>(
        &self,
        member: &str,
        what: &str,
    ) -> Result<Option<T>, Malformed> {
        let read = |value: &Value| {
            let read: Result<T, Unreadable> = tree::from_value(value.clone());
            read.map_err(|_| Malformed::must(member, what))
        };
        self.value(member).map(read).transpose()
    }

    /// A text of bounded length.
    ///
    /// # Errors
    /// When it is not text, or too long.
    pub fn text(&self, member: &str, bytes_max: usize) -> Result<Option<&str>, Malformed> {
        match self.value(member) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() <= bytes_max => Ok(Some(text)),
            Some(_) => {
                let what = format!("text of at most {bytes_max} bytes");
                Err(Malformed::must(member, &what))
            }
        }
    }

    /// The stream it is about. A text that is no stream's id is one that no
    /// stream has: `None`.
    ///
    /// # Errors
    /// When it is missing or not text.
    pub fn stream_id(&self) -> Result<Option<StreamId>, Malformed> {
        match self.value("stream_id") {
            Some(Value::String(text)) => Ok(StreamId::parse(text).ok()),
            _ => Err(Malformed::must("stream_id", "the id of a stream")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sent(json: &str) -> Sent {
        Sent::parse(json.as_bytes()).unwrap()
    }

    #[test]
    fn null_is_named_and_not_there() {
        let sent = sent(r#"{"a": null, "b": 7}"#);
        assert!(sent.names("a") && sent.value("a").is_none());
        assert_eq!(sent.read::<u32>("b", "a number"), Ok(Some(7)));
        assert_eq!(
            sent.text("b", 3).unwrap_err().to_string(),
            "b must be text of at most 3 bytes"
        );
    }

    #[test]
    fn a_stream_nobody_could_have_is_no_mistake() {
        assert_eq!(sent(r#"{"stream_id": "x"}"#).stream_id(), Ok(None));
        assert!(sent(r#"{"stream_id": 7}"#).stream_id().is_err());
        assert!(sent("{}").stream_id().is_err());
    }

    proptest! {
        #[test]
        fn no_body_panics_and_only_an_object_is_one(body in "\\PC{0,60}") {
            if Sent::parse(body.as_bytes()).is_ok() {
                let is_object = body.trim().starts_with('{');
                prop_assert!(is_object);
            }
        }
    }
}
