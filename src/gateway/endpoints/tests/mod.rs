//! Each endpoint before actors that say what the test wants.

mod authorize;
mod clients;
mod sessions;
mod stage;
mod tokens;
