//! One login of one user.
//!
//! The session owns everything that ends with it: its cookie, the codes issued
//! in it, each client's grant with its refresh-token family, the sockets of the
//! browser's tabs. It ends by its own alarm, tells whoever must know, and erases
//! itself.

mod authorize;
mod handler;
mod lifecycle;
mod limits;
mod message;
mod redeem;
mod refresh;
mod revocation;
mod schema;
mod state;
mod tabs;
#[cfg(test)]
mod tests;

pub use limits::*;
pub use message::*;

use crate::{
    actors::runtime::Address,
    domain::ids::{SessionId, TenantId},
};

/// The actor of one session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Session;

impl Session {
    /// Where a session lives. Both parts are ids of fixed length.
    #[must_use]
    pub fn address(tenant: TenantId, session: SessionId) -> Address<Self> {
        Address::new(format!("{tenant}/{session}"))
    }
}
