//! What does a client sign to authenticate ([RFC 7523 §3])?
//!
//! `private_key_jwt` of OpenID Connect Core §9. The signature is verified with
//! the client's registered keys; that an assertion is used once is for whoever
//! remembers [`AssertionUse`].
//!
//! [RFC 7523 §3]: https://www.rfc-editor.org/rfc/rfc7523#section-3

use super::claims::{
    Audience, Claims, ClaimsRefusal, SKEW_MS_MAX, Typ, maybe_numeric_date, numeric_date,
};
use crate::domain::secret::TokenDigest;
use crate::domain::time::{HOUR_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How long an assertion may hold: its use is remembered for so long.
pub const LIFE_MS_MAX: i64 = HOUR_MS;
/// The longest `jti` read.
pub const JTI_BYTES_MAX: usize = 512;

/// The claims of a client's assertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionClaims {
    /// The client.
    pub iss: String,
    /// The client, again.
    pub sub: String,
    /// Us: our issuer or an endpoint of ours.
    pub aud: Audience,
    /// Until when it holds.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// When it was made.
    #[serde(with = "maybe_numeric_date", default)]
    pub iat: Option<Timestamp>,
    /// From when it holds.
    #[serde(with = "maybe_numeric_date", default)]
    pub nbf: Option<Timestamp>,
    /// Its own name.
    #[serde(default)]
    pub jti: Option<String>,
}

impl Claims for AssertionClaims {
    const TYP: Typ = Typ::ClientAssertion;
}

/// That an assertion was used: to be remembered until it no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionUse {
    /// Which assertion: the digest of its client's id and its `jti`.
    pub digest: TokenDigest,
    /// When it may be forgotten.
    pub until: Timestamp,
}

impl AssertionClaims {
    /// The client it says it is of: to find the keys by.
    ///
    /// # Errors
    /// When issuer and subject differ (OpenID Connect Core §9).
    pub fn client_id(&self) -> Result<&str, ClaimsRefusal> {
        if self.iss == self.sub {
            Ok(&self.sub)
        } else {
            Err(ClaimsRefusal::Subject)
        }
    }

    /// Whether it authenticates `client_id` to us, and the use to remember.
    ///
    /// `audiences` are the names we go by: the issuer and the token endpoint.
    ///
    /// # Errors
    /// Names the first claim that does not hold.
    pub fn check(
        &self,
        client_id: &str,
        audiences: &[&str],
        now: Timestamp,
    ) -> Result<AssertionUse, ClaimsRefusal> {
        if self.client_id()? != client_id {
            return Err(ClaimsRefusal::Subject);
        }
        if !audiences.iter().any(|name| self.aud.includes(name)) {
            return Err(ClaimsRefusal::Audience);
        }
        if now.since(self.exp) >= SKEW_MS_MAX {
            return Err(ClaimsRefusal::Expired);
        }
        if self.exp.since(now) > LIFE_MS_MAX + SKEW_MS_MAX {
            return Err(ClaimsRefusal::TooLong);
        }
        let mut starts = [self.iat, self.nbf].into_iter().flatten();
        if starts.any(|at| at.since(now) > SKEW_MS_MAX) {
            return Err(ClaimsRefusal::NotYet);
        }
        let jti = self.jti.as_deref().ok_or(ClaimsRefusal::Id)?;
        if !(1..=JTI_BYTES_MAX).contains(&jti.len()) {
            return Err(ClaimsRefusal::Id);
        }
        // A client id has no NUL, so no two pairs are spelled alike.
        Ok(AssertionUse {
            digest: TokenDigest::of(format!("{client_id}\0{jti}").as_bytes()),
            until: self.exp.plus(SKEW_MS_MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp::from_seconds(43_200);
    const US: [&str; 2] = ["https://acme.example", "https://acme.example/oauth/token"];

    fn claims() -> AssertionClaims {
        AssertionClaims {
            iss: "app".into(),
            sub: "app".into(),
            aud: Audience::one(US[1]),
            exp: NOON.plus(60_000),
            iat: Some(NOON),
            nbf: None,
            jti: Some("one".into()),
        }
    }

    fn refusal(change: impl FnOnce(&mut AssertionClaims)) -> Option<ClaimsRefusal> {
        let mut claims = claims();
        change(&mut claims);
        claims.check("app", &US, NOON).err()
    }

    #[test]
    fn an_assertion_is_by_its_client_and_for_us() {
        assert_eq!(refusal(|_| ()), None);
        assert_eq!(
            refusal(|claims| claims.iss = "b".into()),
            Some(ClaimsRefusal::Subject)
        );
        assert_eq!(
            claims().check("b", &US, NOON).err(),
            Some(ClaimsRefusal::Subject)
        );
        let elsewhere = |claims: &mut AssertionClaims| claims.aud = Audience::one("https://b");
        assert_eq!(refusal(elsewhere), Some(ClaimsRefusal::Audience));
    }

    #[test]
    fn an_assertion_has_a_name_and_a_short_life() {
        assert_eq!(refusal(|claims| claims.jti = None), Some(ClaimsRefusal::Id));
        assert_eq!(
            refusal(|claims| claims.jti = Some(String::new())),
            Some(ClaimsRefusal::Id)
        );
        let future = Some(NOON.plus(61_000));
        assert_eq!(
            refusal(|claims| claims.nbf = future),
            Some(ClaimsRefusal::NotYet)
        );
        assert_eq!(
            refusal(|claims| claims.iat = future),
            Some(ClaimsRefusal::NotYet)
        );
    }

    #[test]
    fn a_use_is_of_one_client_and_one_name() {
        let used = |jti: &str| {
            let claims = AssertionClaims {
                jti: Some(jti.into()),
                ..claims()
            };
            claims.check("app", &US, NOON).unwrap().digest
        };
        assert_eq!(used("one"), used("one"));
        assert_ne!(used("one"), used("two"));
    }

    proptest! {
        #[test]
        fn a_use_is_remembered_for_as_long_as_it_is_accepted(
            exp_ms in -200_000_i64..4_000_000, later_ms in 0_i64..5_000_000,
        ) {
            let claims = AssertionClaims { exp: NOON.plus(exp_ms), ..claims() };
            if let Ok(first) = claims.check("app", &US, NOON) {
                let again = claims.check("app", &US, NOON.plus(later_ms));
                prop_assert!(again.is_err() || NOON.plus(later_ms) < first.until);
                prop_assert!(first.until.since(NOON) <= LIFE_MS_MAX + 2 * SKEW_MS_MAX);
            }
        }
    }
}
