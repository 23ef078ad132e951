//! Where in a log are we?
//!
//! A cursor names the record after which one reads on. Sequence numbers grow
//! with the clock and not by one, so that a log that was restored from an older
//! copy never gives a number it has lost to another record (ADR 8).

use crate::domain::{
    entropy::{Entropy, draw},
    ids::{base32, from_base32},
    time::Timestamp,
};
use serde::{Deserialize, Serialize, de};

/// Bytes of an epoch: eight characters. Two logs of one tenant never meet, and
/// nothing is authorised by it.
const EPOCH_BYTES: usize = 5;

/// The largest number that every reader of JSON keeps exact ([RFC 7493 §2.2]).
///
/// [RFC 7493 §2.2]: https://www.rfc-editor.org/rfc/rfc7493#section-2.2
const SEQ_MAX: i64 = (1 << 53) - 1;

/// Numbers in a millisecond: more than any one log writes in it, few enough to
/// last until the year 2255.
const SEQ_PER_MS: i64 = 1_000;

/// One life of a log: drawn when it is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch([u8; EPOCH_BYTES]);

impl Epoch {
    /// One that no other log has.
    pub fn generate(entropy: &mut dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// The epoch of these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; EPOCH_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads the text form; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        from_base32(text)?.try_into().ok().map(Self)
    }
}

impl core::fmt::Display for Epoch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&base32(&self.0))
    }
}

/// A record's number in its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(i64);

impl Seq {
    /// The first number of an instant: no record written before it has this
    /// one or a later one, unless there were a thousand in a millisecond.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self(now.as_millis().saturating_mul(SEQ_PER_MS))
    }

    /// The number of a record written now, after this one.
    #[must_use]
    pub fn next(self, now: Timestamp) -> Self {
        Self(self.0.saturating_add(1)).max(Self::at(now))
    }

    /// When its record was written, or a little later.
    #[must_use]
    pub const fn written_at(self) -> Timestamp {
        Timestamp::from_millis(self.0.div_euclid(SEQ_PER_MS))
    }

    /// As it is stored.
    #[must_use]
    pub const fn as_i64(self) -> i64 {
        self.0
    }

    /// As it was stored.
    #[must_use]
    pub const fn from_i64(number: i64) -> Self {
        Self(number)
    }
}

/// A place in a log: `{epoch}.{seq}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// In which life of the log.
    pub epoch: Epoch,
    /// After which record.
    pub seq: Seq,
}

impl Cursor {
    /// Reads the text form; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, digits) = text.split_once('.')?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        let seq = digits.parse().ok().filter(|seq| *seq <= SEQ_MAX)?;
        is_number.then_some(Self {
            epoch: Epoch::parse(epoch)?,
            seq: Seq(seq),
        })
    }
}

impl core::fmt::Display for Cursor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}", self.epoch, self.seq.0)
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a cursor"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_has_one_spelling() {
        for text in ["abcdefg2.0", "abcdefg2.9007199254740991"] {
            assert_eq!(Cursor::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            ".",
            "abcdefg2",
            "abcdefg2.",
            "ABCDEFG2.1",
            "abcdefg.1",
            "abcdefgh2.1",
            "abcdefg2.01",
            "abcdefg2.+1",
            "abcdefg2.-1",
            "abcdefg2.1.1",
            "abcdefg2.9007199254740992",
            "abcdefg2.99999999999999999999",
        ] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_prints_the_same(text in ".*|[a-z2-7]{7,9}\\.[0-9]{0,18}") {
            if let Some(cursor) = Cursor::parse(&text) {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }

        #[test]
        fn whatever_prints_parses_the_same(epoch: [u8; 5], seq in 0..=SEQ_MAX) {
            let cursor = Cursor { epoch: Epoch(epoch), seq: Seq(seq) };
            prop_assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        }

        #[test]
        fn numbers_only_grow_and_are_not_given_twice_by_an_older_copy(
            before in prop::collection::vec(0_i64..50, 1..50),
            lost in prop::collection::vec(0_i64..50, 1..50),
            pause in 1_i64..1_000,
        ) {
            let mut now = Timestamp::from_millis(1_790_000_000_000);
            let mut write = |last: Seq, waits: &[i64]| {
                let mut written = vec![last];
                for wait in waits {
                    now = now.plus(*wait);
                    written.push(written[written.len() - 1].next(now));
                }
                now = now.plus(pause);
                written
            };
            let kept = write(Seq::at(Timestamp::from_millis(1_789_999_999_999)), &before);
            let gone = write(kept[kept.len() - 1], &lost);
            let anew = write(kept[kept.len() - 1], &lost);
            prop_assert!(kept.is_sorted_by(|a, b| a < b) && gone.is_sorted_by(|a, b| a < b));
            prop_assert!(anew[1..].iter().all(|seq| !gone[1..].contains(seq)));
        }

        #[test]
        fn a_number_tells_when_it_was_given(millis in 0_i64..4_000_000_000_000, more in 0_i64..900) {
            let now = Timestamp::from_millis(millis);
            prop_assert_eq!(Seq(Seq::at(now).0 + more).written_at(), now);
        }
    }
}
