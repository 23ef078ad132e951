//! How do native tests store rows?
//!
//! rusqlite, made as strict as a Durable Object: the same limits, the same
//! forbidden statements, no fractions.

use super::{INTEGER_MAX, PARAMETERS_MAX, Row, Store, StoreFault, VALUE_BYTES_MAX, Value, whole};
use rusqlite::{Connection, types::ValueRef};

/// Statements the platform keeps to itself.
const FORBIDDEN: &[&str] = &[
    "BEGIN",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "PRAGMA",
    "ATTACH",
    "VACUUM",
];

/// A database in memory.
#[derive(Debug)]
pub struct Sqlite {
    db: Connection,
}

impl Sqlite {
    /// An empty database.
    ///
    /// # Errors
    /// When the engine cannot open one.
    pub fn in_memory() -> Result<Self, StoreFault> {
        let db = Connection::open_in_memory().map_err(|e| engine(&e))?;
        db.execute_batch("PRAGMA foreign_keys = ON")
            .map_err(|e| engine(&e))?;
        Ok(Self { db })
    }

    /// Rows inserted, updated and deleted since it was opened.
    #[must_use]
    pub fn rows_written(&self) -> u64 {
        self.db.total_changes()
    }

    /// A copy of this database as it stands, for a test that crashes a host.
    ///
    /// # Errors
    /// When the engine cannot copy.
    pub fn copy(&self) -> Result<Self, StoreFault> {
        let mut copy = Self::in_memory()?;
        rusqlite::backup::Backup::new(&self.db, &mut copy.db)
            .and_then(|backup| backup.run_to_completion(1_000, core::time::Duration::ZERO, None))
            .map_err(|e| engine(&e))?;
        Ok(copy)
    }
}

fn engine(error: &rusqlite::Error) -> StoreFault {
    StoreFault::Engine(error.to_string())
}

fn permitted(sql: &str) -> Result<(), StoreFault> {
    let verb = sql.split_whitespace().next().unwrap_or_default();
    if FORBIDDEN
        .iter()
        .any(|forbidden| verb.eq_ignore_ascii_case(forbidden))
    {
        return Err(StoreFault::Engine(format!("{verb} is not authorized")));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "53 bits were checked")]
fn bind(
    statement: &mut rusqlite::Statement<'_>,
    index: usize,
    value: &Value,
) -> Result<(), StoreFault> {
    match value {
        Value::Int(number) if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() => {
            return Err(StoreFault::IntegerRange(*number));
        }
        Value::Text(text) if text.len() > VALUE_BYTES_MAX => {
            return Err(StoreFault::ValueSize(text.len()));
        }
        Value::Blob(bytes) if bytes.len() > VALUE_BYTES_MAX => {
            return Err(StoreFault::ValueSize(bytes.len()));
        }
        Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null),
        Value::Int(number) => statement.raw_bind_parameter(index, *number as f64),
        Value::Text(text) => statement.raw_bind_parameter(index, text),
        Value::Blob(bytes) => statement.raw_bind_parameter(index, bytes),
    }
    .map_err(|e| engine(&e))
}

fn cell(index: usize, value: ValueRef<'_>) -> Result<Value, StoreFault> {
    match value {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() => {
            Err(StoreFault::IntegerRange(number))
        }
        ValueRef::Integer(number) => Ok(Value::Int(number)),
        ValueRef::Text(text) => core::str::from_utf8(text)
            .map(|text| Value::Text(text.to_owned()))
            .map_err(|_| StoreFault::Column { index }),
        ValueRef::Blob(bytes) => Ok(Value::Blob(bytes.to_vec())),
        ValueRef::Real(number) => whole(index, number),
    }
}

impl Store for Sqlite {
    fn query(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreFault> {
        permitted(sql)?;
        let mut statement = self.db.prepare_cached(sql).map_err(|e| engine(&e))?;
        if params.len() != statement.parameter_count() || params.len() > PARAMETERS_MAX {
            return Err(StoreFault::Engine(
                "wrong number of parameter bindings".to_owned(),
            ));
        }
        for (index, value) in params.iter().enumerate() {
            bind(&mut statement, index + 1, value)?;
        }
        let columns = statement.column_count();
        let mut fetched = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|e| engine(&e))? {
            let cells = (0..columns).map(|index| {
                row.get_ref(index)
                    .map_err(|e| engine(&e))
                    .and_then(|value| cell(index, value))
            });
            fetched.push(Row::new(cells.collect::<Result<_, _>>()?));
        }
        Ok(fetched)
    }

    fn run_script(&self, sql: &'static str) -> Result<(), StoreFault> {
        sql.split(';').try_for_each(permitted)?;
        self.db.execute_batch(sql).map_err(|e| engine(&e))
    }

    fn atomically(&self, work: &mut dyn FnMut() -> bool) -> Result<(), StoreFault> {
        self.db
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|e| engine(&e))?;
        let end = if work() { "COMMIT" } else { "ROLLBACK" };
        self.db.execute_batch(end).map_err(|e| engine(&e))
    }

    fn bytes(&self) -> Result<u64, StoreFault> {
        let pragma = |name| {
            self.db
                .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .map_err(|e| engine(&e))
        };
        let bytes = pragma("page_count")?.saturating_mul(pragma("page_size")?);
        Ok(u64::try_from(bytes).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract;

    #[test]
    fn the_native_adapter_keeps_the_contract() {
        for (name, case) in contract::CASES {
            case(&Sqlite::in_memory().unwrap()).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}
