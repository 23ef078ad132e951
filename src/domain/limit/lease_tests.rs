//! Is no more admitted than the published bound, whatever happens?
//!
//! Several isolates, one bucket, questions and answers on their way at the same
//! time, isolates that die. Whoever judges knows only the definition: what was
//! admitted when.

use super::{
    Bound, Gcra, Limit, Name, Quota, Rule, SlidingLog, Standing, Window,
    lease::{Heat, Way},
    policy::Lease,
};
use crate::domain::{
    entropy::{Entropy, Seeded, draw},
    time::Timestamp,
};

const ISOLATES: usize = 2;
const STEPS: u32 = 4_000;

struct Chance(Seeded);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        let bytes: [u8; 4] = draw(&mut self.0 as &mut dyn Entropy);
        u32::from_be_bytes(bytes) % end
    }
}

/// A question to the bucket, or the answer to it, on its way.
struct Flight {
    isolate: usize,
    /// Which of its lives the isolate was in.
    life: u32,
    cost: u32,
    lease: bool,
    asked_at: Timestamp,
    answer: Option<super::Verdict>,
}

struct Trial {
    chance: Chance,
    bound: Bound,
    lease: Lease,
    bucket: Standing,
    isolates: Vec<(Heat, u32)>,
    flights: Vec<Flight>,
    now: Timestamp,
    /// When what was admitted.
    admitted: Vec<(Timestamp, u32)>,
    /// Checks that were paid for in advance.
    spent: u32,
}

impl Trial {
    fn new(seed: u64, limit: Limit, lease: Lease) -> Self {
        Self {
            chance: Chance(Seeded::new(seed)),
            bound: Bound {
                version: 1,
                ahead: 0,
                rules: vec![Rule::new(Name::fixed("a"), limit)],
            },
            lease,
            bucket: Standing::default(),
            isolates: (0..ISOLATES).map(|_| (Heat::default(), 0)).collect(),
            flights: Vec::new(),
            now: Timestamp::from_millis(1_790_000_000_000),
            admitted: Vec::new(),
            spent: 0,
        }
    }

    fn run(mut self) -> Self {
        for _ in 0..STEPS {
            match self.chance.below(400) {
                0..4 => self.die(),
                // A subject rests, and its bucket fills while a lease is held.
                4..6 => self.now = self.now.plus(i64::from(self.chance.below(800))),
                6..40 => self.now = self.now.plus(i64::from(self.chance.below(20))),
                // What is on its way arrives sooner than more is sent.
                40..280 => self.fly(),
                _ => self.check(),
            }
        }
        self
    }

    fn die(&mut self) {
        let isolate = self.isolate();
        let (heat, life) = &mut self.isolates[isolate];
        (*heat, *life) = (Heat::default(), *life + 1);
    }

    fn isolate(&mut self) -> usize {
        usize::try_from(self.chance.below(u32::try_from(ISOLATES).unwrap())).unwrap()
    }

    fn check(&mut self) {
        let isolate = self.isolate();
        let cost = 1 + self.chance.below(3);
        let (heat, life) = &mut self.isolates[isolate];
        let lease = match heat.check(self.lease, cost, self.now) {
            Way::Spent(verdict) => {
                assert!(verdict.is_admitted());
                self.admitted.push((self.now, cost));
                self.spent += 1;
                return;
            }
            Way::Lease => true,
            Way::Ask => false,
        };
        self.flights.push(Flight {
            isolate,
            life: *life,
            cost,
            lease,
            asked_at: self.now,
            answer: None,
        });
    }

