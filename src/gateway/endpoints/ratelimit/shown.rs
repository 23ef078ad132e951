//! How is a verdict told?

use crate::{
    domain::{
        limit::{
            Verdict,
            policy::{Enacted, Mode},
            ruling::{Fate, Ruling},
        },
        time::SECOND_MS,
    },
    gateway::limit::told::{QUOTA_EXCEEDED, Told, seconds},
};
use serde::Serialize;

/// After so long a bucket that did not answer is worth another try.
const UNAVAILABLE_MS: i64 = 5 * SECOND_MS;

/// Those of a batch, in its order.
#[derive(Serialize)]
pub(super) struct Verdicts<'a> {
    pub(super) verdicts: Vec<Shown<'a>>,
}

/// One verdict. What it allows is `allowed`; all else says why.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    allowed: bool,
    outcome: &'static str,
    retry_after_ms: Option<i64>,
    policy: &'a str,
    version: u32,
    mode: &'static str,
    shadow_refused: bool,
    degraded: bool,
    rules: Vec<Rule<'a>>,
    headers: Headers,
}

/// How the subject stands under one rule.
#[derive(Serialize)]
struct Rule<'a> {
    name: &'a str,
    limit: u32,
    window_ms: i64,
    remaining: u32,
    reset_ms: i64,
    refuses: bool,
}

/// What the backend may hand on to its own caller as it is.
#[derive(Default, Serialize)]
struct Headers {
    #[serde(rename = "RateLimit-Policy", skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(rename = "RateLimit", skip_serializing_if = "Option::is_none")]
    standing: Option<String>,
    #[serde(rename = "Retry-After", skip_serializing_if = "Option::is_none")]
    retry_after: Option<String>,
}

impl<'a> Shown<'a> {
    pub(super) fn new(enacted: &'a Enacted, ruling: &'a Ruling) -> Self {
        let policy = enacted.policy.name().as_str();
        let verdict = ruling.verdict();
        let retry_after_ms = match &ruling.fate {
            Fate::Unavailable(_) if ruling.is_refused() => Some(UNAVAILABLE_MS),
            _ => verdict.and_then(Verdict::wait_ms),
        };
        let readings = verdict.map_or(&[][..], |verdict| &verdict.readings);
        let mut told = Told::problem(QUOTA_EXCEEDED);
        told.add(policy, readings);
        let rules = readings.iter().map(|reading| Rule {
            name: reading.name.as_str(),
            limit: reading.limit,
            window_ms: reading.window_ms,
            remaining: reading.remaining,
            reset_ms: reading.reset_ms,
            refuses: reading.refuses,
        });
        // Whoever is let through has nothing to wait for.
        let wait_ms = retry_after_ms.filter(|_| !ruling.is_allowed());
        Self {
            allowed: ruling.is_allowed(),
            outcome: ruling.word(),
            retry_after_ms,
            policy,
            version: enacted.version,
            mode: match ruling.mode {
                Mode::Enforce => "enforce",
                Mode::Shadow => "shadow",
            },
            shadow_refused: ruling.is_shadow_refused(),
            degraded: ruling.is_degraded(),
            rules: rules.collect(),
            headers: Headers {
                policy: some(told.policy),
                standing: some(told.standing),
                retry_after: wait_ms.map(|wait_ms| seconds(wait_ms).max(1).to_string()),
            },
        }
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
