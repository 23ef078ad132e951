//! What becomes of an event that was sent ([RFC 8935 §2])?
//!
//! [RFC 8935 §2]: https://www.rfc-editor.org/rfc/rfc8935#section-2

use super::{poll::complaint, sent::Sent};

/// What a receiver's answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has arrived.
    Taken,
    /// It will never be taken: why, in the receiver's words.
    Refused(String),
    /// It, and what follows it, is worth another try later.
    Later(String),
}

/// Errors that are about us and not about the event ([RFC 8935 §2.4]): the
/// receiver may mend its list of transmitters, or we our header.
///
/// [RFC 8935 §2.4]: https://www.rfc-editor.org/rfc/rfc8935#section-2.4
const ABOUT_US: [&str; 2] = ["authentication_failed", "access_denied"];

/// Reads a receiver's answer. Taken is answered 202; some say another 2xx, and
/// mean the same.
#[must_use]
pub fn outcome(status: u16, body: &[u8]) -> Outcome {
    match status {
        200..=299 => Outcome::Taken,
        400 => refusal(body).unwrap_or_else(|| Outcome::Later("it answered 400".to_owned())),
        _ => Outcome::Later(format!("it answered {status}")),
    }
}

/// A refusal is one that says so ([RFC 8935 §2.3]): a 400 without an error code
/// may come from anything on the way.
///
/// [RFC 8935 §2.3]: https://www.rfc-editor.org/rfc/rfc8935#section-2.3
fn refusal(body: &[u8]) -> Option<Outcome> {
    let said = Sent::parse(body).ok()?;
    let code = said.value("err")?.as_str()?;
    let why = complaint(&said);
    Some(if ABOUT_US.contains(&code) {
        Outcome::Later(why)
    } else {
        Outcome::Refused(why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_code_is_a_refusal() {
        let answer = |status, body: &str| outcome(status, body.as_bytes());
        assert_eq!(answer(202, ""), Outcome::Taken);
        assert_eq!(answer(200, "thanks"), Outcome::Taken);
        let body = r#"{"err": "invalid_request", "description": "no"}"#;
        assert_eq!(
            answer(400, body),
            Outcome::Refused("invalid_request: no".to_owned())
        );
        for (status, body) in [
            (400, ""),
            (400, "<html>"),
            (400, r#"{"err": 7}"#),
            (400, r#"{"err": "authentication_failed"}"#),
            (401, body),
            (403, ""),
            (404, ""),
            (429, ""),
            (302, ""),
            (500, ""),
            (503, body),
        ] {
            assert!(
                matches!(answer(status, body), Outcome::Later(_)),
                "{status} {body}"
            );
        }
    }
}
