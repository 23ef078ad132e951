//! What may be asked of one subject?

use super::{Concurrency, Gcra, Penalty, Quota, SlidingLog, quota::Window};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// More rules than any policy needs, few enough for one turn.
pub const RULES_MAX: usize = 16;

/// Bytes of a name or scope: they stand in every header and every row.
const NAME_BYTES_MAX: usize = 64;

/// The scope in which everybody meets for whom there is no more room.
const CROWD: &str = "*";

/// What a rule or policy is called: lower-case letters, digits, `_` and `-`.
/// So it stands in a header as it is, and nothing can be smuggled in by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(Cow<'static, str>);

impl Name {
    /// A name from our own code. A test there says that it is one.
    #[must_use]
    pub const fn fixed(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Reads a name; `None` when `text` is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_word(text).then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_word(text: &str) -> bool {
    let is_fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_fit)
}

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many at once, then one a period.
    Gcra(Gcra),
    /// So many in a window of the calendar.
    Quota(Quota),
    /// So many within any window, each remembered.
    SlidingLog(SlidingLog),
    /// So many at the same time.
    Concurrency(Concurrency),
    /// Ever longer waits after failures.
    Penalty(Penalty),
}

impl Limit {
    /// The most that can ever be charged at once.
    #[must_use]
    pub const fn capacity(&self) -> u32 {
        match self {
            Self::Gcra(limit) => limit.burst(),
            Self::Quota(limit) => limit.limit,
            Self::SlidingLog(limit) => limit.limit,
            Self::Concurrency(limit) => limit.limit,
            Self::Penalty(_) => u32::MAX,
        }
    }

    /// The quota as headers tell it: how much, and in how many milliseconds.
    #[must_use]
    pub const fn told(&self) -> (u32, i64) {
        match self {
            Self::Gcra(limit) => (limit.burst(), limit.refill_ms(limit.burst())),
            Self::Quota(limit) => (limit.limit, window_ms(limit.window)),
            Self::SlidingLog(limit) => (limit.limit, limit.window_ms),
            Self::Concurrency(limit) => (limit.limit, limit.hold_ms),
            Self::Penalty(limit) => (limit.free, limit.forget_ms),
        }
    }

    /// Whether it is one that could have been made.
    fn is_sound(&self) -> bool {
        match *self {
            Self::Gcra(limit) => Gcra::new(limit.period_ms(), limit.burst()).is_some(),
            Self::Quota(limit) => Quota::new(limit.limit, limit.window).is_some(),
            Self::SlidingLog(limit) => SlidingLog::new(limit.limit, limit.window_ms).is_some(),
            Self::Concurrency(limit) => Concurrency::new(limit.limit, limit.hold_ms).is_some(),
            Self::Penalty(limit) => Penalty::new(
                limit.free,
                limit.base_ms,
                limit.wait_ms_max,
                limit.forget_ms,
            )
            .is_some(),
        }
    }

    /// Whether its state may be written ahead of what is spent: only where one
    /// number says it all.
    #[must_use]
    pub const fn runs_ahead(&self) -> bool {
        matches!(self, Self::Gcra(_) | Self::Quota(_))
    }
}

/// The longest month, where months differ.
const fn window_ms(window: Window) -> i64 {
    match window {
        Window::Fixed { length_ms, .. } => length_ms,
        Window::Month { .. } => 31 * crate::domain::time::DAY_MS,
    }
}

/// One limit of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What it is called; a rule that changes keeps its name and its state.
    pub name: Name,
    /// Whom it concerns within the subject: a device of an account, say. Each
    /// scope has a state of its own.
    #[serde(default)]
    pub scope: Option<String>,
    /// How much.
    pub limit: Limit,
    /// Whether what is cancelled counts all the same.
    #[serde(default)]
    pub counts_cancelled: bool,
}

impl Rule {
    /// A rule about the whole subject, under which nothing cancelled counts.
    #[must_use]
    pub const fn new(name: Name, limit: Limit) -> Self {
        Self {
            name,
            scope: None,
            limit,
            counts_cancelled: false,
        }
    }

    pub(super) fn key(&self) -> Key {
        Key {
            name: self.name.clone(),
            scope: self.scope.clone(),
        }
    }
}

/// Which of a subject's states a rule measures by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
}

impl Key {
    /// The same rule's state for everybody for whom there is no room.
    pub(super) fn crowd(&self) -> Self {
        Self {
            name: self.name.clone(),
            scope: Some(CROWD.to_owned()),
        }
    }
}

/// What binds one subject, whoever laid it down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Counts its changes: a subject is measured by the newest it has heard of.
    pub version: u32,
    /// How many may be spent before it is written down. After a crash so many
    /// are lost to the subject, and never more are admitted. Zero where
    /// security depends on it.
    #[serde(default)]
    pub ahead: u32,
    /// All of which must agree.
    pub rules: Vec<Rule>,
}

