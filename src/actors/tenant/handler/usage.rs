//! How often are policies asked?

use super::{audit, jobs};
use crate::{
    actors::{
        live,
        runtime::{Fault, Turn, jobs::planned},
        tenant::{
            Done, NoteUsage, ReadUsage, TOLD_ACTS_MAX, USAGE_MS, USAGE_POLICIES_MAX, UsageRead,
            state::usage as state,
        },
    },
    domain::{
        live as frames,
        time::{HOUR_MS, Timestamp},
    },
};

/// What a gateway counted long ago, or will have, is counted as of now.
pub(super) fn note(turn: &mut Turn<'_>, m: &NoteUsage) -> Result<Done, Fault> {
    let earliest = turn.now.plus(-HOUR_MS);
    let at = m.since.clamp(earliest, turn.now);
    let is_heard = live::is_heard(turn);
    for usage in m.policies.iter().take(USAGE_POLICIES_MAX) {
        state::add(turn.store, usage, at)?;
        if is_heard {
            let counts = (usage.counts.admitted, usage.counts.refused);
            live::tell(turn, frames::usage(&usage.policy, counts, turn.now));
        }
    }
    for record in m.acts.iter().take(TOLD_ACTS_MAX) {
        audit::append(turn, record)?;
    }
    if !m.policies.is_empty() && planned(turn.store, jobs::EXPIRE_USAGE)?.is_none() {
        plan(turn, at);
    }
    Ok(Done)
}

pub(super) fn read(turn: &Turn<'_>, m: &ReadUsage) -> Result<UsageRead, Fault> {
    let since = m.since.max(turn.now.plus(-USAGE_MS));
    Ok(UsageRead {
        minutes: state::read(turn.store, &m.policy, since)?,
        offenders: state::refused(turn.store, &m.policy, since)?.ranked(),
    })
}

pub(super) fn expire(turn: &mut Turn<'_>) -> Result<(), Fault> {
    if let Some(oldest) = state::expire(turn.store, turn.now.plus(-USAGE_MS))? {
        plan(turn, oldest);
    }
    Ok(())
}

/// Once an hour, and not at all for who is never asked.
fn plan(turn: &mut Turn<'_>, oldest: Timestamp) {
    let due = oldest.plus(USAGE_MS + HOUR_MS);
    turn.effects.schedule(jobs::EXPIRE_USAGE, due);
}
