//! May this client have what it asks of this person?
//!
//! A request goes through two stages, because of one rule: until the client
//! and the redirect address are known to belong together, nothing may be sent
//! there ([RFC 6749 §4.1.2.1]). [`AuthorizationParams::identify`] is the first
//! and its failure is a page; [`Identified::validate`] is the second and its
//! failure is redirected. Then [`decide()`] says what the person has to do.
//!
//! [RFC 6749 §4.1.2.1]: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1

mod claims_request;
mod decide;
mod identify;
mod prompt;
mod request;
mod validate;

pub use claims_request::{
    CLAIMS_BYTES_MAX, CLAIMS_MAX, ClaimRequest, ClaimRequests, ClaimsRefusal, ClaimsRequest,
};
pub use decide::{Decision, Interaction, LoginReason, Situation, decide};
pub use identify::{AuthorizationParams, Identified, PageError};
pub use prompt::{Prompt, PromptRefusal, Prompts};
pub use request::{AuthorizationRequest, Display, RedirectableError};
pub use validate::{Arrival, Terms};

#[cfg(test)]
pub(crate) mod tests;
