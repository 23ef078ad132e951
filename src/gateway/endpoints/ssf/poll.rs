//! `/ssf/poll/{stream_id}`: a receiver fetches events ([RFC 8936 §2]).
//!
//! Whoever waits, waits here: an actor cannot, so it is asked again, a bounded
//! number of times, until there is something.
//!
//! [RFC 8936 §2]: https://www.rfc-editor.org/rfc/rfc8936#section-2

use super::receiver::{Wants, ask, authenticated, bad_request, key, sent, unknown};
use crate::{
    actors::revocations::{PollStream, Polled, StreamKey},
    domain::{
        ids::{SetId, StreamId},
        keys::Algorithm,
        ssf::{PollRequest, Source, Waiting, poll::PollAnswer},
        time::SECOND_MS,
    },
    gateway::{
        http::Response,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// The waits of a long poll, thirty seconds together: shorter than what proxies
/// cut off, and every second only as long as news is likely.
const WAITS_MS: [[i64; 10]; 2] = [[SECOND_MS; 10], [2 * SECOND_MS; 10]];

struct Fetched {
    source: Source,
    sets: Vec<Waiting>,
    more: bool,
}

/// Acknowledges what was fetched, and fetches what waits.
///
/// # Errors
/// 400, 404, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let client = authenticated(visit, Wants::Read).await?;
    let named = visit.request.path.strip_prefix("/ssf/poll/");
    let id = named.and_then(|text| StreamId::parse(text).ok());
    let request = PollRequest::parse(&sent(visit)?).map_err(bad_request)?;
    let key = key(id, client)?;
    let again = request.again();
    let waits_not = request.return_immediately || request.max_events == 0;
    let mut fetched = fetch(visit, &key, request).await?;
    for wait_ms in WAITS_MS.into_iter().flatten() {
        if waits_not || !fetched.sets.is_empty() {
            break;
        }
        visit.platform().pause(wait_ms).await;
        fetched = fetch(visit, &key, again.clone()).await?;
    }
    let answer = PollAnswer {
        sets: signed(visit, &fetched).await?,
        more_available: fetched.more,
    };
    Response::json(StatusCode::OK, &answer)
}

async fn fetch<P: Platform>(
    visit: &Visit<'_, P>,
    key: &StreamKey,
    request: PollRequest,
) -> Result<Fetched, Trouble> {
    let key = key.clone();
    match ask(visit, PollStream { key, request }).await? {
        Polled::Missing => Err(unknown()),
        Polled::Sets { source, sets, more } => Ok(Fetched { source, sets, more }),
    }
}

async fn signed<P: Platform>(
    visit: &Visit<'_, P>,
    fetched: &Fetched,
) -> Result<Vec<(SetId, String)>, Trouble> {
    let mut signed = Vec::new();
    for waiting in &fetched.sets {
        let claims = waiting.claims(&fetched.source);
        let set = visit.sign(Algorithm::Rs256, &claims).await?;
        signed.push((waiting.jti, set));
    }
    Ok(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_poll_is_bounded_and_not_busy() {
        let waits = WAITS_MS.as_flattened();
        assert_eq!(waits.iter().sum::<i64>(), 30 * SECOND_MS);
        assert!(waits.iter().all(|wait| *wait >= SECOND_MS));
    }
}
