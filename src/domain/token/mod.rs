//! What do we hand out, and what do we accept back?
//!
//! * [`opaque`]: session cookies, codes, client secrets: random, ours alone
//! * [`refresh_token`]: the refresh token, which proves itself
//! * [`jwt`]: what others verify without asking us

mod frame;
pub mod jwt;
pub mod opaque;
pub mod refresh_token;

pub use frame::{TEXT_MAX, TokenRefusal};
pub use opaque::CodeProof;
pub use refresh_token::{RefreshProof, RefreshToken};
