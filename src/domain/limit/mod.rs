//! How much is too much?
//!
//! Integers only, and no clock: whoever asks says when. [`rule`] says what may
//! be asked of a subject, five [`gauge`]s measure it, and a [`Standing`] is
//! everything known of one subject: it decides many rules at once, all or none.
//!
//! * [`gcra`]: so many at once, then one a period, exactly, in every window
//! * [`quota`]: so many a calendar window
//! * [`sliding_log`]: so many in any window, each remembered
//! * [`concurrency`]: so many at the same time
//! * [`penalty`]: ever longer waits, for failures
//!
//! What binds a subject is a [`Bound`]. Our own protection writes them down itself;
//! for the subjects of a tenant a [`policy`] says them. What a tenant's backend asks
//! is a [`question`], what becomes of it a [`ruling`]; [`lease`] saves asking, and
//! what holds when nobody answers is narrower. [`usage`] counts how often who is asked
//! about.

mod ahead;
mod charges;
pub mod concurrency;
pub mod gauge;
pub mod gcra;
pub mod lease;
#[cfg(test)]
mod lease_tests;
mod level;
mod narrow;
#[cfg(test)]
pub(crate) mod oracle;
pub mod penalty;
pub mod policy;
pub mod question;
pub mod quota;
mod record;
pub mod rule;
pub mod ruling;
pub mod sliding_log;
mod standing;
#[cfg(test)]
mod tests;
pub mod usage;
pub mod verdict;

pub use charges::Holding;
pub use concurrency::Concurrency;
pub use gauge::Refusal;
pub use gcra::Gcra;
pub use level::{LEVELS_MAX, Shown};
pub use penalty::Penalty;
pub use quota::{Quota, Window};
pub use record::{HOLD_MS_MAX, RECORDS_MAX, REMEMBERED_MS, RequestId, Settled};
pub use rule::{Bound, Limit, Name, RULES_MAX, Rule, RuleRefusal};
pub use sliding_log::SlidingLog;
pub use standing::Standing;
pub use verdict::{Outcome, Reading, Verdict};
