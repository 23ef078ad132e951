//! Synchronous SQL over one small database, on two hosts.
//!
//! An actor's rows live in a Durable Object's SQLite in production and in
//! rusqlite in native tests. Both adapters are held to one contract
//! (`contract.rs`), and both are as strict as the stricter of the two: what one
//! would round, truncate or ignore, both refuse.

#[cfg(any(test, feature = "test-hooks"))]
pub mod contract;
pub mod migrate;
#[cfg(not(target_arch = "wasm32"))]
pub mod sqlite;
mod value;

pub(crate) use value::whole;
pub use value::{INTEGER_MAX, Row, Value};

/// More parameters than this a Durable Object refuses in one statement.
pub const PARAMETERS_MAX: usize = 100;

/// Bytes a Durable Object takes in one text or blob (2 MB per row).
pub const VALUE_BYTES_MAX: usize = 2_000_000;

/// Storage failed; nobody outside can do anything about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// The engine refused a statement or a commit.
    #[error("storage refused a statement: {0}")]
    Engine(String),
    /// The number would be rounded on its way through JavaScript.
    #[error("integer {0} does not survive a round trip through JavaScript")]
    IntegerRange(i64),
    /// The value is larger than a row may be.
    #[error("a value of {0} bytes is larger than a row may be")]
    ValueSize(usize),
    /// A row does not have the shape the code expects.
    #[error("column {index} is missing or of the wrong type")]
    Column {
        /// Which column, from zero.
        index: usize,
    },
}

/// Synchronous SQL.
pub trait Store {
    /// Runs one statement and fetches all its rows.
    ///
    /// A bound integer reaches the engine as a REAL, because JavaScript is in
    /// between. Columns and comparisons make it an integer again; arithmetic
    /// and text do not: `? / 2` may be a fraction, `'x' || ?` is `x5.0`.
    ///
    /// # Errors
    /// When the engine refuses the statement or a value cannot be represented.
    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreFault>;

    /// Runs several statements without parameters, for migrations.
    ///
    /// # Errors
    /// When the engine refuses any of them.
    fn run_script(&self, sql: &'static str) -> Result<(), StoreFault>;

    /// Runs `work` in a transaction, which is kept when it answers `true` and
    /// undone otherwise. `work` must not unwind.
    ///
    /// # Errors
    /// When the engine refuses to begin or to commit.
    fn atomically(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreFault>;

    /// Bytes the database occupies.
    ///
    /// # Errors
    /// When the engine cannot tell.
    fn bytes(&self) -> Result<u64, StoreFault>;
}

/// Runs one unit of work, keeping its writes only when it succeeds.
///
/// # Errors
/// Whatever `work` returned, or the fault that stopped the commit.
pub fn transact<T, E: From<StoreFault>>(
    store: &dyn Store,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let mut work = Some(work);
    let mut outcome = None;
    store.atomically(&mut || {
        let Some(work) = work.take() else {
            return false;
        };
        let result = work();
        let keep = result.is_ok();
        outcome = Some(result);
        keep
    })?;
    outcome.unwrap_or_else(|| {
        Err(StoreFault::Engine("the transaction's body did not run".to_owned()).into())
    })
}
