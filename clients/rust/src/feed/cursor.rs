//! Where in the log are we?

use aero2_tenant::json::WHOLE_MAX;
use core::fmt;

/// Letters of an epoch.
const EPOCH_CHARS: usize = 8;

/// A place in a tenant's log: `{epoch}.{seq}`.
///
/// Sequence numbers are compared within one epoch only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    epoch: String,
    seq: u64,
}

impl Cursor {
    /// Reads a cursor; `None` when it is spelled otherwise.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, digits) = text.split_once('.')?;
        let is_epoch =
            epoch.len() == EPOCH_CHARS && epoch.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let seq = digits.parse().ok().filter(|seq| *seq <= WHOLE_MAX)?;
        (is_epoch && is_number).then(|| Self {
            epoch: epoch.to_owned(),
            seq,
        })
    }

    /// Whether both are places in the same log.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.epoch == other.epoch
    }

    /// Whether this is the same place in the same log, or a later one.
    #[must_use]
    pub fn is_at_or_after(&self, other: &Self) -> bool {
        self.is_beside(other) && self.seq >= other.seq
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_is_spelled_in_one_way() {
        for text in ["abcdefg2.0", "ABCDEFG2.9007199254740991"] {
            assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "abcdefg2",
            "abcdefg2.",
            "abcdefg.1",
            "abcdefg2.01",
            "abcdefg2.+1",
            "abcdefg2.-1",
            "abcdefg2.1.1",
            "abcdef-2.1",
            "abcdefg2.9007199254740992",
        ] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*|[a-z2-7]{8}\\.[0-9]{0,30}") {
            if let Some(cursor) = Cursor::parse(&text) {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }
}
