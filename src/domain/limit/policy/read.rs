//! What does a document of rules say?
//!
//! Every member means something or is refused, every number has bounds, and a
//! refusal names the first member that breaks its rule.

use super::{
    Clause, Effect, Enacted, Lease, Mode, OVERRIDES_MAX, OnFailure, Override, Pattern, Policy,
    object::{Object, PolicyRefusal, Read, must, small},
    pattern::SUBJECT_BYTES_MAX,
    words::{MODES, ON_FAILURE, WINDOWS},
};
use crate::domain::{
    limit::{
        Bound, Concurrency, Gcra, Limit, Penalty, Quota, RULES_MAX, Rule, SlidingLog, Window,
        concurrency::{SLOT_MS_MAX, SLOTS_MAX},
        gcra::FILL_MS_MAX,
        penalty::{FORGET_MS_MAX, FREE_MAX, WAIT_MS_MAX},
        quota::{DAY_OF_MONTH_MAX, WINDOW_MS_MAX},
        sliding_log::LOG_MAX,
    },
    time::Timestamp,
};
use serde_json::Value;

/// What an isolate may take at once, at most.
const LEASE_COST_MAX: i64 = 1_000;
/// For how long, at most: as long as refusals are remembered.
const LEASE_MS_MAX: i64 = 5_000;

impl TryFrom<Value> for Policy {
    type Error = PolicyRefusal;

    fn try_from(document: Value) -> Read<Self> {
        let sent = Object::of(String::new(), &document, &[Self::MEMBERS])?;
        let policy = Self {
            name: sent.name()?,
            mode: sent.word("mode", MODES)?.unwrap_or(Mode::Enforce),
            ahead: sent.ahead()?,
            lease: lease(&sent)?,
            clauses: clauses(&sent)?,
            overrides: overrides(&sent)?,
        };
        policy.check_overrides()?;
        policy.check_lease()?;
        Ok(policy)
    }
}

/// Reads a policy that a caller brings along.
pub(super) fn inline(document: &Value) -> Read<Enacted> {
    const KNOWN: &[&str] = &["name", "ahead", "version", "rules"];
    let sent = Object::of(String::new(), document, &[KNOWN])?;
    let version = sent.number("version", 1, u32::MAX.into())?;
    let policy = Policy {
        name: sent.name()?,
        mode: Mode::Enforce,
        ahead: sent.ahead()?,
        lease: None,
        clauses: clauses(&sent)?,
        overrides: Vec::new(),
    };
    Ok(Enacted {
        policy,
        version: version.map_or(1, small),
        updated_at: Timestamp::default(),
    })
}

fn lease(sent: &Object<'_>) -> Read<Option<Lease>> {
    let Some(value) = sent.value("lease") else {
        return Ok(None);
    };
    let sent = Object::of(sent.path("lease"), value, &[&["cost", "ms"]])?;
    Ok(Some(Lease {
        cost: small(sent.required("cost", 1, LEASE_COST_MAX)?),
        ms: sent.required("ms", 1, LEASE_MS_MAX)?,
    }))
}

fn overrides(sent: &Object<'_>) -> Read<Vec<Override>> {
    const KNOWN: &[&str] = &["subject", "effect", "rules", "expires_at"];
    let mut all = Vec::new();
    for (at, value) in sent.list("overrides", 0, OVERRIDES_MAX)? {
        let sent = Object::of(at, value, &[KNOWN])?;
        let subject = sent.text("subject").and_then(Pattern::parse);
        let what = format!("1 to {SUBJECT_BYTES_MAX} bytes without control characters");
        let subject = subject.ok_or_else(|| sent.must("subject", &what))?;
        let effect = match sent.word("effect", EFFECTS)?.unwrap_or(Kind::Limit) {
            Kind::Limit => Effect::Limit(clauses(&sent)?),
            _ if sent.value("rules").is_some() => {
                return Err(sent.must("rules", "null where effect is not limit"));
            }
            Kind::Exempt => Effect::Exempt,
            Kind::Block => Effect::Block,
        };
        let expires_at = sent.instant("expires_at")?;
        all.push(Override {
            subject,
            effect,
            expires_at,
        });
    }
    Ok(all)
}

#[derive(Clone, Copy)]
enum Kind {
    Limit,
    Exempt,
    Block,
}

const EFFECTS: &[(&str, Kind)] = &[
    ("limit", Kind::Limit),
    ("exempt", Kind::Exempt),
    ("block", Kind::Block),
];

impl Policy {
    /// A rule of an override stands in place of one: a name that was misspelt
    /// must not look as if it had been taken.
    fn check_overrides(&self) -> Read<()> {
        for (index, one) in self.overrides.iter().enumerate() {
            let Effect::Limit(clauses) = &one.effect else {
                continue;
            };
            for (at, clause) in clauses.iter().enumerate() {
                let same = |own: &Clause| own.rule.name == clause.rule.name;
                if !self.clauses.iter().any(same) {
                    let name = format!("overrides[{index}].rules[{at}].name");
                    return Err(must(&name, "the name of one of the policy's rules"));
                }
            }
        }
        Ok(())
    }

