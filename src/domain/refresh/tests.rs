//! Does a family survive races, and does it catch thieves?

use super::*;
use crate::domain::entropy::Seeded;
use crate::domain::ids::{GrantId, SessionId};
use crate::domain::time::{DAY_MS, Timestamp};
use crate::domain::token::refresh_token::{RefreshProof, RefreshToken};
use proptest::prelude::*;

const NOON: Timestamp = Timestamp::from_seconds(43_200);

/// A family and every token it ever issued, oldest first.
struct World {
    key: FamilyKey,
    sid: SessionId,
    grant: GrantId,
    family: Family,
    issued: Vec<RefreshToken>,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        Self::lasting(Lifetime {
            ends_at: NOON.plus(DAY_MS),
            idle_ms_max: None,
        })
    }

    fn lasting(lifetime: Lifetime) -> Self {
        let mut entropy = Seeded::new(7);
        let key = FamilyKey::generate(&mut entropy);
        let (sid, grant) = (
            SessionId::generate(&mut entropy),
            GrantId::generate(&mut entropy),
        );
        let chain = Chain {
            key: &key,
            sid,
            grant,
        };
        let (family, first) = chain.begin(lifetime, NOON, &mut entropy);
        let issued = vec![first];
        Self {
            key,
            sid,
            grant,
            family,
            issued,
            now: NOON,
        }
    }

    /// Presents a proof, writes what is to be written, keeps what is issued.
    fn present(&mut self, proof: &RefreshProof) -> Rotation {
        let chain = Chain {
            key: &self.key,
            sid: self.sid,
            grant: self.grant,
        };
        let rotation = chain.present(self.family, proof, self.now);
        match &rotation {
            Rotation::Rotated { family, successor } => {
                self.family = *family;
                self.issued.push(successor.clone());
            }
            Rotation::Reused { family } => self.family = *family,
            _ => {}
        }
        self.invariant_rows_know_the_newest_tokens();
        rotation
    }

    fn present_issued(&mut self, place: usize) -> Rotation {
        let proof = self.issued[place].proof();
        self.present(&proof)
    }

    fn invariant_rows_know_the_newest_tokens(&self) {
        let Family::Live(live) = self.family else {
            return;
        };
        let mut newest_first = self.issued.iter().rev().map(RefreshToken::digest);
        assert_eq!(newest_first.next(), Some(live.current));
        assert_eq!(newest_first.next(), live.previous);
        assert_eq!(self.issued.len() - 1, live.generation as usize);
    }

    fn is_retired(&self) -> bool {
        matches!(
            self.family,
            Family::Retired {
                why: Retirement::Reuse,
                ..
            }
        )
    }
}

fn forged(mut token: RefreshProof, what: u8) -> RefreshProof {
    use crate::domain::secret::Secret;
    match what % 4 {
        0 => token.generation = token.generation.wrapping_add(1),
        1 => token.nonce = Secret::new([what; 16]),
        2 => token.tag = Secret::new([what; 32]),
        _ => token.grant = GrantId::from_bytes([what; 16]),
    }
    token
}

#[test]
fn fifty_parallel_refreshes_have_one_successor() {
    let mut world = World::new();
    assert!(matches!(world.present_issued(0), Rotation::Rotated { .. }));
    for _ in 0..49 {
        let Rotation::Replayed { successor } = world.present_issued(0) else {
            panic!("not replayed");
        };
        assert_eq!(successor.digest(), world.issued[1].digest());
    }
    assert_eq!(world.issued.len(), 2);
}

#[test]
fn the_grace_ends_and_replays_do_not_prolong_it() {
    let mut world = World::new();
    world.present_issued(0);
    world.now = NOON.plus(GRACE_MS);
    assert!(matches!(world.present_issued(0), Rotation::Replayed { .. }));
    world.now = NOON.plus(GRACE_MS + 1);
    assert!(matches!(world.present_issued(0), Rotation::Reused { .. }));
    assert!(world.is_retired());
    assert!(matches!(world.present_issued(1), Rotation::Retired));
}

#[test]
fn a_predecessor_whose_successor_was_spent_is_reused() {
    let mut world = World::new();
    world.present_issued(0);
    world.present_issued(1);
    assert!(matches!(world.present_issued(0), Rotation::Reused { .. }));
    assert!(world.is_retired());
}

