//! What does the tenant actor answer?
//!
//! [`dispatch`] hands each message to its chapter. Whatever must end somebody's
//! access goes through [`endings`], which tells the sessions; what is due later
//! comes back through [`jobs`].

mod audit;
mod bootstrap;
mod clients;
mod consents;
mod dispatch;
mod endings;
mod jobs;
mod page;
mod policies;
mod sessions;
mod settings;
mod sign_in;
mod usage;
mod users;
