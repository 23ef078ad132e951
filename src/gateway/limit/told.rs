//! How is a limit told in headers and problems?
//!
//! As [draft-ietf-httpapi-ratelimit-headers-10] has it: `RateLimit-Policy` and
//! `RateLimit` are lists of structured fields ([RFC 9651]). Names are words
//! ([`crate::domain::limit::Name`]), so a quoted one needs no escape.
//!
//! [draft-ietf-httpapi-ratelimit-headers-10]: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/
//! [RFC 9651]: https://www.rfc-editor.org/rfc/rfc9651

use crate::{
    domain::{
        limit::{Reading, Verdict},
        time::SECOND_MS,
    },
    gateway::http::Response,
};
use ::http::HeaderName;

/// The problem of one attempt too many.
pub const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// The problem of a bucket that does not answer.
pub const REDUCED_CAPACITY: &str =
    "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity";

/// What a response says of the limits it met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The problem's `type`.
    pub problem: &'static str,
    /// The problem's `violated-policies`.
    pub violated: Vec<String>,
    /// `RateLimit-Policy`; empty when nothing is to be told.
    pub policy: String,
    /// `RateLimit`; empty likewise.
    pub standing: String,
}

impl Told {
    /// Tells of a problem and nothing else.
    #[must_use]
    pub const fn problem(problem: &'static str) -> Self {
        Self {
            problem,
            violated: Vec::new(),
            policy: String::new(),
            standing: String::new(),
        }
    }

    /// The same response, with the headers, when anything is to be told.
    #[must_use]
    pub fn onto(&self, response: Response) -> Response {
        if self.policy.is_empty() {
            return response;
        }
        response
            .with(HeaderName::from_static("ratelimit-policy"), &self.policy)
            .with(HeaderName::from_static("ratelimit"), &self.standing)
    }

    /// Adds how somebody stands with a bucket.
    pub fn add(&mut self, bucket: &str, readings: &[Reading]) {
        for reading in readings {
            let name = name(bucket, reading);
            let window = seconds(reading.window_ms).max(1);
            let reset = seconds(reading.reset_ms);
            let (limit, remaining) = (reading.limit, reading.remaining);
            push(
                &mut self.policy,
                &format!("\"{name}\";q={limit};w={window}"),
            );
            push(
                &mut self.standing,
                &format!("\"{name}\";r={remaining};t={reset}"),
            );
            if reading.refuses {
                self.violated.push(name);
            }
        }
    }
}

fn name(bucket: &str, reading: &Reading) -> String {
    format!("{bucket}.{}", reading.name.as_str())
}

fn push(list: &mut String, item: &str) {
    if !list.is_empty() {
        list.push_str(", ");
    }
    list.push_str(item);
}

/// Whole seconds, never fewer than there are.
#[must_use]
pub const fn seconds(millis: i64) -> i64 {
    millis.saturating_add(SECOND_MS - 1).div_euclid(SECOND_MS)
}

/// Seconds until trying again may help, never fewer than there are, and no
/// `Retry-After: 0`, which some take for an invitation to hammer.
#[must_use]
pub fn retry_after_s(verdict: &Verdict) -> Option<i64> {
    verdict.wait_ms().map(|wait_ms| seconds(wait_ms).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limit::Name;
    use proptest::prelude::*;

    #[test]
    fn headers_are_lists_of_structured_fields() {
        let mut told = Told::problem(QUOTA_EXCEEDED);
        let reading = Reading {
            name: Name::fixed("at_once"),
            limit: 20,
            window_ms: 200_000,
            remaining: 0,
            reset_ms: 199_001,
            refuses: true,
        };
        let other = Reading {
            name: Name::fixed("site"),
            remaining: 7,
            refuses: false,
            ..reading.clone()
        };
        told.add("sign_in", &[reading, other]);
        assert_eq!(
            told.policy,
            r#""sign_in.at_once";q=20;w=200, "sign_in.site";q=20;w=200"#
        );
        assert_eq!(
            told.standing,
            r#""sign_in.at_once";r=0;t=200, "sign_in.site";r=7;t=200"#
        );
        assert_eq!(told.violated, ["sign_in.at_once"]);
    }

    proptest! {
        #[test]
        fn nobody_is_told_to_come_too_early(millis in 1_i64..10_000_000) {
            prop_assert!(seconds(millis) * SECOND_MS >= millis);
            prop_assert!((seconds(millis) - 1) * SECOND_MS < millis);
        }
    }
}
