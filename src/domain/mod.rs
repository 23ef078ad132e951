//! Rules without a store, a clock or a platform.
//!
//! Everything here is a value or a function of values. Time and randomness
//! come in as arguments ([`time::Timestamp`], [`entropy::Entropy`]).

pub mod audit;
pub mod calendar;
pub mod entropy;
pub mod ids;
pub mod keys;
pub mod limit;
pub mod line;
pub mod live;
pub mod merge_patch;
pub mod oauth;
pub mod outside;
pub mod password;
pub mod refresh;
pub mod revocation;
pub mod seal;
pub mod secret;
pub mod session;
pub mod ssf;
pub mod tenant;
pub mod time;
pub mod token;
pub mod trace;
pub mod tree;
pub mod user;
pub mod web_url;
