//! `/oauth/authorize`: may this client have what it asks of this user
//! (OpenID Connect Core §3.1.2)?
//!
//! * [`receive`]: which request is it, and may its client make it?
//! * [`proceed`]: what does the user's session say to it, and what follows?
//! * [`respond`]: how does the answer reach the client?

mod proceed;
mod receive;
mod respond;

pub(super) use proceed::answer;
pub use proceed::deny;