    /// Something arrives: a question at the bucket, or an answer back.
    fn fly(&mut self) {
        if self.flights.is_empty() {
            return;
        }
        let which = self
            .chance
            .below(u32::try_from(self.flights.len()).unwrap());
        let mut flight = self.flights.remove(usize::try_from(which).unwrap());
        let Some(verdict) = flight.answer.take() else {
            let cost = if flight.lease {
                self.lease.cost
            } else {
                flight.cost
            };
            let (verdict, _) = self.bucket.take(&self.bound, cost, None, self.now);
            if !flight.lease && verdict.is_admitted() {
                // It counts from when it was charged.
                self.admitted.push((self.now, cost));
            }
            flight.answer = Some(verdict);
            self.flights.push(flight);
            return;
        };
        let (heat, life) = &mut self.isolates[flight.isolate];
        if !flight.lease || *life != flight.life {
            return;
        }
        let terms = (self.lease, &self.bound);
        match heat.leased(terms, &verdict, flight.cost, flight.asked_at) {
            // The caller hears of it now, but who charges by the definition may
            // count it from when it was debited: that is what was waited for.
            Some(told) => {
                assert!(told.is_admitted());
                self.admitted.push((verdict.at, flight.cost));
            }
            None => self.flights.push(Flight {
                lease: false,
                answer: None,
                ..flight
            }),
        }
    }

    /// Every window that begins and ends at something admitted.
    fn windows(&self) -> Vec<(i64, u64)> {
        let mut order = self.admitted.clone();
        order.sort();
        let mut windows = Vec::new();
        for (at, (from, _)) in order.iter().enumerate() {
            let mut sum = 0;
            for (to, cost) in &order[at..] {
                sum += u64::from(*cost);
                windows.push((to.since(*from), sum));
            }
        }
        windows
    }
}

/// A trial of a rate, and its period and burst.
fn of_a_rate(seed: u64) -> (Trial, i64, u32) {
    let mut chance = Chance(Seeded::new(1_000 + seed));
    // A bucket fills while a lease is held.
    let period_ms = 2 + i64::from(chance.below(4));
    let burst = 60 + chance.below(60);
    let lease = Lease {
        cost: 20 + chance.below(30),
        ms: 600 + i64::from(chance.below(400)),
    };
    let limit = Limit::Gcra(Gcra::new(period_ms, burst).unwrap());
    (Trial::new(seed, limit, lease).run(), period_ms, burst)
}

#[test]
fn leases_admit_no_more_cells_than_the_published_bound() {
    let (mut spent, mut full, mut over) = (0, 0_u32, 0_u32);
    for seed in 0..24 {
        let (trial, period_ms, burst) = of_a_rate(seed);
        let lease_ms = trial.lease.ms;
        for (window_ms, sum) in trial.windows() {
            let most = |more_ms: i64| {
                (i64::from(burst) + (window_ms + more_ms) / period_ms).unsigned_abs()
            };
            assert!(
                sum <= most(lease_ms),
                "{sum} in {window_ms} ms, seed {seed}"
            );
            full += u32::from(sum >= u64::from(burst));
            over += u32::from(sum > most(0));
        }
        spent += trial.spent;
    }
    // It was about something: much was spent from memory, limits were met, and what
    // holds without leases did not.
    assert!(
        spent > 2_000 && full > 1_000 && over > 0,
        "{spent} {full} {over}"
    );
}

#[test]
fn without_leases_the_bound_is_the_definition() {
    for seed in 0..4 {
        let limit = Limit::Gcra(Gcra::new(10, 40).unwrap());
        // No check is so cheap that a lease would be worth it.
        let lease = Lease { cost: 1, ms: 5_000 };
        let trial = Trial::new(seed, limit, lease).run();
        for (window_ms, sum) in trial.windows() {
            assert!(sum <= (40 + window_ms / 10).unsigned_abs());
        }
    }
}

#[test]
fn a_lease_ends_with_its_window_of_the_calendar() {
    let length_ms = 1_500;
    let window = Window::Fixed {
        length_ms,
        anchor: Timestamp::from_millis(7),
    };
    let mut met = 0;
    for seed in 0..24 {
        let limit = Limit::Quota(Quota::new(40, window).unwrap());
        let lease = Lease {
            cost: 12,
            ms: 5_000,
        };
        let trial = Trial::new(seed, limit, lease).run();
        let mut sums = std::collections::BTreeMap::new();
        for (at, cost) in &trial.admitted {
            let (begin, _) = window.around(*at);
            *sums.entry(begin).or_insert(0) += *cost;
        }
        for sum in sums.values() {
            assert!(*sum <= 40, "seed {seed}: {sum}");
            met += u32::from(*sum > 30);
        }
    }
    assert!(met > 10, "{met}");
}

