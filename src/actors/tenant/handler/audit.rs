//! What has been done here?

use super::{jobs, page};
use crate::{
    actors::{
        acts,
        archive::{Archive, Keep, Shelf},
        live,
        runtime::{
            Fault, Turn,
            jobs::{plan as plan_job, planned},
        },
        tenant::{
            ACT_MS, ACTS_MAX, ARCHIVE_MS, ActPage, Done, ListActs, NoteAct, PAGE_MAX,
            SWEEP_PAUSE_MS,
            state::{audit as state, settings},
        },
    },
    domain::{
        audit::{ActorKind, Event, Origin, Record},
        live as frames,
    },
};

/// Records of one parcel to the archive.
const ACTS_PER_PARCEL: usize = PAGE_MAX as usize;

/// Bytes of one: the queue takes 128 kB at a time.
const PARCEL_BYTES_MAX: usize = 100_000;

/// Records an act, in the transaction of the act where that is this turn's.
pub(super) fn append(turn: &mut Turn<'_>, record: &Record) -> Result<(), Fault> {
    state::append(turn.store, record, ACTS_MAX)?;
    plan_job(turn, jobs::ARCHIVE_ACTS, turn.now.plus(ARCHIVE_MS))?;
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

/// Tells the archive of the next records, and says whether that was all.
pub(super) fn archive(turn: &mut Turn<'_>) -> Result<bool, Fault> {
    let mut next = state::unarchived(turn.store, page::reads(PAGE_MAX))?;
    let (mut bytes, mut fits) = (0_usize, 0_usize);
    for (_, record) in next.iter().take(ACTS_PER_PARCEL) {
        bytes = bytes.saturating_add(record.len());
        if bytes > PARCEL_BYTES_MAX && fits > 0 {
            break;
        }
        fits += 1;
    }
    let has_more = next.len() > fits;
    next.truncate(fits);
    let Some((last, _)) = next.last() else {
        return Ok(true);
    };
    state::archived(turn.store, *last)?;
    let records: Vec<String> = next.into_iter().map(|(_, record)| record).collect();
    let keep = Keep::all(Shelf::Audit, &records);
    turn.effects.tell(&Archive::address(), keep)?;
    Ok(!has_more)
}

/// The same as a job, which goes on until that was all.
pub(super) fn go_on_archiving(turn: &mut Turn<'_>) -> Result<(), Fault> {
    if !archive(turn)? {
        let next = turn.now.plus(SWEEP_PAUSE_MS);
        turn.effects.schedule(jobs::ARCHIVE_ACTS, next);
    }
    Ok(())
}

fn plan(turn: &mut Turn<'_>) -> Result<(), Fault> {
    if let Some(oldest) = state::oldest(turn.store)? {
        turn.effects
            .schedule(jobs::EXPIRE_ACTS, oldest.plus(ACT_MS));
    }
    Ok(())
}
