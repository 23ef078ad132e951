//! For whom is an access token?

use super::error::{ErrorCode, OAuthError};
use super::params::Params;
use super::text::text_type;
use crate::domain::web_url;

/// Longer than any audience in use.
pub const RESOURCE_BYTES_MAX: usize = 512;
/// A token for more audiences than this protects none of them.
pub const RESOURCES_MAX: usize = 8;

/// A protected resource: an absolute URI without a fragment ([RFC 8707 §2]).
///
/// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource(String);

text_type!(Resource);

/// Why a text is not a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the resource must be an absolute URI without a fragment")]
pub struct ResourceRefusal;

impl Resource {
    /// Reads a resource; it is compared octet for octet.
    ///
    /// # Errors
    /// When `text` is not an absolute URI of visible ASCII, has a fragment or
    /// is over [`RESOURCE_BYTES_MAX`].
    pub fn parse(text: &str) -> Result<Self, ResourceRefusal> {
        let clean = text.len() <= RESOURCE_BYTES_MAX && !text.contains(['#', '"', '\\', '<', '>']);
        if clean && web_url::parse(text).is_some() {
            Ok(Self(text.to_owned()))
        } else {
            Err(ResourceRefusal)
        }
    }

    /// Reads every `resource` of a request, each once.
    ///
    /// # Errors
    /// `invalid_target` when one is malformed or there are too many
    /// ([RFC 8707 §2]).
    ///
    /// [RFC 8707 §2]: https://www.rfc-editor.org/rfc/rfc8707#section-2
    pub fn all_of(params: &Params) -> Result<Vec<Self>, OAuthError> {
        let mut found = Vec::new();
        for text in params.all("resource") {
            let one = Self::parse(text).map_err(|why| invalid_target(why.to_string()))?;
            if !found.contains(&one) {
                found.push(one);
            }
            if found.len() > RESOURCES_MAX {
                return Err(invalid_target("too many resources"));
            }
        }
        Ok(found)
    }
}

/// `invalid_target`, said of `description`.
pub(super) fn invalid_target(description: impl Into<std::borrow::Cow<'static, str>>) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidTarget, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(text: &str) -> Resource {
        Resource::parse(text).unwrap()
    }

    #[test]
    fn a_resource_is_absolute_and_has_no_fragment() {
        for text in [
            "https://api.example/",
            "https://api.example/a?b",
            "urn:example:api",
        ] {
            assert_eq!(resource(text).as_str(), text);
        }
        for text in [
            "",
            "/api",
            "api.example",
            "https://api.example/#x",
            "https://a b/",
            "https://é.example/",
            "https://A%cepi.E%2F",
        ] {
            assert_eq!(Resource::parse(text), Err(ResourceRefusal), "{text}");
        }
    }

    #[test]
    fn a_request_may_name_several_each_once() {
        let params = Params::parse(b"resource=urn:a&resource=urn:b&resource=urn:a").unwrap();
        assert_eq!(
            Resource::all_of(&params),
            Ok(vec![resource("urn:a"), resource("urn:b")])
        );
    }

    #[test]
    fn a_bad_resource_is_an_invalid_target() {
        let params = Params::parse(b"resource=%2Fapi").unwrap();
        assert_eq!(
            Resource::all_of(&params).unwrap_err().code,
            ErrorCode::InvalidTarget
        );
    }
}
