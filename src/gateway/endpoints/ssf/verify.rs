//! `/ssf/verify`: a receiver sees whether a stream reaches it ([SSF §8.1.4.2]).
//!
//! [SSF §8.1.4.2]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#triggering-a-verification-event

use super::receiver::{Wants, ask, authenticated, bad_request, empty, key, sent, unknown};
use crate::{
    actors::revocations::{StreamVerified, VerifyStream},
    domain::{ssf::Malformed, time::SECOND_MS},
    gateway::{
        platform::Platform,
        trouble::{Answer, Problem},
        visit::Visit,
    },
};
use ::http::StatusCode;

/// Bytes of a `state`: a signed token fits.
const STATE_BYTES_MAX: usize = 1_024;

/// Puts a verification event into a stream.
///
/// # Errors
/// 400, 404, 429 when the last one was asked for too recently, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let client = authenticated(visit, Wants::Manage).await?;
    let sent = sent(visit)?;
    let id = sent.stream_id().map_err(bad_request)?;
    let state = sent.text("state", STATE_BYTES_MAX).map_err(bad_request)?;
    let verify = VerifyStream {
        key: key(id, client)?,
        state: state.map(str::to_owned),
    };
    match ask(visit, verify).await? {
        StreamVerified::Done => Ok(empty(StatusCode::NO_CONTENT)),
        StreamVerified::Missing => Err(unknown()),
        StreamVerified::Idle => {
            let why = "the stream is disabled, or its events come over the socket";
            Err(bad_request(Malformed(why.to_owned())))
        }
        StreamVerified::TooSoon { after_ms } => {
            let detail =
                "Another verification was asked for less than min_verification_interval ago.";
            let seconds = after_ms.saturating_add(SECOND_MS - 1) / SECOND_MS;
            let problem = Problem::new(429, "too-many-verifications", detail);
            Err(Problem {
                retry_after_s: Some(seconds),
                ..problem
            }
            .into())
        }
    }
}
