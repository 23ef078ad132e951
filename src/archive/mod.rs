//! The cold archive: what became of ended sessions, old acts, retired keys and
//! deleted tenants.
//!
//! An actor tells [`crate::actors::archive`], that hands a text to a queue, and
//! [`mod@take`] makes rows of what the queue brings. Whatever arrives again is kept
//! once, by its id, so every step may be repeated. Nothing is ever authorised
//! from here: only an operator's searches read it.
//!
//! The database speaks through one call of the host's: statements with their
//! parameters in, done together or not at all, and the rows of each out, both as
//! JSON.
//!
//! * [`mod@take`]: from the queue into the tables
//! * [`search`]: a page of a shelf
//! * [`mod@sweep`]: what is too old goes
//! * `native`: the same database in native tests
//! * [`schema`]: the SQL; the tables are `migrations/archive`

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
mod schema;
mod search;
mod sweep;
mod take;
#[cfg(test)]
mod tests;

pub use search::{Item, Search, page};
pub use sweep::{Holder, holders, next_holders, sweep};
pub use take::{Taken, take};

use serde_json::Value;

/// The database could not be asked, or did not take what it was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveFault {
    /// There is none: this deployment keeps no archive.
    #[error("no archive is bound")]
    Missing,
    /// It failed, in its own words.
    #[error("the archive failed: {0}")]
    Failed(String),
}

/// One statement and its parameters, as the database is handed them.
fn statement(sql: &str, params: Vec<Value>) -> Value {
    Value::Array(vec![sql.into(), Value::Array(params)])
}

/// Statements to be done together.
fn written(statements: Vec<Value>) -> String {
    Value::Array(statements).to_string()
}

/// The rows that the first statement found.
fn rows(answer: &str) -> Result<Vec<Value>, ArchiveFault> {
    let answer: Option<Vec<Vec<Value>>> = serde_json::from_str(answer).ok();
    let first = answer.and_then(|answer| answer.into_iter().next());
    first.ok_or_else(|| ArchiveFault::Failed("it answers something else".to_owned()))
}
