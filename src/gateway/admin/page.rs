//! Which part of a list is asked for, and how does one ask for the next?

use crate::{
    domain::oauth::OAuthError,
    gateway::{
        platform::Platform,
        trouble::{Problem, Trouble},
        visit::Visit,
    },
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;

/// Items in a page when nobody says.
const LIMIT_DEFAULT: u32 = 50;
/// Items in a page at most: what an actor lists in one turn.
const LIMIT_MAX: u32 = 100;

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// Sent back as `cursor` it asks for what follows; `null` at the end.
    pub(super) next_cursor: Option<String>,
}

/// What a request says of the page it wants.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) limit: u32,
    /// The key of the last item of the page before.
    pub(super) after: Option<String>,
}

/// Reads `limit` and `cursor`.
///
/// # Errors
/// 400 when one of them is not what it must be.
pub(super) fn wanted<P: Platform>(visit: &Visit<'_, P>) -> Result<Wanted, Trouble> {
    let query = visit.query()?;
    let limit = query.one("limit").map_err(OAuthError::from)?;
    let cursor = query.one("cursor").map_err(OAuthError::from)?;
    Ok(Wanted {
        limit: limit.map_or(Ok(LIMIT_DEFAULT), parse_limit)?,
        after: cursor.map(open).transpose()?,
    })
}

fn parse_limit(text: &str) -> Result<u32, Trouble> {
    let limit = text
        .parse()
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| {
        let detail = format!("limit must be a number from 1 to {LIMIT_MAX}.");
        Problem::new(400, "invalid-limit", detail).into()
    })
}

/// The cursor that asks for what follows the item with this key. That it is the
/// key, nobody need know.
pub(super) fn cursor(key: &impl ToString) -> String {
    Base64UrlUnpadded::encode_string(key.to_string().as_bytes())
}

fn open(cursor: &str) -> Result<String, Trouble> {
    let bytes = Base64UrlUnpadded::decode_vec(cursor).ok();
    let key = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    key.ok_or_else(bad_cursor)
}

/// The refusal of a cursor that is not one of this list.
pub(super) fn bad_cursor() -> Trouble {
    let detail = "cursor must be the next_cursor of an earlier answer.";
    Problem::new(400, "invalid-cursor", detail).into()
}

impl Wanted {
    /// The key the cursor holds, read as the list's own.
    ///
    /// # Errors
    /// 400 when it is another list's.
    pub(super) fn after_as<K, E>(
        &self,
        parse: impl Fn(&str) -> Result<K, E>,
    ) -> Result<Option<K>, Trouble> {
        let key = self.after.as_deref().map(parse);
        key.transpose().map_err(|_| bad_cursor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_has_bounds() {
        assert!(matches!(parse_limit("1"), Ok(1)));
        assert!(matches!(parse_limit("100"), Ok(100)));
        for text in ["0", "101", "-1", "x", "1.5", ""] {
            assert!(parse_limit(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_cursor_opens_and_anything_else_is_refused() {
        let made = cursor(&"acme");
        assert_eq!(open(&made).unwrap(), "acme");
        assert_ne!(made, "acme");
        assert!(open("not base64!").is_err() && open("_w").is_err());
    }
}
