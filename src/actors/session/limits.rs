//! How much may one session hold?

use crate::domain::{
    revocation::listener::Pace,
    time::{HOUR_MS, MINUTE_MS, SECOND_MS},
};

/// How long a code waits to be redeemed. RFC 6749 §4.1.2 recommends at most ten
/// minutes; a redirect takes seconds.
pub const CODE_LIFE_MS: i64 = MINUTE_MS;

/// Codes that wait at once: more tabs than a browser restores, few enough that
/// a page which authorizes in a loop is stopped.
pub const CODES_MAX: u32 = 32;

/// Clients whose consent is remembered: more applications than a person uses in
/// one login. The tenant remembers the rest.
pub const CLIENTS_MAX: u32 = 64;

/// Grants of one client: it gets one for every code, and an application in many
/// tabs has one each. The least recently used one goes first.
pub const GRANTS_PER_CLIENT_MAX: u32 = 16;

/// Grants of all clients together, so that no number of clients fills a session.
pub const GRANTS_MAX: u32 = 256;

/// Access tokens revoked one by one and not expired. Beyond it, revoking a
/// token ends its whole grant: more than was asked for, never less.
pub const REVOKED_MAX: u32 = 128;

/// The longest an access token lives: so long a grant stands after its last
/// refresh token.
pub const ACCESS_LIFE_MS_MAX: i64 = HOUR_MS;

/// When a session was used last is written down at most so often, and at most
/// every [`TOUCH_PART`]th of its idle time. So it may end that much early, never
/// late, and a busy session does not write at every use.
pub const TOUCH_MS_MAX: i64 = 5 * MINUTE_MS;

/// How old may be what whoever asks knows of the tenant: longer than a gateway
/// remembers it. A younger session may know better.
pub const NEWS_AGE_MS_MAX: i64 = MINUTE_MS;

/// The tenant, which lists the sessions, is told at most so often of their use:
/// it is one, and they are many.
pub const TELL_USE_MS: i64 = HOUR_MS;

/// Sockets of a session's tabs: more than anybody has open, few enough to be
/// told in one turn.
pub const TABS_MAX: usize = 64;

/// How fast a tab may speak, `ping` aside: it has one thing to say when it
/// attaches.
pub const TAB_PACE: Pace = Pace {
    frame_ms: SECOND_MS,
    at_once: 60,
};

/// How long a ticket waits to be used: a page opens its socket at once.
pub const TICKET_LIFE_MS: i64 = 30 * SECOND_MS;

/// Tickets that wait at once: as many as a browser restores tabs of one
/// application.
pub const TICKETS_MAX: u32 = 32;

/// See [`TOUCH_MS_MAX`].
pub const TOUCH_PART: i64 = 20;
