//! How does access end?
//!
//! Each session owns what it grants, so ending access means telling sessions.
//! A session that was told to end leaves the index at once: should it begin
//! only now, its news finds no place, and it is told again.

use super::jobs;
use crate::{
    actors::{
        directory::{self, Directory},
        jwks::{self, Jwks},
        runtime::{Fault, Turn},
        session::{self, Session},
        tenant::{SESSIONS_PER_TURN_MAX, SWEEP_PAUSE_MS, state},
    },
    domain::{
        ids::{SessionId, TenantId, UserId},
        oauth::ClientId,
        session::EndReason,
        tenant::Status,
    },
};

/// Ends these sessions: no more than one user may have.
pub(super) fn end(
    turn: &mut Turn<'_>,
    sessions: &[SessionId],
    why: EndReason,
) -> Result<(), Fault> {
    let tenant = state::settings::read(turn.store)?.id;
    for session in sessions {
        let to = Session::address(tenant, *session);
        turn.effects.tell(&to, session::End { why, cookie: None })?;
        state::sessions::remove(turn.store, *session)?;
    }
    Ok(())
}

/// Ends every session of a user, but for `keep`.
pub(super) fn end_user(
    turn: &mut Turn<'_>,
    user: UserId,
    keep: Option<SessionId>,
    why: EndReason,
) -> Result<(), Fault> {
    let mut sessions = state::sessions::of_user(turn.store, user)?;
    sessions.retain(|session| Some(*session) != keep);
    end(turn, &sessions, why)
}

/// Ends what a client was granted in these sessions.
fn revoke(turn: &mut Turn<'_>, sessions: &[SessionId], client: &ClientId) -> Result<(), Fault> {
    let tenant = state::settings::read(turn.store)?.id;
    for session in sessions {
        let client_id = client.clone();
        let to = Session::address(tenant, *session);
        turn.effects
            .tell(&to, session::RevokeClient { client_id })?;
    }
    Ok(())
}

/// Ends what a client was granted in any session of a user.
pub(super) fn revoke_for_user(
    turn: &mut Turn<'_>,
    user: UserId,
    client: &ClientId,
) -> Result<(), Fault> {
    let sessions = state::sessions::of_user(turn.store, user)?;
    revoke(turn, &sessions, client)
}

/// Ends what a client that is no more was granted anywhere. Which sessions
/// that concerns only they know: all are told.
pub(super) fn revoke_everywhere(turn: &mut Turn<'_>, client: &ClientId) -> Result<(), Fault> {
    state::consents::delete_of_client(turn.store, client)?;
    state::clients::begin_farewell(turn.store, client)?;
    go_on_revoking(turn)
}

/// Tells the next page of sessions of the next client that is no more.
pub(super) fn go_on_revoking(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let Some((client, told)) = state::clients::farewell(turn.store)? else {
        return Ok(());
    };
    let sessions = state::sessions::after(turn.store, told, SESSIONS_PER_TURN_MAX)?;
    revoke(turn, &sessions, &client)?;
    match sessions.last() {
        Some(last) if is_full(&sessions) => {
            state::clients::go_on_with_farewell(turn.store, &client, *last)?;
        }
        _ => state::clients::end_farewell(turn.store, &client)?,
    }
    if state::clients::farewell(turn.store)?.is_some() {
        turn.effects
            .schedule(jobs::REVOKE_CLIENTS, turn.now.plus(SWEEP_PAUSE_MS));
    }
    Ok(())
}

/// Ends every session there is: the tenant is suspended or deleted.
pub(super) fn end_everything(turn: &mut Turn<'_>) -> Result<(), Fault> {
    state::settings::set_ends_until(turn.store, Some(turn.now))?;
    go_on_ending(turn)
}

/// Ends the next page of sessions that began before the tenant was suspended
/// or deleted. After the last of a deleted tenant, so does the tenant.
pub(super) fn go_on_ending(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let standing = state::settings::read(turn.store)?;
    let Some(until) = standing.ends_until else {
        return Ok(());
    };
    let sessions = state::sessions::begun_until(turn.store, until, SESSIONS_PER_TURN_MAX)?;
    end(turn, &sessions, EndReason::TenantEnded)?;
    if is_full(&sessions) {
        turn.effects
            .schedule(jobs::END_SESSIONS, turn.now.plus(SWEEP_PAUSE_MS));
        return Ok(());
    }
    state::settings::set_ends_until(turn.store, None)?;
    if standing.configuration.status == Status::Deleting {
        announce_erased(turn, standing.id)?;
        turn.effects.end();
    }
    Ok(())
}

/// Tells those who know the tenant that it is no more.
pub(super) fn announce_erased(turn: &mut Turn<'_>, id: TenantId) -> Result<(), Fault> {
    let forget = jwks::ForgetTenant { tenant: id };
    turn.effects.tell(&Jwks::address(), forget)?;
    let erased = directory::TenantErased { id };
    turn.effects.tell(&Directory::address(), erased)
}

/// Whether a page may be followed by another.
fn is_full(sessions: &[SessionId]) -> bool {
    u32::try_from(sessions.len()).is_ok_and(|count| count >= SESSIONS_PER_TURN_MAX)
}
