//! Does a bucket admit what its rules admit, and no more, at no needless cost?

use super::{Bucket, Cancel, Check, Commit, LINGER_MS, Peek, Reserve, Reset, schema, state};
use crate::{
    actors::runtime::{
        Actors, Address, Ask, Fault, Mail, Recipient, activation::Activation, world::World,
    },
    domain::{
        ids::TenantId,
        limit::{
            Bound, Concurrency, Gcra, Limit, Name, Outcome, RequestId, Rule, Settled, Verdict,
        },
        time::{HOUR_MS, SECOND_MS, Timestamp},
    },
    store::{Store, migrate, sqlite::Sqlite, transact},
};

/// A world with one bucket in it.
pub(super) struct Limits {
    pub(super) world: World,
    at: Address<Bucket>,
}

pub(super) fn gcra(period_ms: i64, burst: u32) -> Limit {
    Limit::Gcra(Gcra::new(period_ms, burst).unwrap())
}

pub(super) fn policy(limits: &[Limit]) -> Bound {
    const NAMES: [&str; 4] = ["a", "b", "c", "d"];
    let rules = limits.iter().zip(NAMES);
    let rules = rules.map(|(limit, name)| Rule::new(Name::fixed(name), *limit));
    Bound {
        version: 1,
        ahead: 0,
        rules: rules.collect(),
    }
}

pub(super) fn named(number: u32) -> RequestId {
    RequestId::parse(&format!("request-{number}")).unwrap()
}

impl Limits {
    pub(super) fn new(seed: u64) -> Self {
        let world = World::new(
            seed,
            Box::new(|_, now| Some(Box::new(Activation::new(Bucket, now)))),
        );
        world.deafen("registry");
        let at = Bucket::address(TenantId::from_bytes([1; 16]), "login", &[2; 32]);
        Self { world, at }
    }

    pub(super) fn ask<Q: Ask<Party = Bucket>>(&self, question: Q) -> Result<Q::Answer, Fault> {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.ask(&self.at, question))
    }

    pub(super) fn check(&self, policy: &Bound, cost: u32, request: Option<u32>) -> Verdict {
        let check = Check {
            policy: policy.clone(),
            cost,
            request: request.map(named),
        };
        self.ask(check).unwrap()
    }

    fn admits(&self, policy: &Bound) -> bool {
        self.check(policy, 1, None).is_admitted()
    }

    fn cancel(&self, request: u32) -> Settled {
        let request = named(request);
        self.ask(Cancel { request }).unwrap()
    }

    pub(super) fn who(&self) -> Recipient {
        (&self.at).into()
    }

    fn written(&self) -> u64 {
        self.world.rows_written(&self.who())
    }

    fn state(&self) -> serde_json::Value {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.inspect(&self.who())).unwrap().state
    }
}

fn refused(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Refuse { .. })
}

#[test]
fn a_refusal_writes_nothing() {
    let limits = Limits::new(1);
    let one = policy(&[gcra(SECOND_MS, 1)]);
    limits.check(&one, 1, None);
    let before = limits.written();
    assert!(!limits.admits(&one));
    let newer = Bound {
        version: 2,
        ..policy(&[gcra(SECOND_MS, 1), gcra(HOUR_MS, 5)])
    };
    assert!(!limits.admits(&newer));
    assert_eq!(limits.check(&one, 2, None).outcome, Outcome::Never);
    let peek = Peek {
        policy: one,
        cost: 1,
    };
    assert!(refused(limits.ask(peek).unwrap().outcome));
    assert_eq!(limits.cancel(1), Settled::Unknown);
    assert_eq!(limits.written(), before);
}

#[test]
fn an_admission_writes_one_row_whatever_the_rules() {
    let limits = Limits::new(1);
    let policy = policy(&[gcra(1_000, 9), gcra(10_000, 9), gcra(60_000, 9)]);
    limits.check(&policy, 1, None);
    let before = limits.written();
    limits.check(&policy, 1, None);
    limits.check(&policy, 1, Some(1));
    assert_eq!(limits.written() - before, 2);
}

#[test]
fn what_is_written_ahead_is_spent_without_writing() {
    let limits = Limits::new(1);
    let policy = Bound {
        ahead: 16,
        ..policy(&[gcra(SECOND_MS, 1_000)])
    };
    limits.check(&policy, 1, None);
    let before = limits.written();
    for _ in 0..170 {
        assert!(limits.admits(&policy));
    }
    assert_eq!(limits.written() - before, 10);
}

#[test]
fn a_crash_loses_what_was_written_ahead_and_no_more() {
    for ahead in [0, 1, 5, 16] {
        let limits = Limits::new(1);
        let policy = Bound {
            ahead,
            ..policy(&[gcra(HOUR_MS, 100)])
        };
        let mut admitted = 0;
        for crash in 0..3 {
            for _ in 0..7 {
                admitted += u32::from(limits.admits(&policy));
            }
            assert_eq!(admitted, (crash + 1) * 7);
            limits.world.evict(&limits.who());
        }
        while limits.admits(&policy) {
            admitted += 1;
        }
        assert!(admitted <= 100 && admitted + 3 * ahead >= 100, "{admitted}");
    }
}

#[test]
fn eviction_between_all_requests_changes_no_verdict() {
    let (kept, evicted) = (Limits::new(1), Limits::new(1));
    let slots = Limit::Concurrency(Concurrency::new(3, 2_000).unwrap());
    let policy = policy(&[gcra(700, 4), slots]);
    for number in 0..1_000 {
        for limits in [&kept, &evicted] {
            limits.world.advance(i64::from(number) * 37 % 500);
        }
        evicted.world.evict(&evicted.who());
        let request = (number % 3 == 0).then_some(number);
        assert_eq!(
            kept.check(&policy, 1, request),
            evicted.check(&policy, 1, request)
        );
        if number % 5 == 0 {
            assert_eq!(kept.cancel(number), evicted.cancel(number));
        }
    }
}

