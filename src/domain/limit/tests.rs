//! Do many rules on one subject keep what each of them promises?

use super::{
    oracle::{Charged, allows},
    *,
};
use crate::domain::time::{HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn gcra(period_ms: i64, burst: u32) -> Limit {
    Limit::Gcra(Gcra::new(period_ms, burst).unwrap())
}

fn hourly(limit: u32) -> Limit {
    let window = Window::Fixed {
        length_ms: HOUR_MS,
        anchor: Timestamp::default(),
    };
    Limit::Quota(Quota::new(limit, window).unwrap())
}

fn log(limit: u32, window_ms: i64) -> Limit {
    Limit::SlidingLog(SlidingLog::new(limit, window_ms).unwrap())
}

fn slots(limit: u32, hold_ms: i64) -> Limit {
    Limit::Concurrency(Concurrency::new(limit, hold_ms).unwrap())
}

fn policy(limits: &[Limit]) -> Bound {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    let rules = limits.iter().zip(NAMES);
    let rules = rules.map(|(limit, name)| Rule::new(Name::fixed(name), *limit));
    Bound {
        version: 1,
        ahead: 0,
        rules: rules.collect(),
    }
}

fn named(number: u32) -> RequestId {
    RequestId::parse(&format!("request-{number}")).unwrap()
}

fn at(millis: i64) -> Timestamp {
    START.plus(millis)
}

fn take(standing: &mut Standing, policy: &Bound, cost: u32, millis: i64) -> Outcome {
    standing.take(policy, cost, None, at(millis)).0.outcome
}

#[test]
fn a_cost_beyond_what_is_left_leaves_no_debt() {
    for limit in [
        gcra(SECOND_MS, 10),
        hourly(10),
        log(10, MINUTE_MS),
        slots(10, MINUTE_MS),
    ] {
        let (policy, mut standing) = (policy(&[limit]), Standing::default());
        assert_eq!(take(&mut standing, &policy, 8, 0), Outcome::Admit);
        assert!(matches!(
            take(&mut standing, &policy, 3, 0),
            Outcome::Refuse { .. }
        ));
        assert_eq!(
            take(&mut standing, &policy, 2, 0),
            Outcome::Admit,
            "{limit:?}"
        );
    }
}

#[test]
fn a_cost_beyond_the_limit_is_refused_for_good() {
    for limit in [
        gcra(SECOND_MS, 10),
        hourly(10),
        log(10, MINUTE_MS),
        slots(10, MINUTE_MS),
    ] {
        let (policy, mut standing) = (policy(&[limit]), Standing::default());
        assert_eq!(take(&mut standing, &policy, 11, 0), Outcome::Never);
        assert_eq!(
            take(&mut standing, &policy, 10, 0),
            Outcome::Admit,
            "{limit:?}"
        );
    }
}

#[test]
fn there_is_no_double_burst_where_windows_meet() {
    for limit in [gcra(HOUR_MS / 10, 10), log(10, HOUR_MS)] {
        let policy = policy(&[limit]);
        let mut standing = Standing::default();
        // The last second of one hour of the clock, the first of the next.
        let end = HOUR_MS - START.as_millis() % HOUR_MS;
        assert_eq!(
            take(&mut standing, &policy, 10, end - SECOND_MS),
            Outcome::Admit
        );
        let refused = take(&mut standing, &policy, 1, end + SECOND_MS);
        assert!(matches!(refused, Outcome::Refuse { .. }), "{limit:?}");
    }
}

#[test]
fn who_stays_under_the_rate_is_never_refused() {
    let policy = policy(&[gcra(SECOND_MS, 1), log(60, MINUTE_MS), hourly(3_600)]);
    let mut standing = Standing::default();
    // Nine tenths of one a second, for an hour.
    for number in 0..3_240 {
        assert_eq!(
            take(&mut standing, &policy, 1, number * 10_000 / 9 + 1),
            Outcome::Admit
        );
    }
}

#[test]
fn hammering_does_not_push_the_next_admission_away() {
    let policy = policy(&[gcra(SECOND_MS, 1), log(1, SECOND_MS)]);
    let mut standing = Standing::default();
    assert_eq!(take(&mut standing, &policy, 1, 0), Outcome::Admit);
    let retry_at = at(SECOND_MS);
    for millis in 1..SECOND_MS {
        assert_eq!(
            take(&mut standing, &policy, 1, millis),
            Outcome::Refuse { retry_at }
        );
    }
    assert_eq!(take(&mut standing, &policy, 1, SECOND_MS), Outcome::Admit);
}

#[test]
fn a_clock_that_steps_back_opens_nothing() {
    for limit in [gcra(SECOND_MS, 2), hourly(2), log(2, MINUTE_MS)] {
        let (policy, mut standing) = (policy(&[limit]), Standing::default());
        assert_eq!(take(&mut standing, &policy, 2, 2 * HOUR_MS), Outcome::Admit);
        let (verdict, _) = standing.take(&policy, 1, None, at(0));
        assert!(!verdict.is_admitted(), "{limit:?}");
        assert_eq!(verdict.at, at(2 * HOUR_MS));
    }
}

#[test]
fn a_request_asked_again_is_charged_once() {
    let (policy, mut standing) = (policy(&[gcra(HOUR_MS, 2)]), Standing::default());
    let request = named(1);
    let stands = Some((&request, Holding::Stands));
    assert!(standing.take(&policy, 2, stands, START).1);
    let (again, is_charged) = standing.take(&policy, 2, stands, at(5));
    assert!(again.is_admitted() && !is_charged);
    assert!(matches!(
        take(&mut standing, &policy, 1, 6),
        Outcome::Refuse { .. }
    ));
}

#[test]
fn only_a_real_charge_is_given_back_and_once() {
    let (policy, mut standing) = (policy(&[gcra(HOUR_MS, 1)]), Standing::default());
    let request = named(1);
    assert_eq!(standing.cancel(&request, START), Settled::Unknown);
    standing.take(&policy, 1, Some((&request, Holding::Stands)), START);
    let refused = named(2);
    let (verdict, _) = standing.take(&policy, 1, Some((&refused, Holding::Stands)), START);
    assert!(!verdict.is_admitted());
    assert_eq!(standing.cancel(&refused, START), Settled::Unknown);
    assert_eq!(standing.cancel(&request, START), Settled::Done);
    assert_eq!(standing.cancel(&request, START), Settled::Unknown);
    assert_eq!(take(&mut standing, &policy, 1, 0), Outcome::Admit);
    assert!(matches!(
        take(&mut standing, &policy, 1, 0),
        Outcome::Refuse { .. }
    ));
}

#[test]
fn what_is_committed_stands() {
    let (policy, mut standing) = (
        policy(&[gcra(HOUR_MS, 1), slots(1, HOUR_MS)]),
        Standing::default(),
    );
    let request = named(1);
    let holding = Holding::Falls {
        after_ms: SECOND_MS,
    };
    standing.take(&policy, 1, Some((&request, holding)), START);
    assert_eq!(standing.commit(&request, at(1)), Settled::Done);
    assert_eq!(standing.commit(&request, at(2)), Settled::Already);
    assert_eq!(standing.cancel(&request, at(3)), Settled::Stands);
    let (verdict, _) = standing.take(&policy, 1, None, at(2 * SECOND_MS));
    let refuses: Vec<bool> = verdict
        .readings
        .iter()
        .map(|reading| reading.refuses)
        .collect();
    assert_eq!(
        refuses,
        [true, false],
        "the cell is spent, the slot is free"
    );
}

#[test]
fn an_abandoned_hold_falls() {
    let (policy, mut standing) = (
        policy(&[gcra(HOUR_MS, 1), slots(1, HOUR_MS)]),
        Standing::default(),
    );
    let request = named(1);
    let holding = Holding::Falls {
        after_ms: SECOND_MS,
    };
    standing.take(&policy, 1, Some((&request, holding)), START);
    assert!(matches!(
        take(&mut standing, &policy, 1, SECOND_MS - 1),
        Outcome::Refuse { .. }
    ));
    assert_eq!(take(&mut standing, &policy, 1, SECOND_MS), Outcome::Admit);
}

#[test]
fn holds_are_bounded_and_none_is_dropped_for_another() {
    let (policy, mut standing) = (policy(&[gcra(1, 1_000)]), Standing::default());
    let holding = Holding::Falls {
        after_ms: MINUTE_MS,
    };
    let room = u32::try_from(RECORDS_MAX).unwrap();
    for number in 0..room {
        let (verdict, _) = standing.take(&policy, 1, Some((&named(number), holding)), START);
        assert!(verdict.is_admitted());
    }
    let (verdict, _) = standing.take(&policy, 1, Some((&named(room), holding)), START);
    assert_eq!(
        verdict.outcome,
        Outcome::Refuse {
            retry_at: at(MINUTE_MS)
        }
    );
    assert_eq!(standing.cancel(&named(0), START), Settled::Done);
}

#[test]
fn a_changed_rule_refills_nothing() {
    let limits = [
        gcra(SECOND_MS, 10),
        hourly(10),
        log(10, HOUR_MS),
        gcra(500, 20),
    ];
    for from in limits {
        for to in limits {
            let mut standing = Standing::default();
            take(&mut standing, &policy(&[from]), 10, 0);
            let changed = Bound {
                version: 2,
                ..policy(&[to])
            };
            let left = standing.peek(&changed, 1, START).readings[0].remaining;
            assert!(
                left + 10 <= to.capacity(),
                "{from:?} to {to:?} leaves {left}"
            );
        }
    }
}

#[test]
fn an_older_policy_changes_nothing_back() {
    let mut standing = Standing::default();
    let newer = Bound {
        version: 2,
        ..policy(&[gcra(SECOND_MS, 1)])
    };
    assert_eq!(take(&mut standing, &newer, 1, 0), Outcome::Admit);
    let older = policy(&[gcra(SECOND_MS, 100)]);
    assert!(matches!(
        take(&mut standing, &older, 1, 0),
        Outcome::Refuse { .. }
    ));
}

#[test]
fn scopes_are_apart_until_there_are_too_many() {
    let mut standing = Standing::default();
    let scoped = |scope: &str| {
        let rule = Rule::new(Name::fixed("pair"), gcra(HOUR_MS, 1));
        let rule = Rule {
            scope: Some(scope.to_owned()),
            ..rule
        };
        Bound {
            version: 1,
            ahead: 0,
            rules: vec![rule],
        }
    };
    for number in 0..LEVELS_MAX {
        let policy = scoped(&format!("s{number}"));
        assert_eq!(take(&mut standing, &policy, 1, 0), Outcome::Admit);
    }
    assert_eq!(take(&mut standing, &scoped("x"), 1, 0), Outcome::Admit);
    assert!(matches!(
        take(&mut standing, &scoped("y"), 1, 0),
        Outcome::Refuse { .. }
    ));
    assert!(standing.shown(START).count() <= LEVELS_MAX + 1);
}

#[test]
fn waits_double_and_success_ends_them() {
    let limit = Penalty::new(3, SECOND_MS, MINUTE_MS, HOUR_MS).unwrap();
    let (policy, mut standing) = (policy(&[Limit::Penalty(limit)]), Standing::default());
    let mut now = 0;
    let mut waits = Vec::new();
    for _ in 0..10 {
        match take(&mut standing, &policy, 1, now) {
            Outcome::Admit => waits.push(0),
            Outcome::Refuse { retry_at } => {
                let wait = retry_at.since(at(now));
                now += wait;
                waits.push(wait / SECOND_MS);
                assert_eq!(take(&mut standing, &policy, 1, now), Outcome::Admit);
            }
            Outcome::Never => panic!("never"),
        }
    }
    assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60]);
    now += MINUTE_MS;
    let right = named(1);
    let stands = Some((&right, Holding::Stands));
    assert!(standing.take(&policy, 1, stands, at(now)).1);
    assert_eq!(standing.cancel(&right, at(now)), Settled::Done);
    for _ in 0..3 {
        assert_eq!(take(&mut standing, &policy, 1, now), Outcome::Admit);
    }
}

