//! How is news carried out of the actors? See [`crate::actors::courier`].
//!
//! * [`announce`]: into the tenant's revocation log, signed
//! * [`log_out`]: to a client's back-channel logout address
//! * [`transmit`]: to a receiver of Shared Signals

mod announce;
mod log_out;
mod run;
mod transmit;

pub use run::run;
