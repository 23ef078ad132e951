//! Is this the password, and what does a row hold of it?
//!
//! Argon2id as PHC strings ([RFC 9106], OWASP's parameters for it). It runs in
//! the gateway, one at a time, after the rate limit was charged.
//!
//! [RFC 9106]: https://www.rfc-editor.org/rfc/rfc9106

mod hash;

#[cfg(test)]
pub(crate) use hash::take_computed;
pub use hash::{
    ITERATIONS, LANES, MEMORY_KIB, PASSWORD_BYTES_MAX, Password, PasswordFault, PasswordHash,
    PasswordRefusal, Verdict, hash, spend_equal_time, verify,
};
