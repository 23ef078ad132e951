//! `/admin/v1/live`, `/admin/v1/tenants/{tenant}/live`: how does a console hear
//! what happens as it does (`docs/observability.md`)?
//!
//! The token comes as for every other request, or as a subprotocol, which no
//! browser adds by itself: nobody's page can open the socket in an operator's
//! name. A page of another origin is refused all the same.

use super::place;
use crate::{
    actors::{
        directory::{self, Directory},
        live::Listening,
        runtime::{Address, Ask, Connection, Fault},
        tenant,
    },
    domain::{live::SUBPROTOCOL, revocation::frames::close, time::Timestamp},
    gateway::{
        http::Response,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        upgrade,
        visit::Visit,
    },
};
use ::http::header;

/// Lets a console hear what happens at a tenant.
///
/// # Errors
/// 400 for another subprotocol, 403 for another origin, 404, or a fault.
pub(super) async fn at_tenant<P: Platform>(
    visit: &Visit<'_, P>,
    tenant: &str,
    until: Timestamp,
) -> Answer {
    let place = place::find(visit, tenant).await?;
    if let Some(refusal) = refused(visit)? {
        return Ok(refusal);
    }
    let to = tenant::Tenant::address(place.id());
    open(visit, &to, tenant::Listen { until }).await
}

/// Lets a console hear how many actors there are, and what becomes of tenants.
///
/// # Errors
/// As [`at_tenant`].
pub(super) async fn at_platform<P: Platform>(visit: &Visit<'_, P>, until: Timestamp) -> Answer {
    if let Some(refusal) = refused(visit)? {
        return Ok(refusal);
    }
    open(visit, &Directory::address(), directory::Listen { until }).await
}

/// The answer to whoever asks for no socket, or for another's.
fn refused<P: Platform>(visit: &Visit<'_, P>) -> Result<Option<Response>, Trouble> {
    let request = visit.request;
    if !upgrade::is_wanted(request) {
        return Ok(Some(upgrade::required(request)));
    }
    let mut origins = request.headers.get_all(header::ORIGIN).iter();
    if !origins.all(|origin| origin == visit.home.issuer.as_str()) {
        let detail = "Only pages of this site may open this socket.";
        return Err(Problem::new(403, "foreign-origin", detail).into());
    }
    upgrade::check_subprotocol(request, SUBPROTOCOL)?;
    Ok(None)
}

async fn open<P: Platform, Q: Ask<Answer = Listening>>(
    visit: &Visit<'_, P>,
    to: &Address<Q::Party>,
    ask: Q,
) -> Answer {
    let connected = visit.mail.connect(to, ask).await;
    match connected.map_err(place::untold)? {
        Connection::Open(socket) => Ok(Response::switching(socket, SUBPROTOCOL)),
        Connection::Answered(Listening::TooMany) => {
            let closing = (close::TOO_MANY, "too many consoles listen");
            Ok(upgrade::refused(visit, SUBPROTOCOL, Vec::new(), closing))
        }
        Connection::Answered(Listening::Open) => {
            Err(Fault::Corrupt("a socket was accepted and did not come").into())
        }
    }
}
