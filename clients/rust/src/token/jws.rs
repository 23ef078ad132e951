//! What does a signed token say, and who signed it ([RFC 7515])?
//!
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515

use super::{
    keys::{Algorithm, Keys},
    refusal::TokenRefusal,
};
use aero2_tenant::json::{self, Object};
use base64ct::{Base64UrlUnpadded, Encoding};

/// Longer than any token in use, and little work to refuse.
const TEXT_BYTES_MAX: usize = 16_384;

/// A signed token, taken apart and not believed yet.
pub(crate) struct Jws<'a> {
    algorithm: Algorithm,
    kid: String,
    /// What is signed: header and payload as they came.
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes `text` apart; `typ` is the only type its header may name.
    pub(crate) fn parse(text: &'a str, typ: &str) -> Result<Self, TokenRefusal> {
        let malformed = TokenRefusal::Malformed;
        if text.len() > TEXT_BYTES_MAX {
            return Err(malformed);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(malformed)?;
        let header = json::object(&decoded(header)?).ok_or(malformed)?;
        // An algorithm we do not know cannot make a token good: `none` and HS256 end here.
        let algorithm = json::text(&header, "alg").and_then(Algorithm::from_name);
        let algorithm = algorithm.ok_or(TokenRefusal::Algorithm)?;
        if !names_type(&header, typ) {
            return Err(TokenRefusal::Type);
        }
        // We understand no extension, so any that is critical refuses (RFC 7515 §4.1.11).
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(TokenRefusal::Critical);
        }
        let kid = json::text(&header, "kid").ok_or(TokenRefusal::UnknownKey)?;
        Ok(Self {
            algorithm,
            kid: kid.to_owned(),
            signed,
            payload: decoded(payload)?,
            signature: decoded(signature)?,
        })
    }

    /// The claims, once one of the tenant's keys has verified them.
    pub(crate) fn claims(&self, keys: &Keys) -> Result<Object, TokenRefusal> {
        let message = self.signed.as_bytes();
        keys.verify(&self.kid, self.algorithm, message, &self.signature)?;
        json::object(&self.payload).ok_or(TokenRefusal::Malformed)
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenRefusal> {
    Base64UrlUnpadded::decode_vec(part).map_err(|_| TokenRefusal::Malformed)
}

/// Media types are compared without case, and `application/` may be left out
/// (RFC 7515 §4.1.9).
fn names_type(header: &Object, typ: &str) -> bool {
    json::text(header, "typ").is_some_and(|named| {
        let lower = named.to_ascii_lowercase();
        lower.strip_prefix("application/").unwrap_or(&lower) == typ
    })
}
