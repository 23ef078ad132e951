//! The signed-in user's own account.
//!
//! Every page of it begins with `Visit::owner`: whoever is not signed in is
//! sent to sign in.

pub(super) mod applications;
pub(super) mod overview;
mod owner;
pub(super) mod password;
pub(super) mod profile;
pub(super) mod sessions;
