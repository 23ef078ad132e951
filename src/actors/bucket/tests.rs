//! Does a bucket admit what its rules admit, and no more, at no needless cost?

use super::{Bucket, LINGER_MS, Refund, Take, Verdict};
use crate::{
    actors::runtime::{
        Actors, Address, Ask, Fault, Mail, Recipient, Transport, activation::Activation,
        world::World,
    },
    domain::{ids::TenantId, limit::Quota},
};
use proptest::prelude::*;

struct Limits {
    world: World,
    at: Address<Bucket>,
}

fn quota(period_ms: i64, burst: u32) -> Quota {
    Quota::new(period_ms, burst).unwrap()
}

impl Limits {
    fn new() -> Self {
        let world = World::new(
            1,
            Box::new(|_, now| Some(Box::new(Activation::new(Bucket, now)))),
        );
        let at = Bucket::address(TenantId::from_bytes([1; 16]), "login", &[2; 32]);
        Self { world, at }
    }

    fn ask<Q: Ask<Party = Bucket>>(&self, question: Q) -> Result<Q::Answer, Fault> {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.ask(&self.at, question))
    }

    fn take(&self, quotas: &[Quota]) -> Verdict {
        let quotas = quotas.to_vec();
        self.ask(Take { quotas }).unwrap()
    }

    fn refund(&self, quotas: &[Quota]) -> Verdict {
        let quotas = quotas.to_vec();
        self.ask(Refund { quotas }).unwrap()
    }

    fn who(&self) -> Recipient {
        (&self.at).into()
    }

    fn written(&self) -> u64 {
        self.world.rows_written(&self.who())
    }
}

#[test]
fn a_cell_is_taken_under_every_rule_or_under_none() {
    let limits = Limits::new();
    let (narrow, wide) = (quota(1_000, 1), quota(10, 2));
    assert_eq!(limits.take(&[wide, narrow]), Verdict::Admit);
    let retry_at = limits.world.now().plus(1_000);
    assert_eq!(limits.take(&[wide, narrow]), Verdict::Refuse { retry_at });
    // The wide rule was not charged for what the narrow one refused.
    assert_eq!(limits.take(&[wide]), Verdict::Admit);
}

#[test]
fn a_refusal_writes_nothing() {
    let limits = Limits::new();
    limits.take(&[quota(1_000, 1)]);
    let before = limits.written();
    assert!(matches!(
        limits.take(&[quota(1_000, 1)]),
        Verdict::Refuse { .. }
    ));
    assert_eq!(limits.written(), before);
}

#[test]
fn an_admission_writes_one_row_a_rule() {
    let limits = Limits::new();
    let quotas = [quota(1_000, 5), quota(10_000, 9)];
    limits.take(&quotas);
    let before = limits.written();
    limits.take(&quotas);
    assert_eq!(limits.written() - before, 2);
}

#[test]
fn what_is_given_back_can_be_taken_again_and_no_more() {
    let limits = Limits::new();
    let quotas = [quota(1_000, 1)];
    limits.take(&quotas);
    for _ in 0..3 {
        assert_eq!(limits.refund(&quotas), Verdict::Admit);
    }
    assert_eq!(limits.take(&quotas), Verdict::Admit);
    assert!(matches!(limits.take(&quotas), Verdict::Refuse { .. }));
}

#[test]
fn a_changed_rule_begins_afresh() {
    let limits = Limits::new();
    limits.take(&[quota(1_000, 1)]);
    assert_eq!(limits.take(&[quota(2_000, 1)]), Verdict::Admit);
    assert!(matches!(
        limits.take(&[quota(1_000, 1)]),
        Verdict::Refuse { .. }
    ));
}

#[test]
fn a_bucket_goes_when_it_is_full_and_idle() {
    let limits = Limits::new();
    let quotas = [quota(10_000, 3)];
    limits.take(&quotas);
    limits.world.advance(5_000 + LINGER_MS);
    limits.take(&quotas);
    limits.world.advance(9_999 + LINGER_MS);
    assert!(limits.world.exists(&limits.who()));
    limits.world.advance(1);
    assert!(!limits.world.exists(&limits.who()));
    assert_eq!(limits.take(&quotas), Verdict::Admit);
}

#[test]
fn a_missing_bucket_takes_nothing_back() {
    let limits = Limits::new();
    let refund = Refund {
        quotas: vec![quota(1_000, 1)],
    };
    assert!(matches!(limits.ask(refund), Err(Fault::Absent)));
    let nothing = Take { quotas: Vec::new() };
    assert!(matches!(limits.ask(nothing), Err(Fault::Absent)));
    assert!(!limits.world.exists(&limits.who()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever happens in between, eviction included, no rule admits more
    /// than its burst and what was refilled.
    #[test]
    fn invariant_no_rule_is_exceeded(
        steps in prop::collection::vec((0..2_000_i64, any::<bool>()), 1..60),
    ) {
        let limits = Limits::new();
        let quotas = [quota(700, 3), quota(5_000, 4)];
        let start = limits.world.now();
        let mut admitted = 0;
        for (gap, evicts) in steps {
            limits.world.advance(gap);
            if evicts {
                limits.world.evict(&limits.who());
            }
            let passed = limits.world.now().since(start);
            match limits.take(&quotas) {
                Verdict::Admit => admitted += 1,
                Verdict::Refuse { retry_at } => prop_assert!(retry_at > limits.world.now()),
            }
            for quota in quotas {
                let most = i64::from(quota.burst()) + passed / quota.period_ms();
                prop_assert!(admitted <= most);
            }
        }
    }
}
