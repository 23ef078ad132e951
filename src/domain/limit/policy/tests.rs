//! Is a policy what its document says, and for whom?

use super::*;
use crate::domain::{
    limit::{Limit, Quota, RULES_MAX, Window},
    merge_patch::merge,
    time::{DAY_MS, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn read(document: Value) -> Result<Policy, String> {
    Policy::try_from(document).map_err(|why| why.to_string())
}

fn burst(name: &str, burst: u32) -> Value {
    json!({"name": name, "type": "gcra", "period_ms": 1_000, "burst": burst})
}

/// A policy of the rules `a` and `b`, with these overrides.
fn enacted(overrides: &Value) -> Enacted {
    let document = json!({
        "name": "api",
        "rules": [burst("a", 10), burst("b", 20)],
        "overrides": overrides,
    });
    Enacted {
        policy: read(document).unwrap(),
        version: 7,
        updated_at: NOW,
    }
}

/// How much each rule lets pass at once.
fn bursts(binding: &Binding) -> Vec<u32> {
    match binding {
        Binding::Limit { bound, .. } => bound
            .rules
            .iter()
            .map(|rule| rule.limit.capacity())
            .collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_short_document_has_careful_defaults() {
    let policy = read(json!({"name": "api", "rules": [burst("a", 10)]})).unwrap();
    assert_eq!(policy.mode(), Mode::Enforce);
    assert_eq!(policy.lease(), None);
    let shown = Value::from(policy);
    assert_eq!(
        shown,
        json!({
            "name": "api",
            "mode": "enforce",
            "ahead": 0,
            "lease": null,
            "rules": [{
                "name": "a",
                "type": "gcra",
                "period_ms": 1_000,
                "burst": 10,
                "on_failure": "deny",
                "counts_cancelled": false,
            }],
            "overrides": [],
        })
    );
}

#[test]
fn windows_are_those_of_the_calendar() {
    let window = |window: Value| {
        let rule = json!({"name": "q", "type": "quota", "limit": 5, "window": window});
        let policy = read(json!({"name": "api", "rules": [rule]})).unwrap();
        match policy.clauses.first().unwrap().rule.limit {
            Limit::Quota(Quota { window, .. }) => window,
            other => panic!("{other:?}"),
        }
    };
    let day = 24 * 3_600_000;
    // 2026-09-21 is a Monday.
    let (begin, end) = window(json!("week")).around(NOW);
    assert_eq!(
        (begin.as_millis() / day, begin.as_millis() % day),
        (20_717, 0)
    );
    assert_eq!(end.since(begin), 7 * DAY_MS);
    assert_eq!(window(json!("month")), Window::Month { day: 1 });
    assert_eq!(
        window(json!({"month_from_day": 15})),
        Window::Month { day: 15 }
    );
    let anchored = json!({"length_ms": 90_000, "anchor": "1970-01-01T00:00:10Z"});
    assert_eq!(
        window(anchored),
        Window::Fixed {
            length_ms: 90_000,
            anchor: Timestamp::from_seconds(10),
        }
    );
}

/// The document of a policy with these members over it.
fn with(members: Value) -> Value {
    let mut document = json!({"name": "api", "rules": [burst("a", 10)]});
    merge(&mut document, members);
    document
}

fn check(rows: &[(Value, &str)]) {
    for (document, why) in rows {
        assert_eq!(read(document.clone()).unwrap_err(), *why, "{document}");
    }
}

#[test]
fn a_refusal_names_the_member() {
    check(&[
        (json!([]), "a policy must be an object"),
        (with(json!({"colour": 1})), "colour means nothing here"),
        (
            with(json!({"name": "A"})),
            "name must be 1 to 64 lower-case letters, digits, _ and -",
        ),
        (
            with(json!({"mode": "off"})),
            "mode must be one of enforce, shadow",
        ),
        (
            with(json!({"ahead": 1_001})),
            "ahead must be a whole number from 0 to 1000",
        ),
        (
            with(json!({"rules": null})),
            "rules must be a list of 1 to 16",
        ),
        (
            with(json!({"rules": [burst("a", 1), burst("a", 2)]})),
            "rules: two rules have the same name",
        ),
        (
            with(json!({"lease": {"cost": 11, "ms": 500}})),
            "lease.cost must be what every rule can admit at once",
        ),
        (
            with(json!({"lease": {"cost": 1, "ms": 5_001}})),
            "lease.ms must be a whole number from 1 to 5000",
        ),
    ]);
}

#[test]
fn a_refusal_names_the_rule_and_its_member() {
    let rule = |members: Value| {
        let mut rule = burst("a", 10);
        merge(&mut rule, members);
        json!({"name": "api", "rules": [burst("x", 1), rule]})
    };
    let bounds = "rules[1].burst must be a whole number from 1 to 315619200";
    check(&[
        (
            rule(json!({"type": "magic"})),
            "rules[1].type must be one of gcra, quota, sliding_log, concurrency, penalty",
        ),
        (
            rule(json!({"limit": 7})),
            "rules[1].limit means nothing here",
        ),
        (rule(json!({"burst": 0})), bounds),
        (rule(json!({"burst": 1.5})), bounds),
        (
            rule(json!({"period_ms": null})),
            "rules[1].period_ms must be a whole number from 1 to 315619200000",
        ),
        (
            rule(json!({"on_failure": "open"})),
            "rules[1].on_failure must be one of deny, degrade, allow",
        ),
        (
            rule(json!({"counts_cancelled": 1})),
            "rules[1].counts_cancelled must be true or false",
        ),
    ]);
}

#[test]
fn a_refusal_names_the_override_and_its_member() {
    let own = |one: Value| with(json!({"overrides": [one]}));
    check(&[
        (
            own(json!({"subject": "", "effect": "block"})),
            "overrides[0].subject must be 1 to 256 bytes without control characters",
        ),
        (
            own(json!({"subject": "u"})),
            "overrides[0].rules must be a list of 1 to 16",
        ),
        (
            own(json!({"subject": "u", "effect": "exempt", "rules": []})),
            "overrides[0].rules must be null where effect is not limit",
        ),
        (
            own(json!({"subject": "u", "rules": [burst("b", 1)]})),
            "overrides[0].rules[0].name must be the name of one of the policy's rules",
        ),
        (
            own(json!({"subject": "u", "effect": "block", "expires_at": 5})),
            "overrides[0].expires_at must be an instant as RFC 3339 writes it",
        ),
    ]);
}

#[test]
fn what_is_taken_in_advance_comes_back_by_itself() {
    let slots = json!({"name": "c", "type": "concurrency", "limit": 5, "hold_ms": 60_000});
    let why = "lease must be null beside rules of other types than gcra, quota and sliding_log";
    let document = |rules: Value, overrides: Value| {
        let lease = json!({"cost": 2, "ms": 500});
        read(json!({"name": "api", "lease": lease, "rules": rules, "overrides": overrides}))
    };
    let none = json!([]);
    assert!(document(json!([burst("c", 5)]), none.clone()).is_ok());
    assert_eq!(document(json!([slots]), none).unwrap_err(), why);
    let own = |rule: Value| json!([{"subject": "u", "rules": [rule]}]);
    let refused = document(json!([burst("c", 5)]), own(slots));
    assert_eq!(refused.unwrap_err(), why);
    let narrow = document(json!([burst("c", 5)]), own(burst("c", 1)));
    assert!(narrow.unwrap_err().starts_with("lease.cost"));
}

#[test]
fn what_is_said_of_one_is_meant_before_what_is_said_of_many() {
    let policy = enacted(&json!([
        {"subject": "*", "effect": "exempt"},
        {"subject": "user:*", "rules": [burst("a", 1)]},
        {"subject": "user:v*", "rules": [burst("a", 2)]},
        {"subject": "user:v*", "rules": [burst("a", 3)]},
        {"subject": "user:vip", "rules": [burst("a", 4)]},
        {"subject": "user:evil", "effect": "block"},
    ]));
    let bind = |subject| policy.bind(subject, NOW);
    assert_eq!(bind("else"), Binding::Exempt);
    assert_eq!(bursts(&bind("user:1")), [1, 20]);
    assert_eq!(bursts(&bind("user:v1")), [2, 20], "of equals the first");
    assert_eq!(bursts(&bind("user:vip")), [4, 20]);
    assert_eq!(bind("user:evil"), Binding::Block);
}

#[test]
fn what_has_expired_is_nothing() {
    let until = "2026-09-21T14:13:20Z";
    let policy = enacted(&json!([
        {"subject": "u", "effect": "exempt", "expires_at": until},
        {"subject": "u*", "rules": [burst("b", 5)]},
    ]));
    assert_eq!(policy.bind("u", NOW.plus(-1)), Binding::Exempt);
    assert_eq!(bursts(&policy.bind("u", NOW)), [10, 5]);
}

#[test]
fn the_strictest_rule_says_what_happens_when_nobody_can() {
    let strictest = |first: &str, second: &str| {
        let rule = |name, on_failure: &str| {
            let mut rule = burst(name, 1);
            rule["on_failure"] = on_failure.into();
            rule
        };
        let rules = json!([rule("a", first), rule("b", second)]);
        let policy = read(json!({"name": "api", "rules": rules})).unwrap();
        let enacted = Enacted {
            policy,
            version: 1,
            updated_at: NOW,
        };
        match enacted.bind("u", NOW) {
            Binding::Limit { on_failure, .. } => on_failure,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(strictest("allow", "allow"), OnFailure::Allow);
    assert_eq!(strictest("allow", "degrade"), OnFailure::Degrade);
    assert_eq!(strictest("deny", "degrade"), OnFailure::Deny);
}

#[test]
fn a_caller_may_bring_rules_along() {
    let document = json!({"name": "x", "ahead": 3, "version": 9, "rules": [burst("a", 2)]});
    let inline = Enacted::inline(&document).unwrap();
    match inline.bind("anybody", NOW) {
        Binding::Limit { bound, on_failure } => {
            assert_eq!((bound.version, bound.ahead), (9, 3));
            assert_eq!(on_failure, OnFailure::Deny);
        }
        other => panic!("{other:?}"),
    }
    let shadow = json!({"name": "x", "mode": "shadow", "rules": [burst("a", 2)]});
    let refused = Enacted::inline(&shadow).unwrap_err();
    assert_eq!(refused.to_string(), "mode means nothing here");
}

/// What `*` means, told letter by letter.
fn fits(pattern: &[char], subject: &[char]) -> bool {
    match (pattern, subject) {
        ([], []) => true,
        (['*', rest @ ..], []) => fits(rest, &[]),
        (['*', rest @ ..], [_, others @ ..]) => fits(rest, subject) || fits(pattern, others),
        ([one, rest @ ..], [other, others @ ..]) => one == other && fits(rest, others),
        _ => false,
    }
}

fn name() -> impl Strategy<Value = String> {
    "[a-c]"
}

fn rule() -> impl Strategy<Value = Value> {
    let limits = prop_oneof![
        (1..100_000_i64, 1..1_000_u32).prop_map(
            |(period_ms, burst)| json!({"type": "gcra", "period_ms": period_ms, "burst": burst})
        ),
        (1..=u32::MAX, 0..7_usize).prop_map(|(limit, window)| {
            let windows = [
                json!("minute"),
                json!("hour"),
                json!("day"),
                json!("week"),
                json!("month"),
                json!({"month_from_day": 28}),
                json!({"length_ms": 5_000, "anchor": "2024-02-29T23:59:59.999Z"}),
            ];
            json!({"type": "quota", "limit": limit, "window": windows[window]})
        }),
        (1..=1_000_u32, 1..1_000_000_i64).prop_map(
            |(limit, ms)| json!({"type": "sliding_log", "limit": limit, "window_ms": ms})
        ),
        (1..=256_u32, 1..=3_600_000_i64)
            .prop_map(|(limit, ms)| json!({"type": "concurrency", "limit": limit, "hold_ms": ms})),
        (1..=63_u32, 1..1_000_i64, 0..1_000_i64, 0..1_000_i64).prop_map(
            |(free, base, more, most)| {
                json!({"type": "penalty", "free": free, "base_ms": base, "wait_ms_max": base + more,
                "forget_ms": base + more + most})
            }
        ),
    ];
    let modes = prop_oneof![Just("deny"), Just("degrade"), Just("allow")];
    (name(), limits, modes, any::<bool>()).prop_map(|(name, mut rule, mode, counts)| {
        rule["name"] = name.into();
        rule["on_failure"] = mode.into();
        rule["counts_cancelled"] = counts.into();
        rule
    })
}

fn document() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![
        Just(json!({"effect": "exempt", "rules": null})),
        Just(json!({"effect": "block", "rules": null})),
        prop::collection::vec(rule(), 1..3)
            .prop_map(|rules| json!({"effect": "limit", "rules": rules})),
    ];
    let expires = prop_oneof![Just(Value::Null), Just(json!("2026-09-21T14:13:20Z"))];
    let one = ("[ab*]{1,6}", effect, expires).prop_map(|(subject, mut one, expires)| {
        one["subject"] = subject.into();
        one["expires_at"] = expires;
        one
    });
    let rules = prop::collection::vec(rule(), 1..4);
    let overrides = prop::collection::vec(one, 0..4);
    let lease = prop_oneof![Just(Value::Null), Just(json!({"cost": 1, "ms": 100}))];
    let mode = prop_oneof![Just("enforce"), Just("shadow")];
    (rules, overrides, lease, mode, 0..=1_000_u32).prop_map(
        |(rules, overrides, lease, mode, ahead)| {
            json!({"name": "api", "mode": mode, "ahead": ahead, "lease": lease, "rules": rules,
            "overrides": overrides})
        },
    )
}

proptest! {
    #[test]
    fn what_is_read_is_shown_and_read_again(document in document()) {
        // Names clash and leases do not fit at times; what is taken is kept whole.
        if let Ok(policy) = read(document.clone()) {
            let shown = Value::from(policy.clone());
            prop_assert_eq!(&shown, &document);
            prop_assert_eq!(read(shown), Ok(policy));
        }
    }

    #[test]
    fn a_policy_survives_a_row_and_the_post(document in document()) {
        if let Ok(policy) = read(document) {
            let enacted = Enacted { policy, version: 3, updated_at: NOW };
            let text = serde_json::to_vec(&enacted).unwrap();
            prop_assert_eq!(&crate::domain::tree::from_json::<Enacted>(&text).unwrap(), &enacted);
            let packed = rmp_serde::to_vec_named(&enacted).unwrap();
            prop_assert_eq!(&crate::domain::tree::from_pack::<Enacted>(&packed).unwrap(), &enacted);
        }
    }

    #[test]
    fn whatever_is_taken_binds_everybody_by_rules_that_are_some(
        document in document(),
        subject in "[ab]{1,6}",
    ) {
        if let Ok(policy) = read(document) {
            let names = policy.clauses.len();
            let lease = policy.lease();
            let enacted = Enacted { policy, version: 3, updated_at: NOW };
            if let Binding::Limit { bound, .. } = enacted.bind(&subject, NOW) {
                prop_assert_eq!(bound.check(), Ok(()));
                prop_assert_eq!(bound.rules.len(), names);
                prop_assert!(lease.is_none_or(|lease| bound.can_admit(lease.cost)));
            }
        }
    }

    #[test]
    fn a_star_is_any_run_of_characters(pattern in "[aé*]{1,7}", subject in "[aé*]{1,7}") {
        let letters = |text: &str| text.chars().collect::<Vec<char>>();
        let pattern_fits = Pattern::parse(&pattern).unwrap().fits(&subject);
        prop_assert_eq!(pattern_fits, fits(&letters(&pattern), &letters(&subject)));
    }

    #[test]
    fn no_document_panics(text in "\\PC{0,60}", member in "[a-z_]{1,8}") {
        for value in [json!({&member: text}), json!({"name": "a", "rules": [{"type": "quota", &member: text}]})] {
            drop(read(value));
        }
    }

    #[test]
    fn a_subject_is_short_and_nothing_a_terminal_would_act_on(text in any::<String>()) {
        let is_fit = !text.is_empty() && text.len() <= SUBJECT_BYTES_MAX
            && !text.chars().any(char::is_control);
        prop_assert_eq!(is_subject(&text), is_fit);
    }
}

#[test]
fn a_policy_has_bounds() {
    let rules = |count: usize| {
        let rules = (0..count).map(|at| burst(&format!("r{at}"), 5));
        read(json!({"name": "api", "rules": rules.collect::<Vec<_>>()}))
    };
    assert!(rules(RULES_MAX).is_ok() && rules(RULES_MAX + 1).is_err());
    let overrides = |count: usize| {
        let one = json!({"subject": "u", "effect": "block"});
        read(json!({"name": "api", "rules": [burst("a", 1)], "overrides": vec![one; count]}))
    };
    assert!(overrides(OVERRIDES_MAX).is_ok() && overrides(OVERRIDES_MAX + 1).is_err());
}