#[test]
fn failures_are_forgotten_one_by_one() {
    let limit = Penalty::new(2, SECOND_MS, MINUTE_MS, HOUR_MS).unwrap();
    let (policy, mut standing) = (policy(&[Limit::Penalty(limit)]), Standing::default());
    take(&mut standing, &policy, 2, 0);
    let left = |standing: &mut Standing, hours| {
        standing.peek(&policy, 1, at(hours * HOUR_MS)).readings[0].remaining
    };
    assert_eq!(left(&mut standing, 0), 0);
    assert_eq!(left(&mut standing, 1), 1);
    assert_eq!(left(&mut standing, 2), 2);
}

#[test]
fn rules_made_up_one_after_the_other_are_bounded_and_refill_nothing() {
    let mut standing = Standing::default();
    let named = |number: usize| {
        let name = Name::parse(&format!("rule-{number}")).unwrap();
        Bound {
            version: 1,
            ahead: 0,
            rules: vec![Rule::new(name, gcra(SECOND_MS, 2))],
        }
    };
    let admits = |number: &usize| take(&mut standing, &named(*number), 2, 0) == Outcome::Admit;
    let admitted: Vec<usize> = (0..500).filter(admits).collect();
    assert_eq!(admitted.len(), LEVELS_MAX + 2 * RULES_MAX);
    for number in admitted {
        let retry_at = at(SECOND_MS);
        let again = take(&mut standing, &named(number), 1, 0);
        assert_eq!(again, Outcome::Refuse { retry_at });
    }
    assert_eq!(
        take(&mut standing, &named(499), 2, 2 * SECOND_MS),
        Outcome::Admit
    );
}

