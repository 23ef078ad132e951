//! What is asked?

use super::inline::Inline;
use aero2_tenant::json::{Object, TEXT_BYTES_MAX};
use serde_json::{Value, json};
use std::sync::Arc;

/// Bytes of a request's id.
const REQUEST_BYTES_MAX: usize = 64;

/// What is wrong with a question. Asking it again does not help, and it passes
/// under no configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mistake {
    /// A subject is 1 to 256 bytes without control characters.
    #[error("the subject is empty, too long or has control characters")]
    Subject,
    /// A cost is at least one.
    #[error("the cost is zero")]
    Cost,
    /// A request id is 1 to 64 visible ASCII characters.
    #[error("the request id is not visible ASCII of at most 64 characters")]
    RequestId,
    /// A batch is 1 to 50 questions.
    #[error("a batch is 1 to 50 questions")]
    Batch,
    /// The service refuses it.
    #[error("{status} {problem}: {detail}")]
    Refused {
        /// The status.
        status: u16,
        /// The last part of the problem's type, such as `unknown-policy`.
        problem: String,
        /// The problem's sentence for people.
        detail: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Policy {
    Named(String),
    Inline(Arc<Inline>),
}

/// Who wants how much, under which policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    policy: Policy,
    subject: String,
    pub(crate) cost: u32,
    pub(crate) request_id: Option<String>,
}

impl Ask {
    /// Whether `subject` may go on under a policy of the tenant: one of it, unless said.
    #[must_use]
    pub fn policy(policy: &str, subject: impl Into<String>) -> Self {
        Self::new(Policy::Named(policy.to_owned()), subject.into())
    }

    /// The same under rules that the question brings along.
    #[must_use]
    pub fn inline(policy: Arc<Inline>, subject: impl Into<String>) -> Self {
        Self::new(Policy::Inline(policy), subject.into())
    }

    const fn new(policy: Policy, subject: String) -> Self {
        Self {
            policy,
            subject,
            cost: 1,
            request_id: None,
        }
    }

    /// How much of it.
    #[must_use]
    pub const fn cost(mut self, cost: u32) -> Self {
        self.cost = cost;
        self
    }

    /// What you call this, so that asking again charges nothing, however often
    /// and from wherever. Never take it from a stranger: a thousand requests of
    /// one id are charged once.
    #[must_use]
    pub fn request_id(mut self, request_id: impl Into<String>) -> Self {
        self.request_id = Some(request_id.into());
        self
    }

    /// What a refusal is remembered by.
    pub(crate) fn key(&self) -> String {
        let policy = match &self.policy {
            Policy::Named(name) => format!("t.{name}"),
            Policy::Inline(inline) => inline.key(),
        };
        // No subject that is asked has a line break.
        format!("{policy}\n{}", self.subject)
    }

    /// The question as the service reads it.
    pub(crate) fn body(&self, request_id: Option<&str>) -> Result<Object, Mistake> {
        let is_fit = |text: &str| !text.is_empty() && !text.chars().any(char::is_control);
        if self.subject.len() > TEXT_BYTES_MAX || !is_fit(&self.subject) {
            return Err(Mistake::Subject);
        }
        if self.cost == 0 {
            return Err(Mistake::Cost);
        }
        let mut body = self.named(json!({ "subject": self.subject, "cost": self.cost }), true);
        if let Some(id) = request_id {
            if !is_request_id(id) {
                return Err(Mistake::RequestId);
            }
            body.insert("request_id".to_owned(), id.into());
        }
        Ok(body)
    }

    /// The question that settles a charge.
    pub(crate) fn settling(&self, request_id: &str) -> Object {
        let body = json!({ "subject": self.subject, "request_id": request_id });
        self.named(body, false)
    }

    fn named(&self, body: Value, with_rules: bool) -> Object {
        let mut body = match body {
            Value::Object(body) => body,
            _ => Object::new(),
        };
        match &self.policy {
            Policy::Named(name) => body.insert("policy".to_owned(), name.as_str().into()),
            Policy::Inline(inline) if with_rules => body.insert("inline".to_owned(), inline.json()),
            Policy::Inline(inline) => {
                body.insert("inline_name".to_owned(), inline.name.as_str().into())
            }
        };
        body
    }
}

fn is_request_id(text: &str) -> bool {
    (1..=REQUEST_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
