//! `/v1/sessions/tickets`: how does a page of another origin learn that its
//! session has ended?
//!
//! It has no cookie of ours to open a socket with, and a browser lets it send no
//! header with the upgrade. So it fetches a ticket with its access token, and
//! shows that.

use crate::{
    actors::{
        runtime::{Actors, Fault},
        session::{MakeTicket, TICKET_LIFE_MS, TicketMade, TokenRef},
    },
    domain::{
        ids::UserId,
        oauth::{ClientId, ErrorCode, OAuthError},
        secret::Secret,
        time::SECOND_MS,
        token::{jwt::AccessTokenClaims, opaque::TabTicket},
    },
    gateway::{
        authenticate::bearer::{self, Places, invalid_token},
        http::Response,
        limit::{self, Policy},
        mint,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};
use ::http::{StatusCode, header};
use serde::{Serialize, Serializer};

/// A ticket on its way to the page.
#[derive(Serialize)]
struct Handed {
    #[serde(serialize_with = "revealed")]
    ticket: Secret<String>,
    expires_in: i64,
}

fn revealed<S: Serializer>(ticket: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(ticket.expose())
}

/// Hands a ticket to a page of one of the client's own origins.
///
/// Any access token of the session will do, whatever its audience: the ticket
/// lets its holder see that the session ends, and do nothing.
///
/// # Errors
/// What RFC 6750 §3.1 names; 403 for an origin that is not the client's; 429;
/// or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let Some(token) = bearer::presented(visit, Places::Header)? else {
        return Ok(bearer::challenge());
    };
    let claims = bearer::verify(visit, token.expose()).await?;
    let claims = claims.ok_or_else(not_good)?;
    let session = claims.sid.ok_or_else(|| {
        let why = "the access token is of no session";
        OAuthError::new(ErrorCode::InsufficientScope, why)
    })?;
    let origin = own_origin(visit, &claims).await?;
    let user = UserId::parse(&claims.sub).map_err(|_| not_good())?;
    let told = limit::charge(visit, Policy::Ticket(user)).await?;
    let ticket = TabTicket::mint(session, &mut visit.entropy());
    let ask = MakeTicket {
        ticket: ticket.digest(),
        origin,
        token: TokenRef::Access {
            grant: mint::grant_of(&claims).ok_or_else(not_good)?,
            jti: claims.jti,
            expires_at: claims.exp,
        },
        signed_out: visit.signed_out().await?,
    };
    match visit.mail.ask(&visit.session(session), ask).await {
        Ok(TicketMade::Until(_)) => {
            let handed = Handed {
                ticket: ticket.reveal(),
                expires_in: TICKET_LIFE_MS / SECOND_MS,
            };
            Ok(told.onto(Response::json(StatusCode::CREATED, &handed)?))
        }
        Ok(TicketMade::Gone) | Err(Fault::Absent) => Err(not_good()),
        Ok(TicketMade::TooMany) => {
            let detail = "Too many tickets of this session wait to be used.";
            let problem = Problem::new(429, "too-many-tickets", detail);
            let retry_after_s = Some(TICKET_LIFE_MS / SECOND_MS);
            Err(Problem {
                retry_after_s,
                ..problem
            }
            .into())
        }
        Err(fault) => Err(fault.into()),
    }
}

fn not_good() -> Trouble {
    invalid_token("the access token is not valid, expired or revoked").into()
}

/// The origin that asks, which must be one the client has registered an address
/// at. Browsers send it with every such request, and let no page choose it.
async fn own_origin<P: Platform>(
    visit: &Visit<'_, P>,
    claims: &AccessTokenClaims,
) -> Result<String, Trouble> {
    let not_own = || {
        let detail = "The request must come from an origin of the application.";
        Trouble::from(Problem::new(403, "foreign-origin", detail))
    };
    let origin = visit.header(header::ORIGIN.as_str()).ok_or_else(not_own)?;
    let client_id = ClientId::parse(&claims.client_id).map_err(|_| not_good())?;
    let client = visit.client(&client_id).await?.ok_or_else(not_good)?;
    let mut own = client.metadata.redirect_uris.iter();
    if own.any(|uri| uri.origin().as_deref() == Some(origin)) {
        return Ok(origin.to_owned());
    }
    Err(not_own())
}
