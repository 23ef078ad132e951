//! How are events fetched ([RFC 8936 §2])?
//!
//! [RFC 8936 §2]: https://www.rfc-editor.org/rfc/rfc8936#section-2

use super::sent::{Malformed, Sent};
use crate::domain::ids::SetId;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// Events in one answer: each has to be signed.
pub const EVENTS_MAX: u32 = 64;

/// Acknowledgements in one request: many answers' worth.
pub const ACKS_MAX: usize = 1_000;

/// Bytes kept of what a receiver says of an event it cannot use.
pub const ERROR_BYTES_MAX: usize = 200;

/// An event that its receiver cannot use ([RFC 8935 §2.3], [RFC 8936 §2.2]).
///
/// [RFC 8935 §2.3]: https://www.rfc-editor.org/rfc/rfc8935#section-2.3
/// [RFC 8936 §2.2]: https://www.rfc-editor.org/rfc/rfc8936#section-2.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Which.
    pub jti: SetId,
    /// Why, in the receiver's words.
    pub why: String,
}

/// A request for events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollRequest {
    /// How many are wanted; none with 0, which only acknowledges.
    pub max_events: u32,
    /// Whether to answer at once though there is nothing.
    pub return_immediately: bool,
    /// What has been taken in.
    pub ack: Vec<SetId>,
    /// What cannot be.
    pub refused: Vec<Refused>,
}

impl PollRequest {
    /// Reads a request. An id that is none of ours names nothing, and is passed
    /// over.
    ///
    /// # Errors
    /// Names the member that is malformed.
    pub fn parse(sent: &Sent) -> Result<Self, Malformed> {
        let max_events = sent.read::<u64>("maxEvents", "a number")?;
        let max_events = max_events.and_then(|most| u32::try_from(most).ok());
        let at_once = sent.read("returnImmediately", "true or false")?;
        let ack = sent.read::<Vec<String>>("ack", "a list of texts")?;
        let ack = ack.unwrap_or_default();
        let refused = refusals(sent)?;
        if ack.len().saturating_add(refused.len()) > ACKS_MAX {
            let what = format!("at most {ACKS_MAX} together");
            return Err(Malformed::must("ack and setErrs", &what));
        }
        Ok(Self {
            max_events: max_events.unwrap_or(EVENTS_MAX).min(EVENTS_MAX),
            return_immediately: at_once.unwrap_or_default(),
            ack: ack.iter().flat_map(|jti| SetId::parse(jti)).collect(),
            refused,
        })
    }

    /// The same request, now that what it acknowledged has been.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            ack: Vec::new(),
            refused: Vec::new(),
            ..*self
        }
    }
}

fn refusals(sent: &Sent) -> Result<Vec<Refused>, Malformed> {
    let Some(errors) = sent.value("setErrs") else {
        return Ok(Vec::new());
    };
    let errors = errors.as_object();
    let errors = errors.ok_or_else(|| Malformed::must("setErrs", "an object"))?;
    let mut refused = Vec::new();
    for (jti, said) in errors {
        let said = Sent::of("a member of setErrs", said)?;
        if let Ok(jti) = SetId::parse(jti) {
            let why = complaint(&said);
            refused.push(Refused { jti, why });
        }
    }
    Ok(refused)
}

/// `err` and `description` in one sentence, of bounded length.
#[must_use]
pub fn complaint(said: &Sent) -> String {
    let text = |name| said.value(name).and_then(Value::as_str).unwrap_or_default();
    let whole = match (text("err"), text("description")) {
        (code, "") => code.to_owned(),
        (code, description) => format!("{code}: {description}"),
    };
    let end = whole.floor_char_boundary(ERROR_BYTES_MAX);
    whole.get(..end).unwrap_or_default().to_owned()
}

/// The answer: signed events by their ids, in the order they happened.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PollAnswer {
    /// The events.
    #[serde(serialize_with = "in_order")]
    pub sets: Vec<(SetId, String)>,
    /// Whether there are more.
    pub more_available: bool,
}

fn in_order<S: Serializer>(sets: &[(SetId, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(sets.len()))?;
    for (jti, set) in sets {
        map.serialize_entry(&jti.to_string(), set)?;
    }
    map.end()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parse(body: &Value) -> Result<PollRequest, Malformed> {
        PollRequest::parse(&Sent::parse(body.to_string().as_bytes()).unwrap())
    }

    #[test]
    fn nothing_said_waits_for_as_many_as_fit() {
        let request = parse(&json!({})).unwrap();
        assert_eq!(request.max_events, EVENTS_MAX);
        assert!(!request.return_immediately && request.ack.is_empty());
    }

    #[test]
    fn ids_of_nobodys_are_passed_over() {
        let jti = SetId::from_bytes([1; 16]);
        let request = parse(&json!({
            "maxEvents": 0, "returnImmediately": true, "ack": [jti, "x"],
            "setErrs": {jti.to_string(): {"err": "invalid_key", "description": "what"}, "y": {}},
        }));
        let request = request.unwrap();
        assert_eq!((request.max_events, request.ack), (0, vec![jti]));
        assert_eq!(request.refused[0].why, "invalid_key: what");
        assert_eq!(request.refused.len(), 1);
    }

    #[test]
    fn malformed_requests_are_refused() {
        for body in [
            json!({"maxEvents": -1}),
            json!({"maxEvents": "1"}),
            json!({"returnImmediately": 1}),
            json!({"ack": "x"}),
            json!({"ack": [7]}),
            json!({"ack": vec!["x"; ACKS_MAX + 1]}),
            json!({"setErrs": []}),
            json!({"setErrs": {"x": "y"}}),
        ] {
            assert!(parse(&body).is_err(), "{body}");
        }
    }

    #[test]
    fn an_answer_keeps_its_order() {
        let sets = [9, 1].map(|n| (SetId::from_bytes([n; 16]), n.to_string()));
        let answer = PollAnswer {
            sets: sets.to_vec(),
            more_available: false,
        };
        let text = serde_json::to_string(&answer).unwrap();
        assert!(text.find("\"9\"") < text.find("\"1\""), "{text}");
        assert!(text.ends_with("\"moreAvailable\":false}"), "{text}");
    }

    proptest! {
        #[test]
        fn a_complaint_is_short(err in ".{0,300}", description in ".{0,300}") {
            let body = json!({"err": err, "description": description}).to_string();
            let said = complaint(&Sent::parse(body.as_bytes()).unwrap());
            prop_assert!(said.len() <= ERROR_BYTES_MAX);
        }
    }
}
