//! What has been done here?

use super::{jobs, page};
use crate::{
    actors::{
        acts, live,
        runtime::{Fault, Turn, jobs::planned},
        tenant::{
            ACT_MS, ACTS_MAX, ActPage, Done, ListActs, NoteAct, PAGE_MAX,
            state::{audit as state, settings},
        },
    },
    domain::{
        audit::{ActorKind, Event, Origin, Record},
        live as frames,
    },
};

/// Records an act, in the transaction of the act where that is this turn's.
pub(super) fn append(turn: &mut Turn<'_>, record: &Record) -> Result<(), Fault> {
    state::append(turn.store, record, ACTS_MAX)?;
    if live::is_heard(turn)
        && let Some(frame) = frames::act(record)
    {
        live::tell(turn, frame);
    }
    if planned(turn.store, jobs::EXPIRE_ACTS)?.is_none() {
        plan(turn)?;
    }
    Ok(())
}

/// Records what whoever sent the message has had done.
pub(super) fn done(turn: &mut Turn<'_>, event: Event, target: &impl ToString) -> Result<(), Fault> {
    let origin = acts::origin(turn);
    done_by(turn, event, target, origin)
}

/// Records what somebody has done, or we have.
pub(super) fn done_by(
    turn: &mut Turn<'_>,
    event: Event,
    target: &impl ToString,
    origin: Origin,
) -> Result<(), Fault> {
    let at = (settings::read(turn.store)?.id, turn.now);
    let record = Record::done(at, event, target.to_string(), origin, turn.entropy);
    append(turn, &record)
}

/// Whether nobody knows who sent the message.
pub(super) fn is_anonymous(turn: &Turn<'_>) -> bool {
    acts::origin(turn).actor.kind == ActorKind::Anonymous
}

pub(super) fn note(turn: &mut Turn<'_>, m: &NoteAct) -> Result<Done, Fault> {
    append(turn, &m.record)?;
    Ok(Done)
}

pub(super) fn list(turn: &Turn<'_>, m: &ListActs) -> Result<ActPage, Fault> {
    let mut page = state::page(turn.store, m.before, &m.only, page::reads(m.limit))?;
    if page::cut(&mut page.items, m.limit)? {
        page.next = page.items.last().map(|(number, _)| *number);
    }
    Ok(page)
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
