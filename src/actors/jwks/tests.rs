//! Does the keeper of keys lease, rotate, and keep what it must?

use super::{
    ForgetTenant, Jwks, LEASE_MS_MAX, Lease, Leased, ListEpochs, OfferRsa, ROTATION, Rotate,
    RotateNow,
};
use crate::{
    actors::{
        archive,
        runtime::{
            Actors, Ask, Fault, FaultCode, Mail, Recipient, Transport, activation::Activation,
            world::World,
        },
    },
    domain::{
        entropy::Seeded,
        ids::TenantId,
        keys::{
            Algorithm, EpochNumber, MasterKeys, PublicKey, SigningKey, crypto::sign_native,
            crypto::verify_native,
        },
        secret::Secret,
        time::{DAY_MS, SECOND_MS},
    },
};
use base64ct::{Base64, Encoding};
use std::{cell::RefCell, rc::Rc};

const ACME: TenantId = TenantId::from_bytes([1; 16]);
const BETA: TenantId = TenantId::from_bytes([2; 16]);
const FIRST: EpochNumber = EpochNumber(1);

struct Keeper {
    world: World,
    master_keys: Rc<RefCell<MasterKeys>>,
    /// What is to be archived.
    kept: Rc<RefCell<Vec<String>>>,
}

fn master(byte: u8) -> Secret<String> {
    let mut key = [byte; 32];
    key[0] = 0xff;
    Secret::new(Base64::encode_string(&key))
}

impl Keeper {
    fn new() -> Self {
        let keys = MasterKeys::parse(&master(1), None).unwrap();
        let master_keys = Rc::new(RefCell::new(keys));
        let current = Rc::clone(&master_keys);
        let roster = move |_: &str, now| -> Option<Box<dyn super::super::runtime::Awake>> {
            let master_keys = current.borrow().clone();
            Some(Box::new(Activation::new(Jwks { master_keys }, now)))
        };
        let world = World::new(1, Box::new(roster));
        let (kept, taker) = archive::taker();
        world.employ("archive", taker);
        Self {
            world,
            master_keys,
            kept,
        }
    }

    fn ask<Q: Ask<Party = Jwks>>(&self, question: Q) -> Result<Q::Answer, Fault> {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.ask(&Jwks::address(), question))
    }

    fn lease(&self, tenant: TenantId) -> Leased {
        self.ask(Lease { tenant }).unwrap()
    }

    fn who() -> Recipient {
        (&Jwks::address()).into()
    }

    /// The operator restarts everything with other master keys.
    fn restart_with(&self, keys: MasterKeys) {
        *self.master_keys.borrow_mut() = keys;
        self.world.evict(&Self::who());
    }

    fn rsa(&self, tenant: TenantId, epoch: EpochNumber, byte: u8) -> OfferRsa {
        let public = PublicKey::Rsa {
            n: vec![byte; 256],
            e: vec![1, 0, 1],
        };
        let key = SigningKey::rsa(Secret::new(vec![byte; 64]), public).unwrap();
        let entropy = &mut Seeded::new(byte.into());
        let sealed = key
            .seal(&self.master_keys.borrow(), tenant, entropy)
            .unwrap();
        OfferRsa {
            tenant,
            epoch,
            sealed,
            public: key.public().clone(),
        }
    }

    fn opened(&self, tenant: TenantId, leased: &Leased) -> Vec<SigningKey> {
        let sealed = leased.keys.iter().filter_map(|key| key.signing.as_ref());
        sealed
            .map(|sealed| SigningKey::open(&self.master_keys.borrow(), tenant, sealed).unwrap())
            .collect()
    }
}

fn kids(leased: &Leased) -> Vec<String> {
    let kids = leased.keys.iter().filter_map(|key| key.public.kid());
    kids.map(ToString::to_string).collect()
}

fn epochs(leased: &Leased) -> Vec<u32> {
    let mut numbers: Vec<_> = leased.keys.iter().map(|key| key.epoch.0).collect();
    numbers.dedup();
    numbers
}

