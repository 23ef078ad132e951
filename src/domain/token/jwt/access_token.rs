//! What does an access token say ([RFC 9068 §2.2])?
//!
//! [RFC 9068 §2.2]: https://www.rfc-editor.org/rfc/rfc9068#section-2.2

use super::claims::{
    Audience, Claims, ClaimsRefusal, Issued, Typ, maybe_numeric_date, numeric_date,
};
use crate::domain::ids::SessionId;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The claims of an access token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Who says so: the tenant's issuer.
    pub iss: String,
    /// Whose resources: a user, or the client itself where no user is involved.
    pub sub: String,
    /// The resource servers it is for ([RFC 8707]).
    ///
    /// [RFC 8707]: https://www.rfc-editor.org/rfc/rfc8707
    pub aud: Audience,
    /// The client that may use it.
    pub client_id: String,
    /// What it allows, as names with single spaces between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Until when.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// When it was issued.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// Its own name, for audit and revocation.
    pub jti: String,
    /// The session it belongs to; none for a client's own token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// When the user last showed a password or another factor.
    #[serde(
        with = "maybe_numeric_date",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub auth_time: Option<Timestamp>,
    /// How sure we are of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What the user showed ([RFC 8176]).
    ///
    /// [RFC 8176]: https://www.rfc-editor.org/rfc/rfc8176
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The user's roles at the resource server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Claims the client asked userinfo for one by one (OpenID Connect Core
    /// §5.5): here, so that userinfo need not ask the session.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_claims: Vec<String>,
}

impl Claims for AccessTokenClaims {
    const TYP: Typ = Typ::AccessToken;
}

impl AccessTokenClaims {
    /// Whether a resource server may act on it ([RFC 9068 §4]).
    ///
    /// Its signature must have been verified; whether its session still stands
    /// is for the session or the revocation log to say.
    ///
    /// # Errors
    /// Names the first claim that does not hold.
    ///
    /// [RFC 9068 §4]: https://www.rfc-editor.org/rfc/rfc9068#section-4
    pub fn check(
        &self,
        issuer: &str,
        audience: Option<&str>,
        now: Timestamp,
    ) -> Result<(), ClaimsRefusal> {
        let said = Issued {
            iss: &self.iss,
            aud: &self.aud,
            iat: self.iat,
        };
        said.check(issuer, audience, now)?;
        if self.exp <= now {
            return Err(ClaimsRefusal::Expired);
        }
        Ok(())
    }

    /// The names in its scope.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope
            .as_deref()
            .unwrap_or_default()
            .split_ascii_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: Timestamp = Timestamp::from_seconds(43_200);
    const ISSUER: &str = "https://acme.example";

    fn claims() -> AccessTokenClaims {
        AccessTokenClaims {
            iss: ISSUER.into(),
            sub: "usr_0x".into(),
            aud: Audience::of(vec!["https://a".into(), "https://b".into()]).unwrap(),
            client_id: "app".into(),
            scope: Some("openid email".into()),
            exp: NOON.plus(300_000),
            iat: NOON,
            jti: "j".into(),
            sid: None,
            auth_time: Some(NOON),
            acr: None,
            amr: vec![],
            roles: vec![],
            userinfo_claims: vec![],
        }
    }

    #[test]
    fn claims_are_written_as_the_standard_says() {
        let json = serde_json::to_value(claims()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "iss": ISSUER, "sub": "usr_0x", "aud": ["https://a", "https://b"],
                "client_id": "app", "scope": "openid email", "exp": 43_500, "iat": 43_200,
                "jti": "j", "auth_time": 43_200,
            })
        );
        assert_eq!(
            serde_json::from_value::<AccessTokenClaims>(json).unwrap(),
            claims()
        );
        assert!(claims().scopes().eq(["openid", "email"]));
    }

    #[test]
    fn a_token_is_for_its_issuer_and_audience() {
        let check = |issuer, audience| claims().check(issuer, audience, NOON);
        assert_eq!(check(ISSUER, Some("https://b")), Ok(()));
        assert_eq!(check(ISSUER, None), Ok(()));
        assert_eq!(
            check("https://acme.example/", None),
            Err(ClaimsRefusal::Issuer)
        );
        assert_eq!(
            check(ISSUER, Some("https://c")),
            Err(ClaimsRefusal::Audience)
        );
    }

    proptest! {
        #[test]
        fn a_token_holds_from_its_issue_until_its_expiry(offset_ms in -400_000_i64..400_000) {
            let expected = match offset_ms {
                ..-60_000 => Err(ClaimsRefusal::NotYet),
                -60_000..300_000 => Ok(()),
                _ => Err(ClaimsRefusal::Expired),
            };
            prop_assert_eq!(claims().check(ISSUER, None, NOON.plus(offset_ms)), expected);
        }
    }
}
