//! The thin front: routes, authenticates, charges limits, asks one actor,
//! renders. It has no SQL and no business rules.
//!
//! A host hands a [`http::Request`] to [`Gateway::answer`] and sends what comes
//! back. [`route`] says where it goes, [`reach`] whose it is; an endpoint gets a
//! [`visit::Visit`] and answers an [`trouble::Answer`].

pub mod admin;
mod archive;
pub mod authenticate;
pub mod bootstrap;
pub mod browser;
mod cache;
pub mod console;
pub mod courier;
pub mod endpoints;
mod entry;
mod files;
pub mod http;
pub mod interaction;
pub mod keys;
pub mod limit;
pub mod log;
pub mod mint;
mod noting;
pub mod operator;
pub mod origins;
pub mod outside;
pub mod pages;
pub mod platform;
pub mod reach;
pub mod render;
pub mod route;
pub mod settings;
pub mod sign_in;
#[cfg(test)]
mod test_support;
pub mod trouble;
pub mod upgrade;
pub mod visit;

pub use entry::Gateway;
