//! What does a client ask to be allowed?

use super::text::text_type;
use std::collections::BTreeSet;

/// Longer than any scope that is a URL.
pub const SCOPE_BYTES_MAX: usize = 128;
/// More than a consent page can show.
pub const SCOPES_MAX: usize = 64;

/// One scope token ([RFC 6749 §3.3]).
///
/// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(String);

text_type!(Scope);

/// Why a text is not a scope or a list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeRefusal {
    /// Empty, or a character outside `%x21 / %x23-5B / %x5D-7E`.
    #[error("the scope is malformed")]
    Malformed,
    /// A token over [`SCOPE_BYTES_MAX`] or more than [`SCOPES_MAX`] of them.
    #[error("the scope is too long")]
    TooLong,
}

impl Scope {
    /// Asks for an ID token: OpenID Connect Core §3.1.2.1.
    pub const OPENID: &'static str = "openid";
    /// The user's default profile claims: OpenID Connect Core §5.4.
    pub const PROFILE: &'static str = "profile";
    /// `email` and `email_verified`: OpenID Connect Core §5.4.
    pub const EMAIL: &'static str = "email";
    /// `address`: OpenID Connect Core §5.4.
    pub const ADDRESS: &'static str = "address";
    /// `phone_number` and `phone_number_verified`: OpenID Connect Core §5.4.
    pub const PHONE: &'static str = "phone";
    /// A refresh token for when the user is away: OpenID Connect Core §11.
    pub const OFFLINE_ACCESS: &'static str = "offline_access";
    /// The admin API.
    pub const ADMIN: &'static str = "admin";
    /// A resource server's feed of revocations: for clients of their own.
    pub const REVOCATIONS_READ: &'static str = "revocations.read";
    /// Rate limiting for the tenant's own subjects: for clients of their own.
    pub const RATELIMIT: &'static str = "ratelimit";

    /// Looking at one's streams of Shared Signals, and fetching events.
    pub const SSF_READ: &'static str = "ssf.read";
    /// Changing them, and all of the former.
    pub const SSF_MANAGE: &'static str = "ssf.manage";

    /// The scopes that say something about a user, and nothing without one.
    pub const OF_A_USER: [&'static str; 6] = [
        Self::OPENID,
        Self::PROFILE,
        Self::EMAIL,
        Self::ADDRESS,
        Self::PHONE,
        Self::OFFLINE_ACCESS,
    ];

    /// Reads one scope token.
    ///
    /// # Errors
    /// Names the rule `text` breaks.
    pub fn parse(text: &str) -> Result<Self, ScopeRefusal> {
        if text.len() > SCOPE_BYTES_MAX {
            return Err(ScopeRefusal::TooLong);
        }
        let allowed = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(ScopeRefusal::Malformed);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A set of scopes; its order means nothing ([RFC 6749 §3.3]), so it is sorted.
///
/// Encoded as the space-delimited text the protocol uses everywhere.
///
/// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Reads a space-delimited list; the empty text is the empty set.
    ///
    /// # Errors
    /// On a malformed token, two spaces together, or a list over its bounds.
    pub fn parse(text: &str) -> Result<Self, ScopeRefusal> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.split(' ').count() > SCOPES_MAX {
            return Err(ScopeRefusal::TooLong);
        }
        text.split(' ').map(Scope::parse).collect()
    }

    /// Those of `names` that are well-formed.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().flat_map(Scope::parse).collect()
    }

    /// Whether `name` is one of them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Whether every one of them is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that are in `other` too.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// Those of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// All but those called one of `names`.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        self.iter()
            .filter(|scope| !names.contains(&scope.as_str()))
            .cloned()
            .collect()
    }

    /// Them, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl core::fmt::Display for Scopes {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl serde::Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Scopes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scopes(text: &str) -> Scopes {
        Scopes::parse(text).unwrap()
    }

    #[test]
    fn order_and_repetition_mean_nothing() {
        assert_eq!(scopes("openid email openid"), scopes("email openid"));
        assert_eq!(scopes("openid email").to_string(), "email openid");
        assert!(scopes("").is_empty());
    }

    #[test]
    fn the_grammar_is_kept() {
        for text in [" ", "a  b", " a", "a ", "a\"b", "a\\b", "é", "a\tb"] {
            assert_eq!(
                Scopes::parse(text),
                Err(ScopeRefusal::Malformed),
                "{text:?}"
            );
        }
        let many = vec!["a"; SCOPES_MAX + 1].join(" ");
        assert_eq!(Scopes::parse(&many), Err(ScopeRefusal::TooLong));
        let long = "a".repeat(SCOPE_BYTES_MAX + 1);
        assert_eq!(Scopes::parse(&long), Err(ScopeRefusal::TooLong));
    }

    #[test]
    fn sets_behave_as_sets() {
        let (small, large) = (scopes("a b"), scopes("a b c"));
        assert!(small.is_subset(&large) && !large.is_subset(&small));
        assert_eq!(large.intersection(&scopes("c d")), scopes("c"));
        assert_eq!(small.union(&scopes("d")), scopes("a b d"));
        assert_eq!(large.without(&["b", "x"]), scopes("a c"));
    }

    proptest! {
        #[test]
        fn whatever_parses_prints_to_itself(text in "[ -~]{0,60}") {
            if let Ok(set) = Scopes::parse(&text) {
                prop_assert_eq!(Scopes::parse(&set.to_string()), Ok(set));
            }
        }
    }
}
