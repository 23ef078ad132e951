//! How is somebody told that there was too much?

use super::{LimitError, Mistake, Verdict};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

/// When to come back if nobody knows: soon enough to notice that all is well again.
const RETRY_AFTER_S: u32 = 1;

/// A response to who may not go on, for any framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// 429; 503 when the limit cannot be asked; 400 for a subject that cannot be
    /// limited, 500 for any other mistake.
    pub status: StatusCode,
    /// What belongs in the response.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Problem details ([RFC 9457]).
    ///
    /// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
    pub body: String,
}

impl Refusal {
    fn new(
        status: StatusCode,
        mut headers: Vec<(HeaderName, HeaderValue)>,
        body: &serde_json::Value,
    ) -> Self {
        let kind = HeaderValue::from_static("application/problem+json");
        headers.push((header::CONTENT_TYPE, kind));
        let no_store = HeaderValue::from_static("no-store");
        headers.push((header::CACHE_CONTROL, no_store));
        Self {
            status,
            headers,
            body: body.to_string(),
        }
    }
}

/// Told as [draft-ietf-httpapi-ratelimit-headers-10] has it.
///
/// [draft-ietf-httpapi-ratelimit-headers-10]: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/10/
impl From<&Verdict> for Refusal {
    fn from(verdict: &Verdict) -> Self {
        let refusing = verdict.rules.iter().filter(|rule| rule.refuses);
        let violated: Vec<String> = refusing
            .map(|rule| format!("{}.{}", verdict.policy, rule.name))
            .collect();
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            verdict.headers.clone(),
            &json!({
                "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
                "title": "Request cannot be satisfied as assigned quota has been exceeded",
                "status": 429,
                "violated-policies": violated,
            }),
        )
    }
}

impl From<&LimitError> for Refusal {
    fn from(error: &LimitError) -> Self {
        match error {
            LimitError::Unavailable { retry_after_s, .. } => {
                let seconds = retry_after_s.unwrap_or(RETRY_AFTER_S).max(1);
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    vec![(header::RETRY_AFTER, seconds.into())],
                    &json!({
                        "type": "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
                        "title": "Request cannot be satisfied due to temporary server capacity constraints",
                        "status": 503,
                    }),
                )
            }
            // What a request is limited by may be of its own making; the rest is ours.
            LimitError::Mistake(Mistake::Subject) => Self::new(
                StatusCode::BAD_REQUEST,
                Vec::new(),
                &json!({ "type": "about:blank", "title": "Bad Request", "status": 400 }),
            ),
            LimitError::Mistake(_) => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                Vec::new(),
                &json!({ "type": "about:blank", "title": "Internal Server Error", "status": 500 }),
            ),
        }
    }
}
