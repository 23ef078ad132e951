//! `/admin/v1/tenants/{tenant}/users/{sub}/sessions`, and `…/{tenant}/sessions` for
//! everybody's: where is a user signed in?

use super::{
    page::List,
    place::{self, Place},
    shown::{Instant, done, ok},
    users::{named, no_user},
};
use crate::{
    actors::tenant::{
        Change, EndEverySession, EndSessions, ListSessions, ReadUser, SessionEntry, UserRead,
        WhichSessions,
    },
    domain::{
        ids::{SessionId, UserId},
        session::EndReason,
    },
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use serde::Serialize;

/// A session as an operator sees it.
#[derive(Serialize)]
struct Shown {
    sid: SessionId,
    user_agent: Option<String>,
    address: Option<String>,
    place: Option<String>,
    began_at: Instant,
    /// Within an hour.
    used_at: Option<Instant>,
    used_from: Option<String>,
}

impl From<SessionEntry> for Shown {
    fn from(entry: SessionEntry) -> Self {
        Self {
            sid: entry.session,
            user_agent: entry.device.user_agent,
            address: entry.device.address,
            place: entry.device.place,
            began_at: Instant(entry.began_at),
            used_at: entry.used_at.map(Instant),
            used_from: entry.seen.and_then(|device| device.address),
        }
    }
}

fn no_session() -> Trouble {
    Problem::new(404, "unknown-session", "The user has no such session.").into()
}

async fn find<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    sub: &str,
) -> Result<(Place, UserId), Trouble> {
    let id = named(sub)?;
    let place = place::find(visit, tenant).await?;
    match place.ask(visit, ReadUser { id }).await? {
        UserRead::Found(_) => Ok((place, id)),
        _ => Err(no_user()),
    }
}

/// Lists a user's sessions, latest first; a user has a page of them at most.
pub(super) async fn list<P: Platform>(visit: &Visit<'_, P>, tenant: &str, sub: &str) -> Answer {
    let (place, user) = find(visit, tenant, sub).await?;
    let list = place.ask(visit, ListSessions { user }).await?;
    ok(&List {
        items: list.items.into_iter().map(Shown::from).collect(),
        next_cursor: None,
    })
}

/// Ends all of a user's sessions.
pub(super) async fn end_all<P: Platform>(visit: &Visit<'_, P>, tenant: &str, sub: &str) -> Answer {
    let (place, user) = find(visit, tenant, sub).await?;
    let ask = EndSessions {
        user,
        which: WhichSessions::All,
        why: EndReason::Administrator,
    };
    place.ask(visit, ask).await?;
    Ok(done())
}

/// Ends one of a user's sessions.
pub(super) async fn end_one<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    sub: &str,
    sid: &str,
) -> Answer {
    let session = SessionId::parse(sid).map_err(|_| no_session())?;
    let (place, user) = find(visit, tenant, sub).await?;
    let ask = EndSessions {
        user,
        which: WhichSessions::One(session),
        why: EndReason::Administrator,
    };
    match place.ask(visit, ask).await? {
        Change::Done => Ok(done()),
        Change::Refused => Err(no_session()),
    }
}

/// Ends every session of a tenant. This isolate refuses them at once; others
/// within [`CONFIGURATION_MS_MAX`](crate::gateway::visit::CONFIGURATION_MS_MAX),
/// or as soon as the session has been told.
pub(super) async fn end_every<P: Platform>(visit: &Visit<'_, P>, tenant: &str) -> Answer {
    let place = place::find(visit, tenant).await?;
    place.ask(visit, EndEverySession).await?;
    visit.gateway.forget(place.id());
    Ok(done())
}
