//! What does a shard of the registry answer?

use super::{
    CountActors, Done, ENDED_KEPT_MS, Entry, Find, List, Message, Note, PAGE_MAX, REPORT_MS,
    Registry, Reply, SWEEP_MAX, owner, schema, state,
};
use crate::{
    actors::{
        directory::{Directory, NoteCounts},
        runtime::{Actor, Fault, Turn, jobs},
    },
    domain::time::Timestamp,
    store::{Store, migrate::Migration},
};
use std::collections::BTreeMap;

/// Tells the directory what is counted here.
const REPORT: &str = "report";
/// Drops entries of those that ended long enough ago.
const SWEEP: &str = "sweep";

impl Actor for Registry {
    const MIGRATIONS: &'static [Migration] = schema::MIGRATIONS;
    const TABLES: &'static [(&'static str, &'static str)] = schema::TABLES;
    type Memory = ();

    fn founds(message: &Message) -> bool {
        matches!(message, Message::Note(_))
    }

    fn is_repeatable(_: &Message) -> bool {
        true
    }

    fn handle(&self, turn: &mut Turn<'_>, (): &mut (), message: Message) -> Result<Reply, Fault> {
        Ok(match message {
            Message::Note(m) => Reply::Note(note(turn, m)?),
            Message::List(m) => Reply::List(list(turn, &m)?),
            Message::Find(m) => Reply::Find(find(turn, &m)?),
            Message::CountActors(m) => Reply::CountActors(counts(turn, &m)?),
        })
    }

    fn job(&self, turn: &mut Turn<'_>, (): &mut (), name: &str) -> Result<(), Fault> {
        match name {
            REPORT => report(turn),
            SWEEP => sweep(turn),
            _ => Err(Fault::Corrupt("a job nobody planned")),
        }
    }

    fn describe(&self, store: &dyn Store, _: Timestamp) -> Result<serde_json::Value, Fault> {
        let counts = state::counts(store, state::EVERYBODY)?;
        Ok(serde_json::json!({ "counts": counts }))
    }
}

/// Keeps the later of what is known and what is heard: whatever the order, the
/// same remains.
fn note(turn: &mut Turn<'_>, m: Note) -> Result<Done, Fault> {
    let known = state::find(turn.store, &m.kind, &m.name)?;
    let mut entry = known.clone().unwrap_or_else(|| Entry {
        name: m.name,
        ..Entry::default()
    });
    let latest = if m.is_birth {
        &mut entry.born_at
    } else {
        &mut entry.ended_at
    };
    if *latest >= Some(m.at) {
        return Ok(Done);
    }
    *latest = Some(m.at);
    state::put(turn.store, &m.kind, known.as_ref(), &entry)?;
    jobs::plan(turn, REPORT, turn.now.plus(REPORT_MS))?;
    if !entry.is_live() {
        jobs::plan(turn, SWEEP, turn.now.plus(ENDED_KEPT_MS))?;
    }
    Ok(Done)
}

/// One more than is wanted says that there is more.
fn list(turn: &Turn<'_>, m: &List) -> Result<Vec<Entry>, Fault> {
    let limit = m.limit.min(PAGE_MAX).saturating_add(1);
    let mut items = Vec::new();
    for is_live in [true, false] {
        if m.is_live.is_none_or(|wanted| wanted == is_live) {
            let which = (m.kind.as_str(), is_live);
            items.extend(state::page(
                turn.store,
                which,
                &m.prefix,
                m.after.as_deref(),
                limit,
            )?);
        }
    }
    items.sort();
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(items)
}

fn find(turn: &Turn<'_>, m: &Find) -> Result<Vec<Entry>, Fault> {
    let wanted = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
    let names = m.names.iter().take(wanted);
    let found = names.map(|name| Ok(state::find(turn.store, &m.kind, name)?));
    found.filter_map(Result::transpose).collect()
}

fn counts(turn: &Turn<'_>, m: &CountActors) -> Result<Vec<super::Count>, Fault> {
    let owner = m.owner.as_deref().unwrap_or(state::EVERYBODY);
    Ok(state::counts(turn.store, owner)?)
}

fn report(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let news = NoteCounts {
        shard: turn.name.to_owned(),
        at: turn.now,
        items: state::counts(turn.store, state::EVERYBODY)?,
    };
    turn.effects.tell(&Directory::address(), news)
}

fn sweep(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let until = turn.now.plus(-ENDED_KEPT_MS);
    let gone = state::ended_until(turn.store, until, SWEEP_MAX)?;
    let mut fewer: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for (kind, name) in &gone {
        state::remove(turn.store, kind, false, name)?;
        for owner in [owner(name), state::EVERYBODY] {
            *fewer.entry((owner, kind)).or_default() += 1;
        }
    }
    for ((owner, kind), count) in fewer {
        state::tally(turn.store, owner, kind, [0, -count])?;
        state::drop_tally(turn.store, owner, kind)?;
    }
    if let Some(first) = state::first_ended(turn.store)? {
        let due = first.plus(ENDED_KEPT_MS).max(turn.now.plus(REPORT_MS));
        turn.effects.schedule(SWEEP, due);
    }
    if !gone.is_empty() {
        jobs::plan(turn, REPORT, turn.now.plus(REPORT_MS))?;
    }
    Ok(())
}
