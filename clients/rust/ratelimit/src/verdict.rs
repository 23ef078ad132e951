//! What does the service answer?

use aero2_tenant::json::{self, Object};
use http::{HeaderName, HeaderValue, header::RETRY_AFTER};
use serde_json::Value;

/// Longer than the headers of sixteen rules.
const HEADER_BYTES_MAX: usize = 8_192;
/// No policy has more rules.
const RULES_MAX: usize = 16;

/// What becomes of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was charged under every rule.
    Admit,
    /// It was charged under none.
    Refuse,
    /// More was asked than some rule ever admits at once.
    Never,
    /// The subject is exempt.
    Exempt,
    /// The subject is blocked.
    Blocked,
    /// The service cannot reach the bucket; what then happens, its rules say.
    Unavailable,
    /// Nobody was asked: the service cannot be, and is not needed.
    Unchecked,
}

/// Whether a policy's refusals count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// They do.
    #[default]
    Enforce,
    /// They are only told: [`Verdict::shadow_refused`].
    Shadow,
}

/// How a subject stands under one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The rule.
    pub name: String,
    /// How much it allows.
    pub limit: u64,
    /// In how many milliseconds.
    pub window_ms: u64,
    /// How much is left.
    pub remaining: u64,
    /// Milliseconds until all of it is back.
    pub reset_ms: u64,
    /// Whether it is one of those that refused.
    pub refuses: bool,
}

/// The answer to a question of how much is too much.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the service's own flags, each by itself"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether to go on: the one thing to obey.
    pub allowed: bool,
    /// Why.
    pub outcome: Outcome,
    /// Milliseconds until trying again may help.
    pub retry_after_ms: Option<u64>,
    /// The policy.
    pub policy: String,
    /// Its version.
    pub version: u64,
    /// Whether its refusals count.
    pub mode: Mode,
    /// Whether it would have been refused if they did.
    pub shadow_refused: bool,
    /// Whether the service answered by less than the bucket itself.
    pub degraded: bool,
    /// How the subject stands, rule by rule.
    pub rules: Vec<Reading>,
    /// `RateLimit-Policy`, `RateLimit` and, on a refusal, `Retry-After`: for
    /// the response, ready-made.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether it was remembered from an earlier answer.
    pub is_remembered: bool,
}

impl Verdict {
    /// What is said when nobody was asked.
    pub(crate) const fn unchecked() -> Self {
        Self {
            allowed: true,
            outcome: Outcome::Unchecked,
            retry_after_ms: None,
            policy: String::new(),
            version: 0,
            mode: Mode::Enforce,
            shadow_refused: false,
            degraded: true,
            rules: Vec::new(),
            headers: Vec::new(),
            is_remembered: false,
        }
    }

    /// Whole seconds until trying again may help, never fewer than there are,
    /// and at least one.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_ms.map(|ms| ms.div_ceil(1_000).max(1))
    }

    /// The verdict, later: whoever waits has less to wait.
    pub(crate) fn after(mut self, passed_ms: u64) -> Self {
        let left_ms = self.retry_after_ms.map(|ms| ms.saturating_sub(passed_ms));
        self.retry_after_ms = left_ms;
        self.is_remembered = true;
        self.tell_wait();
        self
    }

    fn tell_wait(&mut self) {
        self.headers.retain(|(name, _)| *name != RETRY_AFTER);
        if let Some(seconds) = self.retry_after_s().filter(|_| !self.allowed) {
            self.headers.push((RETRY_AFTER, seconds.into()));
        }
    }

    /// Reads an answer; members it does not know are passed over, and whatever
    /// could not stand in a header makes all of it unusable.
    pub(crate) fn parse(members: &Object) -> Option<Self> {
        let outcome = match members.get("outcome")?.as_str()? {
            "admit" => Outcome::Admit,
            "refuse" => Outcome::Refuse,
            "never" => Outcome::Never,
            "exempt" => Outcome::Exempt,
            "blocked" => Outcome::Blocked,
            "unavailable" => Outcome::Unavailable,
            _ => return None,
        };
        let mode = match members.get("mode") {
            None | Some(Value::Null) => Mode::Enforce,
            Some(mode) => match mode.as_str()? {
                "enforce" => Mode::Enforce,
                "shadow" => Mode::Shadow,
                _ => return None,
            },
        };
        let mut verdict = Self {
            allowed: members.get("allowed")?.as_bool()?,
            outcome,
            retry_after_ms: optional(members, "retry_after_ms", |_| {
                json::whole(members, "retry_after_ms")
            })?,
            policy: optional(members, "policy", text)?.unwrap_or_default(),
            version: optional(members, "version", |_| json::whole(members, "version"))?
                .unwrap_or_default(),
            mode,
            shadow_refused: flag(members, "shadow_refused")?,
            degraded: flag(members, "degraded")?,
            rules: optional(members, "rules", readings)?.unwrap_or_default(),
            headers: optional(members, "headers", headers)?.unwrap_or_default(),
            is_remembered: false,
        };
        verdict.tell_wait();
        Some(verdict)
    }
}

/// A member that may be missing or null, but not of another type.
#[expect(clippy::option_option, reason = "unusable, missing, or there")]
fn optional<'a, T>(
    members: &'a Object,
    name: &str,
    read: impl FnOnce(&'a Value) -> Option<T>,
) -> Option<Option<T>> {
    match members.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => read(value).map(Some),
    }
}

fn flag(members: &Object, name: &str) -> Option<bool> {
    optional(members, name, Value::as_bool).map(Option::unwrap_or_default)
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (text.len() <= json::TEXT_BYTES_MAX).then(|| text.to_owned())
}

fn readings(value: &Value) -> Option<Vec<Reading>> {
    let list = value.as_array().filter(|list| list.len() <= RULES_MAX)?;
    let reading = |value: &Value| {
        let members = value.as_object()?;
        Some(Reading {
            name: json::text(members, "name")?.to_owned(),
            limit: json::whole(members, "limit")?,
            window_ms: json::whole(members, "window_ms")?,
            remaining: json::whole(members, "remaining")?,
            reset_ms: json::whole(members, "reset_ms")?,
            refuses: members.get("refuses")?.as_bool()?,
        })
    };
    list.iter().map(reading).collect()
}

/// The two headers that pass on; `Retry-After` is made of the milliseconds.
/// Nothing but visible ASCII and spaces is in them: no answer of the service
/// ends a header, or begins another.
fn headers(value: &Value) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let members = value.as_object()?;
    let mut headers = Vec::new();
    for (spelled, name) in [
        ("RateLimit-Policy", "ratelimit-policy"),
        ("RateLimit", "ratelimit"),
    ] {
        let Some(value) = optional(members, spelled, Value::as_str)? else {
            continue;
        };
        let is_plain = value.bytes().all(|b| matches!(b, b' '..=b'~'));
        if !is_plain || value.len() > HEADER_BYTES_MAX {
            return None;
        }
        if !value.is_empty() {
            let name = HeaderName::from_static(name);
            headers.push((name, HeaderValue::from_str(value).ok()?));
        }
    }
    Some(headers)
}