    /// What is taken in advance must be something that any subject can have, and
    /// that comes back by itself when it is forfeited.
    fn check_lease(&self) -> Read<()> {
        let Some(lease) = self.lease else {
            return Ok(());
        };
        let own = self.overrides.iter().flat_map(|one| match &one.effect {
            Effect::Limit(clauses) => clauses.as_slice(),
            Effect::Exempt | Effect::Block => &[],
        });
        for clause in self.clauses.iter().chain(own) {
            let limit = &clause.rule.limit;
            if matches!(limit, Limit::Concurrency(_) | Limit::Penalty(_)) {
                let what = "null beside rules of other types than gcra, quota and sliding_log";
                return Err(must("lease", what));
            }
            if limit.capacity() < lease.cost {
                return Err(must("lease.cost", "what every rule can admit at once"));
            }
        }
        Ok(())
    }
}

fn clauses(sent: &Object<'_>) -> Read<Vec<Clause>> {
    let mut clauses = Vec::new();
    for (at, value) in sent.list("rules", 1, RULES_MAX)? {
        clauses.push(clause(at, value)?);
    }
    let rules = clauses.iter().map(|clause: &Clause| clause.rule.clone());
    let bound = Bound {
        version: 0,
        ahead: 0,
        rules: rules.collect(),
    };
    let refused = |why| PolicyRefusal(format!("{}: {why}", sent.path("rules")));
    bound.check().map_err(refused)?;
    Ok(clauses)
}

fn clause(at: String, value: &Value) -> Read<Clause> {
    const COMMON: &[&str] = &["name", "type", "on_failure", "counts_cancelled"];
    let kind = value.get("type").and_then(Value::as_str);
    let limits: &[&str] = match kind {
        Some("gcra") => &["period_ms", "burst"],
        Some("quota") => &["limit", "window"],
        Some("sliding_log") => &["limit", "window_ms"],
        Some("concurrency") => &["limit", "hold_ms"],
        Some("penalty") => &["free", "base_ms", "wait_ms_max", "forget_ms"],
        _ => {
            let what = "one of gcra, quota, sliding_log, concurrency, penalty";
            return Err(must(&format!("{at}.type"), what));
        }
    };
    let sent = Object::of(at, value, &[COMMON, limits])?;
    let name = sent.name()?;
    let on_failure = sent.word("on_failure", ON_FAILURE)?;
    let counts_cancelled = sent.truth("counts_cancelled")?;
    let limit = match kind {
        Some("gcra") => gcra(&sent)?,
        Some("quota") => quota(&sent)?,
        Some("sliding_log") => sliding_log(&sent)?,
        Some("concurrency") => concurrency(&sent)?,
        _ => penalty(&sent)?,
    };
    // The bounds of each number are those that its limit has.
    let limit = limit.ok_or_else(|| sent.must("type", "that of a limit that exists"))?;
    let rule = Rule::new(name, limit);
    Ok(Clause {
        rule: Rule {
            counts_cancelled,
            ..rule
        },
        on_failure: on_failure.unwrap_or(OnFailure::Deny),
    })
}

fn gcra(sent: &Object<'_>) -> Read<Option<Limit>> {
    let period_ms = sent.required("period_ms", 1, FILL_MS_MAX)?;
    let most = (FILL_MS_MAX / period_ms).min(u32::MAX.into());
    let burst = small(sent.required("burst", 1, most)?);
    Ok(Gcra::new(period_ms, burst).map(Limit::Gcra))
}

fn quota(sent: &Object<'_>) -> Read<Option<Limit>> {
    let limit = small(sent.required("limit", 1, u32::MAX.into())?);
    let window = match sent.value("window") {
        Some(object @ Value::Object(_)) => window(sent.path("window"), object)?,
        _ => match sent.word("window", WINDOWS)? {
            Some(window) => window,
            None => return Err(sent.must("window", "there")),
        },
    };
    Ok(Quota::new(limit, window).map(Limit::Quota))
}

fn window(at: String, value: &Value) -> Read<Window> {
    if value.get("month_from_day").is_some() {
        let sent = Object::of(at, value, &[&["month_from_day"]])?;
        let day = sent.required("month_from_day", 1, DAY_OF_MONTH_MAX.into())?;
        let day = u8::try_from(day).unwrap_or(DAY_OF_MONTH_MAX);
        return Ok(Window::Month { day });
    }
    let sent = Object::of(at, value, &[&["length_ms", "anchor"]])?;
    Ok(Window::Fixed {
        length_ms: sent.required("length_ms", 1, WINDOW_MS_MAX)?,
        anchor: sent.instant("anchor")?.unwrap_or_default(),
    })
}

fn sliding_log(sent: &Object<'_>) -> Read<Option<Limit>> {
    let limit = small(sent.required("limit", 1, LOG_MAX.into())?);
    let window_ms = sent.required("window_ms", 1, WINDOW_MS_MAX)?;
    Ok(SlidingLog::new(limit, window_ms).map(Limit::SlidingLog))
}

fn concurrency(sent: &Object<'_>) -> Read<Option<Limit>> {
    let limit = small(sent.required("limit", 1, SLOTS_MAX.into())?);
    let hold_ms = sent.required("hold_ms", 1, SLOT_MS_MAX)?;
    Ok(Concurrency::new(limit, hold_ms).map(Limit::Concurrency))
}

fn penalty(sent: &Object<'_>) -> Read<Option<Limit>> {
    let free = small(sent.required("free", 1, FREE_MAX.into())?);
    let base_ms = sent.required("base_ms", 1, WAIT_MS_MAX)?;
    let wait_ms_max = sent.required("wait_ms_max", base_ms, WAIT_MS_MAX)?;
    let forget_ms = sent.required("forget_ms", wait_ms_max, FORGET_MS_MAX)?;
    Ok(Penalty::new(free, base_ms, wait_ms_max, forget_ms).map(Limit::Penalty))
}
