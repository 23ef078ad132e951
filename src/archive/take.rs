//! What becomes of what the queue brings?

use super::{schema, statement, written};
use crate::actors::archive::Shelf;
use serde_json::Value;

/// What is to be done with a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The statements that keep it; nothing when there is nothing to keep.
    pub statements: Option<String>,
    /// What of it nobody can keep, ever, in words for the log that do not repeat
    /// it: bringing it again would change nothing.
    pub refused: Vec<String>,
}

/// Makes statements of a batch: at most two for each shelf, however many messages.
#[must_use]
pub fn take(messages: &[String]) -> Taken {
    let mut taken = Taken::default();
    let mut shelves = Shelf::ALL.map(|shelf| (shelf, Vec::new()));
    for (number, message) in messages.iter().enumerate() {
        match read(message) {
            Some((shelf, records)) => {
                for (known, kept) in &mut shelves {
                    if *known == shelf {
                        kept.extend(records.iter().cloned());
                    }
                }
            }
            None => taken.refused.push(format!(
                "message {number} of {} bytes is none of ours: it is dropped",
                message.len()
            )),
        }
    }
    let mut statements = Vec::new();
    for (shelf, records) in shelves {
        if records.is_empty() {
            continue;
        }
        let records = Value::from(Value::Array(records).to_string());
        if shelf.is_held() {
            statements.push(statement(schema::HOLD, vec![records.clone()]));
        }
        statements.push(statement(schema::keep(shelf), vec![records]));
    }
    taken.statements = (!statements.is_empty()).then(|| written(statements));
    taken
}

/// A message, when every record in it is one that the tables take.
fn read(message: &str) -> Option<(Shelf, Vec<Value>)> {
    let (shelf, records) = message.split_once('\n')?;
    let shelf = Shelf::named(shelf)?;
    let records: Value = serde_json::from_str(&format!("[{records}]")).ok()?;
    let Value::Array(records) = records else {
        return None;
    };
    let is_sound = |record: &Value| {
        record.get("id").is_some_and(Value::is_string)
            && record.get("at").is_some_and(Value::is_i64)
            && (!shelf.is_held() || record.get("tenant").is_some_and(Value::is_string))
    };
    records.iter().all(is_sound).then_some((shelf, records))
}
