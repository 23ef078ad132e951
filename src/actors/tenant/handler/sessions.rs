//! Which sessions are there?

use super::{
    audit,
    endings::{self, Those},
};
use crate::{
    actors::{
        acts, live, rows,
        runtime::{Fault, Turn},
        tenant::{
            BEGIN_MS_MAX, Change, Done, EndSessions, ListSessions, OwnEnd, PAGE_MAX,
            SESSIONS_PER_USER_MAX, SessionBegan, SessionEnded, SessionList, SessionUsed,
            WalkSessions, WhichSessions,
            state::{sessions as state, settings},
        },
    },
    domain::{
        audit::{Event, Origin},
        ids::SessionId,
        live as frames,
        session::EndReason,
    },
};

/// A session for which no place is reserved must not live, for nobody could
/// end it: it was told to end before it began, or begins days too late.
pub(super) fn began(turn: &mut Turn<'_>, m: &SessionBegan) -> Result<Done, Fault> {
    if !state::confirm(turn.store, m.session)? {
        let why = if settings::read(turn.store)?.is_live() {
            EndReason::SignedOutElsewhere
        } else {
            EndReason::TenantEnded
        };
        endings::end_homeless(turn, m.session, why)?;
    }
    tell(turn, m.session, true)?;
    Ok(Done)
}

pub(super) fn ended(turn: &mut Turn<'_>, m: &SessionEnded) -> Result<Done, Fault> {
    if let Some(end) = &m.own {
        record(turn, m.session, end)?;
    }
    remove(turn, m.session)?;
    Ok(Done)
}

/// Takes a session out of the index, if it is still there.
pub(super) fn remove(turn: &mut Turn<'_>, session: SessionId) -> Result<(), Fault> {
    tell(turn, session, false)?;
    state::remove(turn.store, session)
}

/// Tells whoever listens that a session of the index has begun or ended.
fn tell(turn: &mut Turn<'_>, session: SessionId, has_begun: bool) -> Result<(), Fault> {
    if live::is_heard(turn)
        && let Some(user) = state::owner(turn.store, session)?
    {
        let frame = frames::session(has_begun, session, user, turn.now);
        live::tell(turn, frame);
    }
    Ok(())
}

/// A session that ends by itself says so; of the others the act is on record.
fn record(turn: &mut Turn<'_>, session: SessionId, end: &OwnEnd) -> Result<(), Fault> {
    let by = end.by.as_deref().cloned().unwrap_or(Origin::system());
    if end.why == EndReason::TokenReused {
        audit::done_by(turn, Event::TokenReused, &session, by.clone())?;
    }
    let event = if end.why == EndReason::SignedOut {
        Event::SessionSignedOut
    } else {
        Event::SessionEnded
    };
    audit::done_by(turn, event, &session, by.because(end.why.as_str()))
}

pub(super) fn used(turn: &Turn<'_>, m: &SessionUsed) -> Result<Done, Fault> {
    state::note_use(turn.store, m.session, m.at, m.device.as_ref())?;
    Ok(Done)
}

pub(super) fn list(turn: &Turn<'_>, m: &ListSessions) -> Result<SessionList, Fault> {
    let lapsed = turn.now.plus(-BEGIN_MS_MAX);
    let items = state::list(turn.store, m.user, lapsed, SESSIONS_PER_USER_MAX)?;
    Ok(SessionList { items })
}

pub(super) fn walk(turn: &Turn<'_>, m: &WalkSessions) -> Result<Vec<SessionId>, Fault> {
    let after = m.after.unwrap_or(SessionId::from_bytes(rows::FIRST));
    state::after(turn.store, after, m.limit.min(PAGE_MAX))
}

pub(super) fn end(turn: &mut Turn<'_>, m: &EndSessions) -> Result<Change, Fault> {
    match m.which {
        WhichSessions::One(session) => {
            if state::owner(turn.store, session)? != Some(m.user) {
                return Ok(Change::Refused);
            }
            let those = Those::of(turn, m.user, |other| other != session)?;
            endings::end(turn, those, m.why)?;
            let by = acts::origin(turn).because(m.why.as_str());
            audit::done_by(turn, Event::SessionEnded, &session, by)?;
            return Ok(Change::Done);
        }
        WhichSessions::AllBut(keep) => endings::end_user(turn, m.user, Some(keep), m.why)?,
        WhichSessions::All => endings::end_user(turn, m.user, None, m.why)?,
    }
    let by = acts::origin(turn).because(m.why.as_str());
    audit::done_by(turn, Event::SessionsEnded, &m.user, by)?;
    Ok(Change::Done)
}

pub(super) fn end_every(turn: &mut Turn<'_>) -> Result<Done, Fault> {
    endings::end_everything(turn, EndReason::Administrator)?;
    let id = settings::read(turn.store)?.id;
    audit::done(turn, Event::EverySessionEnded, &id)?;
    Ok(Done)
}
