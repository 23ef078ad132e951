//! How is a small JSON object written on one line?
//!
//! By hand, member by member: a serializer for every frame and every line of a
//! log would be more code than all of them say.

use core::fmt::{Display, Write};

/// An object being written.
#[derive(Clone, Debug)]
pub struct Line(String);

impl Default for Line {
    fn default() -> Self {
        Self("{".to_owned())
    }
}

impl Line {
    /// An object whose first member is this text.
    #[must_use]
    pub fn of(name: &str, text: &str) -> Self {
        Self::default().text(name, text)
    }

    /// Adds a member that is JSON already: a number, or an object.
    #[must_use]
    pub fn json(mut self, name: &str, value: impl Display) -> Self {
        self.put(name, &value);
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        self.json(name, quoted(text))
    }

    /// Adds a text, when there is one.
    #[must_use]
    pub fn some(self, name: &str, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// The object, whole.
    #[must_use]
    pub fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn put(&mut self, name: &str, value: &dyn Display) {
        let comma = if self.0.len() > 1 { "," } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{comma}\"{name}\":{value}");
    }
}

/// A JSON string ([RFC 8259 §7]). Nothing in it is left that a terminal would act
/// on, or that would end the line.
///
/// [RFC 8259 §7]: https://www.rfc-editor.org/rfc/rfc8259#section-7
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            char if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_come_in_the_order_they_were_added() {
        let line = Line::of("type", "usage").json("at", 7).some("why", None);
        assert_eq!(
            line.some("policy", Some("a\"b")).end(),
            r#"{"type":"usage","at":7,"policy":"a\"b"}"#
        );
        assert_eq!(Line::default().end(), "{}");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_and_ends_no_line(text: String) {
            let written = quoted(&text);
            prop_assert!(!written.chars().any(char::is_control));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
