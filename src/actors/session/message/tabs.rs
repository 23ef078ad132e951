//! What can a session be asked for its tabs?

use super::TokenRef;
use crate::domain::{
    revocation::tab::SessionEnd, secret::TokenDigest, session::TenantNews, time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Makes a one-time ticket for a page of another origin.
#[derive(Debug, Serialize, Deserialize)]
pub struct MakeTicket {
    /// Digest of the ticket, minted by the gateway.
    pub ticket: TokenDigest,
    /// The only origin it is good for.
    pub origin: String,
    /// The access token of this session that asks for it.
    pub token: TokenRef,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// Answers [`MakeTicket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketMade {
    /// It is good once, until then.
    Until(Timestamp),
    /// The token, or the session, is worth nothing.
    Gone,
    /// Too many wait to be used.
    TooMany,
}

/// Attaches a browser tab's socket: to be asked by
/// [`crate::actors::runtime::Mail::connect`].
#[derive(Debug, Serialize, Deserialize)]
pub struct AttachTab {
    /// By what it may.
    pub by: TabProof,
    /// What the asker knows of the tenant.
    #[serde(default)]
    pub news: TenantNews,
}

/// By what a tab may attach.
#[derive(Debug, Serialize, Deserialize)]
pub enum TabProof {
    /// The session cookie, sent by a page of the tenant's own.
    Cookie(TokenDigest),
    /// A ticket.
    Ticket {
        /// Its digest.
        ticket: TokenDigest,
        /// Where the page is from.
        origin: String,
    },
}

/// Answers [`AttachTab`] when no socket is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Attached {
    /// The socket is open.
    Open,
    /// The session has ended; how, when it is still known.
    Ended(Option<SessionEnd>),
    /// The ticket is not good, or no more.
    Refused,
    /// There are [`crate::actors::session::TABS_MAX`] already.
    TooMany,
}
