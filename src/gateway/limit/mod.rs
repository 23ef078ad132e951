//! How often may somebody try?
//!
//! Asked before anything costly is done. [`table`] is our own protection, all of
//! it: what is tried, whom it is charged to, how often. [`subject`] says who
//! that is, [`mod@charge`] asks the buckets, all at once, and a bucket that does not
//! answer refuses (DESIGN §6). [`failures`] counts without any bucket what cannot
//! be guessed. [`device`] knows a browser again that somebody signed in with, so
//! that nobody else's guesses lock its owner out. [`memory`] saves the question
//! where the answer is known, and bounds how many buckets a flood can make.
//! [`told`] says it in headers.
//!
//! For a tenant's own subjects, [`fn@policy`] says what the tenant has laid down,
//! and [`customer`] decides what its backends ask. [`usage`] counts how often
//! policies are asked, ours and theirs, and [`fn@meant`] finds the bucket that an
//! operator asks about.

mod charge;
pub(super) mod customer;
pub(super) mod device;
pub(super) mod failures;
mod meant;
mod memory;
mod policies;
mod subject;
mod table;
pub mod told;
mod usage;

pub use charge::{Charged, charge, charge_sign_in};
pub(super) use charge::{account, unavailable};
pub(super) use meant::{Meant, forget_policy, meant, usage_name};
pub(super) use memory::Memory;
pub use policies::{POLICY_MS_MAX, policy};
pub(super) use policies::{Policies, none as no_policies};
pub use table::Policy;
pub use usage::USAGE_MS_MAX;
pub(super) use usage::{Usage, tell as tell_usage};
