//! What does a page of a shelf hold?

use super::{ArchiveFault, rows, schema, statement, written};
use crate::{actors::archive::Shelf, domain::time::Timestamp};
use serde_json::Value;

/// What is looked for, latest first.
#[derive(Clone, Debug)]
pub struct Search {
    /// On which shelf.
    pub shelf: Shelf,
    /// Of this tenant.
    pub tenant: Option<String>,
    /// Of this user, or about him.
    pub user: Option<String>,
    /// With this name.
    pub event: Option<String>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Before then.
    pub to: Option<Timestamp>,
    /// What follows the item of this time and id.
    pub before: Option<(i64, String)>,
    /// At most so many.
    pub limit: u32,
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its time and id: where the next page goes on.
    pub key: (i64, String),
    /// The record, as it was told.
    pub document: Value,
}

impl Search {
    /// Whether the records of the shelf can be looked for so.
    #[must_use]
    pub const fn is_possible(&self) -> bool {
        let by_tenant = !matches!(self.shelf, Shelf::Keys);
        (by_tenant || self.tenant.is_none())
            && (self.shelf.is_held() || self.user.is_none())
            && (matches!(self.shelf, Shelf::Audit) || self.event.is_none())
    }

    /// The statements that look.
    #[must_use]
    pub fn statements(&self) -> String {
        let mut sql = schema::find(self.shelf).to_owned();
        let mut params: Vec<Value> = Vec::new();
        let mut only = |condition: &str, values: &[Value]| {
            sql.push_str(condition);
            params.extend_from_slice(values);
        };
        if let Some(tenant) = self.tenant.as_deref() {
            let is_id = self.shelf == Shelf::Tenants;
            let condition = if is_id {
                schema::OF_ID
            } else {
                schema::OF_TENANT
            };
            only(condition, &[tenant.into()]);
        }
        match self.user.as_deref() {
            Some(user) if self.shelf == Shelf::Audit => {
                only(schema::ABOUT_USER, &[user.into(), user.into()]);
            }
            Some(user) => only(schema::OF_USER, &[user.into()]),
            None => {}
        }
        if let Some(event) = self.event.as_deref() {
            only(schema::OF_EVENT, &[event.into()]);
        }
        if let Some(from) = self.from {
            only(schema::FROM, &[from.as_millis().into()]);
        }
        if let Some(to) = self.to {
            only(schema::TO, &[to.as_millis().into()]);
        }
        if let Some((at, id)) = &self.before {
            only(schema::BEFORE, &[(*at).into(), id.as_str().into()]);
        }
        only(schema::PAGE, &[self.limit.into()]);
        written(vec![statement(&sql, params)])
    }
}

/// What a search has found.
///
/// # Errors
/// When the database answers something else.
pub fn page(answer: &str) -> Result<Vec<Item>, ArchiveFault> {
    rows(answer)?.iter().map(item).collect()
}

fn item(row: &Value) -> Result<Item, ArchiveFault> {
    let text = |index| row.get(index).and_then(Value::as_str);
    let at = row.get("at_ms").and_then(Value::as_i64);
    let document = text("document").and_then(|text| serde_json::from_str(text).ok());
    let item = text("id").zip(at).zip(document);
    let item = item.map(|((id, at), document)| Item {
        key: (at, id.to_owned()),
        document,
    });
    item.ok_or_else(|| ArchiveFault::Failed("a record cannot be read".to_owned()))
}
