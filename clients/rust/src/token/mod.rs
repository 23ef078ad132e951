//! Is this text a token of this tenant, for us, and still good by itself?

mod access_token;
mod jws;
mod keys;
mod refusal;
mod security_event;

pub use access_token::{AccessToken, Expectations};
pub use keys::{Algorithm, Keys};
pub use refusal::TokenRefusal;
pub use security_event::open_security_event;