proptest! {
    /// The definition: the first `free` failures that are remembered cost
    /// nothing, each further one doubles the wait after the latest.
    #[test]
    fn who_keeps_failing_waits_as_long_as_was_said(
        free in 1..5_u32,
        base_ms in 1..2_000_i64,
        doublings in 0..6_u32,
        gaps in prop::collection::vec(0..20_000_i64, 1..80),
    ) {
        let wait_ms_max = base_ms << doublings;
        let forget_ms = wait_ms_max + 3_000;
        let limit = Penalty::new(free, base_ms, wait_ms_max, forget_ms).unwrap();
        let (policy, mut standing) = (policy(&[Limit::Penalty(limit)]), Standing::default());
        let (mut now, mut failed): (i64, Vec<i64>) = (0, Vec::new());
        for gap in gaps {
            now += gap;
            // How many failures the latest one found, counted from the first.
            let mut count = 0;
            for pair in 0..failed.len() {
                let since = if pair == 0 { 0 } else { failed[pair] - failed[pair - 1] };
                count = (count - since / forget_ms).max(0) + 1;
            }
            let over = count - i64::from(free);
            let wait = if over < 0 { 0 } else { (base_ms << over.min(20)).min(wait_ms_max) };
            let until = failed.last().map_or(0, |last| last + wait);
            let expected = if now < until {
                Outcome::Refuse { retry_at: at(until) }
            } else {
                failed.push(now);
                Outcome::Admit
            };
            prop_assert_eq!(take(&mut standing, &policy, 1, now), expected);
        }
    }
}

