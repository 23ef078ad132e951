//! What has caused a message, and how is that logged?

use super::{Fault, FaultCode};
use crate::domain::{line::Line, time::Timestamp, trace::Trace};

/// The request at the beginning of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Its id.
    pub request: Option<String>,
    /// Its `traceparent`, with our span.
    pub trace: Option<String>,
}

impl Cause {
    /// A line of a log with what leads back to the request.
    #[must_use]
    pub fn onto(&self, line: Line) -> Line {
        let trace = self.trace.as_deref().and_then(Trace::parse);
        let id = trace.as_ref().map(Trace::trace_id);
        let span = trace.as_ref().map(Trace::span_id);
        let line = line.some("request_id", self.request.as_deref());
        line.some("trace_id", id).some("span_id", span)
    }
}

/// The beginning of a line about a failure: `event` is a stable name.
#[must_use]
pub fn failure(event: &str, at: Timestamp) -> Line {
    let line = Line::of("level", "error").text("event", event);
    line.json("at", at.as_millis())
}

/// The same of an actor's.
#[must_use]
pub fn failure_of(event: &str, at: Timestamp, (kind, name): (&str, &str)) -> Line {
    failure(event, at).text("actor", kind).text("name", name)
}

/// The line about a fault of an actor's own; whoever asked logs any other.
pub(super) fn told(
    who: (&str, &str),
    at: Timestamp,
    (message, cause): (&str, &Cause),
    fault: &Fault,
) -> Option<String> {
    let event = match fault.code() {
        FaultCode::Panicked => "actor.panicked",
        FaultCode::Storage | FaultCode::Schema | FaultCode::Envelope => "actor.failed",
        FaultCode::Deadline | FaultCode::Absent | FaultCode::Unavailable => return None,
    };
    let line = failure_of(event, at, who).text("message", message);
    Some(cause.onto(line).text("error", &fault.to_string()).end())
}
