//! `/account`: what is there to see?

use super::{
    super::{
        shell::{self, Needs, show},
        view::Overview,
        words,
    },
    owner::own_proof,
};
use crate::gateway::{platform::Platform, trouble::Answer, visit::Visit};
use ::http::StatusCode;

/// Greets the user and shows the way.
///
/// # Errors
/// On a fault.
pub(in crate::gateway::pages) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let owner = match visit.owner().await? {
        Ok(owner) => owner,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let csrf = visit.csrf();
    let page = Overview {
        shell: visit.shell().await?,
        section: "overview",
        proof: own_proof(&csrf),
        notice: None,
        person: shell::person(&owner.user),
        since: words::day(owner.user.created_at),
    };
    Ok(visit.with_csrf(show(StatusCode::OK, &page, Needs::Nothing, None)?, &csrf))
}