/// What happens to a subject next.
#[derive(Clone, Debug)]
enum Step {
    Wait(i64),
    Take(u32),
    Hold(u32, i64),
    Keep(u32),
    Cancel(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..3_000_i64).prop_map(Step::Wait),
        (1..6_u32).prop_map(Step::Take),
        (1..6_u32, 1..4_000_i64).prop_map(|(cost, ms)| Step::Hold(cost, ms)),
        (1..6_u32).prop_map(Step::Keep),
        (0..8_usize).prop_map(Step::Cancel),
    ];
    prop::collection::vec(step, 1..120)
}

fn limits() -> impl Strategy<Value = Vec<Limit>> {
    let limit = prop_oneof![
        (1..2_000_i64, 1..12_u32).prop_map(|(period, burst)| gcra(period, burst)),
        (1..12_u32).prop_map(hourly),
        (1..12_u32, 1..5_000_i64).prop_map(|(limit, window)| log(limit, window)),
    ];
    prop::collection::vec(limit, 1..4)
}

proptest! {
    /// Exactly the definitions: whatever is refused some rule would not allow,
    /// and whatever is admitted all do, holds and cancellations included.
    #[test]
    fn what_is_decided_is_what_the_definitions_say(limits in limits(), steps in steps()) {
        let policy = policy(&limits);
        let (mut standing, mut now, mut number) = (Standing::default(), START, 0);
        let mut charged: Vec<Charged> = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        for step in steps {
            let (cost, holding) = match step {
                Step::Wait(millis) => {
                    now = now.plus(millis);
                    continue;
                }
                Step::Cancel(which) => {
                    if which < open.len() {
                        let number = open.remove(which);
                        if standing.cancel(&named(number), now) == Settled::Done {
                            charged.retain(|c| c.request != Some(number));
                        }
                    }
                    continue;
                }
                Step::Take(cost) => (cost, None),
                Step::Hold(cost, after_ms) => (cost, Some(Holding::Falls { after_ms })),
                Step::Keep(cost) => (cost, Some(Holding::Stands)),
            };
            number += 1;
            let request = named(number);
            let asked = holding.map(|holding| (&request, holding));
            let (verdict, _) = standing.take(&policy, cost, asked, now);
            let allowed = limits.iter().all(|limit| allows(*limit, &charged, cost, now));
            prop_assert_eq!(verdict.is_admitted(), allowed);
            for (limit, reading) in limits.iter().zip(&verdict.readings) {
                if !verdict.is_admitted() {
                    prop_assert_eq!(reading.refuses, !allows(*limit, &charged, cost, now));
                }
            }
            if let Outcome::Refuse { retry_at } = verdict.outcome
                && charged.iter().all(|c| c.falls.is_none())
            {
                prop_assert!(retry_at > now);
                let all = |at| limits.iter().all(|limit| allows(*limit, &charged, cost, at));
                prop_assert!(all(retry_at) && !all(retry_at.plus(-1)));
            }
            if verdict.is_admitted() {
                let request = holding.map(|_| number);
                open.extend(request);
                let falls = match holding {
                    Some(Holding::Falls { after_ms }) => Some(now.plus(after_ms)),
                    Some(Holding::Stands) | None => None,
                };
                charged.push(Charged { request, falls, ..Charged::new(cost, now) });
            }
        }
    }
}
