//! Does the built Worker do under workerd what its parts do in process?

mod actors;
mod archive;
mod crash;
mod edge;
mod idle;
mod isolates;
mod limit_clients;
mod limits;
mod outage;
mod outside;
mod platform;
mod race;
mod relying_party;
mod sockets;