#[test]
fn whoever_reads_the_rows_cannot_make_the_current_token() {
    let mut world = World::new();
    let guessed = world
        .key
        .prove(world.grant, 0, crate::domain::secret::Secret::new([0; 16]));
    assert!(world.key.issued(&guessed));
    assert!(matches!(world.present(&guessed), Rotation::Unknown));
}

#[test]
fn a_family_ends_by_itself() {
    let mut world = World::lasting(Lifetime {
        ends_at: NOON.plus(100),
        idle_ms_max: Some(60),
    });
    world.now = NOON.plus(59);
    assert!(matches!(world.present_issued(0), Rotation::Rotated { .. }));
    world.now = NOON.plus(99);
    assert!(matches!(world.present_issued(1), Rotation::Rotated { .. }));
    world.now = NOON.plus(100);
    assert!(matches!(world.present_issued(2), Rotation::Expired));

    let mut idle = World::lasting(Lifetime {
        ends_at: NOON.plus(100),
        idle_ms_max: Some(60),
    });
    idle.now = NOON.plus(60);
    assert!(matches!(idle.present_issued(0), Rotation::Expired));
}

#[test]
fn what_has_ended_stays_as_it_ended() {
    let family = World::new().family.retire(NOON, Retirement::Revoked);
    assert_eq!(family.retire(NOON.plus(1), Retirement::Reuse), family);
    let packed = rmp_serde::to_vec_named(&family).unwrap();
    assert_eq!(rmp_serde::from_slice::<Family>(&packed).unwrap(), family);
}

#[test]
fn looking_is_not_presenting() {
    let world = World::new();
    let chain = Chain {
        key: &world.key,
        sid: world.sid,
        grant: world.grant,
    };
    let proof = world.issued[0].proof();
    assert_eq!(
        chain.standing(&world.family, &proof, NOON),
        Standing::Current
    );
    let retired = world.family.retire(NOON, Retirement::Revoked);
    assert_eq!(chain.standing(&retired, &proof, NOON), Standing::Retired);
}

proptest! {
    /// Rounds of parallel refreshes: in each, every racer holds the current
    /// token, and they arrive within the grace in any number at any delay.
    #[test]
    fn honest_races_make_one_chain(
        rounds in prop::collection::vec(
            prop::collection::vec(0..=GRACE_MS, 1..8), 1..12,
        ),
    ) {
        let mut world = World::new();
        for mut delays in rounds {
            delays.sort_unstable();
            let held = world.issued.len() - 1;
            let (start, first) = (world.now, delays[0]);
            for delay in delays {
                world.now = start.plus(delay - first);
                let answer = world.present_issued(held);
                let successor = match answer {
                    Rotation::Rotated { successor, .. } | Rotation::Replayed { successor } => successor,
                    other => return Err(TestCaseError::fail(format!("{other:?}"))),
                };
                prop_assert_eq!(successor.digest(), world.issued[held + 1].digest());
            }
            prop_assert_eq!(world.issued.len(), held + 2);
        }
    }

    /// Any order of presenting any token ever issued, and forged ones, at any pace.
    #[test]
    fn a_spent_token_retires_and_a_forged_one_changes_nothing(
        steps in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..2 * GRACE_MS, prop::option::weighted(0.3, any::<u8>())),
            1..40,
        ),
    ) {
        let mut world = World::new();
        for (place, wait_ms, forgery) in steps {
            world.now = world.now.plus(wait_ms);
            let (before, count) = (world.family, world.issued.len());
            let place = place.index(count);
            if let Some(what) = forgery {
                let proof = forged(world.issued[place].proof(), what);
                prop_assert!(matches!(world.present(&proof), Rotation::Unknown));
                prop_assert_eq!(world.family, before);
                continue;
            }
            let age = count - 1 - place;
            let answer = world.present_issued(place);
            match before {
                Family::Retired { .. } => {
                    prop_assert!(matches!(answer, Rotation::Retired));
                    prop_assert_eq!(world.family, before);
                }
                Family::Live(_) if age == 0 => {
                    let is_rotated = matches!(answer, Rotation::Rotated { .. });
                    prop_assert!(is_rotated);
                }
                Family::Live(live) if age == 1 && world.now.since(live.current_since) <= GRACE_MS => {
                    let is_replayed = matches!(answer, Rotation::Replayed { .. });
                    prop_assert!(is_replayed);
                    prop_assert_eq!(world.family, before);
                }
                Family::Live(_) => prop_assert!(world.is_retired()),
            }
        }
    }
}
