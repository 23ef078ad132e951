//! Which sessions are there?

use super::endings::{self, Those};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            BEGIN_MS_MAX, Change, Done, EndSessions, ListSessions, SESSIONS_PER_USER_MAX,
            SessionBegan, SessionEnded, SessionList, SessionUsed, WhichSessions,
            state::{sessions as state, settings},
        },
    },
    domain::session::EndReason,
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
    Ok(Done)
}

pub(super) fn ended(turn: &Turn<'_>, m: &SessionEnded) -> Result<Done, Fault> {
    state::remove(turn.store, m.session)?;
    Ok(Done)
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

pub(super) fn end(turn: &mut Turn<'_>, m: &EndSessions) -> Result<Change, Fault> {
    match m.which {
        WhichSessions::One(session) => {
            if state::owner(turn.store, session)? != Some(m.user) {
                return Ok(Change::Refused);
            }
            let those = Those::of(turn, m.user, |other| other != session)?;
            endings::end(turn, those, m.why)?;
        }
        WhichSessions::AllBut(keep) => endings::end_user(turn, m.user, Some(keep), m.why)?,
        WhichSessions::All => endings::end_user(turn, m.user, None, m.why)?,
    }
    Ok(Change::Done)
}

pub(super) fn end_every(turn: &mut Turn<'_>) -> Result<Done, Fault> {
    endings::end_everything(turn, EndReason::Administrator)?;
    Ok(Done)
}
