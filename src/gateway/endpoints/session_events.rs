//! `/v1/sessions/events`: a tab's socket to its own session
//! (`docs/revocation.md`).
//!
//! A page of ours brings the session cookie, and a browser tells us its origin
//! truthfully: any other page that opens a socket in the user's name is
//! refused before an actor is asked. A page elsewhere brings a ticket, bound to
//! its origin. A page sees no status of an upgrade that was refused, so whatever
//! it must learn is told on a socket that is closed at once.

use crate::{
    actors::{
        runtime::{Connection, Fault},
        session::{AttachTab, Attached, TabProof},
    },
    domain::{
        ids::SessionId,
        revocation::{
            frames::{SUBPROTOCOL, close},
            tab::ended,
        },
        token::opaque::TabTicket,
    },
    gateway::{
        http::Response,
        limit,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        upgrade,
        visit::Visit,
    },
};
use ::http::header;

/// What a subprotocol that carries a ticket begins with.
const TICKET: &str = "aero2.ticket.";

/// Names under which somebody might put a secret into the query, where it would
/// stand in logs and histories ([RFC 9700 §4.3.2]).
///
/// [RFC 9700 §4.3.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.3.2
const SECRETS: [&str; 3] = ["access_token", "ticket", "token"];

/// Opens the socket.
///
/// # Errors
/// 400 for a secret in the query or another subprotocol, 403 for another origin,
/// 426 without an upgrade; or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let query = visit.query()?;
    if SECRETS.iter().any(|name| query.all(name).next().is_some()) {
        let detail = "No secret may be in the query.";
        return Err(Problem::new(400, "secret-in-query", detail).into());
    }
    if !upgrade::is_wanted(visit.request) {
        return Ok(upgrade::required(visit.request));
    }
    upgrade::check_subprotocol(visit.request, SUBPROTOCOL)?;
    let origin = visit.header(header::ORIGIN.as_str());
    let origin = origin.ok_or_else(|| foreign("The request names no origin."))?;
    let mut offered = upgrade::offered(visit.request);
    let ticket = offered.find_map(|name| name.strip_prefix(TICKET));
    let (session, by) = match ticket {
        Some(text) => by_ticket(text, origin)?,
        None => by_cookie(visit, origin)?,
    };
    if limit::failures::count_tab(visit).is_err() {
        return told(visit, session, Attached::TooMany);
    }
    let ask = AttachTab {
        by,
        news: visit.news().await?,
    };
    let at = visit.session(session);
    let attached = match visit.mail.connect(&at, ask).await {
        Ok(Connection::Open(socket)) => return Ok(Response::switching(socket, SUBPROTOCOL)),
        Ok(Connection::Answered(attached)) => attached,
        Err(Fault::Absent) => Attached::Ended(None),
        Err(fault) => return Err(fault.into()),
    };
    told(visit, session, attached)
}

/// Tells a page why it has no socket.
fn told<P: Platform>(visit: &Visit<'_, P>, session: SessionId, attached: Attached) -> Answer {
    let (frames, closing) = match attached {
        Attached::Ended(end) => {
            let frames = vec![ended(session, end)];
            (frames, (close::REVOKED, "the session has ended"))
        }
        Attached::Refused => (vec![], (close::FORBIDDEN, "the ticket is not good")),
        Attached::TooMany => (vec![], (close::TOO_MANY, "too many sockets")),
        Attached::Open => return Err(Fault::Corrupt("an open socket was not handed over").into()),
    };
    Ok(upgrade::refused(visit, SUBPROTOCOL, frames, closing))
}

fn foreign(detail: &str) -> Trouble {
    Problem::new(403, "foreign-origin", detail).into()
}

/// A browser sends the session cookie with whatever socket a page opens, so that
/// only the origin tells whose page it is.
fn by_cookie<P: Platform>(
    visit: &Visit<'_, P>,
    origin: &str,
) -> Result<(SessionId, TabProof), Trouble> {
    if origin != visit.home.issuer {
        return Err(foreign("Only pages of this site may open this socket."));
    }
    let nobody = || Problem::new(401, "not-signed-in", "You are not signed in.");
    let cookie = visit.session_cookie().ok_or_else(nobody)?;
    Ok((cookie.sid(), TabProof::Cookie(cookie.digest())))
}

fn by_ticket(text: &str, origin: &str) -> Result<(SessionId, TabProof), Trouble> {
    let not_good = |_| Problem::new(403, "invalid-ticket", "This is no ticket.");
    let ticket = TabTicket::parse(text).map_err(not_good)?;
    let by = TabProof::Ticket {
        ticket: ticket.digest(),
        origin: origin.to_owned(),
    };
    Ok((ticket.sid(), by))
}
