//! What does a logout token say ([OpenID Connect Back-Channel Logout §2.4])?
//!
//! [OpenID Connect Back-Channel Logout §2.4]: https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken

use super::claims::{Audience, Claims, Typ, numeric_date};
use crate::domain::{
    ids::{ActId, SessionId, base32},
    oauth::ClientId,
    time::{MINUTE_MS, Timestamp},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long one is good: the specification recommends two minutes at most.
pub const LIFE_MS: i64 = 2 * MINUTE_MS;

/// Bytes of a `jti`: enough that two never meet.
const JTI_BYTES: usize = 16;

/// The claims of a logout token. There is no `nonce`, so that nobody takes it
/// for an ID token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogoutTokenClaims {
    /// Who says so: the issuer of the ID tokens the client got.
    pub iss: String,
    /// Who was signed out.
    pub sub: String,
    /// The client.
    pub aud: Audience,
    /// When it was made.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// Until when it is good.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// Its id, the same at every attempt.
    pub jti: String,
    /// The session that ended.
    pub sid: SessionId,
    /// The act that ended it: the same for all who are told
    /// ([RFC 8417 §2.2]).
    ///
    /// [RFC 8417 §2.2]: https://www.rfc-editor.org/rfc/rfc8417#section-2.2
    pub txn: ActId,
    /// The one event it tells.
    pub events: LoggedOut,
}

/// The event of a logout token, with nothing to add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedOut {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logged_out: Nothing,
}

/// An empty JSON object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Nothing {}

impl Claims for LogoutTokenClaims {
    const TYP: Typ = Typ::LogoutToken;
}

impl LogoutTokenClaims {
    /// The id of what one act tells one client of one session. A client that
    /// has seen it may drop a repeated delivery.
    #[must_use]
    pub fn id(act: ActId, session: SessionId, client: &ClientId) -> String {
        let digest = Sha256::new()
            .chain_update(act.as_bytes())
            .chain_update(session.as_bytes())
            .chain_update(client.as_str())
            .finalize();
        base32(digest.get(..JTI_BYTES).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_one_act_one_session_and_one_client() {
        let act = ActId::from_bytes([1; 16]);
        let session = SessionId::from_bytes([2; 16]);
        let client = |name| ClientId::parse(name).unwrap();
        let id = LogoutTokenClaims::id(act, session, &client("a"));
        assert_eq!(id, LogoutTokenClaims::id(act, session, &client("a")));
        assert_ne!(id, LogoutTokenClaims::id(act, session, &client("b")));
        let other = ActId::from_bytes([3; 16]);
        assert_ne!(id, LogoutTokenClaims::id(other, session, &client("a")));
    }

    #[test]
    fn the_event_is_spelled_as_specified() {
        let events = serde_json::to_string(&LoggedOut::default()).unwrap();
        let event = "http://schemas.openid.net/event/backchannel-logout";
        assert_eq!(events, format!("{{\"{event}\":{{}}}}"));
    }
}
