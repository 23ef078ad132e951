//! How does a session say what has ended in it?
//!
//! Every act is told to the tenant's log once: by the session, unless the tenant
//! has told of it already for all the sessions it concerns.

use super::{
    limits::ACCESS_LIFE_MS_MAX,
    state::{
        grant::{self, Grant},
        login::{Ending, Login},
    },
};
use crate::{
    actors::{
        courier::{Announce, Courier, LogOut},
        runtime::{Fault, Turn},
    },
    domain::{
        ids::{ActId, EventId},
        revocation::{News, Record, Revoked, What},
        session::EndReason,
    },
};

/// Announces an act of this session's own.
pub(super) fn announce(
    turn: &mut Turn<'_>,
    login: &Login,
    act: ActId,
    what: What,
    reason: EndReason,
) -> Result<(), Fault> {
    let revoked = Revoked {
        what,
        reason,
        exp: turn.now.plus(ACCESS_LIFE_MS_MAX),
    };
    let record = Record {
        id: EventId::generate(turn.entropy),
        act,
        at: turn.now,
        news: News::Revoked(revoked),
    };
    let announce = Announce {
        record,
        is_last: false,
    };
    turn.effects.tell(&Courier::address(login.tenant), announce)
}

/// Tells every client that held a grant in the session that it has ended.
pub(super) fn log_out(
    turn: &mut Turn<'_>,
    login: &Login,
    ending: &Ending,
    act: ActId,
) -> Result<(), Fault> {
    for client_id in &ending.clients {
        let news = LogOut {
            issuer: login.issuer.clone(),
            session: login.session,
            user: login.user,
            client_id: client_id.clone(),
            act,
            at: ending.at,
        };
        let courier = Courier::address(login.tenant);
        turn.effects.tell(&courier, news)?;
    }
    Ok(())
}

/// Ends a grant: the only way one ever ends before its session does and before
/// its time.
pub(super) fn end_grant(
    turn: &mut Turn<'_>,
    login: &Login,
    grant: Grant,
    why: EndReason,
) -> Result<(), Fault> {
    grant::remove(turn.store, grant.id)?;
    if grant.expires_at <= turn.now {
        return Ok(());
    }
    let act = ActId::generate(turn.entropy);
    let what = What::Grant {
        sub: login.user,
        sid: login.session,
        client_id: grant.terms.client_id,
        grant: grant.id,
    };
    announce(turn, login, act, what, why)
}
