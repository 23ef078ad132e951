//! What does a tenant's backend ask?
//!
//! JSON objects in which every member means something. A refusal names the member
//! and its rule, and repeats nothing of what was sent but a name.

use super::{
    policy::{Enacted, SUBJECT_BYTES_MAX, is_subject},
    record::{HOLD_MS_MAX, RequestId},
    rule::Name,
};
use crate::domain::{time::MINUTE_MS, tree};
use serde_json::{Map, Value};
use std::rc::Rc;

/// The most that is asked for at once.
pub const COST_MAX: u32 = 1_000_000_000;

/// Questions in one batch: as many as are asked at once.
pub const BATCH_MAX: usize = 50;

/// How long something is held for whoever does not say.
const HOLD_MS: i64 = MINUTE_MS;

/// Why a body is no question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(String);

type Read<T> = Result<T, Malformed>;

/// By which rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// Those the tenant has laid down under this name.
    Policy(Name),
    /// Those that came with the question.
    Inline(Rc<Enacted>),
}

/// May so much be charged to a subject?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// By which rules.
    pub of: Of,
    /// To whom: what the tenant calls its own.
    pub subject: String,
    /// How much.
    pub cost: u32,
    /// What asking again is recognised by.
    pub request: Option<RequestId>,
    /// How long it waits to be committed; of a reservation alone.
    pub hold_ms: i64,
}

/// What became of a charge is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Whether the rules came with the question.
    pub is_inline: bool,
    /// What they are called.
    pub name: Name,
    /// Whose charge.
    pub subject: String,
    /// Which.
    pub request: RequestId,
}

impl Question {
    /// Reads what is to be checked or looked at.
    ///
    /// # Errors
    /// Names the first member that breaks its rule.
    pub fn check(body: &[u8]) -> Read<Self> {
        Self::of("", &parsed(body)?)
    }

    /// Reads what is to be reserved.
    ///
    /// # Errors
    /// Names the first member that breaks its rule.
    pub fn reserve(body: &[u8]) -> Read<Self> {
        let body = parsed(body)?;
        let sent = Sent::of("", &body, &[QUESTION, &["hold_ms"]])?;
        let question = sent.question()?;
        if question.request.is_none() {
            return Err(sent.must("request_id", REQUEST_ID));
        }
        let hold_ms = sent.number("hold_ms", HOLD_MS_MAX)?.unwrap_or(HOLD_MS);
        Ok(Self {
            hold_ms,
            ..question
        })
    }

    /// Reads many.
    ///
    /// # Errors
    /// Names the first member that breaks its rule.
    pub fn batch(body: &[u8]) -> Read<Vec<Self>> {
        let body = parsed(body)?;
        let sent = Sent::of("", &body, &[&["checks"]])?;
        let checks = sent.value("checks").and_then(Value::as_array);
        let checks = checks.filter(|checks| (1..=BATCH_MAX).contains(&checks.len()));
        let what = format!("a list of 1 to {BATCH_MAX}");
        let checks = checks.ok_or_else(|| sent.must("checks", &what))?;
        let checks = checks.iter().enumerate();
        checks
            .map(|(index, check)| Self::of(&format!("checks[{index}]"), check))
            .collect()
    }

    fn of(at: &str, value: &Value) -> Read<Self> {
        Sent::of(at, value, &[QUESTION])?.question()
    }
}

impl Settlement {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first member that breaks its rule.
    pub fn parse(body: &[u8]) -> Read<Self> {
        const KNOWN: &[&str] = &["policy", "inline_name", "subject", "request_id"];
        let body = parsed(body)?;
        let sent = Sent::of("", &body, &[KNOWN])?;
        let is_inline = sent.is_one_of("policy", "inline_name")?;
        let name = if is_inline { "inline_name" } else { "policy" };
        let request = sent.request()?;
        Ok(Self {
            is_inline,
            name: sent.name(name)?,
            subject: sent.subject()?,
            request: request.ok_or_else(|| sent.must("request_id", REQUEST_ID))?,
        })
    }
}

