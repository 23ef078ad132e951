//! How do a browser's tabs learn that their session has ended?
//!
//! A tab holds a socket to its session, by the cookie or by a ticket. It costs
//! no row and wakes nobody: all there ever is to say is said in the turn that
//! ends the session.

use super::{
    AttachTab, Attached, MakeTicket, TabProof, TicketMade,
    lifecycle::{plan_purge, watch_deadline},
    limits::{TAB_PACE, TABS_MAX, TICKET_LIFE_MS, TICKETS_MAX},
    refresh::standing,
    state::{login::Login, ticket},
};
use crate::{
    actors::runtime::{
        Fault, Turn, jobs,
        socket::{Heard, Socket, close_due},
    },
    domain::{
        ids::SocketId,
        revocation::{
            Cursor,
            frames::{Said, Told, close, reset},
            listener::{Listener, NOT_STARTED, START_MS_MAX},
            tab::{SessionEnd, ended, live_cursor},
        },
    },
};

/// The job that closes sockets on which nothing was started.
pub(super) const SILENT: &str = "silent_tabs";

/// What every tab's socket is found by.
const TAB: &str = "tab";

/// Makes a ticket for whoever holds a good access token of the session.
pub(super) fn make_ticket(
    turn: &mut Turn<'_>,
    login: &Login,
    asked: &MakeTicket,
) -> Result<TicketMade, Fault> {
    if standing(turn.store, login, &asked.token, turn.now)?.is_none() {
        return Ok(TicketMade::Gone);
    }
    let waiting = ticket::count(turn.store)?;
    if waiting >= TICKETS_MAX {
        return Ok(TicketMade::TooMany);
    }
    if waiting == 0 {
        plan_purge(turn);
    }
    let until = turn.now.plus(TICKET_LIFE_MS);
    ticket::add(turn.store, &asked.ticket, &asked.origin, until)?;
    Ok(TicketMade::Until(until))
}

/// Opens a tab's socket, or says why not.
pub(super) fn attach(
    turn: &mut Turn<'_>,
    login: &mut Login,
    asked: &AttachTab,
) -> Result<Attached, Fault> {
    if login.ending.is_none() && !login.is_live(turn.now) {
        watch_deadline(turn, login)?;
    }
    match &asked.by {
        // A cookie that a step-up has replaced is worth nothing any more.
        TabProof::Cookie(cookie) if *cookie != login.cookie => return Ok(Attached::Ended(None)),
        TabProof::Cookie(_) => {}
        TabProof::Ticket { ticket, origin } => {
            let made = ticket::spend(turn.store, ticket)?;
            let is_good = made.is_some_and(|(to, until)| to == *origin && turn.now < until);
            if !is_good {
                return Ok(Attached::Refused);
            }
        }
    }
    if login.ending.is_some() {
        return Ok(Attached::Ended(end_of(login)));
    }
    if turn.sockets.count(Some(TAB)) >= TABS_MAX {
        return Ok(Attached::TooMany);
    }
    accept(turn, login)?;
    Ok(Attached::Open)
}

fn accept(turn: &mut Turn<'_>, login: &Login) -> Result<(), Fault> {
    let id = SocketId::generate(turn.entropy);
    turn.effects.accept(id, &[TAB], &Listener::new(turn.now))?;
    let cursor = live_cursor(login.session);
    let hello = Told::hello(cursor, cursor);
    turn.effects.send(id, hello.text());
    Ok(jobs::plan(turn, SILENT, turn.now.plus(START_MS_MAX))?)
}

/// Closes the sockets on which nothing was started in time.
pub(super) fn close_silent(turn: &mut Turn<'_>) -> Result<(), Fault> {
    let due = |socket: &Socket| Ok(socket.kept::<Listener>()?.must_start_by(socket.since));
    if let Some(next) = close_due(turn, TAB, &due, NOT_STARTED)? {
        turn.effects.schedule(SILENT, next);
    }
    Ok(())
}

/// Hears a tab.
pub(super) fn hear(
    turn: &mut Turn<'_>,
    login: &Login,
    socket: &Socket,
    heard: &Heard,
) -> Result<(), Fault> {
    let text = match heard {
        Heard::Closed => return Ok(()),
        Heard::Unreadable => None,
        Heard::Text(text) => Some(text.as_str()),
    };
    if login.ending.is_some() {
        // Its end was on the way already, and this crossed it.
        return Ok(());
    }
    let (id, here) = (socket.id, live_cursor(login.session));
    let mut listener: Listener = socket.kept()?;
    match listener.hear(text, turn.now, here, TAB_PACE) {
        Err((code, why)) => turn.effects.close(id, code, why),
        Ok(said) => {
            turn.effects.keep(id, &listener)?;
            answer(turn, here, id, &said);
        }
    }
    Ok(())
}

fn answer(turn: &mut Turn<'_>, here: Cursor, id: SocketId, said: &Said) {
    let caught_up = Told::CaughtUp { cursor: here }.text();
    match said {
        Said::Resume { cursor, .. } if *cursor == Some(here) => turn.effects.send(id, caught_up),
        Said::Resume {
            snapshot: false, ..
        } => {
            turn.effects
                .close(id, close::TOO_OLD, "an unknown cursor, and no snapshot");
        }
        Said::Start | Said::Resume { .. } => {
            for part in reset(here, &[]) {
                turn.effects.send(id, part);
            }
            turn.effects.send(id, caught_up);
        }
        Said::Ack(_) => {}
        Said::Sync { nonce } => {
            let synced = Told::Synced {
                nonce,
                cursor: here,
            };
            turn.effects.send(id, synced.text());
        }
    }
}

/// Tells every tab that the session has ended, in the turn that ends it.
pub(super) fn end(turn: &mut Turn<'_>, login: &Login) {
    let frame = ended(login.session, end_of(login));
    turn.effects.broadcast(TAB, frame);
    turn.effects
        .close_all(TAB, close::REVOKED, "the session has ended");
}

fn end_of(login: &Login) -> Option<SessionEnd> {
    login.ending.as_ref().map(|ending| SessionEnd {
        reason: ending.why,
        at: ending.at,
        txn: ending.act,
    })
}
