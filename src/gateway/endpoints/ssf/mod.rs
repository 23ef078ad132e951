//! The transmitter of Shared Signals, a file for each of its endpoints. What it
//! promises is in `docs/shared-signals.md`.
//!
//! * [`receiver`]: who asks, and with what
//! * [`configuration`]: what everybody may know
//! * [`stream`], [`status`], [`subjects`], [`verify`]: a receiver manages its
//!   streams
//! * [`poll`]: it fetches events

mod configuration;
mod poll;
mod receiver;
mod status;
mod stream;
mod subjects;
mod verify;

use crate::gateway::{
    platform::Platform,
    route::Endpoint,
    trouble::{Answer, Problem},
    visit::Visit,
};

/// Answers at a tenant.
///
/// # Errors
/// Whatever the endpoint's file says.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>, endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::SsfConfiguration => configuration::answer(visit),
        Endpoint::SsfStream => stream::answer(visit).await,
        Endpoint::SsfStatus => status::answer(visit).await,
        Endpoint::SsfAddSubject => subjects::answer(visit, false).await,
        Endpoint::SsfRemoveSubject => subjects::answer(visit, true).await,
        Endpoint::SsfVerify => verify::answer(visit).await,
        Endpoint::SsfPoll => poll::answer(visit).await,
        _ => Err(Problem::new(404, "not-found", "There is nothing here.").into()),
    }
}
