//! Which statements do we sign, and which do we believe?
//!
//! JWS in compact form ([RFC 7515]) around a claims set ([RFC 7519]). Every kind
//! of token has its own claims type with its own `typ`, and none is read in
//! another's place ([RFC 8725 §3.11]).
//!
//! * [`jws`]: header, signing input, parsing, verifying
//! * [`claims`]: what claims sets have in common
//! * [`id_token`], [`access_token`], [`logout_token`]: what we issue
//! * [`assertion`]: what a client signs to authenticate
//!
//! [RFC 7515]: https://www.rfc-editor.org/rfc/rfc7515
//! [RFC 7519]: https://www.rfc-editor.org/rfc/rfc7519
//! [RFC 8725 §3.11]: https://www.rfc-editor.org/rfc/rfc8725#section-3.11

pub mod access_token;
pub mod assertion;
pub mod claims;
pub mod id_token;
pub mod jws;
pub mod logout_token;

pub use access_token::AccessTokenClaims;
pub use assertion::{AssertionClaims, AssertionUse};
pub use claims::{Audience, Claims, ClaimsRefusal, Typ};
pub use id_token::{ExtraClaims, IdTokenClaims, at_hash};
pub use jws::{Jws, JwsRefusal, SigningInput, sign};
pub use logout_token::LogoutTokenClaims;