#[test]
fn a_lease_signs_what_the_published_keys_verify() {
    let keeper = Keeper::new();
    let leased = keeper.lease(ACME);
    let signing = keeper.opened(ACME, &leased);
    assert_eq!(signing.len(), 2);
    for (key, published) in signing.iter().zip(&leased.keys) {
        let signature = sign_native(key, b"input").unwrap();
        assert!(verify_native(published.public.key(), b"input", &signature).unwrap());
    }
    assert_eq!(leased.lacks_rsa, [FIRST]);
    assert_eq!(leased.until, keeper.world.now().plus(LEASE_MS_MAX));
}

#[test]
fn a_tenant_has_its_own_keys_and_keeps_them() {
    let keeper = Keeper::new();
    let before = kids(&keeper.lease(ACME));
    let other = kids(&keeper.lease(BETA));
    assert!(before.iter().all(|kid| !other.contains(kid)));
    keeper.world.evict(&Keeper::who());
    assert_eq!(kids(&keeper.lease(ACME)), before);
}

#[test]
fn a_lease_writes_nothing_once_there_is_an_epoch() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let before = keeper.world.rows_written(&Keeper::who());
    keeper.lease(ACME);
    keeper.lease(BETA);
    assert_eq!(keeper.world.rows_written(&Keeper::who()), before);
}

#[test]
fn the_first_rsa_key_offered_stays() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let (one, two) = (keeper.rsa(ACME, FIRST, 0xff), keeper.rsa(ACME, FIRST, 0xfd));
    let first = one.public.clone();
    let leased = keeper.ask(one).unwrap();
    assert!(leased.lacks_rsa.is_empty());
    let leased = keeper.ask(two).unwrap();
    let rsa: Vec<_> = leased
        .keys
        .iter()
        .filter(|key| key.public.algorithm() == Algorithm::Rs256)
        .collect();
    assert_eq!(rsa.len(), 1);
    assert_eq!(rsa[0].public, first);
    assert_eq!(*keeper.opened(ACME, &leased)[2].public(), first);
    assert_eq!(keeper.lease(BETA).lacks_rsa, [FIRST]);
}

#[test]
fn an_rsa_key_of_another_tenant_or_epoch_is_not_kept() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let stolen = OfferRsa {
        tenant: BETA,
        ..keeper.rsa(ACME, FIRST, 0xff)
    };
    assert_eq!(keeper.ask(stolen).err().unwrap().code(), FaultCode::Storage);
    let gone = keeper.rsa(ACME, EpochNumber(9), 0xff);
    assert_eq!(keeper.ask(gone).unwrap().lacks_rsa, [FIRST]);
}

#[test]
fn a_rotation_is_announced_then_signs_then_its_predecessor_goes() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let offer = keeper.rsa(ACME, FIRST, 0xff);
    keeper.ask(offer).unwrap();
    keeper.world.advance(ROTATION.sign_ms);

    let announced = keeper.lease(ACME);
    assert_eq!(epochs(&announced), [2, 1]);
    assert_eq!(announced.lacks_rsa, [EpochNumber(2)]);
    let signing = |leased: &Leased| {
        let signing = leased.keys.iter().filter(|key| key.signing.is_some());
        let mut numbers: Vec<_> = signing.map(|key| key.epoch.0).collect();
        numbers.dedup();
        numbers
    };
    assert_eq!(signing(&announced), [1]);

    keeper.world.advance(ROTATION.jwks_max_age_ms - SECOND_MS);
    let last = keeper.lease(ACME);
    assert_eq!(signing(&last), [1]);
    assert_eq!(last.until, keeper.world.now().plus(SECOND_MS));

    keeper.world.advance(SECOND_MS);
    let next = keeper.lease(ACME);
    assert_eq!((epochs(&next), signing(&next)), (vec![2, 1], vec![2]));

    keeper
        .world
        .advance(LEASE_MS_MAX + ROTATION.token_life_ms_max);
    assert_eq!(epochs(&keeper.lease(ACME)), [2]);
    let rows = keeper
        .world
        .run(Mail::new(keeper.world.clone(), None).inspect(&Keeper::who()));
    assert!(rows.unwrap().rows.contains(&("rsa_key".to_owned(), 0)));
}

