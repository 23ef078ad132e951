//! Does a bucket admit exactly what the definitions say, whatever happens?
//!
//! Clocks step forwards and back, hosts crash, requests are repeated, held,
//! committed and cancelled; the oracle knows none of how it is done.

use super::{
    Cancel, Check, Commit, Reserve,
    tests::{Limits, gcra, named, policy},
};
use crate::domain::{
    entropy::{Entropy, Seeded, draw},
    limit::{
        Bound, Concurrency, Limit, Outcome, Quota, Settled, SlidingLog, Verdict, Window,
        oracle::{Charged, allows},
    },
    time::Timestamp,
};

/// What DESIGN asks for.
const CHECKS: u32 = 100_000;

const CHECKS_A_SUBJECT: u32 = 250;

struct Chance(Seeded);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        let bytes: [u8; 4] = draw(&mut self.0 as &mut dyn Entropy);
        u32::from_be_bytes(bytes) % end
    }

    /// One of the first so many kinds: rows run ahead of two only.
    fn limit(&mut self, kinds: u32) -> Limit {
        let most = 1 + self.below(30);
        let millis = 1 + i64::from(self.below(3_000));
        match self.below(kinds) {
            0 => gcra(millis, most),
            1 => {
                let window = Window::Fixed {
                    length_ms: 10 * millis,
                    anchor: Timestamp::from_millis(millis),
                };
                Limit::Quota(Quota::new(most, window).unwrap())
            }
            2 => Limit::SlidingLog(SlidingLog::new(most, 5 * millis).unwrap()),
            _ => Limit::Concurrency(Concurrency::new(most, 2 * millis).unwrap()),
        }
    }
}

/// One subject, and what an onlooker knows of it.
struct Trial {
    limits: Limits,
    policy: Bound,
    rules: Vec<Limit>,
    chance: Chance,
    charged: Vec<Charged>,
    /// Requests that may be cancelled or committed, their costs, whether held.
    open: Vec<(u32, u32, bool)>,
    numbered: u32,
    checks: u32,
    admitted: u32,
    /// Nothing that was ever charged: the most that each crash may lose.
    lost: Vec<Charged>,
}

impl Trial {
    fn new(seed: u64, ahead: u32) -> Self {
        let mut chance = Chance(Seeded::new(seed));
        let count = 1 + chance.below(3);
        let kinds = if ahead == 0 { 4 } else { 2 };
        let rules: Vec<Limit> = (0..count).map(|_| chance.limit(kinds)).collect();
        Self {
            limits: Limits::new(seed),
            policy: Bound {
                ahead,
                ..policy(&rules)
            },
            rules,
            chance,
            charged: Vec::new(),
            open: Vec::new(),
            numbered: 0,
            checks: 0,
            admitted: 0,
            lost: Vec::new(),
        }
    }

    fn run(mut self) -> Self {
        while self.checks < CHECKS_A_SUBJECT {
            match self.chance.below(20) {
                0 => {
                    if self.policy.ahead == 0 || self.chance.below(5) == 0 {
                        self.crash();
                    }
                }
                1 => {
                    let back = -i64::from(self.chance.below(5_000));
                    self.limits.world.advance(back);
                }
                2..7 => {
                    let millis = i64::from(self.chance.below(4_000));
                    self.limits.world.advance(millis);
                }
                7 => self.settle(true),
                8 => self.settle(false),
                9 => self.repeat(),
                _ => self.check(),
            }
        }
        self
    }

    fn crash(&mut self) {
        if self.policy.ahead > 0 {
            // By the latest clock there was: the bucket's own may have been
            // ahead of the world's.
            let latest = self.charged.iter().map(|c| c.at).max();
            let at = latest.max(Some(self.limits.world_now())).unwrap();
            self.lost.push(Charged::new(self.policy.ahead, at));
        }
        self.limits.world.evict(&self.limits.who());
    }

    fn allowed(&self, cost: u32, at: Timestamp, lost: &[Charged]) -> bool {
        let all = [self.charged.as_slice(), lost].concat();
        let mut rules = self.rules.iter();
        rules.all(|rule| allows(*rule, &all, cost, at))
    }

