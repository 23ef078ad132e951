//! `/v1/sessions`: where is this user signed in?
//!
//! For pages of the tenant's own origin: the session cookie authenticates, and
//! what changes something must come from there. `DELETE` ends all other sessions,
//! and with `everywhere=true` the one that asks too.

use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::End,
        tenant::{Change, EndSessions, ListSessions, SessionEntry, WhichSessions},
    },
    domain::{
        audit::Actor,
        ids::SessionId,
        oauth::OAuthError,
        session::{EndReason, SessionView},
        time::Timestamp,
        token::opaque::SessionCookie,
    },
    gateway::{
        http::Response,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::{Method, StatusCode};
use serde::Serialize;

/// A session as its owner sees it.
#[derive(Serialize)]
struct Shown {
    sid: SessionId,
    /// Whether it is the one that asks.
    is_current: bool,
    user_agent: Option<String>,
    address: Option<String>,
    place: Option<String>,
    /// Milliseconds since the epoch, like every time of our own APIs.
    began_at: Timestamp,
    /// Within an hour; absent while it has hardly been used.
    used_at: Option<Timestamp>,
    /// From where it was used then, when that is another address.
    used_from: Option<String>,
}

#[derive(Serialize)]
struct List {
    items: Vec<Shown>,
    /// There is always one page: a user has a hundred sessions at most.
    next_cursor: Option<String>,
}

/// Lists or ends the user's sessions.
///
/// # Errors
/// 401 without a session, 403 from another site, 404, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let is_delete = visit.request.method == Method::DELETE;
    if is_delete && visit.is_cross_site() {
        let detail = "This must come from a page of this site.";
        return Err(Problem::new(403, "cross-site", detail).into());
    }
    let named = named(&visit.request.path)?;
    let (cookie, own) = signed_in(visit).await?;
    match named {
        None if is_delete && is_everywhere(visit)? => {
            let done = end(visit, &own, WhichSessions::All).await?;
            Ok(visit.without_session_cookie(done))
        }
        None if is_delete => end(visit, &own, WhichSessions::AllBut(own.session)).await,
        None => Response::json(StatusCode::OK, &list(visit, &own).await?),
        Some(session) if is_delete && session == own.session => end_own(visit, &cookie).await,
        Some(session) if is_delete => end(visit, &own, WhichSessions::One(session)).await,
        Some(session) => {
            let mut items = list(visit, &own).await?.items.into_iter();
            let found = items.find(|one| one.sid == session);
            Response::json(StatusCode::OK, &found.ok_or_else(missing)?)
        }
    }
}

fn missing() -> Trouble {
    Problem::new(404, "unknown-session", "You have no such session.").into()
}

/// The session a path names; `None` for all of them.
fn named(path: &str) -> Result<Option<SessionId>, Trouble> {
    match path.strip_prefix("/v1/sessions/") {
        None => Ok(None),
        Some(text) => SessionId::parse(text).map(Some).map_err(|_| missing()),
    }
}

fn is_everywhere<P: Platform>(visit: &Visit<'_, P>) -> Result<bool, Trouble> {
    let query = visit.query()?;
    let said = query.one("everywhere").map_err(OAuthError::from)?;
    Ok(said == Some("true"))
}

async fn signed_in<P: Platform>(
    visit: &Visit<'_, P>,
) -> Result<(SessionCookie, SessionView), Trouble> {
    let nobody = || Trouble::from(Problem::new(401, "not-signed-in", "You are not signed in."));
    let viewer = visit.viewer().await?.ok_or_else(nobody)?;
    visit.act_as(Actor::user(viewer.view.user));
    Ok((viewer.cookie, viewer.view))
}

async fn list<P: Platform>(visit: &Visit<'_, P>, own: &SessionView) -> Result<List, Trouble> {
    let ask = ListSessions { user: own.user };
    let list = visit.mail.ask(&visit.tenant(), ask).await?;
    let show = |entry: SessionEntry| Shown {
        sid: entry.session,
        is_current: entry.session == own.session,
        user_agent: entry.device.user_agent,
        address: entry.device.address,
        place: entry.device.place,
        began_at: entry.began_at,
        used_at: entry.used_at,
        used_from: entry.seen.and_then(|device| device.address),
    };
    Ok(List {
        items: list.items.into_iter().map(show).collect(),
        next_cursor: None,
    })
}

async fn end<P: Platform>(visit: &Visit<'_, P>, own: &SessionView, which: WhichSessions) -> Answer {
    let ask = EndSessions {
        user: own.user,
        which,
        why: EndReason::SignedOutElsewhere,
    };
    match visit.mail.ask(&visit.tenant(), ask).await? {
        Change::Done => Ok(Response::empty(StatusCode::NO_CONTENT)),
        Change::Refused => Err(missing()),
    }
}

/// Ends the session that asks: by itself, so that it is over when we answer.
async fn end_own<P: Platform>(visit: &Visit<'_, P>, cookie: &SessionCookie) -> Answer {
    let end = End {
        why: EndReason::SignedOut,
        cookie: Some(cookie.digest()),
        announced: None,
    };
    match visit.mail.ask(&visit.session(cookie.sid()), end).await {
        Ok(_) | Err(Fault::Absent) => {
            Ok(visit.without_session_cookie(Response::empty(StatusCode::NO_CONTENT)))
        }
        Err(fault) => Err(fault.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_one_session_or_all() {
        assert!(matches!(named("/v1/sessions"), Ok(None)));
        let one = SessionId::from_bytes([1; 16]);
        assert_eq!(named(&format!("/v1/sessions/{one}")).unwrap(), Some(one));
        for path in ["/v1/sessions/", "/v1/sessions/x", "/v1/sessions/ses_%61"] {
            assert!(named(path).is_err(), "{path}");
        }
    }
}
