//! What became of what was charged?

use super::{body, malformed};
use crate::{
    domain::limit::{Settled, question::Settlement},
    gateway::{
        http::Response,
        limit::{self, customer},
        platform::Platform,
        trouble::Answer,
        visit::Visit,
    },
};
use ::http::StatusCode;
use serde::Serialize;

#[derive(Serialize)]
struct Told {
    settled: Settled,
}

/// Makes a charge final, or gives it back.
///
/// # Errors
/// 400, 415, or 503 when the bucket does not answer.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>, commits: bool) -> Answer {
    let settlement = Settlement::parse(body(visit)?).map_err(|why| malformed(&why))?;
    match customer::settle(visit, settlement, commits).await {
        Ok(settled) => Response::json(StatusCode::OK, &Told { settled }),
        Err(_) => Err(limit::unavailable()),
    }
}
