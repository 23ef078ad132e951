//! Who may sign in?

use super::{
    audit,
    endings::{self, Those},
    jobs,
};
use crate::{
    actors::{
        runtime::{Fault, Turn},
        tenant::{
            Admit, Admitted, BEGIN_MS_MAX, Change, ChangePassword, Credentials, ReadCredentials,
            SESSIONS_PER_USER_MAX,
            state::{sessions, settings, sign_in as state},
        },
    },
    domain::{
        audit::{Event, Origin},
        session::EndReason,
    },
};

pub(super) fn credentials(turn: &Turn<'_>, m: &ReadCredentials) -> Result<Credentials, Fault> {
    if !settings::read(turn.store)?.is_live() {
        return Ok(Credentials::None);
    }
    let found = state::password(turn.store, &m.by)?;
    Ok(
        found.map_or(Credentials::None, |(user, hash)| Credentials::Password {
            user,
            hash,
        }),
    )
}

/// The password was checked elsewhere, a moment ago: what it was checked
/// against must still hold.
pub(super) fn admit(turn: &mut Turn<'_>, m: &Admit) -> Result<Admitted, Fault> {
    let standing = settings::read(turn.store)?;
    let owner = sessions::owner(turn.store, m.session)?;
    let may = standing.is_live()
        && owner.is_none_or(|owner| owner == m.user)
        && state::is_current(turn.store, m.user, &m.checked)?;
    if !may {
        return Ok(Admitted::Refused);
    }
    if let Some(rehashed) = &m.rehashed {
        state::set_password(turn.store, m.user, rehashed)?;
    }
    if owner.is_none() {
        make_room(turn, m)?;
        sessions::reserve(turn.store, m.session, m.user, &m.device, turn.now)?;
        jobs::plan_drop(turn, sessions::oldest_reservation(turn.store)?);
    }
    audit::done(turn, Event::SignInSucceeded, &m.session)?;
    let settings = standing.configuration.settings;
    Ok(Admitted::Admitted {
        idle_ms: settings.session_idle_ms,
        absolute_ms: settings.session_absolute_ms,
    })
}

/// Ends as many of the user's sessions as must give way to one more.
fn make_room(turn: &mut Turn<'_>, m: &Admit) -> Result<(), Fault> {
    let lapsed = turn.now.plus(-BEGIN_MS_MAX);
    let mut giving_way = sessions::to_give_way(turn.store, m.user, lapsed)?;
    let most = usize::try_from(SESSIONS_PER_USER_MAX).unwrap_or(usize::MAX);
    let excess = giving_way.len().saturating_add(1).saturating_sub(most);
    giving_way.truncate(excess);
    for session in &giving_way {
        let why = Origin::system().because(EndReason::Limit.as_str());
        audit::done_by(turn, Event::SessionEnded, session, why)?;
    }
    let those = Those::of(turn, m.user, |session| !giving_way.contains(&session))?;
    endings::end(turn, those, EndReason::Limit)
}

pub(super) fn change_password(turn: &mut Turn<'_>, m: &ChangePassword) -> Result<Change, Fault> {
    if !state::is_current(turn.store, m.user, &m.checked)? {
        return Ok(Change::Refused);
    }
    state::set_password(turn.store, m.user, &m.password)?;
    audit::done(turn, Event::PasswordChanged, &m.user)?;
    endings::change_password(turn, m.user, Some(m.keep), EndReason::PasswordChanged)?;
    Ok(Change::Done)
}
