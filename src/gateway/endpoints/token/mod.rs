//! `/oauth/token`: what does a client get for what it presents?
//!
//! [`exchange`] authenticates the client and reads the request ([RFC 6749 §3.2]);
//! then each grant has its file:
//!
//! * [`authorization_code`]: a code is redeemed
//! * [`refresh_token`]: a refresh token is presented
//! * [`client_credentials`]: the client asks for itself
//!
//! [RFC 6749 §3.2]: https://www.rfc-editor.org/rfc/rfc6749#section-3.2

mod authorization_code;
mod client_credentials;
mod exchange;
mod refresh_token;

pub(super) use exchange::answer;