#[test]
fn a_log_holds_for_every_window_that_much_shorter() {
    let (window_ms, most) = (3_000, 80);
    for seed in 0..24 {
        let limit = Limit::SlidingLog(SlidingLog::new(most, window_ms).unwrap());
        let lease = Lease { cost: 20, ms: 700 };
        let trial = Trial::new(seed, limit, lease).run();
        for (length_ms, sum) in trial.windows() {
            let is_within = length_ms < window_ms - lease.ms;
            assert!(!is_within || sum <= u64::from(most), "seed {seed}: {sum}");
        }
    }
}

#[test]
fn a_subject_is_hot_after_so_many_checks_in_a_second() {
    let lease = Lease { cost: 100, ms: 500 };
    let start = Timestamp::from_millis(1_790_000_000_000);
    let mut heat = Heat::default();
    for number in 0..7 {
        assert_eq!(heat.check(lease, 1, start.plus(number)), Way::Ask);
    }
    assert_eq!(heat.check(lease, 1, start.plus(1_000)), Way::Ask);
    let mut heat = Heat::default();
    let ways = (0..9).map(|number| heat.check(lease, 1, start.plus(number * 100)));
    let ways: Vec<Way> = ways.collect();
    assert_eq!(ways[7], Way::Lease);
    // The others ask for themselves meanwhile.
    assert_eq!(ways[8], Way::Ask);
}

#[test]
fn the_published_bound_is_nearly_met_and_no_lease_runs_longer() {
    let (burst, period_ms) = (100, 10);
    let lease = Lease { cost: 90, ms: 300 };
    let bound = Bound {
        version: 1,
        ahead: 0,
        rules: vec![Rule::new(
            Name::fixed("a"),
            Limit::Gcra(Gcra::new(period_ms, burst).unwrap()),
        )],
    };
    let start = Timestamp::from_millis(1_790_000_000_000);
    let debited = || {
        let (mut heat, mut bucket) = (Heat::default(), Standing::default());
        for _ in 0..7 {
            assert_eq!(heat.check(lease, 1, start), Way::Ask);
            bucket.take(&bound, 1, None, start);
        }
        assert_eq!(heat.check(lease, 1, start), Way::Lease);
        let (verdict, _) = bucket.take(&bound, lease.cost, None, start);
        heat.leased((lease, &bound), &verdict, 1, start).unwrap();
        (heat, bucket)
    };
    // All that is held, and all that has come back, in one instant.
    let (mut heat, mut bucket) = debited();
    let late = start.plus(lease.ms - 1);
    let mut admitted = 0;
    while matches!(heat.check(lease, 1, late), Way::Spent(_)) {
        admitted += 1;
    }
    while bucket.take(&bound, 1, None, late).0.is_admitted() {
        admitted += 1;
    }
    let most = i64::from(burst) + lease.ms / period_ms;
    assert_eq!((admitted, most), (121, 130));
    // A millisecond later it is gone.
    let (mut heat, _) = debited();
    let way = heat.check(lease, 1, start.plus(lease.ms));
    assert!(!matches!(way, Way::Spent(_)), "{way:?}");
}

#[test]
fn a_clock_that_is_set_back_makes_no_lease_longer() {
    let lease = Lease { cost: 10, ms: 500 };
    let bound = Bound {
        version: 1,
        ahead: 0,
        rules: vec![Rule::new(
            Name::fixed("a"),
            Limit::Gcra(Gcra::new(1_000, 100).unwrap()),
        )],
    };
    let start = Timestamp::from_millis(1_790_000_000_000);
    let mut heat = Heat::default();
    let (verdict, _) = Standing::default().take(&bound, 10, None, start);
    let told = heat.leased((lease, &bound), &verdict, 2, start).unwrap();
    // What is held in advance is left to the subject.
    assert_eq!(told.readings[0].remaining, 98);
    let Way::Spent(told) = heat.check(lease, 3, start.plus(499)) else {
        panic!("it runs");
    };
    assert_eq!(told.readings[0].remaining, 95);
    assert_eq!(told.at, start.plus(499));
    assert_eq!(heat.check(lease, 1, start.plus(-1)), Way::Ask);
    assert_eq!(heat.check(lease, 1, start.plus(499)), Way::Ask);
}
