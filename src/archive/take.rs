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
    let read: Vec<Option<(Shelf, &str)>> = messages.iter().map(|text| read(text)).collect();
    for (message, _) in messages
        .iter()
        .zip(&read)
        .filter(|(_, read)| read.is_none())
    {
        let length = message.len();
        let line = format!("a message of {length} bytes is none of ours: it is dropped");
        taken.refused.push(line);
    }
    let mut statements = Vec::new();
    for shelf in Shelf::ALL {
        let of_it = read.iter().flatten().filter(|(known, _)| *known == shelf);
        let records: Vec<&str> = of_it.map(|(_, records)| *records).collect();
        if records.is_empty() {
            continue;
        }
        let records = Value::from(format!("[{}]", records.join(",")));
        if shelf.is_held() {
            statements.push(statement(schema::HOLD, vec![records.clone()]));
        }
        statements.push(statement(schema::keep(shelf), vec![records]));
    }
    taken.statements = (!statements.is_empty()).then(|| written(statements));
    taken
}

/// A message, when there are records in it and the tables take each.
fn read(message: &str) -> Option<(Shelf, &str)> {
    let (shelf, records) = message.split_once('\n')?;
    let shelf = Shelf::named(shelf)?;
    let Value::Array(read) = serde_json::from_str(&format!("[{records}]")).ok()? else {
        return None;
    };
    let is_sound = |record: &Value| {
        record.get("id").is_some_and(Value::is_string)
            && record.get("at").is_some_and(Value::is_i64)
            && (!shelf.is_held() || record.get("tenant").is_some_and(Value::is_string))
    };
    let are_sound = !read.is_empty() && read.iter().all(is_sound);
    are_sound.then_some((shelf, records))
}
