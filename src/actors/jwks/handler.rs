//! What does the jwks actor answer?

use super::{
    Epochs, Jwks, LEASE_MS_MAX, Leased, LeasedKey, Message, OfferRsa, ROTATION, Reply,
    memory::Memory,
    rotation::{RESEAL, ROTATE, foreign},
    schema,
    state::{self, RsaKey},
};
use crate::{
    actors::{
        acts,
        directory::{Directory, NoteOwnAct},
        runtime::{Actor, Fault, Turn},
    },
    domain::{
        audit::Event,
        ids::TenantId,
        keys::{Algorithm, PublicJwk, SigningKey, epoch::Schedule},
        time::Timestamp,
    },
    store::{Store, migrate::Migration},
};

impl Actor for Jwks {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    type Memory = Memory;

    fn founds(message: &Message) -> bool {
        matches!(message, Message::Lease(_))
    }

    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
        message: Message,
    ) -> Result<Reply, Fault> {
        let schedule = self.schedule(turn, memory)?;
        Ok(match message {
            Message::Lease(lease) => {
                Reply::Lease(self.lease(turn, memory, &schedule, lease.tenant)?)
            }
            Message::OfferRsa(offer) => {
                let tenant = offer.tenant;
                self.keep_rsa(turn, &schedule, offer)?;
                Reply::OfferRsa(self.lease(turn, memory, &schedule, tenant)?)
            }
            Message::ListEpochs(_) => Reply::ListEpochs(listed(&schedule)),
            Message::Rotate(_) => {
                acts::tell(turn, Event::KeysRotated, "staged")?;
                let step = schedule.rotate(&ROTATION, turn.now);
                Reply::Rotate(listed(&self.apply(turn, memory, step)?))
            }
            Message::RotateNow(_) => {
                acts::tell(turn, Event::KeysRotated, "emergency")?;
                let step = schedule.replace_now(&ROTATION, turn.now);
                Reply::RotateNow(listed(&self.apply(turn, memory, step)?))
            }
            Message::ForgetTenant(forget) => {
                state::forget_tenant(turn.store, forget.tenant)?;
                memory.forget_tenant(forget.tenant);
                Reply::ForgetTenant(super::Done)
            }
        })
    }

    fn job(&self, turn: &mut Turn<'_>, memory: &mut Memory, name: &str) -> Result<(), Fault> {
        match name {
            ROTATE => {
                let due = state::schedule(turn.store)?.advance(&ROTATION, turn.now);
                if due.announced.is_some() {
                    let (event, target) = (Event::KeysRotated, "scheduled".to_owned());
                    let act = NoteOwnAct { event, target };
                    turn.effects.tell(&Directory::address(), act)?;
                }
                self.apply(turn, memory, due).map(drop)
            }
            RESEAL => self.reseal(turn),
            _ => Err(Fault::Corrupt("a job nobody planned")),
        }
    }

    fn describe(&self, store: &dyn Store, now: Timestamp) -> Result<serde_json::Value, Fault> {
        let schedule = state::schedule(store)?;
        Ok(serde_json::json!({
            "signing": schedule.signing(now).map(|epoch| epoch.number),
            "epochs": listed(&schedule).epochs,
        }))
    }
}

impl Jwks {
    /// The published keys of a tenant; the private halves of the epoch that
    /// signs, sealed.
    fn lease(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
        schedule: &Schedule,
        tenant: TenantId,
    ) -> Result<Leased, Fault> {
        let signing = schedule.signing(turn.now);
        let signing = signing.ok_or(Fault::Corrupt("no epoch signs"))?.number;
        let mut rsa = state::rsa_of(turn.store, tenant)?;
        let mut epochs: Vec<_> = schedule.published(turn.now).map(|e| e.number).collect();
        epochs.reverse();

        let (mut keys, mut lacks_rsa) = (Vec::new(), Vec::new());
        for epoch in epochs {
            let derived = memory.derived(turn.store, &self.master_keys, tenant, epoch)?;
            for key in [derived.ed25519, derived.p256] {
                let sealed = (epoch == signing)
                    .then(|| key.seal(&self.master_keys, tenant, turn.entropy))
                    .transpose();
                keys.push(LeasedKey {
                    epoch,
                    public: key.public().clone(),
                    signing: sealed.map_err(|_| Fault::Corrupt("a key does not seal"))?,
                });
            }
            match rsa.iter().position(|key| key.epoch == epoch) {
                Some(place) => {
                    let key = rsa.swap_remove(place);
                    keys.push(LeasedKey {
                        epoch,
                        public: key.public,
                        signing: (epoch == signing).then_some(key.sealed),
                    });
                }
                None if epoch >= signing => lacks_rsa.push(epoch),
                None => {}
            }
        }
        if memory.has_seen_previous_key {
            memory.has_seen_previous_key = false;
            turn.effects.schedule(RESEAL, turn.now);
        }
        let longest = turn.now.plus(LEASE_MS_MAX);
        let change = schedule.next_change(&ROTATION, turn.now);
        Ok(Leased {
            keys,
            lacks_rsa,
            until: change.map_or(longest, |change| change.min(longest)),
        })
    }

    /// Keeps an RSA key when it is the tenant's, and the first of its epoch.
    fn keep_rsa(
        &self,
        turn: &mut Turn<'_>,
        schedule: &Schedule,
        offer: OfferRsa,
    ) -> Result<(), Fault> {
        let mut published = schedule.published(turn.now);
        if !published.any(|epoch| epoch.number == offer.epoch) {
            return Ok(());
        }
        let key = SigningKey::open(&self.master_keys, offer.tenant, &offer.sealed);
        let key = key.map_err(foreign)?;
        let is_sound = key.algorithm() == Algorithm::Rs256
            && *key.public() == offer.public
            && offer.public == PublicJwk::named(offer.public.key().clone());
        if !is_sound {
            return Err(Fault::Corrupt("an RSA key is not what it was offered as"));
        }
        if self.master_keys.needs_resealing(&offer.sealed) {
            turn.effects.schedule(RESEAL, turn.now);
        }
        let key = RsaKey {
            epoch: offer.epoch,
            sealed: offer.sealed,
            public: offer.public,
        };
        Ok(state::add_rsa(turn.store, offer.tenant, &key)?)
    }
}

fn listed(schedule: &Schedule) -> Epochs {
    let epochs = schedule.epochs().iter().rev().copied().collect();
    Epochs { epochs }
}
