//! Does a stream run ([SSF §8.1.2])?
//!
//! [SSF §8.1.2]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#status

use super::sent::{Malformed, Sent};
use crate::domain::ids::StreamId;
use serde::{Deserialize, Serialize};

/// Bytes of a reason: a sentence.
pub const REASON_BYTES_MAX: usize = 256;

/// Whether a stream runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Events are delivered.
    #[default]
    Enabled,
    /// Events are held.
    Paused,
    /// Events are dropped.
    Disabled,
}

impl Status {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }
}

/// What a receiver wants a stream's status to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// The status.
    pub status: Status,
    /// Why.
    pub reason: Option<String>,
}

impl StatusChange {
    /// Reads an update, and which stream it is for.
    ///
    /// # Errors
    /// Names the member that is missing or malformed.
    pub fn parse(sent: &Sent) -> Result<(Option<StreamId>, Self), Malformed> {
        let stream = sent.stream_id()?;
        let words = "enabled, paused or disabled";
        let status = sent.read("status", words)?;
        let status = status.ok_or_else(|| Malformed::must("status", words))?;
        let reason = sent.text("reason", REASON_BYTES_MAX)?.map(str::to_owned);
        Ok((stream, Self { status, reason }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_of_three_words() {
        let parse = |json: &str| StatusChange::parse(&Sent::parse(json.as_bytes()).unwrap());
        let (_, change) = parse(r#"{"stream_id": "x", "status": "paused"}"#).unwrap();
        assert_eq!(change.status, Status::Paused);
        for status in [Status::Enabled, Status::Paused, Status::Disabled] {
            let word = serde_json::to_value(status).unwrap();
            assert_eq!(word, status.as_str());
        }
        for json in [
            r#"{"stream_id": "x"}"#,
            r#"{"status": "paused"}"#,
            r#"{"stream_id": "x", "status": "PAUSED"}"#,
            r#"{"stream_id": "x", "status": ["paused"]}"#,
            r#"{"stream_id": "x", "status": "paused", "reason": 7}"#,
        ] {
            assert!(parse(json).is_err(), "{json}");
        }
    }
}
