//! Is it kept how often policies are asked?

use super::*;
use crate::domain::{
    limit::usage::{Counts, Offenders},
    time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp},
};

fn counts(admitted: u32, refused: u32) -> Counts {
    Counts {
        admitted,
        refused,
        shadow_refused: 1,
        degraded: 2,
    }
}

impl Acme {
    fn count(&self, policy: &str, counts: Counts, refused: &[&str]) {
        let mut offenders = Offenders::default();
        for subject in refused {
            offenders.count(subject);
        }
        let policy = policy.to_owned();
        let usage = PolicyUsage {
            policy,
            counts,
            offenders,
        };
        self.ask(NoteUsage {
            since: self.now(),
            policies: vec![usage],
            acts: Vec::new(),
        });
    }

    fn usage(&self, policy: &str, back_ms: i64) -> UsageRead {
        self.ask(ReadUsage {
            policy: policy.to_owned(),
            since: self.now().plus(-back_ms),
        })
    }

    fn to_the_hour(&self) -> Timestamp {
        let past = self.now().as_millis().rem_euclid(HOUR_MS);
        self.stage.world.advance(HOUR_MS - past);
        self.now()
    }
}

#[test]
fn a_minute_is_the_sum_of_what_was_counted_in_it() {
    let acme = Acme::new();
    let first = acme.to_the_hour();
    acme.count("api", counts(5, 1), &["u"]);
    acme.stage.world.advance(MINUTE_MS - 1);
    acme.count("api", counts(7, 2), &["v", "v"]);
    acme.count("own.sign_in", counts(1, 0), &[]);
    acme.stage.world.advance(1);
    acme.count("api", counts(1, 0), &[]);

    let read = acme.usage("api", HOUR_MS);
    let sum = Counts {
        admitted: 12,
        refused: 3,
        shadow_refused: 2,
        degraded: 4,
    };
    let second = first.plus(MINUTE_MS);
    assert_eq!(read.minutes, [(first, sum), (second, counts(1, 0))]);
    let told = |one: &crate::domain::limit::usage::Offender| (one.subject.clone(), one.refused);
    let told: Vec<(String, u32)> = read.offenders.iter().map(told).collect();
    assert_eq!(told, [("v".to_owned(), 2), ("u".to_owned(), 1)]);
    assert_eq!(acme.usage("api", 0).minutes, [(second, counts(1, 0))]);
    assert_eq!(acme.usage("other", HOUR_MS).minutes, []);
}

#[test]
fn a_day_is_kept_and_then_nothing() {
    let acme = Acme::new();
    acme.to_the_hour();
    acme.count("api", counts(5, 1), &["u"]);
    acme.stage.world.advance(DAY_MS - HOUR_MS);
    acme.count("api", counts(6, 1), &["v"]);
    assert_eq!(acme.usage("api", 2 * DAY_MS).minutes.len(), 2);
    acme.stage.world.advance(2 * HOUR_MS);
    let read = acme.usage("api", 2 * DAY_MS);
    assert_eq!(read.minutes.len(), 1);
    assert_eq!(read.offenders.len(), 1);
    acme.stage.world.advance(2 * DAY_MS);
    assert_eq!(acme.usage("api", 2 * DAY_MS).minutes, []);
    let snapshot = acme.stage.inspect(&Acme::who());
    for (table, rows) in snapshot.rows {
        assert!(rows == 0 || !["usage", "offenders"].contains(&table.as_str()));
    }
    assert!(snapshot.jobs.iter().all(|job| job.name != "expire_usage"));
}

#[test]
fn what_a_lying_clock_says_is_counted_near_now() {
    let acme = Acme::new();
    let now = acme.to_the_hour();
    for since in [Timestamp::default(), now.plus(DAY_MS)] {
        let usage = PolicyUsage {
            policy: "api".to_owned(),
            counts: counts(1, 0),
            offenders: Offenders::default(),
        };
        let policies = vec![usage];
        acme.ask(NoteUsage {
            since,
            policies,
            acts: Vec::new(),
        });
    }
    let read = acme.usage("api", HOUR_MS);
    let minutes: Vec<Timestamp> = read.minutes.iter().map(|(at, _)| *at).collect();
    assert_eq!(minutes, [now.plus(-HOUR_MS), now]);
}