/// Why rules are not a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleRefusal {
    /// There is none, or there are too many.
    #[error("a policy has from 1 to {RULES_MAX} rules")]
    Count,
    /// Two would measure by the same state.
    #[error("two rules have the same name")]
    Twice,
    /// A name that is none.
    #[error("a rule's name is not a word")]
    Name,
    /// A limit that would not be made.
    #[error("a limit is out of bounds")]
    Limit,
    /// A scope that could be mistaken.
    #[error("a scope is not a word")]
    Scope,
}

impl Bound {
    /// Checks that every rule is one and stands for itself. Names and limits
    /// are checked when they are made; those that were read are checked here.
    ///
    /// # Errors
    /// Says what is wrong with them.
    pub fn check(&self) -> Result<(), RuleRefusal> {
        if self.rules.is_empty() || self.rules.len() > RULES_MAX {
            return Err(RuleRefusal::Count);
        }
        if !self.rules.iter().all(|rule| is_word(rule.name.as_str())) {
            return Err(RuleRefusal::Name);
        }
        if !self.rules.iter().all(|rule| rule.limit.is_sound()) {
            return Err(RuleRefusal::Limit);
        }
        let is_fit = |rule: &Rule| rule.scope.as_deref().is_none_or(is_word);
        if !self.rules.iter().all(is_fit) {
            return Err(RuleRefusal::Scope);
        }
        let mut names: Vec<&Name> = self.rules.iter().map(|rule| &rule.name).collect();
        names.sort();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(RuleRefusal::Twice);
        }
        Ok(())
    }

    /// Whether so much can ever be charged at once.
    #[must_use]
    pub fn can_admit(&self, cost: u32) -> bool {
        self.check().is_ok() && self.rules.iter().all(|rule| rule.limit.capacity() >= cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_smuggled_into_a_header_by_a_name() {
        for text in [
            "",
            "A",
            "a b",
            "a\"",
            "a\r\nx",
            "a;q",
            "é",
            "*",
            &"a".repeat(65),
        ] {
            assert_eq!(Name::parse(text), None, "{text:?}");
        }
        assert_eq!(Name::parse("per_hour-2").unwrap().as_str(), "per_hour-2");
    }

    #[test]
    fn what_was_read_is_held_to_what_could_have_been_made() {
        let check = |name: &str, limit: serde_json::Value| {
            let rules = serde_json::json!([{ "name": name, "limit": limit }]);
            let bound = serde_json::json!({ "version": 1, "rules": rules });
            serde_json::from_value::<Bound>(bound).unwrap().check()
        };
        let fixed = |length_ms: i64, anchor: i64| {
            let window = serde_json::json!({"length_ms": length_ms, "anchor": anchor});
            serde_json::json!({"quota": {"limit": 1, "window": {"fixed": window}}})
        };
        assert_eq!(check("a", fixed(1_000, -5)), Ok(()));
        for limit in [
            serde_json::json!({"gcra": {"period_ms": 0, "burst": 1}}),
            serde_json::json!({"gcra": {"period_ms": 1, "burst": 0}}),
            serde_json::json!({"sliding_log": {"limit": 1_001, "window_ms": 1}}),
            serde_json::json!({"concurrency": {"limit": 257, "hold_ms": 1}}),
            serde_json::json!({"penalty": {
                "free": 1, "base_ms": 0, "wait_ms_max": 1, "forget_ms": 1,
            }}),
            serde_json::json!({"quota": {"limit": 1, "window": {"month": {"day": 29}}}}),
            fixed(0, 0),
            fixed(1_000, i64::MIN),
            fixed(1_000, i64::MAX),
        ] {
            let refused = check("a", limit.clone());
            assert_eq!(refused, Err(RuleRefusal::Limit), "{limit}");
        }
        assert_eq!(check("a\r\nx: y", fixed(1, 0)), Err(RuleRefusal::Name));
    }

    #[test]
    fn a_policy_has_rules_that_stand_for_themselves() {
        let limit = Limit::Gcra(Gcra::new(1_000, 3).unwrap());
        let rule = |name| Rule::new(Name::fixed(name), limit);
        let check = |rules: Vec<Rule>| {
            let policy = Bound {
                version: 1,
                ahead: 0,
                rules,
            };
            policy.check()
        };
        assert_eq!(check(vec![rule("a"), rule("b")]), Ok(()));
        assert_eq!(check(vec![rule("a"), rule("a")]), Err(RuleRefusal::Twice));
        assert_eq!(check(Vec::new()), Err(RuleRefusal::Count));
        let crowd = Rule {
            scope: Some("*".to_owned()),
            ..rule("a")
        };
        assert_eq!(check(vec![crowd]), Err(RuleRefusal::Scope));
    }
}
