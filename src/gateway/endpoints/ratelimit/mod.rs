//! `/v1/ratelimit/…`: how much is too much, for a tenant's own subjects
//! (`docs/rate-limits.md`)?
//!
//! A backend of the tenant's asks with a token of its own. What it asks is read
//! by [`crate::domain::limit::question`] and decided by
//! [`crate::gateway::limit::customer`]; a verdict is always 200 ([`shown`]).
//!
//! * [`ask`]: check, reserve, peek, batch
//! * [`settle`]: commit, cancel

mod ask;
mod settle;
mod shown;

use crate::{
    domain::{limit::question::Malformed, oauth::scope::Scope},
    gateway::{
        authenticate::{
            bearer::{self, Places},
            machine,
        },
        limit::customer::Manner,
        platform::Platform,
        trouble::{Answer, Problem, Trouble},
        visit::Visit,
    },
};

/// Answers a tenant's backend.
///
/// # Errors
/// What RFC 6750 §3.1 names; 404 for another path or a policy that is not there,
/// 415, 400 for a body that is no question, 503 when a bucket does not answer and
/// nothing says to go on without it; or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let Some(token) = bearer::presented(visit, Places::Header)? else {
        return Ok(bearer::challenge());
    };
    let lacks = "the access token lacks scope ratelimit";
    machine::authenticate(visit, &token, &[Scope::RATELIMIT], lacks).await?;
    let asked = visit.request.path.strip_prefix("/v1/ratelimit/");
    match asked.unwrap_or_default() {
        "check" => ask::one(visit, Manner::Check).await,
        "reserve" => ask::one(visit, Manner::Reserve).await,
        "peek" => ask::one(visit, Manner::Peek).await,
        "batch" => ask::batch(visit).await,
        "commit" => settle::answer(visit, true).await,
        "cancel" => settle::answer(visit, false).await,
        _ => Err(Problem::new(404, "not-found", "There is nothing here.").into()),
    }
}

/// The body, which must say that it is JSON.
fn body<'a, P: Platform>(visit: &'a Visit<'_, P>) -> Result<&'a [u8], Trouble> {
    if visit.has_content_type("application/json") {
        return visit.body();
    }
    let detail = "The body must be application/json.";
    Err(Problem::new(415, "unsupported-media-type", detail).into())
}

fn malformed(why: &Malformed) -> Trouble {
    Problem::new(400, "invalid-request", format!("{why}.")).into()
}
