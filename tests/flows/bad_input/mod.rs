//! What does an endpoint say to what it cannot use?
//!
//! The matrix is over every route there is: [`atlas`] walks the routing table
//! and the admin API's description, and does not compile when an endpoint is
//! new to it.
//!
//! * [`atlas`]: every endpoint, what it takes, and who stands before it
//! * [`sound`]: what must be true of every answer
//! * [`matrix`]: every endpoint with everything hostile
//! * [`methods`], [`sizes`], [`hosts`]: what is refused before an endpoint sees it
//! * [`strangers`]: tokens and cookies that were never issued
//! * [`oauth`], [`authorization`], [`documents`], [`pages`]: the exact refusals

mod atlas;
mod authorization;
mod documents;
mod hosts;
mod matrix;
mod methods;
mod oauth;
mod pages;
mod sizes;
mod sound;
mod strangers;
