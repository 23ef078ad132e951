//! What does an object of a document hold?
//!
//! Members are read one by one, each as what it must be; a refusal says where in
//! the document it stands.

use super::AHEAD_MAX;
use crate::domain::{calendar, limit::Name, time::Timestamp};
use serde_json::{Map, Value};

/// Why a document is no policy: a member, and what it must be. It repeats the
/// name of a member that has no meaning, and nothing else of what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyRefusal(pub(super) String);

pub(super) type Read<T> = Result<T, PolicyRefusal>;

pub(super) fn must(member: &str, what: &str) -> PolicyRefusal {
    PolicyRefusal(format!("{member} must be {what}"))
}

/// What was bounded by something that fits.
pub(super) fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// An object, and where in the document it stands.
pub(super) struct Object<'a> {
    at: String,
    members: &'a Map<String, Value>,
}

impl<'a> Object<'a> {
    pub(super) fn of(at: String, value: &'a Value, known: &[&[&str]]) -> Read<Self> {
        let Value::Object(members) = value else {
            let what = if at.is_empty() { "a policy" } else { &at };
            return Err(must(what, "an object"));
        };
        let object = Self { at, members };
        let is_known = |name: &str| known.iter().any(|list| list.contains(&name));
        match members.keys().find(|name| !is_known(name)) {
            None => Ok(object),
            Some(name) => {
                let name = object.path(name);
                Err(PolicyRefusal(format!("{name} means nothing here")))
            }
        }
    }

    pub(super) fn path(&self, member: &str) -> String {
        if self.at.is_empty() {
            return member.to_owned();
        }
        format!("{}.{member}", self.at)
    }

    pub(super) fn must(&self, member: &str, what: &str) -> PolicyRefusal {
        must(&self.path(member), what)
    }

    /// A member, unless it is `null`.
    pub(super) fn value(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, member: &str) -> Option<&'a str> {
        self.value(member)?.as_str()
    }

    pub(super) fn number(&self, member: &str, least: i64, most: i64) -> Read<Option<i64>> {
        let Some(value) = self.value(member) else {
            return Ok(None);
        };
        let number = value.as_i64().filter(|it| (least..=most).contains(it));
        let refused = || self.must(member, &format!("a whole number from {least} to {most}"));
        number.map(Some).ok_or_else(refused)
    }

    pub(super) fn required(&self, member: &str, least: i64, most: i64) -> Read<i64> {
        let number = self.number(member, least, most)?;
        let refused = || self.must(member, &format!("a whole number from {least} to {most}"));
        number.ok_or_else(refused)
    }

    pub(super) fn truth(&self, member: &str) -> Read<bool> {
        match self.value(member) {
            None => Ok(false),
            Some(Value::Bool(truth)) => Ok(*truth),
            Some(_) => Err(self.must(member, "true or false")),
        }
    }

    pub(super) fn word<T: Copy>(&self, member: &str, words: &[(&str, T)]) -> Read<Option<T>> {
        if self.value(member).is_none() {
            return Ok(None);
        }
        let text = self.text(member);
        let found = words.iter().find(|(word, _)| Some(*word) == text);
        let refused = || {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.must(member, &format!("one of {}", words.join(", ")))
        };
        found.map(|(_, value)| Some(*value)).ok_or_else(refused)
    }

    pub(super) fn instant(&self, member: &str) -> Read<Option<Timestamp>> {
        if self.value(member).is_none() {
            return Ok(None);
        }
        let at = self.text(member).and_then(calendar::instant);
        let refused = || self.must(member, "an instant as RFC 3339 writes it");
        at.map(Some).ok_or_else(refused)
    }

    pub(super) fn name(&self) -> Read<Name> {
        let name = self.text("name").and_then(Name::parse);
        let what = "1 to 64 lower-case letters, digits, _ and -";
        name.ok_or_else(|| self.must("name", what))
    }

    pub(super) fn ahead(&self) -> Read<u32> {
        let ahead = self.number("ahead", 0, AHEAD_MAX.into())?;
        Ok(ahead.map_or(0, small))
    }

    pub(super) fn list(
        &self,
        member: &str,
        least: usize,
        most: usize,
    ) -> Read<Vec<(String, &'a Value)>> {
        let items: &[Value] = match self.value(member) {
            None => &[],
            Some(Value::Array(items)) => items,
            Some(_) => return Err(self.must(member, "a list")),
        };
        if !(least..=most).contains(&items.len()) {
            let what = format!("a list of {least} to {most}");
            return Err(self.must(member, &what));
        }
        let at = |index| format!("{}[{index}]", self.path(member));
        let items = items.iter().enumerate();
        Ok(items.map(|(index, item)| (at(index), item)).collect())
    }
}
