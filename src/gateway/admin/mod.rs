//! `/admin/v1/…`: how is the platform operated?
//!
//! A JSON API at two kinds of origin. At the platform's own it is for whoever
//! brings an access token of tenant `platform` with audience `AUDIENCE` and scope
//! `admin`, and leads everywhere. At a tenant's it is for that tenant's admins, with
//! a token of that issuer for audience `{issuer}/admin`, and leads to nothing but
//! that tenant. The token is verified here: once the keys are known, that asks no
//! actor.
//!
//! [`serve`] authenticates and dispatches by the table in [`routes`]; each
//! resource has its file. What they share:
//!
//! * [`acts`]: who acts, and the records of what was done
//! * [`body`]: JSON objects, in which every member means something or is refused
//! * [`live`]: sockets over which a console hears what happens
//! * [`page`]: lists, `{items, next_cursor}`
//! * [`place`]: the tenant a path names; the directory knows it before any actor
//!   of the tenant is touched
//! * [`shown`]: how times and new things are shown
//!
//! Refusals are problem details ([RFC 9457]) without exception: 400 for what
//! cannot be read, 422 for what can be read and not be had, 409 for what clashes
//! with something that is there.
//!
//! [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457

mod actors;
mod acts;
mod archive;
mod authorize;
mod body;
mod buckets;
mod clients;
mod keys;
mod live;
mod me;
mod openapi;
mod page;
mod place;
mod policies;
mod reconcile;
mod registry;
mod routes;
mod serve;
mod sessions;
mod shown;
mod tenants;
mod users;

pub use serve::answer;

/// The route of a path of this API, as the description writes it.
#[must_use]
pub fn template(path: &str) -> Option<&'static str> {
    routes::template(path)
}
