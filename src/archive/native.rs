//! How do native tests keep an archive?
//!
//! rusqlite, made as strict as D1: the same limits, every call one transaction.

use super::ArchiveFault;
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Map, Value};

/// Parameters of one statement.
const PARAMETERS_MAX: usize = 100;
/// Bytes of one statement's text.
const SQL_BYTES_MAX: usize = 100_000;
/// Bytes of one text.
const TEXT_BYTES_MAX: usize = 2_000_000;

/// The archive's database, in memory.
#[derive(Debug)]
pub struct Cabinet {
    db: Connection,
}

impl Cabinet {
    /// One as the migrations make it.
    ///
    /// # Errors
    /// When the engine cannot make it.
    pub fn new() -> Result<Self, ArchiveFault> {
        let db = Connection::open_in_memory().map_err(failed)?;
        db.execute_batch(include_str!("../../migrations/archive/0001_records.sql"))
            .map_err(failed)?;
        Ok(Self { db })
    }

    /// Does what D1 would with these statements.
    ///
    /// # Errors
    /// When one of them fails: then nothing was done.
    pub fn run(&self, statements: &str) -> Result<String, ArchiveFault> {
        let statements: Vec<(String, Vec<Value>)> =
            serde_json::from_str(statements).map_err(failed)?;
        let turn = self.db.unchecked_transaction().map_err(failed)?;
        let answers = statements
            .iter()
            .map(|(sql, params)| one(&turn, sql, params));
        let answers: Result<Vec<Value>, ArchiveFault> = answers.collect();
        let answers = Value::Array(answers?).to_string();
        turn.commit().map_err(failed)?;
        Ok(answers)
    }

    /// What one statement finds, for a test to look at.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn look(&self, sql: &str) -> Result<Value, ArchiveFault> {
        one(&self.db, sql, &[])
    }
}

fn one(db: &Connection, sql: &str, params: &[Value]) -> Result<Value, ArchiveFault> {
    if params.len() > PARAMETERS_MAX || sql.len() > SQL_BYTES_MAX {
        return Err(failed("a statement is too long"));
    }
    let mut statement = db.prepare(sql).map_err(failed)?;
    if statement.parameter_count() != params.len() {
        return Err(failed("wrong number of parameters"));
    }
    for (index, value) in params.iter().enumerate() {
        bind(&mut statement, index + 1, value)?;
    }
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        let mut object = Map::new();
        for (index, name) in names.iter().enumerate() {
            let cell = match row.get_ref(index).map_err(failed)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
                ValueRef::Blob(_) => return Err(failed("there are no blobs")),
            };
            object.insert(name.clone(), cell);
        }
        found.push(Value::Object(object));
    }
    Ok(Value::Array(found))
}

/// A number is bound as JavaScript's are, which have no integers.
fn bind(
    statement: &mut rusqlite::Statement<'_>,
    index: usize,
    value: &Value,
) -> Result<(), ArchiveFault> {
    let bound = match value {
        Value::Null => statement.raw_bind_parameter(index, rusqlite::types::Null),
        Value::Number(number) => statement.raw_bind_parameter(index, number.as_f64()),
        Value::String(text) if text.len() <= TEXT_BYTES_MAX => {
            statement.raw_bind_parameter(index, text)
        }
        _ => return Err(failed("a value cannot be bound")),
    };
    bound.map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "errors are mapped by it")]
fn failed(why: impl ToString) -> ArchiveFault {
    ArchiveFault::Failed(why.to_string())
}
