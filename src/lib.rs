//! aero2: a multi-tenant authentication platform in which every tenant,
//! every session and every rate-limit bucket is an actor.

pub mod actors;
pub mod archive;
pub mod domain;
pub mod gateway;
pub mod store;

#[cfg(target_arch = "wasm32")]
pub mod workerd;
