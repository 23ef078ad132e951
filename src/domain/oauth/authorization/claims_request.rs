//! Which claims does a request ask for one by one?

use crate::domain::tree;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// All standard claims, each with values, fit several times.
pub const CLAIMS_BYTES_MAX: usize = 8 * 1024;
/// Twice what OpenID Connect Core §5.1 defines.
pub const CLAIMS_MAX: usize = 50;
/// Alternatives of one claim.
const VALUES_MAX: usize = 16;
/// Longer than any claim's name that is a URL.
const NAME_BYTES_MAX: usize = 128;

/// One individual claim's conditions (OpenID Connect Core §5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// Whether the client cannot do without it.
    #[serde(default)]
    pub essential: bool,
    /// The values it takes, from `value` or `values`; none means any.
    #[serde(default)]
    pub values: Vec<Value>,
}

impl ClaimRequest {
    /// Whether `value` is one the client takes.
    #[must_use]
    pub fn takes(&self, value: &Value) -> bool {
        self.values.is_empty() || self.values.contains(value)
    }
}

/// Claims by name.
pub type ClaimRequests = BTreeMap<String, ClaimRequest>;

/// The `claims` parameter (OpenID Connect Core §5.5).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    /// For the userinfo answer.
    #[serde(default)]
    pub userinfo: ClaimRequests,
    /// For the ID token.
    #[serde(default)]
    pub id_token: ClaimRequests,
}

/// Why a text is not a claims request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsRefusal {
    /// Not the JSON that OpenID Connect Core §5.5 describes.
    #[error("the claims parameter is malformed")]
    Malformed,
    /// Over [`CLAIMS_BYTES_MAX`] or [`CLAIMS_MAX`].
    #[error("the claims parameter asks for too much")]
    TooLarge,
}

impl ClaimsRequest {
    /// Reads the parameter; members we do not know are ignored.
    ///
    /// # Errors
    /// When it is malformed or over its bounds.
    pub fn parse(text: &str) -> Result<Self, ClaimsRefusal> {
        if text.len() > CLAIMS_BYTES_MAX {
            return Err(ClaimsRefusal::TooLarge);
        }
        let document: Map<String, Value> =
            tree::from_json(text.as_bytes()).map_err(|_| ClaimsRefusal::Malformed)?;
        Ok(Self {
            userinfo: part(document.get("userinfo"))?,
            id_token: part(document.get("id_token"))?,
        })
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.userinfo.is_empty() && self.id_token.is_empty()
    }

    /// Every name it asks for, in either place.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.userinfo
            .keys()
            .chain(self.id_token.keys())
            .map(String::as_str)
    }

    /// The same without the claims that `keep` says no to.
    #[must_use]
    pub fn retaining(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.userinfo.retain(|name, _| keep(name));
        self.id_token.retain(|name, _| keep(name));
        self
    }
}

fn part(given: Option<&Value>) -> Result<ClaimRequests, ClaimsRefusal> {
    let members = match given {
        None | Some(Value::Null) => return Ok(ClaimRequests::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(ClaimsRefusal::Malformed),
    };
    if members.len() > CLAIMS_MAX || members.keys().any(|name| name.len() > NAME_BYTES_MAX) {
        return Err(ClaimsRefusal::TooLarge);
    }
    let claims = members
        .iter()
        .map(|(name, value)| Ok((name.clone(), claim(value)?)));
    claims.collect()
}

fn claim(value: &Value) -> Result<ClaimRequest, ClaimsRefusal> {
    let members = match value {
        Value::Null => return Ok(ClaimRequest::default()),
        Value::Object(members) => members,
        _ => return Err(ClaimsRefusal::Malformed),
    };
    let essential = match members.get("essential") {
        None => false,
        Some(Value::Bool(essential)) => *essential,
        Some(_) => return Err(ClaimsRefusal::Malformed),
    };
    let values = match (members.get("value"), members.get("values")) {
        (Some(one), None) => vec![one.clone()],
        (None, Some(Value::Array(many))) if many.len() <= VALUES_MAX => many.clone(),
        (None, None) => Vec::new(),
        _ => return Err(ClaimsRefusal::Malformed),
    };
    Ok(ClaimRequest { essential, values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_example_of_openid_connect_core_5_5_is_read() {
        let request = ClaimsRequest::parse(
            &json!({
                "userinfo": {
                    "given_name": {"essential": true}, "nickname": null,
                    "http://example.info/claims/groups": null
                },
                "id_token": {
                    "auth_time": {"essential": true},
                    "acr": {"values": ["urn:mace:incommon:iap:silver"]},
                    "sub": {"value": "248289761001"}
                },
                "other": 1
            })
            .to_string(),
        )
        .unwrap();
        assert!(request.userinfo["given_name"].essential);
        assert!(!request.userinfo["nickname"].essential);
        assert!(request.id_token["sub"].takes(&json!("248289761001")));
        assert!(!request.id_token["sub"].takes(&json!("1")));
        assert_eq!(request.names().count(), 6);
        let packed = rmp_serde::to_vec_named(&request).unwrap();
        assert_eq!(
            rmp_serde::from_slice::<ClaimsRequest>(&packed).unwrap(),
            request
        );
    }

    #[test]
    fn malformed_and_oversized_requests_are_refused() {
        for text in [
            "",
            "[]",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"name":true}}"#,
            r#"{"userinfo":{"name":{"essential":1}}}"#,
            r#"{"userinfo":{"name":{"value":1,"values":[1]}}}"#,
            r#"{"userinfo":{"name":{"values":1}}}"#,
        ] {
            assert_eq!(
                ClaimsRequest::parse(text),
                Err(ClaimsRefusal::Malformed),
                "{text}"
            );
        }
        let many: Map<_, _> = (0..=CLAIMS_MAX)
            .map(|n| (n.to_string(), Value::Null))
            .collect();
        let many = json!({"userinfo": many}).to_string();
        assert_eq!(ClaimsRequest::parse(&many), Err(ClaimsRefusal::TooLarge));
        let deep = "[".repeat(CLAIMS_BYTES_MAX);
        assert_eq!(ClaimsRequest::parse(&deep), Err(ClaimsRefusal::Malformed));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[\\[\\]{}:,\"a-z0-9 ]{0,80}") {
            let _ = ClaimsRequest::parse(&text);
        }
    }
}
