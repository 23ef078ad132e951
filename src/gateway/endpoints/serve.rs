//! Which file answers an endpoint?

use super::{
    authorize, discovery, health, introspect, jwks, logout, own_sessions, par, ratelimit, register,
    registration, revocation_feed, revoke, session_events, session_tickets, ssf, token, userinfo,
};
use crate::{
    actors::runtime::Mail,
    gateway::{
        Gateway,
        http::Request,
        pages,
        platform::Platform,
        route::Endpoint,
        trouble::{Answer, Problem},
        visit::Visit,
    },
};

/// Answers at a tenant.
///
/// # Errors
/// Whatever the endpoint's file says.
pub async fn answer<P: Platform>(visit: &Visit<'_, P>, endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::Discovery => discovery::answer(visit).await,
        Endpoint::Jwks => jwks::answer(visit).await,
        Endpoint::Authorize => authorize::answer(visit).await,
        Endpoint::PushedAuthorization => par::answer(visit).await,
        Endpoint::Token => token::answer(visit).await,
        Endpoint::Userinfo => userinfo::answer(visit).await,
        Endpoint::Introspect => introspect::answer(visit).await,
        Endpoint::Revoke => revoke::answer(visit).await,
        Endpoint::Logout => logout::answer(visit).await,
        Endpoint::Register => register::answer(visit).await,
        Endpoint::Registration => registration::answer(visit).await,
        Endpoint::OwnSessions => own_sessions::answer(visit).await,
        Endpoint::RevocationFeed => revocation_feed::answer(visit).await,
        Endpoint::SessionEvents => session_events::answer(visit).await,
        Endpoint::SessionTickets => session_tickets::answer(visit).await,
        Endpoint::RateLimit => ratelimit::answer(visit).await,
        _ => ssf::answer(visit, endpoint).await,
    }
}

/// Answers where no tenant is asked for.
///
/// # Errors
/// Whatever the endpoint's file says.
pub async fn anywhere<P: Platform>(
    gateway: &Gateway<P>,
    request: &Request,
    mail: &Mail<P::Transport>,
    endpoint: Endpoint,
) -> Answer {
    match endpoint {
        Endpoint::Health => health::is_up(),
        Endpoint::Ready => health::is_ready(gateway, mail).await,
        Endpoint::Asset => pages::assets::answer(gateway, request).await,
        _ => Err(Problem::new(404, "not-found", "There is nothing here.").into()),
    }
}
