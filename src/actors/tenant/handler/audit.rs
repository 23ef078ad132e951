//! What has been done here?

use super::{jobs, page};
use crate::{
    actors::{
        live,
        runtime::{Fault, Turn},
        tenant::{
            ACT_MS, ACTS_MAX, ActPage, Done, ListActs, NoteAct, PAGE_MAX, state::audit as state,
        },
    },
    domain::{audit::Record, live as frames},
};

/// Records an act, in the transaction of the act where that is this turn's.
pub(super) fn append(turn: &mut Turn<'_>, record: &Record) -> Result<(), Fault> {
    state::append(turn.store, record, ACTS_MAX)?;
    if live::is_heard(turn)
        && let Some(frame) = frames::act(record)
    {
        live::tell(turn, frame);
    }
    plan(turn)
}

pub(super) fn note(turn: &mut Turn<'_>, m: &NoteAct) -> Result<Done, Fault> {
    append(turn, &m.record)?;
    Ok(Done)
}

pub(super) fn list(turn: &Turn<'_>, m: &ListActs) -> Result<ActPage, Fault> {
    let mut items = state::page(turn.store, m.before, page::reads(m.limit))?;
    let has_more = page::cut(&mut items, m.limit)?;
    let next = items.last().filter(|_| has_more).map(|(number, _)| *number);
    Ok(ActPage { items, next })
}

pub(super) fn expire(turn: &mut Turn<'_>) -> Result<(), Fault> {
    state::expire(turn.store, turn.now.plus(-ACT_MS), PAGE_MAX)?;
    plan(turn)
}

fn plan(turn: &mut Turn<'_>) -> Result<(), Fault> {
    if let Some(oldest) = state::oldest(turn.store)? {
        turn.effects
            .schedule(jobs::EXPIRE_ACTS, oldest.plus(ACT_MS));
    }
    Ok(())
}
