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
        authenticate::{
            bearer::{self, Places},
            machine,
        },
        http::Response,
        limit::{self, Policy},
        platform::Platform,
        trouble::Answer,
        upgrade,
        visit::Visit,
    },
};

/// Opens a feed of the tenant's revocations.
///
/// No user's token will do: what all users' sessions are called is nothing a
/// user can allow.
///
/// # Errors
/// 400 for a token in the query or another subprotocol, 401, 403 without scope
/// `revocations.read`, 429, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let token = bearer::presented(visit, Places::Header)?;
    if !upgrade::is_wanted(visit.request) {
        return Ok(upgrade::required(visit.request));
    }
    let Some(token) = token else {
        return Ok(bearer::challenge());
    };
    upgrade::check_subprotocol(visit.request, SUBPROTOCOL)?;
    // What all users' sessions are called is nothing a user can allow.
    let lacks = "the feed needs scope revocations.read";
    let scopes = [Scope::REVOCATIONS_READ];
    let machine = machine::authenticate(visit, &token, &scopes, lacks).await?;
    limit::charge(visit, Policy::Feed(&machine.client)).await?;
    let attach = Attach {
        issuer: visit.home.issuer.clone(),
        until: machine.claims().exp,
        client_id: machine.client,
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
    Ok(upgrade::refused(visit, SUBPROTOCOL, Vec::new(), refused))
}
