//! What did the caller send?
//!
//! One JSON object. A member that means nothing here is refused: a setting that
//! was misspelt must not look as if it had been taken.

use crate::domain::tree;
use crate::gateway::{
    platform::Platform,
    trouble::{Problem, Trouble},
    visit::Visit,
};
use serde::{Deserializer, de, de::DeserializeOwned, forward_to_deserialize_any};
use serde_json::{Map, Value};

/// `application/json`.
pub(super) const JSON: &str = "application/json";
/// A JSON merge patch ([RFC 7396 §4]).
///
/// [RFC 7396 §4]: https://www.rfc-editor.org/rfc/rfc7396#section-4
pub(super) const MERGE_PATCH: &str = "application/merge-patch+json";

/// The members of an object that was sent.
#[derive(Debug)]
pub(super) struct Members(Map<String, Value>);

/// What can be read and not be had.
pub(super) fn unprocessable(slug: &'static str, why: impl core::fmt::Display) -> Trouble {
    Problem::new(422, slug, format!("{why}.")).into()
}

/// The object that describes something new.
///
/// # Errors
/// 415, 413, or 400 when it is not a JSON object.
pub(super) fn object<P: Platform>(visit: &Visit<'_, P>) -> Result<Members, Trouble> {
    if !visit.has_content_type(JSON) {
        let detail = "The body must be application/json.";
        return Err(Problem::new(415, "unsupported-media-type", detail).into());
    }
    parse(visit.body()?)
}

/// The object that changes something: a JSON merge patch, under either name.
///
/// # Errors
/// 415, 413, or 400 when it is not a JSON object.
pub(super) fn patch<P: Platform>(visit: &Visit<'_, P>) -> Result<Members, Trouble> {
    if !visit.has_content_type(MERGE_PATCH) && !visit.has_content_type(JSON) {
        let detail = "The body must be application/merge-patch+json or application/json.";
        return Err(Problem::new(415, "unsupported-media-type", detail).into());
    }
    parse(visit.body()?)
}

/// The object of an act that needs none: nothing at all is `{}`.
///
/// # Errors
/// As [`object`].
pub(super) fn optional<P: Platform>(visit: &Visit<'_, P>) -> Result<Members, Trouble> {
    if visit.body()?.is_empty() {
        return Ok(Members(Map::new()));
    }
    object(visit)
}

fn parse(body: &[u8]) -> Result<Members, Trouble> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(Members(members)),
        Ok(_) => Err(Problem::new(400, "invalid-json", "The body must be a JSON object.").into()),
        Err(why) => {
            let (line, column) = (why.line(), why.column());
            let detail = format!("The body is not JSON (line {line}, column {column}).");
            Err(Problem::new(400, "invalid-json", detail).into())
        }
    }
}

impl Members {
    /// Refuses a member that is on none of the lists.
    ///
    /// # Errors
    /// 422, naming the member.
    pub(super) fn only(&self, known: &[&[&str]]) -> Result<(), Trouble> {
        only(&self.0, "", known)
    }

    /// The same for the members of the object that a member is.
    ///
    /// # Errors
    /// 422, naming the member.
    pub(super) fn only_in(&self, member: &str, known: &[&str]) -> Result<(), Trouble> {
        match self.0.get(member) {
            Some(Value::Object(inner)) => only(inner, &format!("{member}."), &[known]),
            _ => Ok(()),
        }
    }

    /// Takes a member out.
    pub(super) fn take(&mut self, member: &str) -> Option<Value> {
        self.0.remove(member)
    }

    /// Takes a member out, read as a `T`.
    ///
    /// # Errors
    /// 422 when it is not one. The sentence does not repeat it: it may be a
    /// secret.
    pub(super) fn take_as<T: DeserializeOwned>(
        &mut self,
        member: &str,
        what: &str,
    ) -> Result<Option<T>, Trouble> {
        let refused = |_| unprocessable("invalid-member", format!("{member} must be {what}"));
        let value = self.take(member).map(tree::from_value);
        value.transpose().map_err(refused)
    }

    /// Whether a member is there.
    pub(super) fn has(&self, member: &str) -> bool {
        self.0.contains_key(member)
    }

    /// Whether one of several members is there.
    pub(super) fn has_any(&self, members: &[&str]) -> bool {
        members.iter().any(|member| self.has(member))
    }

    /// Whether there is none (left).
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has not been taken.
    pub(super) fn rest(self) -> Value {
        Value::Object(self.0)
    }
}

fn only(members: &Map<String, Value>, under: &str, known: &[&[&str]]) -> Result<(), Trouble> {
    let is_known = |name: &str| known.iter().any(|list| list.contains(&name));
    match members.keys().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => Err(unprocessable(
            "unknown-member",
            format!("{under}{name} is not a member that can be set here"),
        )),
    }
}

/// The members that a document of type `T` may have, as its decoder knows them.
pub(super) fn members_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut members: &'static [&'static str] = &[];
    // It only looks at the names, and so never finishes.
    drop(T::deserialize(Names(&mut members)));
    members
}

/// A decoder that learns which members a struct asks for.
struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("not a struct"))
    }

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = members;
        Err(de::Error::custom("the names are known"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        oauth::{UserClaims, client::ClientMetadata},
        tenant::TenantSettings,
    };

    fn detail(refused: Result<(), Trouble>) -> String {
        match refused {
            Err(Trouble::Problem(problem)) => format!("{} {}", problem.status, problem.detail),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_type_knows_its_members() {
        assert!(members_of::<TenantSettings>().contains(&"signup_enabled"));
        assert!(members_of::<ClientMetadata>().contains(&"redirect_uris"));
        assert!(members_of::<UserClaims>().contains(&"email_verified"));
        assert!(members_of::<String>().is_empty());
    }

    #[test]
    fn an_unknown_member_is_named() {
        let sent = parse(br#"{"name": "x", "address": {"planet": "Mars"}}"#).unwrap();
        assert!(sent.only(&[&["name"], &["address"]]).is_ok());
        assert!(detail(sent.only(&[&["name"]])).starts_with("422 address is not"));
        let inner = sent.only_in("address", &["country"]);
        assert!(detail(inner).starts_with("422 address.planet is not"));
        assert!(sent.only_in("name", &[]).is_ok());
    }

    #[test]
    fn only_an_object_is_a_body_and_no_refusal_repeats_it() {
        for body in ["", "[]", "null", "{", "\"secret\"", "{\"a\": secret}"] {
            let Err(Trouble::Problem(problem)) = parse(body.as_bytes()) else {
                panic!("{body} was taken");
            };
            assert_eq!(problem.status, 400);
            assert!(!problem.detail.contains("secret"));
        }
        let mut sent = parse(br#"{"password": 12345}"#).unwrap();
        let taken = sent.take_as::<String>("password", "text").map(drop);
        assert_eq!(detail(taken), "422 password must be text.");
    }
}