#[test]
fn a_request_asked_again_is_charged_once_also_after_a_crash() {
    let limits = Limits::new(1);
    for ahead in [0, 8] {
        let policy = Bound {
            ahead,
            ..policy(&[gcra(HOUR_MS, 2)])
        };
        for _ in 0..3 {
            assert!(limits.check(&policy, 1, Some(ahead)).is_admitted());
            limits.world.evict(&limits.who());
        }
    }
    assert!(!limits.admits(&policy(&[gcra(HOUR_MS, 2)])));
}

#[test]
fn a_hold_falls_by_itself_and_stands_when_committed() {
    let limits = Limits::new(1);
    let policy = policy(&[gcra(HOUR_MS, 1)]);
    let reserve = |number| Reserve {
        policy: policy.clone(),
        cost: 1,
        request: named(number),
        hold_ms: SECOND_MS,
    };
    assert!(limits.ask(reserve(1)).unwrap().is_admitted());
    assert!(refused(limits.ask(reserve(2)).unwrap().outcome));
    limits.world.advance(SECOND_MS);
    assert!(limits.ask(reserve(3)).unwrap().is_admitted());
    let commit = Commit { request: named(3) };
    assert_eq!(limits.ask(commit).unwrap(), Settled::Done);
    limits.world.evict(&limits.who());
    limits.world.advance(SECOND_MS);
    assert!(refused(limits.ask(reserve(4)).unwrap().outcome));
}

#[test]
fn a_changed_policy_holds_at_once_and_refills_nothing() {
    let limits = Limits::new(1);
    let old = policy(&[gcra(HOUR_MS, 5)]);
    for _ in 0..5 {
        assert!(limits.admits(&old));
    }
    let new = Bound {
        version: 2,
        ..policy(&[gcra(SECOND_MS, 5)])
    };
    assert!(!limits.admits(&new));
    limits.world.advance(SECOND_MS);
    assert!(limits.admits(&new));
    // An isolate that has not heard of it yet is measured by it all the same.
    limits.world.advance(SECOND_MS);
    assert!(limits.admits(&old));
}

#[test]
fn a_bucket_goes_when_it_is_full_and_idle() {
    let limits = Limits::new(1);
    let policy = policy(&[gcra(10_000, 3)]);
    limits.check(&policy, 1, None);
    limits.world.advance(5_000 + LINGER_MS);
    limits.check(&policy, 1, None);
    limits.world.advance(9_999 + LINGER_MS);
    assert!(limits.world.exists(&limits.who()));
    limits.world.advance(1);
    assert!(!limits.world.exists(&limits.who()));
    assert!(limits.admits(&policy));
}

#[test]
fn a_missing_bucket_is_not_made_by_what_it_could_not_admit() {
    let limits = Limits::new(1);
    let policy = policy(&[gcra(SECOND_MS, 1)]);
    let too_much = Check {
        policy: policy.clone(),
        cost: 2,
        request: None,
    };
    assert!(matches!(limits.ask(too_much), Err(Fault::Absent)));
    let peek = Peek { policy, cost: 1 };
    assert!(matches!(limits.ask(peek), Err(Fault::Absent)));
    let request = named(1);
    assert!(matches!(limits.ask(Cancel { request }), Err(Fault::Absent)));
    let nothing = Check {
        policy: Bound {
            version: 1,
            ahead: 0,
            rules: Vec::new(),
        },
        cost: 1,
        request: None,
    };
    assert!(matches!(limits.ask(nothing), Err(Fault::Absent)));
    assert!(!limits.world.exists(&limits.who()));
}

#[test]
fn an_operator_sees_why_and_can_pardon() {
    let limits = Limits::new(1);
    let policy = policy(&[gcra(HOUR_MS, 1), gcra(SECOND_MS, 5)]);
    limits.check(&policy, 1, None);
    let until = limits.world_now().plus(HOUR_MS).as_millis();
    let state = limits.state();
    assert_eq!(state["rules"][0]["rule"], "a");
    assert_eq!(state["rules"][0]["remaining"], 0);
    assert_eq!(state["rules"][0]["refuses_until"], until);
    assert_eq!(state["rules"][1]["refuses_until"], serde_json::Value::Null);
    limits.ask(Reset { record: None }).unwrap();
    assert!(!limits.world.exists(&limits.who()));
    assert!(limits.admits(&policy));
}

impl Limits {
    pub(super) fn world_now(&self) -> Timestamp {
        use crate::actors::runtime::Transport;
        self.world.now()
    }
}

#[test]
fn what_migration_1_kept_still_counts() {
    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    let store = Sqlite::in_memory().unwrap();
    let migrate = |migrations| {
        transact(&store, || {
            migrate::found(&store)?;
            migrate::migrate(&store, "bucket", migrations, NOW)
        })
        .unwrap()
    };
    migrate(&schema::MIGRATIONS[..1]);
    store
        .run_script("INSERT INTO quota VALUES (0, 1000, 2, 1002000)")
        .unwrap();
    migrate(schema::MIGRATIONS);

    let mut stored = state::read(&store).unwrap();
    assert!(stored.is_written && stored.is_older);
    let same = policy(&[gcra(10, 2), gcra(1_000, 2)]);
    let (verdict, _) = stored.standing.take(&same, 1, None, NOW);
    let refuses: Vec<bool> = verdict.readings.iter().map(|r| r.refuses).collect();
    assert_eq!(refuses, [false, true]);
    state::put(&store, &stored.standing).unwrap();
    state::forget_older(&store).unwrap();
    assert!(!state::read(&store).unwrap().is_older);
}
