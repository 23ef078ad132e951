//! `/ssf/stream`: a receiver makes, reads, changes and deletes its streams
//! ([SSF §8.1.1]).
//!
//! [SSF §8.1.1]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#stream-config

use super::receiver::{
    Wants, ask, authenticated, bad_request, done, found, key, log, must_name, named, sent, unknown,
};
use crate::{
    actors::{
        revocations::{ChangeStream, CreateStream, DeleteStream, ReadStreams},
        runtime::{Actors, Fault},
        tenant::{ClientRead, ReadClient},
    },
    domain::{
        ids::StreamId,
        keys::{Purpose, Sealed},
        oauth::ClientId,
        ssf::{Asked, Delivery, Edit, Status, Stream, stream::header_owner},
    },
    gateway::{
        authenticate::bearer::invalid_token,
        http::Response,
        platform::Platform,
        trouble::{Answer, Trouble},
        visit::Visit,
    },
};
use ::http::{Method, StatusCode};

/// Answers what the method asks.
///
/// # Errors
/// What SSF §8.1.1 names for each, or a fault.
pub(super) async fn answer<P: Platform>(visit: &Visit<'_, P>) -> Answer {
    let wants = if visit.request.method == Method::GET || visit.request.method == Method::HEAD {
        Wants::Read
    } else {
        Wants::Manage
    };
    let client = authenticated(visit, wants).await?;
    match visit.request.method {
        Method::POST => create(visit, client).await,
        Method::PATCH | Method::PUT => change(visit, client).await,
        Method::DELETE => delete(visit, client).await,
        _ => read(visit, client).await,
    }
}

async fn create<P: Platform>(visit: &Visit<'_, P>, client: ClientId) -> Answer {
    let asked = Asked::whole(&sent(visit)?, allowed(visit)).map_err(bad_request)?;
    check_client(visit, &client).await?;
    let id = StreamId::generate(&mut visit.entropy());
    let mut stream = Stream {
        id,
        client,
        iss: visit.home.issuer.clone(),
        events_requested: None,
        description: None,
        delivery: Delivery::default(),
        status: Status::default(),
        reason: None,
    };
    let mut header = None;
    let sealed = seal(visit, id, &asked);
    let mut change = asked.change;
    if sealed.is_some() {
        change.header = Edit::To(sealed);
    }
    stream.change(change, &mut header);
    let create = CreateStream {
        tenant: visit.home.id,
        stream: Box::new(stream),
        header,
        supplied: Box::new(asked.supplied),
    };
    let stream = found(ask(visit, create).await?)?;
    Response::json(StatusCode::CREATED, &stream.document())
}

/// A token outlives a client that is deleted, and a stream would outlive both.
async fn check_client<P: Platform>(visit: &Visit<'_, P>, client: &ClientId) -> Result<(), Trouble> {
    let client_id = client.clone();
    match visit
        .mail
        .ask(&visit.tenant(), ReadClient { client_id })
        .await?
    {
        ClientRead::Found(_) => Ok(()),
        _ => Err(invalid_token("the client is no more").into()),
    }
}

/// One stream, or a list of all ([SSF §8.1.1.2]).
///
/// [SSF §8.1.1.2]: https://openid.net/specs/openid-sharedsignals-framework-1_0.html#reading-a-streams-configuration
async fn read<P: Platform>(visit: &Visit<'_, P>, client: ClientId) -> Answer {
    let id = named(visit)?;
    let streams = match visit
        .mail
        .ask(&log(visit), ReadStreams { client, id })
        .await
    {
        Err(Fault::Absent) => Vec::new(),
        other => other?,
    };
    if id.is_some() {
        let stream = streams.first().ok_or_else(unknown)?;
        return Response::json(StatusCode::OK, &stream.document());
    }
    let documents: Vec<_> = streams.iter().map(Stream::document).collect();
    Response::json(StatusCode::OK, &documents)
}

async fn change<P: Platform>(visit: &Visit<'_, P>, client: ClientId) -> Answer {
    let sent = sent(visit)?;
    let id = sent.stream_id().map_err(bad_request)?;
    let read = if visit.request.method == Method::PUT {
        Asked::whole
    } else {
        Asked::parts
    };
    let asked = read(&sent, allowed(visit)).map_err(bad_request)?;
    let key = key(id, client)?;
    let sealed = seal(visit, key.id, &asked);
    let mut change = Box::new(asked.change);
    if sealed.is_some() {
        change.header = Edit::To(sealed);
    }
    let change = ChangeStream {
        key,
        change,
        supplied: Box::new(asked.supplied),
    };
    let stream = found(ask(visit, change).await?)?;
    Response::json(StatusCode::OK, &stream.document())
}

async fn delete<P: Platform>(visit: &Visit<'_, P>, client: ClientId) -> Answer {
    let key = key(Some(must_name(visit)?), client)?;
    let deleted = ask(visit, DeleteStream { key }).await?;
    done(deleted, StatusCode::NO_CONTENT)
}

/// The header leaves the gateway sealed, and is opened where it is sent.
fn seal<P: Platform>(visit: &Visit<'_, P>, id: StreamId, asked: &Asked) -> Option<Sealed> {
    let header = asked.header.as_ref()?.expose();
    let keys = &visit.platform().settings().master_keys;
    let owner = header_owner(visit.home.id, id);
    let entropy = &mut visit.entropy();
    Some(keys.seal(Purpose::StreamHeader, &owner, header.as_bytes(), entropy))
}

fn allowed<'a, P: Platform>(visit: &'a Visit<'_, P>) -> &'a [String] {
    &visit.platform().settings().outbound_allow
}