    fn check(&mut self) {
        self.numbered += 1;
        let cost = 1 + self.chance.below(4);
        // What is remembered by name is written down at once, so a subject whose
        // row runs ahead is asked namelessly more often.
        let how = self
            .chance
            .below(if self.policy.ahead == 0 { 3 } else { 30 });
        let hold_ms = 1 + i64::from(self.chance.below(5_000));
        let verdict = if how == 1 {
            self.limits.ask(Reserve {
                policy: self.policy.clone(),
                cost,
                request: named(self.numbered),
                hold_ms,
            })
        } else {
            self.limits.ask(Check {
                policy: self.policy.clone(),
                cost,
                request: (how == 0).then(|| named(self.numbered)),
            })
        };
        let Ok(verdict) = verdict else {
            // A bucket is not made by what it can never admit.
            assert!(!self.policy.can_admit(cost));
            return;
        };
        self.judge(&verdict, cost);
        if verdict.is_admitted() && how < 2 {
            let holds = how == 1;
            self.open.push((self.numbered, cost, holds));
            let charged = self.charged.last_mut().unwrap();
            charged.request = Some(self.numbered);
            charged.falls = holds.then(|| verdict.at.plus(hold_ms));
        }
    }

    fn judge(&mut self, verdict: &Verdict, cost: u32) {
        self.checks += 1;
        let at = verdict.at;
        assert!(at >= self.limits.world_now(), "time ran backwards");
        match verdict.outcome {
            Outcome::Admit => {
                let allowed = self.allowed(cost, at, &[]);
                assert!(allowed, "over-admitted {cost} under {:?}", self.rules);
                self.admitted += 1;
                self.charged.push(Charged::new(cost, at));
            }
            Outcome::Refuse { retry_at } => {
                assert!(retry_at > at);
                let allowed = self.allowed(cost, at, &self.lost);
                assert!(!allowed, "under-admitted {cost} under {:?}", self.rules);
            }
            Outcome::Never => assert!(self.rules.iter().any(|rule| rule.capacity() < cost)),
        }
    }

    fn settle(&mut self, commits: bool) {
        if self.open.is_empty() {
            return;
        }
        let which = self.chance.below(u32::try_from(self.open.len()).unwrap());
        let (number, ..) = self.open.remove(usize::try_from(which).unwrap());
        let request = named(number);
        let settled = if commits {
            self.limits.ask(Commit { request })
        } else {
            self.limits.ask(Cancel { request })
        };
        if !matches!(settled, Ok(Settled::Done)) {
            return;
        }
        if !commits {
            self.charged.retain(|c| c.request != Some(number));
            return;
        }
        let now = self.limits.world_now();
        for charged in &mut self.charged {
            if charged.request == Some(number) {
                charged.falls = None;
                charged.freed = Some(now);
            }
        }
    }

    fn repeat(&mut self) {
        let Some((number, cost, false)) = self.open.first().copied() else {
            return;
        };
        let before = self.limits.world.rows_written(&self.limits.who());
        let verdict = self.limits.check(&self.policy, cost, Some(number));
        if self.limits.world.rows_written(&self.limits.who()) == before {
            return;
        }
        // It had been forgotten, and was charged as any other.
        self.open.remove(0);
        self.judge(&verdict, cost);
    }
}

fn trials(ahead: &[u32], checks: u32) -> Vec<Trial> {
    let count = checks / CHECKS_A_SUBJECT;
    let seeds = 0..u64::from(count);
    let ahead = ahead.iter().copied().cycle();
    seeds
        .zip(ahead)
        .map(|(seed, ahead)| Trial::new(seed, ahead).run())
        .collect()
}

#[test]
fn a_bucket_that_writes_everything_decides_as_the_definitions_say() {
    let trials = trials(&[0], CHECKS / 2);
    let admitted: u32 = trials.iter().map(|trial| trial.admitted).sum();
    assert!((CHECKS / 10..CHECKS / 3).contains(&admitted), "{admitted}");
}

#[test]
fn a_bucket_that_runs_ahead_loses_no_more_than_that_by_a_crash() {
    let trials = trials(&[1, 4, 16], CHECKS / 2);
    let admitted: u32 = trials.iter().map(|trial| trial.admitted).sum();
    assert!((CHECKS / 20..CHECKS / 2).contains(&admitted), "{admitted}");
}
