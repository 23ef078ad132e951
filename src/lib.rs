//! aero2: a multi-tenant authentication platform in which every tenant,
//! every session and every rate-limit bucket is an actor.

pub mod domain;

#[cfg(target_arch = "wasm32")]
pub mod workerd;
