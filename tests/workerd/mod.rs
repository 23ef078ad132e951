//! Does the built Worker do under workerd what its parts do in process?

mod actors;
mod crash;
mod edge;
mod limit_clients;
mod outside;
mod platform;
mod relying_party;
mod sockets;
