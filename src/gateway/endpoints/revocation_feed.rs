//! `/v1/revocations/events`: what does a resource server listen to?

use crate::{
    actors::{
        revocations::{Attach, Attached, Revocations},
        runtime::{Connection, Fault},
    },
    domain::{
        oauth::scope::Scope,
        revocation::frames::{SUBPROTOCOL, close},
    },
    gateway::{
        authenticate::bearer::{self, Places},
        http::Response,
        platform::Platform,
        trouble::Answer,
        upgrade,
        visit::Visit,
    },
};

/// Opens a feed of the tenant's revocations.
///
/// # Errors
/// 400 for a token in the query or another subprotocol, 401, 403 without scope
/// `revocations.read`, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let token = bearer::presented(visit, Places::Header)?;
    if !upgrade::is_wanted(visit.request) {
        return Ok(upgrade::required(visit.request));
    }
    let Some(token) = token else {
        return Ok(bearer::challenge());
    };
    upgrade::check_subprotocol(visit.request)?;
    // What all users' sessions are called is nothing a user can allow.
    let why = "the feed needs scope revocations.read";
    let listening = bearer::own_client(visit, &token, &[Scope::REVOCATIONS_READ], why);
    let (client_id, until) = listening.await?;
    let attach = Attach {
        issuer: visit.home.issuer.clone(),
        client_id,
        until,
    };
    let log = Revocations::address(visit.home.id);
    let refused = match visit.mail.connect(&log, attach).await? {
        Connection::Open(socket) => return Ok(Response::switching(socket, SUBPROTOCOL)),
        Connection::Answered(Attached::TooMany) => (close::TOO_MANY, "too many feeds are open"),
        Connection::Answered(Attached::Ending) => (close::REVOKED, "the tenant is no more"),
        Connection::Answered(Attached::Open) => {
            return Err(Fault::Corrupt("a socket was accepted and did not come").into());
        }
    };
    Ok(upgrade::refused(visit, Vec::new(), refused))
}
