//! A site to send requests to, wherever it runs.
//!
//! * [`site`]: the whole deployment, in-process or on workerd
//! * [`call`]: one request and its reply
//! * [`browser`]: what a person uses: cookies, forms, redirects
//! * [`login`]: a form that guesses are sent by
//! * [`tenant`]: a tenant made through the admin API, with clients and users
//! * [`relying_party`]: an application that signs its users in at a tenant
//! * [`console`]: an administrator of a tenant
//! * [`backend`]: a backend that limits its own callers
//! * [`resource_server`]: a service that listens for what is revoked
//! * [`receiver`]: a receiver of Shared Signals
//! * [`platform`], [`crypto`], [`cold`]: the in-process host and its archive
//! * [`chromium`]: a real browser
//! * [`socket`]: the client's end of a socket
//! * [`workerd`], [`http`]: the built Worker, and speaking to it

pub(crate) mod backend;
pub(crate) mod browser;
pub(crate) mod call;
pub(crate) mod chromium;
pub(crate) mod cold;
pub(crate) mod console;
pub(crate) mod crypto;
pub(crate) mod http;
pub(crate) mod login;
pub(crate) mod platform;
pub(crate) mod receiver;
pub(crate) mod relying_party;
pub(crate) mod resource_server;
pub(crate) mod site;
pub(crate) mod socket;
pub(crate) mod tenant;
pub(crate) mod workerd;

pub(crate) use backend::Backend;
pub(crate) use browser::Browser;
pub(crate) use call::{Call, Reply};
pub(crate) use site::Site;
pub(crate) use socket::TestSocket;
