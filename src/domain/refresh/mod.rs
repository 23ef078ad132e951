//! What happens when a refresh token is presented?
//!
//! A grant has one *family*: a chain of tokens in which each use replaces the
//! current token by its successor ([RFC 9700 §4.14.2], rotation).
//!
//! * [`family`]: the states of a family and its one transition
//! * [`key`]: how a token proves itself and how its successor is derived
//!
//! No token is stored. Rows hold the session's [`FamilyKey`] and the digests of
//! the current token and its predecessor. With the key we recognise every token
//! we ever issued, so a forged one changes nothing; with the digests we know
//! which is current; and because a successor follows from key *and* presented
//! token, neither a replay in a race needs a stored answer, nor can whoever
//! reads the rows make the current token.
//!
//! [RFC 9700 §4.14.2]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2

pub mod family;
pub mod key;

pub use family::{Chain, Family, GRACE_MS, Lifetime, Live, Retirement, Rotation, Standing};
pub use key::FamilyKey;

#[cfg(test)]
mod tests;
