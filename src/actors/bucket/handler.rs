//! What does the bucket actor answer?

use super::{Bucket, Memory, Message, Pardoned, Reply, ShownRule, schema, state};
use crate::{
    actors::{
        registry,
        runtime::{Actor, Announce, Fault, Turn},
        tenant::{NoteAct, Tenant},
    },
    domain::{
        limit::{Bound, Holding, RequestId, Settled, Verdict},
        time::Timestamp,
    },
    store::{Store, migrate::Migration},
};

impl Actor for Bucket {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    const ANNOUNCE: Option<Announce> = Some(registry::tell);
    type Memory = Memory;

    /// A missing bucket is a full one: there is nothing to settle in it, and
    /// nothing to keep of what no bucket would admit.
    fn founds(message: &Message) -> bool {
        match message {
            Message::Check(check) => check.policy.can_admit(check.cost),
            Message::Reserve(reserve) => reserve.policy.can_admit(reserve.cost),
            _ => false,
        }
    }

    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Memory,
        message: Message,
    ) -> Result<Reply, Fault> {
        Ok(match message {
            Message::Check(check) => {
                let request = check.request.as_ref();
                let request = request.map(|request| (request, Holding::Stands));
                Reply::Check(take(turn, memory, &check.policy, check.cost, request)?)
            }
            Message::Reserve(reserve) => {
                let after_ms = reserve.hold_ms;
                let request = Some((&reserve.request, Holding::Falls { after_ms }));
                Reply::Reserve(take(turn, memory, &reserve.policy, reserve.cost, request)?)
            }
            Message::Commit(commit) => {
                let known = memory.open(turn.store)?;
                let settled = known.actual.commit(&commit.request, turn.now);
                if settled == Settled::Done {
                    known.write(turn, 0)?;
                }
                Reply::Commit(settled)
            }
            Message::Cancel(cancel) => {
                let known = memory.open(turn.store)?;
                let settled = known.actual.cancel(&cancel.request, turn.now);
                if settled == Settled::Done {
                    known.write(turn, 0)?;
                }
                Reply::Cancel(settled)
            }
            Message::Peek(peek) => {
                sound(&peek.policy)?;
                let known = memory.open(turn.store)?;
                Reply::Peek(known.actual.peek(&peek.policy, peek.cost, turn.now))
            }
            Message::Reset(reset) => {
                if let Some(record) = reset.record {
                    let tenant = Tenant::address(record.tenant);
                    turn.effects.tell_first(&tenant, NoteAct { record })?;
                }
                memory.end(turn)?;
                Reply::Reset(Pardoned)
            }
            Message::Show(_) => {
                let standing = &memory.open(turn.store)?.actual;
                let shown = standing.shown(turn.now).map(|shown| ShownRule {
                    scope: shown.scope.map(str::to_owned),
                    at: turn.now.max(standing.seen()),
                    reading: shown.reading,
                    refuses_until: shown.refuses_until,
                });
                Reply::Show(shown.collect())
            }
        })
    }

    /// Where the row runs ahead, most checks are answered so.
    fn recall(&self, now: Timestamp, memory: &mut Memory, message: &Message) -> Option<Reply> {
        match message {
            Message::Check(check) if check.request.is_none() => {
                let verdict = memory.recall(&check.policy, check.cost, now);
                verdict.map(Reply::Check)
            }
            _ => None,
        }
    }

    fn job(&self, turn: &mut Turn<'_>, memory: &mut Memory, _: &str) -> Result<(), Fault> {
        memory.tidy(turn)
    }

    /// What is written down. Where a policy runs ahead, that is up to so many
    /// more than were spent.
    fn describe(&self, store: &dyn Store, now: Timestamp) -> Result<serde_json::Value, Fault> {
        let standing = state::read(store)?.standing;
        let rules = standing.shown(now).map(|shown| {
            serde_json::json!({
                "rule": shown.reading.name,
                "scope": shown.scope,
                "limit": shown.limit,
                "remaining": shown.reading.remaining,
                "full_in_ms": shown.reading.reset_ms,
                "refuses_until": shown.refuses_until,
            })
        });
        let rules: Vec<serde_json::Value> = rules.collect();
        Ok(serde_json::json!({ "rules": rules, "remembered": standing.remembered() }))
    }
}

/// A refusal writes nothing.
fn take(
    turn: &mut Turn<'_>,
    memory: &mut Memory,
    policy: &Bound,
    cost: u32,
    request: Option<(&RequestId, Holding)>,
) -> Result<Verdict, Fault> {
    sound(policy)?;
    let known = memory.open(turn.store)?;
    let (verdict, is_charged) = known.actual.take(policy, cost, request, turn.now);
    if is_charged {
        known.write(turn, policy.ahead)?;
    }
    Ok(verdict)
}

fn sound(policy: &Bound) -> Result<(), Fault> {
    policy
        .check()
        .map_err(|_| Fault::Corrupt("a bucket was asked by rules that are none"))
}
