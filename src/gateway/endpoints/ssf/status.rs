//! `/ssf/status`: does a stream run ([SSF §8.1.2])?
//!
//! [SSF §8.1.2]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#status

use super::receiver::{
    Wants, ask, authenticated, bad_request, found, key, must_name, sent, unknown,
};
use crate::{
    actors::revocations::{ReadStreams, SetStreamStatus},
    domain::{
        ids::StreamId,
        oauth::ClientId,
        ssf::{Status, StatusChange, Stream},
    },
    gateway::{http::Response, platform::Platform, trouble::Answer, visit::Visit},
};
use ::http::{Method, StatusCode};
use serde::Serialize;

#[derive(Serialize)]
struct Shown {
    stream_id: StreamId,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Shows or changes a stream's status.
///
/// # Errors
/// 400, 404, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    if visit.request.method == Method::POST {
        let client = authenticated(visit, Wants::Manage).await?;
        return set(visit, client).await;
    }
    let client = authenticated(visit, Wants::Read).await?;
    let id = Some(must_name(visit)?);
    let streams = ask(visit, ReadStreams { client, id }).await?;
    shown(streams.into_iter().next().ok_or_else(unknown)?)
}

async fn set<P: Platform>(visit: &Visit<'_, P>, client: ClientId) -> Answer {
    let (id, change) = StatusChange::parse(&sent(visit)?).map_err(bad_request)?;
    let key = key(id, client)?;
    let read = ask(visit, SetStreamStatus { key, change }).await?;
    shown(found(read)?)
}

fn shown(stream: Stream) -> Answer {
    let shown = Shown {
        stream_id: stream.id,
        status: stream.status,
        reason: stream.reason,
    };
    Response::json(StatusCode::OK, &shown)
}
