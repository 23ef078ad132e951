//! How does access end?
//!
//! Each session owns what it grants, so ending access means telling sessions.
//! A session that was told to end leaves the index at once: should it begin
//! only now, its news finds no place, and it is told again.
//!
//! One act is one record of the tenant's log, however many sessions it ends: it
//! is drawn and announced here, and the sessions are told which it was. Those of
//! one user, and the first page of everybody's, are told before the act is
//! answered.

use super::{audit, jobs, sessions};
use crate::{
    actors::{
        courier::{Announce, Courier},
        directory::{self, Directory},
        jwks::{self, Jwks},
        runtime::{Fault, Turn},
        session::{self, ACCESS_LIFE_MS_MAX, Session},
        tenant::{SESSIONS_PER_TURN_MAX, SWEEP_PAUSE_MS, state},
    },
    domain::{
        ids::{ActId, EventId, SessionId, TenantId, UserId},
        oauth::ClientId,
        revocation::{Credential, News, Record, Revoked, What},
        session::{EndReason, SignedOut},
        tenant::Status,
    },
};

/// Whose sessions an act ends, and which.
pub(super) struct Those {
    /// The user.
    pub(super) user: UserId,
    /// Of his sessions, these.
    pub(super) sessions: Vec<SessionId>,
    /// Whether he has no others.
    pub(super) are_all: bool,
}

impl Those {
    /// A user's sessions that `keep` does not spare.
    pub(super) fn of(
        turn: &Turn<'_>,
        user: UserId,
        spares: impl Fn(SessionId) -> bool,
    ) -> Result<Self, Fault> {
        let mut sessions = state::sessions::of_user(turn.store, user)?;
        let count = sessions.len();
        sessions.retain(|session| !spares(*session));
        let are_all = sessions.len() == count;
        Ok(Self {
            user,
            sessions,
            are_all,
        })
    }
}

/// Ends sessions of one user, by an act of its own. Without any there is no act.
pub(super) fn end(turn: &mut Turn<'_>, those: Those, why: EndReason) -> Result<(), Fault> {
    let act = ActId::generate(turn.entropy);
    end_by(turn, act, those, why)
}

fn end_by(turn: &mut Turn<'_>, act: ActId, those: Those, why: EndReason) -> Result<(), Fault> {
    if those.sessions.is_empty() {
        return Ok(());
    }
    tell_ends(turn, &those.sessions, why, Some(act))?;
    let what = What::Sessions {
        sub: those.user,
        sids: those.sessions,
        all: those.are_all,
    };
    announce(turn, act, what, why)
}

/// Ends every session of a user, but for `keep`.
pub(super) fn end_user(
    turn: &mut Turn<'_>,
    user: UserId,
    keep: Option<SessionId>,
    why: EndReason,
) -> Result<(), Fault> {
    let those = Those::of(turn, user, |session| Some(session) == keep)?;
    end(turn, those, why)
}

/// A user has another password: that is news of its own, and ends his sessions
/// by the same act, but for `keep`.
pub(super) fn change_password(
    turn: &mut Turn<'_>,
    user: UserId,
    keep: Option<SessionId>,
    why: EndReason,
) -> Result<(), Fault> {
    let act = ActId::generate(turn.entropy);
    let those = Those::of(turn, user, |session| Some(session) == keep)?;
    end_by(turn, act, those, why)?;
    let news = News::CredentialChanged {
        user,
        credential: Credential::Password,
    };
    tell_log(turn, act, news, false)
}

/// Ends a session that has no place: it announces that by itself, for the index
/// does not say whose it is.
pub(super) fn end_homeless(
    turn: &mut Turn<'_>,
    session: SessionId,
    why: EndReason,
) -> Result<(), Fault> {
    tell_ends(turn, &[session], why, None)
}

/// Tells sessions that they end: no more than one user may have.
fn tell_ends(
    turn: &mut Turn<'_>,
    those: &[SessionId],
    why: EndReason,
    announced: Option<ActId>,
) -> Result<(), Fault> {
    let tenant = state::settings::read(turn.store)?.id;
    for session in those {
        let end = session::End {
            why,
            cookie: None,
            announced,
        };
        let to = Session::address(tenant, *session);
        turn.effects.tell_first(&to, end)?;
        sessions::remove(turn, *session)?;
    }
    Ok(())
}

/// Writes a revocation into the tenant's log.
fn announce(turn: &mut Turn<'_>, act: ActId, what: What, why: EndReason) -> Result<(), Fault> {
    let news = revoked(turn, what, why);
    tell_log(turn, act, news, false)
}

fn revoked(turn: &Turn<'_>, what: What, reason: EndReason) -> News {
    News::Revoked(Revoked {
        what,
        reason,
        exp: turn.now.plus(ACCESS_LIFE_MS_MAX),
    })
}

