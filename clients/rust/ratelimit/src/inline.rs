//! Which rules does a question bring along?

use serde_json::{Value, json};

/// A policy that is known to nobody but who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inline {
    pub(crate) name: String,
    version: u64,
    ahead: u32,
    rules: Vec<Value>,
}

impl Inline {
    /// A policy of this name: buckets are told apart by it. Up to 16 rules,
    /// decided all or none.
    #[must_use]
    pub fn new(name: &str, rules: impl IntoIterator<Item = Rule>) -> Self {
        Self {
            name: name.to_owned(),
            version: 1,
            ahead: 0,
            rules: rules.into_iter().map(|rule| rule.0).collect(),
        }
    }

    /// A bucket goes by the newest version it has heard of: 1 unless said.
    /// Raise it with every change of the rules.
    #[must_use]
    pub const fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// How many admissions a bucket may write down at a time, and so forget at
    /// worst: 0 unless said.
    #[must_use]
    pub const fn ahead(mut self, ahead: u32) -> Self {
        self.ahead = ahead;
        self
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "name": self.name, "version": self.version, "ahead": self.ahead, "rules": self.rules })
    }

    pub(crate) fn key(&self) -> String {
        format!("i.{}.{}", self.name, self.version)
    }
}

/// One rule. The service bounds its numbers, and says which is out of bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule(Value);

/// When a quota begins anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// With each minute.
    Minute,
    /// With each hour.
    Hour,
    /// With each day, UTC.
    Day,
    /// With each Monday, UTC.
    Week,
    /// With each month, UTC.
    Month,
    /// With this day of each month, UTC.
    MonthFromDay(u8),
    /// Every so many milliseconds, counted from an instant.
    Every {
        /// How long it is.
        length_ms: u64,
        /// Milliseconds since the Unix epoch at which one began.
        anchor: u64,
    },
}

/// What the service does with a rule whose bucket it cannot reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// Refuses with 503.
    Deny,
    /// Counts a quarter of it in memory.
    Degrade,
    /// Admits.
    Allow,
}

impl Rule {
    /// One each `period_ms`, `burst` of them at once.
    #[must_use]
    pub fn gcra(name: &str, period_ms: u64, burst: u32) -> Self {
        Self(json!({ "name": name, "type": "gcra", "period_ms": period_ms, "burst": burst }))
    }

    /// So many in each window of the calendar.
    #[must_use]
    pub fn quota(name: &str, limit: u32, window: Window) -> Self {
        let window = match window {
            Window::Minute => json!("minute"),
            Window::Hour => json!("hour"),
            Window::Day => json!("day"),
            Window::Week => json!("week"),
            Window::Month => json!("month"),
            Window::MonthFromDay(day) => json!({ "month_from_day": day }),
            Window::Every { length_ms, anchor } => {
                json!({ "length_ms": length_ms, "anchor": anchor })
            }
        };
        Self(json!({ "name": name, "type": "quota", "limit": limit, "window": window }))
    }

    /// So many in any window of this length.
    #[must_use]
    pub fn sliding_log(name: &str, limit: u32, window_ms: u64) -> Self {
        Self(json!({ "name": name, "type": "sliding_log", "limit": limit, "window_ms": window_ms }))
    }

    /// So many at the same time, each for `hold_ms` at most.
    #[must_use]
    pub fn concurrency(name: &str, limit: u32, hold_ms: u64) -> Self {
        Self(json!({ "name": name, "type": "concurrency", "limit": limit, "hold_ms": hold_ms }))
    }

    /// `free` at once, then waits that double from `base_ms` to `wait_ms_max`,
    /// forgotten after `forget_ms`.
    #[must_use]
    pub fn penalty(name: &str, free: u32, base_ms: u64, wait_ms_max: u64, forget_ms: u64) -> Self {
        Self(json!({
            "name": name, "type": "penalty", "free": free, "base_ms": base_ms,
            "wait_ms_max": wait_ms_max, "forget_ms": forget_ms,
        }))
    }

    /// What the service does when it cannot reach the bucket: denies, unless said.
    #[must_use]
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        self.with(
            "on_failure",
            match on_failure {
                OnFailure::Deny => "deny".into(),
                OnFailure::Degrade => "degrade".into(),
                OnFailure::Allow => "allow".into(),
            },
        )
    }

    /// Whether what is cancelled counts all the same.
    #[must_use]
    pub fn counts_cancelled(self, counts: bool) -> Self {
        self.with("counts_cancelled", counts.into())
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        if let Value::Object(members) = &mut self.0 {
            members.insert(name.to_owned(), value);
        }
        self
    }
}