const QUESTION: &[&str] = &["policy", "inline", "subject", "cost", "request_id"];

const REQUEST_ID: &str = "1 to 64 visible ASCII characters";

fn parsed(body: &[u8]) -> Read<Value> {
    tree::from_json(body).map_err(|_| Malformed("the body must be a JSON object".to_owned()))
}

/// An object, and where in the body it stands.
struct Sent<'a> {
    at: &'a str,
    members: &'a Map<String, Value>,
}

impl<'a> Sent<'a> {
    fn of(at: &'a str, value: &'a Value, known: &[&[&str]]) -> Read<Self> {
        let Value::Object(members) = value else {
            let what = if at.is_empty() { "the body" } else { at };
            return Err(Malformed(format!("{what} must be a JSON object")));
        };
        let sent = Self { at, members };
        let is_known = |name: &str| known.iter().any(|list| list.contains(&name));
        match members.keys().find(|name| !is_known(name)) {
            None => Ok(sent),
            Some(name) => Err(Malformed(format!("{} means nothing here", sent.path(name)))),
        }
    }

    fn path(&self, member: &str) -> String {
        if self.at.is_empty() {
            return member.to_owned();
        }
        format!("{}.{member}", self.at)
    }

    fn must(&self, member: &str, what: &str) -> Malformed {
        Malformed(format!("{} must be {what}", self.path(member)))
    }

    /// A member, unless it is `null`.
    fn value(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member).filter(|value| !value.is_null())
    }

    fn number(&self, member: &str, most: i64) -> Read<Option<i64>> {
        let Some(value) = self.value(member) else {
            return Ok(None);
        };
        let number = value.as_i64().filter(|it| (1..=most).contains(it));
        let refused = || self.must(member, &format!("a whole number from 1 to {most}"));
        number.map(Some).ok_or_else(refused)
    }

    fn name(&self, member: &str) -> Read<Name> {
        let text = self.value(member).and_then(Value::as_str);
        let what = "1 to 64 lower-case letters, digits, _ and -";
        let name = text.and_then(Name::parse);
        name.ok_or_else(|| self.must(member, what))
    }

    fn subject(&self) -> Read<String> {
        let text = self.value("subject").and_then(Value::as_str);
        let text = text.filter(|text| is_subject(text));
        let what = format!("1 to {SUBJECT_BYTES_MAX} bytes without control characters");
        let text = text.ok_or_else(|| self.must("subject", &what))?;
        Ok(text.to_owned())
    }

    fn request(&self) -> Read<Option<RequestId>> {
        let Some(value) = self.value("request_id") else {
            return Ok(None);
        };
        let request = value.as_str().and_then(RequestId::parse);
        let refused = || self.must("request_id", REQUEST_ID);
        request.map(Some).ok_or_else(refused)
    }

    /// Whether the second is there, and the first is not.
    fn is_one_of(&self, first: &str, second: &str) -> Read<bool> {
        match (self.value(first).is_some(), self.value(second).is_some()) {
            (true, false) => Ok(false),
            (false, true) => Ok(true),
            _ => {
                let (first, second) = (self.path(first), self.path(second));
                let why = format!("there must be either {first} or {second}");
                Err(Malformed(why))
            }
        }
    }

    fn question(&self) -> Read<Question> {
        let of = if self.is_one_of("policy", "inline")? {
            let document = self.value("inline").unwrap_or(&Value::Null);
            let refused = |why| Malformed(format!("in {}: {why}", self.path("inline")));
            Of::Inline(Rc::new(Enacted::inline(document).map_err(refused)?))
        } else {
            Of::Policy(self.name("policy")?)
        };
        let cost = self.number("cost", COST_MAX.into())?.unwrap_or(1);
        Ok(Question {
            of,
            subject: self.subject()?,
            cost: u32::try_from(cost).unwrap_or(COST_MAX),
            request: self.request()?,
            hold_ms: 0,
        })
    }
}