#[test]
fn a_rotation_on_request_is_staged_and_asked_twice_is_one() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let once = keeper.ask(Rotate).unwrap();
    assert_eq!(once.epochs.len(), 2);
    assert_eq!(keeper.ask(Rotate).unwrap(), once);
    assert_eq!(keeper.ask(ListEpochs).unwrap(), once);
    keeper.world.advance(2 * DAY_MS);
    assert_eq!(epochs(&keeper.lease(ACME)), [2]);
}

#[test]
fn an_epoch_that_is_gone_is_archived_without_its_keys() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    keeper.ask(Rotate).unwrap();
    assert!(keeper.kept.borrow().is_empty());
    keeper.world.advance(2 * DAY_MS);
    let kept = keeper.kept.borrow();
    let [text] = &kept[..] else {
        panic!("{kept:?}");
    };
    let (shelf, record) = text.split_once('\n').unwrap();
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    assert_eq!((shelf, &record["id"]), ("keys", &serde_json::json!("1")));
    assert!(record["at"].as_i64() >= record["retires_at"].as_i64());
    let members: Vec<&String> = record.as_object().unwrap().keys().collect();
    let known = ["announced_at", "at", "id", "retires_at", "signs_from"];
    assert_eq!(members, known);
}

#[test]
fn an_emergency_leaves_only_the_new_keys() {
    let keeper = Keeper::new();
    let before = kids(&keeper.lease(ACME));
    let listed = keeper.ask(RotateNow).unwrap();
    assert_eq!(listed.epochs.len(), 1);
    let after = keeper.lease(ACME);
    assert_eq!(epochs(&after), [2]);
    assert!(kids(&after).iter().all(|kid| !before.contains(kid)));
    assert_eq!(keeper.opened(ACME, &after).len(), 2);
}

#[test]
fn a_deleted_tenant_leaves_no_rsa_key() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let offer = keeper.rsa(ACME, FIRST, 0xff);
    keeper.ask(offer).unwrap();
    keeper.ask(ForgetTenant { tenant: ACME }).unwrap();
    assert_eq!(keeper.lease(ACME).lacks_rsa, [FIRST]);
}

#[test]
fn a_replaced_master_key_can_be_let_go_after_a_while() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    let offer = keeper.rsa(ACME, FIRST, 0xff);
    let before = kids(&keeper.ask(offer).unwrap());

    keeper.restart_with(MasterKeys::parse(&master(2), Some(&master(1))).unwrap());
    assert_eq!(kids(&keeper.lease(ACME)), before);
    keeper.world.advance(SECOND_MS);

    keeper.restart_with(MasterKeys::parse(&master(2), None).unwrap());
    let leased = keeper.lease(ACME);
    assert_eq!(kids(&leased), before);
    assert_eq!(keeper.opened(ACME, &leased).len(), 3);
}

#[test]
fn a_lost_master_key_is_a_fault_and_no_new_key() {
    let keeper = Keeper::new();
    keeper.lease(ACME);
    keeper.restart_with(MasterKeys::parse(&master(3), None).unwrap());
    let fault = keeper.ask(Lease { tenant: ACME }).err().unwrap();
    assert!(fault.to_string().contains("MASTER_KEY"));
}

#[test]
fn nobody_but_a_lease_founds_the_keeper() {
    let keeper = Keeper::new();
    assert!(matches!(keeper.ask(ListEpochs), Err(Fault::Absent)));
    assert!(!keeper.world.exists(&Keeper::who()));
}
