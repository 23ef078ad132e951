//! What is written as a turn commits, and what is done after it?

use super::{
    Actor, After, Fault, Host, Life,
    effects::{Effects, JobChange},
    jobs, outbox,
};
use crate::domain::time::HOUR_MS;

/// The job that erases an ended actor once its outbox holds it no more.
pub(super) const ENDING: &str = "runtime.end";

/// How long an ended actor waits before it looks again whether it may go. The
/// last delivery lets it go at once; this is for when the host died meanwhile,
/// and wakes nobody often while those to be told cannot be reached.
const ENDING_WAIT_MS: i64 = HOUR_MS;

/// Whether this turn is the one that ends the actor, or has one that has ended
/// go on: that is a beginning later than the end, even within a millisecond.
pub(super) fn fate(host: &Host<'_>, effects: &mut Effects) -> Result<Option<Life>, Fault> {
    if !effects.ends && !effects.stays {
        return Ok(None);
    }
    let has_ended = jobs::planned(host.store, ENDING)?.is_some();
    Ok(match effects.ends {
        true if !has_ended => Some(Life::Ended(host.now)),
        false if has_ended => {
            effects.unschedule(ENDING);
            Some(Life::Born(host.now.plus(1)))
        }
        _ => None,
    })
}

/// Adds the news of it to what the turn tells.
pub(super) fn tell<A: Actor>(
    host: &Host<'_>,
    effects: &mut Effects,
    life: Life,
) -> Result<(), Fault> {
    match A::ANNOUNCE {
        Some(announce) => announce(effects, A::KIND, host.name, life),
        None => Ok(()),
    }
}

/// Writes a turn's effects, and says what is to be done after the commit.
pub(super) fn commit(host: &mut Host<'_>, effects: Effects) -> Result<After, Fault> {
    let changes_alarm = effects.ends || !effects.tells.is_empty() || !effects.jobs.is_empty();
    let mut after = After {
        accept: effects.accept,
        sockets: effects.sockets,
        ..After::default()
    };
    for tell in effects.tells {
        let comes_first = tell.comes_first;
        let parcel = outbox::put(host.store, tell, host.now, host.entropy)?;
        if comes_first {
            after.first.push(parcel);
        } else {
            after.parcels.push(parcel);
        }
    }
    for job in effects.jobs {
        match job {
            JobChange::At(name, due) => jobs::put(host.store, &name, due)?,
            JobChange::Never(name) => jobs::remove(host.store, &name)?,
        }
    }
    if effects.ends {
        let soon = host.now.plus(ENDING_WAIT_MS);
        let kept_until = outbox::kept_until(host.store, host.now, soon)?;
        after.erase = kept_until.is_none();
        jobs::put(host.store, ENDING, kept_until.unwrap_or(soon))?;
    }
    if changes_alarm {
        after.alarm = Some(jobs::next_alarm(host.store)?);
    }
    Ok(after)
}