fn tell_log(turn: &mut Turn<'_>, act: ActId, news: News, is_last: bool) -> Result<(), Fault> {
    let tenant = state::settings::read(turn.store)?.id;
    let record = Record {
        id: EventId::generate(turn.entropy),
        act,
        at: turn.now,
        news,
    };
    let announce = Announce { record, is_last };
    let courier = Courier::address(tenant);
    if is_last {
        // Whoever signs it must still find the tenant, which is about to be
        // forgotten.
        return turn.effects.tell_first(&courier, announce);
    }
    turn.effects.tell(&courier, announce)
}

/// Ends what a client was granted in these sessions: no more than one user may
/// have.
fn revoke(
    turn: &mut Turn<'_>,
    sessions: &[SessionId],
    client: &ClientId,
    announced: Option<ActId>,
) -> Result<(), Fault> {
    let tenant = state::settings::read(turn.store)?.id;
    for session in sessions {
        let revoke = session::RevokeClient {
            client_id: client.clone(),
            announced,
        };
        let to = Session::address(tenant, *session);
        turn.effects.tell_first(&to, revoke)?;
    }
    Ok(())
}

/// Ends what a client was granted in any session of a user.
pub(super) fn revoke_for_user(
    turn: &mut Turn<'_>,
    user: UserId,
    client: &ClientId,
) -> Result<(), Fault> {
    let act = ActId::generate(turn.entropy);
    let sessions = state::sessions::of_user(turn.store, user)?;
    revoke(turn, &sessions, client, Some(act))?;
    let what = What::Consent {
        sub: user,
        client_id: client.clone(),
        not_before: turn.now,
    };
    announce(turn, act, what, EndReason::ConsentWithdrawn)
}

/// Ends what a client that is no more was granted anywhere. Which sessions
/// that concerns only they know: all are told.
pub(super) fn revoke_everywhere(turn: &mut Turn<'_>, client: &ClientId) -> Result<(), Fault> {
    let act = ActId::generate(turn.entropy);
    let what = What::Client {
        client_id: client.clone(),
        not_before: turn.now,
    };
    announce(turn, act, what, EndReason::ClientDeleted)?;
    state::consents::delete_of_client(turn.store, client)?;
    state::clients::begin_farewell(turn.store, client, act)?;
    go_on_revoking(turn)
}

/// Tells the next page of sessions of the next client that is no more.
pub(super) fn go_on_revoking(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let Some(farewell) = state::clients::farewell(turn.store)? else {
        return Ok(());
    };
    let client = &farewell.client;
    let sessions = state::sessions::after(turn.store, farewell.told, SESSIONS_PER_TURN_MAX)?;
    revoke(turn, &sessions, client, farewell.act)?;
    match sessions.last() {
        Some(last) if is_full(&sessions) => {
            state::clients::go_on_with_farewell(turn.store, client, *last)?;
        }
        _ => state::clients::end_farewell(turn.store, client)?,
    }
    if state::clients::farewell(turn.store)?.is_some() {
        turn.effects
            .schedule(jobs::REVOKE_CLIENTS, turn.now.plus(SWEEP_PAUSE_MS));
    }
    Ok(())
}

/// Ends every session there is: the tenant is suspended or deleted, or an
/// administrator signs everybody out.
pub(super) fn end_everything(turn: &mut Turn<'_>, why: EndReason) -> Result<(), Fault> {
    let act = ActId::generate(turn.entropy);
    let is_last = state::settings::read(turn.store)?.configuration.status == Status::Deleting;
    let what = What::Tenant {
        not_before: turn.now,
    };
    let news = revoked(turn, what, why);
    tell_log(turn, act, news, is_last)?;
    let signed_out = SignedOut {
        act,
        until: turn.now,
        why,
    };
    state::settings::sign_out(turn.store, &signed_out)?;
    go_on_ending(turn)
}

/// Ends the next page of the sessions that [`end_everything`] concerns. After
/// the last of a deleted tenant, so does the tenant.
pub(super) fn go_on_ending(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let standing = state::settings::read(turn.store)?;
    let Some(until) = standing.ends_until else {
        return Ok(());
    };
    let sessions = state::sessions::begun_until(turn.store, until, SESSIONS_PER_TURN_MAX)?;
    let known = standing.configuration.signed_out;
    let why = known.map_or(EndReason::TenantEnded, |known| known.why);
    tell_ends(turn, &sessions, why, known.map(|known| known.act))?;
    if is_full(&sessions) {
        turn.effects
            .schedule(jobs::END_SESSIONS, turn.now.plus(SWEEP_PAUSE_MS));
        return Ok(());
    }
    let is_last = standing.configuration.status == Status::Deleting;
    if is_last && !audit::archive(turn)? {
        turn.effects
            .schedule(jobs::END_SESSIONS, turn.now.plus(SWEEP_PAUSE_MS));
        return Ok(());
    }
    state::settings::end_sign_out(turn.store)?;
    if is_last {
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
