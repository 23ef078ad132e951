//! What do claims sets have in common?

use crate::domain::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How far another machine's clock may be ahead of ours.
pub const SKEW_MS_MAX: i64 = 60_000;
/// The most audiences a token names.
pub const AUDIENCES_MAX: usize = 16;

/// A kind of token, as its header's `typ` says ([RFC 7515 §4.1.9]).
///
/// [RFC 7515 §4.1.9]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// An ID token.
    IdToken,
    /// An access token ([RFC 9068 §2.1]).
    ///
    /// [RFC 9068 §2.1]: https://www.rfc-editor.org/rfc/rfc9068#section-2.1
    AccessToken,
    /// A logout token ([OpenID Connect Back-Channel Logout §2.4]).
    ///
    /// [OpenID Connect Back-Channel Logout §2.4]: https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken
    LogoutToken,
    /// A security event token ([RFC 8417 §2.3]).
    ///
    /// [RFC 8417 §2.3]: https://www.rfc-editor.org/rfc/rfc8417#section-2.3
    SecurityEvent,
    /// A client's assertion: made by others, who often leave `typ` out.
    ClientAssertion,
}

impl Typ {
    /// What we write.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdToken => "JWT",
            Self::AccessToken => "at+jwt",
            Self::LogoutToken => "logout+jwt",
            Self::SecurityEvent => "secevent+jwt",
            Self::ClientAssertion => "client-authentication+jwt",
        }
    }

    /// Whether a header that says `typ` may head a token of this kind.
    ///
    /// Media types are compared without case, and `application/` may be left
    /// out (RFC 7515 §4.1.9).
    #[must_use]
    pub fn accepts(self, typ: Option<&str>) -> bool {
        let Some(typ) = typ else {
            return self == Self::ClientAssertion;
        };
        let lower = typ.to_ascii_lowercase();
        let short = lower.strip_prefix("application/").unwrap_or(&lower);
        short.eq_ignore_ascii_case(self.name()) || (self == Self::ClientAssertion && short == "jwt")
    }
}

/// A claims set of one kind of token.
pub trait Claims: Serialize + DeserializeOwned {
    /// The kind.
    const TYP: Typ;
}

/// Why a claims set is not believed, though its signature is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRefusal {
    /// Somebody else issued it.
    #[error("issued by another issuer")]
    Issuer,
    /// It speaks of somebody else.
    #[error("about another subject")]
    Subject,
    /// It was meant for others.
    #[error("meant for another audience")]
    Audience,
    /// It held until earlier.
    #[error("expired")]
    Expired,
    /// It holds from later, or was issued in the future.
    #[error("not valid yet")]
    NotYet,
    /// It holds for longer than we remember that it was used.
    #[error("valid for too long")]
    TooLong,
    /// It has no `jti`, or one too long to remember.
    #[error("a missing or overlong jti")]
    Id,
}

/// Whom a token is for ([RFC 7519 §4.1.3]): one name or a list of them.
///
/// [RFC 7519 §4.1.3]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// For one.
    #[must_use]
    pub fn one(name: impl Into<String>) -> Self {
        Self(vec![name.into()])
    }

    /// For several; `None` when there are none, or more than [`AUDIENCES_MAX`].
    #[must_use]
    pub fn of(names: Vec<String>) -> Option<Self> {
        (1..=AUDIENCES_MAX)
            .contains(&names.len())
            .then_some(Self(names))
    }

    /// Whether it names `name`, octet for octet.
    #[must_use]
    pub fn includes(&self, name: &str) -> bool {
        self.0.iter().any(|one| one == name)
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Spelled {
            One(String),
            Several(Vec<String>),
        }
        let names = match Spelled::deserialize(deserializer)? {
            Spelled::One(name) => vec![name],
            Spelled::Several(names) => names,
        };
        Self::of(names).ok_or_else(|| serde::de::Error::custom("1 to 16 audiences"))
    }
}

