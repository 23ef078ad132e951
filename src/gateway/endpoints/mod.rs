//! The endpoints of OAuth, OpenID Connect and a user's own sessions, a file
//! each: parse, authenticate, ask, act on the answer, render.
//!
//! * [`discovery`], [`jwks`]: what everybody may know, from memory
//! * [`health`]: for whoever watches the deployment
//! * [`authorize`], [`par`]: a client asks for a user's authorization
//! * [`token`]: a client asks for tokens
//! * [`userinfo`], [`introspect`], [`revoke`]: what a token is worth
//! * [`logout`]: a client asks that its user be signed out
//! * [`register`], [`registration`]: clients that register themselves
//! * [`own_sessions`]: a user's own sessions, as JSON
//! * [`revocation_feed`]: a resource server listens to what is revoked
//! * [`session_events`], [`session_tickets`]: a tab's socket to its own session
//! * [`ratelimit`]: a tenant's backend asks how much is too much
//! * [`ssf`]: the transmitter of Shared Signals
//!
//! [`serve`] sends a request to its file.

pub mod authorize;
mod discovery;
mod health;
mod introspect;
mod jwks;
mod logout;
mod own_sessions;
mod par;
mod ratelimit;
mod register;
mod registration;
mod revocation_feed;
mod revoke;
mod serve;
mod session_events;
mod session_tickets;
mod ssf;
#[cfg(test)]
mod tests;
mod token;
mod userinfo;

pub use serve::{answer, anywhere};
