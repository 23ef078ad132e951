//! What does the bucket actor answer?

use super::{
    Bucket, Message, Refund, Reply, Take, Verdict, schema,
    state::{self, Level},
};
use crate::{
    actors::runtime::{Actor, Fault, Turn},
    domain::{
        limit::{Decision, Quota, decide},
        time::{MINUTE_MS, Timestamp},
    },
    store::{Store, migrate::Migration},
};

/// More rules than any policy of ours has, few enough for one turn.
pub const QUOTAS_MAX: usize = 16;

/// How long a full bucket waits for its subject to come back before it goes:
/// founding an actor costs more than keeping one for a minute.
pub const LINGER_MS: i64 = MINUTE_MS;

/// The job that erases a bucket that says nothing a missing one would not.
const IDLE: &str = "idle";

impl Actor for Bucket {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    type Memory = ();

    /// A missing bucket is a full one: there is nothing to give back to it, and
    /// nothing to keep when no rule is named.
    fn founds(message: &Message) -> bool {
        matches!(message, Message::Take(take) if !take.quotas.is_empty())
    }

    fn handle(&self, turn: &mut Turn<'_>, (): &mut (), message: Message) -> Result<Reply, Fault> {
        Ok(match message {
            Message::Take(take) => Reply::Take(take_one(turn, &take)?),
            Message::Refund(refund) => Reply::Refund(give_back(turn, &refund)?),
        })
    }

    fn job(&self, turn: &mut Turn<'_>, (): &mut (), _: &str) -> Result<(), Fault> {
        state::forget_full(turn.store, turn.now)?;
        match full_at(&state::levels(turn.store)?) {
            Some(at) => turn.effects.schedule(IDLE, at.plus(LINGER_MS)),
            None => turn.effects.end(),
        }
        Ok(())
    }

    fn describe(&self, store: &dyn Store, now: Timestamp) -> Result<serde_json::Value, Fault> {
        let levels = state::levels(store)?;
        let quotas = levels.iter().map(|level| {
            serde_json::json!({
                "place": level.place,
                "period_ms": level.quota.period_ms(),
                "burst": level.quota.burst(),
                "full_in_ms": level.next.since(now).max(0),
            })
        });
        Ok(serde_json::json!({ "quotas": quotas.collect::<Vec<_>>() }))
    }
}

/// Takes a cell under every rule, or none: a refusal writes nothing, and names
/// the instant from which no rule refuses.
fn take_one(turn: &mut Turn<'_>, take: &Take) -> Result<Verdict, Fault> {
    let known = state::levels(turn.store)?;
    let mut admitted = Vec::new();
    let mut refused: Option<Timestamp> = None;
    for (place, quota) in placed(&take.quotas)? {
        match decide(quota, next_of(&known, place, quota), turn.now) {
            Decision::Admit { next } => admitted.push(Level { place, quota, next }),
            Decision::Refuse { retry_at } => refused = refused.max(Some(retry_at)),
        }
    }
    if let Some(retry_at) = refused {
        return Ok(Verdict::Refuse { retry_at });
    }
    for level in &admitted {
        state::put(turn.store, level)?;
    }
    // Where there are rows the job is planned; it plans itself anew.
    if let (true, Some(at)) = (known.is_empty(), full_at(&admitted)) {
        turn.effects.schedule(IDLE, at.plus(LINGER_MS));
    }
    Ok(Verdict::Admit)
}

fn give_back(turn: &mut Turn<'_>, refund: &Refund) -> Result<Verdict, Fault> {
    let known = state::levels(turn.store)?;
    for (place, quota) in placed(&refund.quotas)? {
        let next = next_of(&known, place, quota).filter(|next| *next > turn.now);
        if let Some(next) = next.map(|next| quota.refund(next)) {
            state::put(turn.store, &Level { place, quota, next })?;
        }
    }
    Ok(Verdict::Admit)
}

fn placed(quotas: &[Quota]) -> Result<impl Iterator<Item = (u32, Quota)>, Fault> {
    if quotas.len() > QUOTAS_MAX {
        return Err(Fault::Corrupt("a policy has too many rules"));
    }
    Ok((0..).zip(quotas.iter().copied()))
}

fn next_of(known: &[Level], place: u32, quota: Quota) -> Option<Timestamp> {
    let is_same = |level: &&Level| level.place == place && level.quota == quota;
    known.iter().find(is_same).map(|level| level.next)
}

fn full_at(levels: &[Level]) -> Option<Timestamp> {
    levels.iter().map(|level| level.next).max()
}