/// Instants as JOSE writes them: `#[serde(with = "numeric_date")]`.
///
/// Written as whole seconds; read with a fraction as well ([RFC 7519 §2]).
///
/// [RFC 7519 §2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
pub mod numeric_date {
    use super::{Deserialize, Deserializer, Serializer, Timestamp};

    /// The year 2106: no token holds for so long, and the arithmetic is exact.
    const SECONDS_MAX: u32 = u32::MAX;

    /// Writes whole seconds.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_seconds())
    }

    /// Reads seconds.
    ///
    /// # Errors
    /// When it is not a number from 0 on that a clock can show.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        parse(&number).ok_or_else(|| serde::de::Error::custom("not a numeric date"))
    }

    fn parse(number: &serde_json::Number) -> Option<Timestamp> {
        if let Some(seconds) = number.as_i64() {
            let is_shown = (0..=i64::from(SECONDS_MAX)).contains(&seconds);
            return is_shown.then(|| Timestamp::from_seconds(seconds));
        }
        let seconds = number.as_f64()?;
        if !(0.0..=f64::from(SECONDS_MAX)).contains(&seconds) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bounded above, fraction dropped"
        )]
        let whole = seconds as i64;
        Some(Timestamp::from_seconds(whole))
    }
}

/// Optional instants: `#[serde(with = "maybe_numeric_date", default)]`.
pub mod maybe_numeric_date {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp, numeric_date};

    #[derive(Deserialize)]
    struct Present(#[serde(with = "numeric_date")] Timestamp);

    /// Writes whole seconds, or null.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::as_seconds).serialize(serializer)
    }

    /// Reads seconds, or null.
    ///
    /// # Errors
    /// When it is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let present = Option::<Present>::deserialize(deserializer)?;
        Ok(present.map(|Present(at)| at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Serialize, Deserialize)]
    struct Dated {
        #[serde(with = "numeric_date")]
        exp: Timestamp,
        #[serde(with = "maybe_numeric_date", default)]
        iat: Option<Timestamp>,
    }

    fn exp(json: &str) -> Option<i64> {
        let dated: Option<Dated> = serde_json::from_str(&format!("{{\"exp\":{json}}}")).ok();
        dated.map(|dated| dated.exp.as_seconds())
    }

    #[test]
    fn a_date_may_have_a_fraction_and_no_extremes() {
        assert_eq!(exp("1700000000"), Some(1_700_000_000));
        assert_eq!(exp("1700000000.9"), Some(1_700_000_000));
        for json in [
            "-1",
            "1e300",
            "-0.5",
            "9007199254740993",
            "null",
            "\"1\"",
            "true",
        ] {
            assert_eq!(exp(json), None, "{json}");
        }
    }

    #[test]
    fn an_audience_is_one_name_or_some() {
        let read = |json| serde_json::from_str::<Audience>(json);
        assert_eq!(read("\"a\"").unwrap(), Audience::one("a"));
        assert!(read("[\"a\",\"b\"]").unwrap().includes("b"));
        assert!(read("[]").is_err());
        assert!(read("7").is_err());
        assert_eq!(serde_json::to_string(&Audience::one("a")).unwrap(), "\"a\"");
    }

    #[test]
    fn every_kind_accepts_its_own_type_only() {
        let kinds = [
            Typ::IdToken,
            Typ::AccessToken,
            Typ::LogoutToken,
            Typ::SecurityEvent,
        ];
        for kind in kinds {
            for other in kinds {
                assert_eq!(kind.accepts(Some(other.name())), kind == other);
            }
            assert!(!kind.accepts(None));
        }
        assert!(Typ::AccessToken.accepts(Some("application/AT+JWT")));
        for typ in [None, Some("JWT"), Some("client-authentication+jwt")] {
            assert!(Typ::ClientAssertion.accepts(typ));
        }
        assert!(!Typ::ClientAssertion.accepts(Some("at+jwt")));
    }

    proptest! {
        #[test]
        fn no_number_panics(json in "-?[0-9]{1,30}(\\.[0-9]{1,5})?(e-?[0-9]{1,3})?") {
            if let Some(seconds) = exp(&json) {
                prop_assert!(seconds >= 0);
            }
        }
    }
}
