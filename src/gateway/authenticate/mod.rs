//! Who is asking?
//!
//! * [`client`]: a client, by its secret or its key
//! * [`bearer`]: the bearer of an access token
//! * [`machine`]: a client that bears a token of its own
//! * [`hint`]: nobody, but an ID token names somebody
//!
//! A browser's session is known by its cookie, which only the session itself
//! can check: see [`super::browser`].

pub mod bearer;
pub mod client;
pub mod hint;
pub mod machine;
