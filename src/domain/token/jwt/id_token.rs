//! What does an ID token say ([OpenID Connect Core §2])?
//!
//! [OpenID Connect Core §2]: https://openid.net/specs/openid-connect-core-1_0.html#IDToken

use super::claims::{
    Audience, Claims, ClaimsRefusal, Issued, Typ, maybe_numeric_date, numeric_date,
};
use crate::domain::ids::SessionId;
use crate::domain::keys::Algorithm;
use crate::domain::time::Timestamp;
use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256, Sha512};

/// Claims an ID token has anyway, or that would change its meaning: never
/// taken from a user's profile.
const RESERVED: [&str; 19] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "cnf",
    "events",
    "sub_jwk",
];

/// The claims of an ID token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Who says so: the tenant's issuer.
    pub iss: String,
    /// Who signed in.
    pub sub: String,
    /// The client it is for.
    pub aud: Audience,
    /// Until when it may be used to sign somebody in.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// When it was issued.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// When the user last showed a password or another factor.
    #[serde(
        with = "maybe_numeric_date",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub auth_time: Option<Timestamp>,
    /// What the client sent, so that it can tell its own request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How sure we are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// What the user showed ([RFC 8176]).
    ///
    /// [RFC 8176]: https://www.rfc-editor.org/rfc/rfc8176
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The client it was issued to, where that is not its audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// Which access token came with it: [`at_hash`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// In which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// What the client asked to know about the user.
    #[serde(flatten)]
    pub extra: ExtraClaims,
}

impl Claims for IdTokenClaims {
    const TYP: Typ = Typ::IdToken;
}

impl IdTokenClaims {
    /// Whether it may serve as an `id_token_hint` ([OpenID Connect Core §3.1.2.1]).
    ///
    /// Whether it has expired does not matter there. That it was issued to the
    /// client that presents it does, when that is known.
    ///
    /// # Errors
    /// When another issuer made it, for another client, or in the future.
    ///
    /// [OpenID Connect Core §3.1.2.1]: https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
    pub fn check_hint(
        &self,
        issuer: &str,
        client_id: Option<&str>,
        now: Timestamp,
    ) -> Result<(), ClaimsRefusal> {
        let said = Issued {
            iss: &self.iss,
            aud: &self.aud,
            iat: self.iat,
        };
        said.check(issuer, client_id, now)
    }
}

/// Claims beyond those of the protocol, none of which they can replace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtraClaims(Map<String, Value>);

impl ExtraClaims {
    /// Adds a claim, and says whether it was free to be added.
    pub fn insert(&mut self, name: &str, value: Value) -> bool {
        let is_free = !RESERVED.contains(&name);
        if is_free {
            self.0.insert(name.to_owned(), value);
        }
        is_free
    }

    /// The claim of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// Names an access token in the ID token that comes with it: the left half of
/// the hash that goes with the ID token's algorithm ([OpenID Connect Core §3.1.3.6]).
///
/// For Ed25519 that is SHA-512, which it uses itself ([RFC 8032 §5.1]).
///
/// [OpenID Connect Core §3.1.3.6]: https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken
/// [RFC 8032 §5.1]: https://www.rfc-editor.org/rfc/rfc8032#section-5.1
#[must_use]
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => Sha256::digest(access_token).to_vec(),
        Algorithm::EdDsa => Sha512::digest(access_token).to_vec(),
    };
    let (left, _) = hash.split_at(hash.len() / 2);
    Base64UrlUnpadded::encode_string(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(43_200);

    fn claims() -> IdTokenClaims {
        IdTokenClaims {
            iss: "https://acme.example".into(),
            sub: "usr_0x".into(),
            aud: Audience::one("app"),
            exp: NOON.plus(300_000),
            iat: NOON,
            auth_time: None,
            nonce: Some("n".into()),
            acr: None,
            amr: vec!["pwd".into()],
            azp: None,
            at_hash: None,
            sid: Some(SessionId::from_bytes([0; 16])),
            extra: ExtraClaims::default(),
        }
    }

    #[test]
    fn claims_are_written_as_the_standard_says() {
        let mut claims = claims();
        assert!(claims.extra.insert("email", "a@example".into()));
        assert!(!claims.extra.insert("sub", "someone else".into()));
        let json = serde_json::to_value(&claims).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "iss": "https://acme.example", "sub": "usr_0x", "aud": "app",
                "exp": 43_500, "iat": 43_200, "nonce": "n", "amr": ["pwd"],
                "sid": "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa", "email": "a@example",
            })
        );
        assert_eq!(
            serde_json::from_value::<IdTokenClaims>(json).unwrap(),
            claims
        );
    }

    #[test]
    fn a_hint_may_be_old_but_must_be_ours() {
        let check = |issuer, client, now| claims().check_hint(issuer, client, now);
        let (ours, year) = ("https://acme.example", NOON.plus(31_536_000_000));
        assert_eq!(check(ours, Some("app"), year), Ok(()));
        assert_eq!(check(ours, None, NOON), Ok(()));
        assert_eq!(
            check("https://b.example", None, NOON),
            Err(ClaimsRefusal::Issuer)
        );
        assert_eq!(check(ours, Some("b"), NOON), Err(ClaimsRefusal::Audience));
        assert_eq!(
            check(ours, None, NOON.plus(-61_000)),
            Err(ClaimsRefusal::NotYet)
        );
    }

    #[test]
    fn an_access_token_is_named_by_the_left_half_of_its_hash() {
        // OpenID Connect Core, Appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(Algorithm::EdDsa, token).len(), 43);
    }
}
