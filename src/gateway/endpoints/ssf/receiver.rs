//! Which receiver asks, and with what?
//!
//! A receiver is a client with a token of its own ([RFC 6749 §4.4]). Its streams
//! are nobody else's: another's is answered as if it did not exist.
//!
//! [RFC 6749 §4.4]: https://www.rfc-editor.org/rfc/rfc6749#section-4.4

use crate::{
    actors::{
        revocations::{Revocations, StreamKey, StreamRead, StreamTouched},
        runtime::{Actors, Address, Ask, Fault},
    },
    domain::{
        audit::Actor,
        ids::StreamId,
        oauth::{ClientId, OAuthError, scope::Scope},
        ssf::{Malformed, Sent, Stream},
    },
    gateway::{
        authenticate::{
            bearer::{self, Places, invalid_token},
            machine,
        },
        http::Response,
        platform::Platform,
        trouble::{Problem, Trouble},
        visit::Visit,
    },
};
use ::http::{StatusCode, header};

/// What a receiver is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// To look, or to fetch events.
    Read,
    /// To change something; whoever may, may look too.
    Manage,
}

/// The receiver, by the access token in the header.
///
/// # Errors
/// `invalid_token`, also for a user's token, which says what that user allows;
/// `insufficient_scope` for less than what is wanted.
pub(super) async fn authenticated<P: Platform>(
    visit: &Visit<'_, P>,
    wants: Wants,
) -> Result<ClientId, Trouble> {
    let token = bearer::presented(visit, Places::Header)?;
    let token = token.ok_or_else(|| invalid_token("there is no access token"))?;
    let (scopes, lacks): (&[&str], _) = match wants {
        Wants::Read => (
            &[Scope::SSF_READ, Scope::SSF_MANAGE],
            "the access token lacks scope ssf.read",
        ),
        Wants::Manage => (
            &[Scope::SSF_MANAGE],
            "the access token lacks scope ssf.manage",
        ),
    };
    let machine = machine::authenticate(visit, &token, scopes, lacks).await?;
    visit.act_as(Actor::client(&machine.client));
    Ok(machine.client)
}

/// The JSON object in the body. A body that does not say what it is may be one.
///
/// # Errors
/// 400 when it is anything else.
pub(super) fn sent<P: Platform>(visit: &Visit<'_, P>) -> Result<Sent, Trouble> {
    let says_nothing = !visit.request.headers.contains_key(header::CONTENT_TYPE);
    if says_nothing || visit.has_content_type("application/json") {
        return Sent::parse(visit.body()?).map_err(bad_request);
    }
    Err(bad_request(Malformed(
        "the body must be application/json".to_owned(),
    )))
}

/// The stream the query names, if it names one.
///
/// # Errors
/// 400 when the query is malformed, 404 when no stream can be called that.
pub(super) fn named<P: Platform>(visit: &Visit<'_, P>) -> Result<Option<StreamId>, Trouble> {
    let query = visit.query()?;
    let id = query.one("stream_id").map_err(OAuthError::from)?;
    id.map(|id| StreamId::parse(id).map_err(|_| unknown()))
        .transpose()
}

/// The stream the query must name.
///
/// # Errors
/// As [`named`], and 400 when it names none.
pub(super) fn must_name<P: Platform>(visit: &Visit<'_, P>) -> Result<StreamId, Trouble> {
    let missing = || bad_request(Malformed("stream_id is missing".to_owned()));
    named(visit)?.ok_or_else(missing)
}

/// The streams of this tenant.
pub(super) fn log<P: Platform>(visit: &Visit<'_, P>) -> Address<Revocations> {
    Revocations::address(visit.home.id)
}

/// A receiver's stream.
///
/// # Errors
/// 404 when the id is none.
pub(super) fn key(id: Option<StreamId>, client: ClientId) -> Result<StreamKey, Trouble> {
    id.map(|id| StreamKey { id, client }).ok_or_else(unknown)
}

/// Asks about a stream; a tenant that has never had one has not this one.
///
/// # Errors
/// 404, or a fault.
pub(super) async fn ask<P: Platform, Q: Ask<Party = Revocations>>(
    visit: &Visit<'_, P>,
    question: Q,
) -> Result<Q::Answer, Trouble> {
    match visit.mail.ask(&log(visit), question).await {
        Err(Fault::Absent) => Err(unknown()),
        other => Ok(other?),
    }
}

/// The stream in an answer.
///
/// # Errors
/// What kept it from being there.
pub(super) fn found(read: StreamRead) -> Result<Stream, Trouble> {
    let problem = |status, slug, detail: &str| Err(Problem::new(status, slug, detail).into());
    match read {
        StreamRead::Found(stream) => Ok(*stream),
        StreamRead::Missing => Err(unknown()),
        StreamRead::Refused(why) => Err(bad_request(Malformed(why))),
        // SSF §8.1.1.1 has 409 for a receiver that has its stream already.
        StreamRead::TooMany => problem(
            409,
            "too-many-streams",
            "You have all the streams a client may have.",
        ),
        StreamRead::Full => problem(
            403,
            "too-many-streams",
            "There is no room for another stream here.",
        ),
    }
}

/// An answer without a body.
///
/// # Errors
/// What kept it from being done.
pub(super) fn done(touched: StreamTouched, status: StatusCode) -> Result<Response, Trouble> {
    match touched {
        StreamTouched::Done => Ok(empty(status)),
        StreamTouched::Missing => Err(unknown()),
        StreamTouched::TooMany => {
            let detail = "No further subject can be removed from this stream.";
            Err(Problem::new(403, "too-many-subjects", detail).into())
        }
    }
}

/// An answer without a body, which is not stored either.
pub(super) fn empty(status: StatusCode) -> Response {
    Response::empty(status).with(header::CACHE_CONTROL, "no-store")
}

/// What cannot be understood.
pub(super) fn bad_request(why: Malformed) -> Trouble {
    let mut detail = why.0;
    if let Some(first) = detail.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    detail.push('.');
    Problem::new(400, "invalid-request", detail).into()
}

/// No stream, or another's.
pub(super) fn unknown() -> Trouble {
    Problem::new(404, "unknown-stream", "You have no such stream.").into()
}
