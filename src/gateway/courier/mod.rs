//! How is news carried out of the actors? See [`crate::actors::courier`].
//!
//! * [`announce`]: into the tenant's revocation log, signed
//! * [`log_out`]: to a client's back-channel logout address

mod announce;
mod log_out;
mod run;

pub use run::run;
