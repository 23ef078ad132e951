//! What is asked of whoever listens on a socket, tab or resource server?
//!
//! That it begins in time and once, speaks the protocol and not too fast, and
//! acknowledges nothing that was never told.

use super::{
    Cursor,
    frames::{Said, close},
};
use crate::domain::time::{SECOND_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a socket may stay open on which nothing was started.
pub const START_MS_MAX: i64 = 10 * SECOND_MS;

/// Why a socket is closed: the code, and words for a log.
pub type Closing = (u16, &'static str);

/// Nothing was started in time.
pub const NOT_STARTED: Closing = (close::SILENT, "nothing was started");

const NO_PROTOCOL: Closing = (close::PROTOCOL, "not a frame of this protocol");
const TOO_FAST: Closing = (close::TOO_MANY, "too many frames");

/// How fast somebody may speak.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// What one frame takes of the allowance, in milliseconds.
    pub frame_ms: i64,
    /// Frames that may come at once.
    pub at_once: i64,
}

/// What is kept with the socket of somebody who listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The last record it has taken in; `None` until it has started.
    pub acked: Option<i64>,
    /// When its allowance of frames is whole again.
    free_at: Timestamp,
}

impl Listener {
    /// One who has just come.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self {
            acked: None,
            free_at: now,
        }
    }

    /// Until when one who came at `since` must have started; `None` once that is
    /// so.
    #[must_use]
    pub fn must_start_by(&self, since: Timestamp) -> Option<Timestamp> {
        self.acked.is_none().then(|| since.plus(START_MS_MAX))
    }

    /// Hears a frame, `None` for one that is not text, while the log ends at
    /// `head`.
    ///
    /// # Errors
    /// Why the socket is to be closed.
    pub fn hear(
        &mut self,
        text: Option<&str>,
        now: Timestamp,
        head: Cursor,
        pace: Pace,
    ) -> Result<Said, Closing> {
        let text = text.ok_or(NO_PROTOCOL)?;
        self.free_at = self.free_at.max(now).plus(pace.frame_ms);
        if self.free_at.since(now) > pace.frame_ms * pace.at_once {
            return Err(TOO_FAST);
        }
        let said = Said::parse(text).ok_or(NO_PROTOCOL)?;
        match &said {
            // Once is enough: a snapshot is the dearest thing anybody can ask for.
            Said::Start | Said::Resume { .. } if self.acked.is_some() => return Err(NO_PROTOCOL),
            Said::Start | Said::Resume { .. } => self.acked = Some(head.seq.as_i64()),
            // Whether this log may have said it: enough for an acknowledgement,
            // which counts for no more than the socket it came on.
            Said::Ack(cursor) if cursor.epoch != head.epoch || cursor.seq > head.seq => {
                return Err(NO_PROTOCOL);
            }
            Said::Ack(cursor) => {
                self.acked = self.acked.map(|acked| acked.max(cursor.seq.as_i64()));
            }
            Said::Sync { .. } => {}
        }
        Ok(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const PACE: Pace = Pace {
        frame_ms: 100,
        at_once: 5,
    };
    const START: &str = r#"{"type":"start"}"#;
    const SYNC: &str = r#"{"type":"sync","nonce":"n"}"#;

    fn hear(listener: &mut Listener, text: &str, now: Timestamp) -> Result<Said, u16> {
        let head = Cursor::parse("abcdefg2.7").unwrap();
        let said = listener.hear(Some(text), now, head, PACE);
        said.map_err(|(code, _)| code)
    }

    #[test]
    fn a_listener_starts_once_and_in_time() {
        let mut listener = Listener::new(NOW);
        assert_eq!(listener.must_start_by(NOW), Some(NOW.plus(START_MS_MAX)));
        assert_eq!(hear(&mut listener, START, NOW), Ok(Said::Start));
        assert_eq!(
            (listener.acked, listener.must_start_by(NOW)),
            (Some(7), None)
        );
        let resume = r#"{"type":"resume","cursor":"abcdefg2.7"}"#;
        for again in [START, resume] {
            assert_eq!(hear(&mut listener, again, NOW), Err(4400));
        }
    }

    #[test]
    fn nobody_acknowledges_what_was_never_told() {
        let ack = |cursor: &str| format!(r#"{{"type":"ack","cursor":"{cursor}"}}"#);
        let mut listener = Listener::new(NOW);
        assert!(hear(&mut listener, &ack("abcdefg2.5"), NOW).is_ok());
        assert_eq!(listener.acked, None);
        let mut listener = Listener {
            acked: Some(4),
            ..listener
        };
        for (cursor, acked) in [("abcdefg2.6", 6), ("abcdefg2.5", 6), ("abcdefg2.7", 7)] {
            assert!(hear(&mut listener, &ack(cursor), NOW).is_ok());
            assert_eq!(listener.acked, Some(acked));
        }
        for cursor in ["abcdefg2.8", "aaaaaaaa.7", "x"] {
            let mut listener = Listener::new(NOW);
            assert_eq!(hear(&mut listener, &ack(cursor), NOW), Err(4400));
        }
    }

    #[test]
    fn whoever_speaks_too_fast_is_stopped_and_may_take_breath() {
        let mut listener = Listener::new(NOW);
        for _ in 0..PACE.at_once {
            assert!(hear(&mut listener, SYNC, NOW).is_ok());
        }
        let mut patient = listener.clone();
        assert!(hear(&mut patient, SYNC, NOW.plus(PACE.frame_ms)).is_ok());
        assert_eq!(hear(&mut listener, SYNC, NOW), Err(4429));
    }

    #[test]
    fn what_is_no_frame_ends_it() {
        let mut listener = Listener::new(NOW);
        assert_eq!(hear(&mut listener, "hello", NOW), Err(4400));
        let head = Cursor::parse("abcdefg2.7").unwrap();
        let bytes = listener.hear(None, NOW, head, PACE);
        assert_eq!(bytes, Err(NO_PROTOCOL));
    }
}
