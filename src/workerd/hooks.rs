//! What may a test ask of the test build, beyond what users may?
//!
//! Routes under [`PREFIX`]; the parameters are in the query, the answer is
//! JSON. `{"fault": …}` is what the caller of an actor was told.

use super::{
    entropy::HostEntropy,
    errors::message_of,
    host::WorkerHost,
    object::{Object, Wish},
    request::bytes,
    seed, selfcheck,
};
use crate::{
    actors::{
        runtime::{
            Actors, Ask, Connection, Fault, Mail, Party, Recipient,
            probe::{Add, AddFirst, AddLater, End, Listen, Probe, Read, Shout, Total, address},
        },
        session::{self, Begin, Session},
    },
    domain::{
        entropy::draw,
        ids::{ActId, SessionId, TenantId, UserId, base32},
        secret::Secret,
        session::{Authentication, Device, EndReason},
        time::{MINUTE_MS, SECOND_MS},
        token::opaque::SessionCookie,
    },
    gateway::{
        http::{Body, Opened, Request, Response},
        outside::Post,
        platform::Platform,
    },
};
use ::http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, SEC_WEBSOCKET_PROTOCOL, SET_COOKIE},
};
use core::time::Duration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use worker::{Delay, web_sys::WebSocket};

/// Where the hooks are.
pub(super) const PREFIX: &str = "/__test/";

/// A probe whose name begins so takes [`SLOW_MS`] for everything: longer than an
/// answer waits for what is told first, not so long as to count as silent.
const SLOW: &str = "slow";
const SLOW_MS: i64 = 8 * SECOND_MS;

type Query = BTreeMap<String, String>;

/// Answers a test's request.
pub(super) async fn answer(host: &WorkerHost, request: &Request) -> Response {
    let query: Query = url::form_urlencoded::parse(request.query.as_bytes())
        .into_owned()
        .collect();
    let hook = request.path.strip_prefix(PREFIX).unwrap_or_default();
    let answer = match hook {
        "hello" => json!("hello"),
        "unwind" => unwind(),
        "crypto" => json!(selfcheck::crypto(host.crypto()).await),
        "store-contract" => {
            let to = (&address(fresh())).into();
            object_hook(host, &to, "store-contract", &[]).await
        }
        "panic" => told(mail(host).panic(&recipient(&query)).await),
        "inspect" => told(mail(host).inspect(&recipient(&query)).await),
        "add" if query.contains_key("hold") => hold(host, &query).await,
        "add" => ask(host, &query, add(&query)).await,
        "add-later" => {
            let wait_ms = number(&query, "wait_ms");
            ask(host, &query, AddLater { wait_ms }).await
        }
        "add-first" => {
            let (amount, tell) = (number(&query, "amount"), text(&query, "tell"));
            ask(host, &query, AddFirst { amount, tell }).await
        }
        "listen" => return listen(host, &query).await,
        "nobody" => {
            let frames = vec!["one".to_owned(), "two".to_owned()];
            return opened(host.socket_to_nobody(frames, 4401, "nobody"));
        }
        "shout" => {
            let (tag, frame) = (text(&query, "tag"), text(&query, "frame"));
            ask(host, &query, Shout { tag, frame }).await
        }
        "seed-tenants" => json!(seed::tenants(host, number(&query, "number")).await),
        "seed-sessions" => {
            let (tenant, like) = (text(&query, "tenant"), text(&query, "like"));
            told(seed::sessions(host, (&tenant, &like), number(&query, "number")).await)
        }
        "evict" => object_hook(host, &recipient(&query), "evict", &[]).await,
        "post" => post(host, &query).await,
        "cold" => cold(host, &text(&query, "sql")).await,
        "cold-await" => wait_for_count(host, &query).await,
        "end-sessions" => end_sessions(host, &query).await,
        "read" => ask(host, &query, Read).await,
        "end" => ask(host, &query, End).await,
        "await" => wait_for_total(host, &query).await,
        _ if hook.starts_with("echo") => return echo(request),
        _ => return reply(StatusCode::NOT_FOUND, &Value::Null),
    };
    reply(StatusCode::OK, &answer)
}

fn reply(status: StatusCode, body: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    Response {
        status,
        headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
        body: body.to_string().into_bytes(),
        opened: None,
    }
}

/// The socket the probe accepts, or what it says instead.
async fn listen(host: &WorkerHost, query: &Query) -> Response {
    let wish = Listen {
        tag: text(query, "tag"),
        refuses: query.contains_key("refuses"),
    };
    let to = address(text(query, "name"));
    match mail(host).connect(&to, wish).await {
        Ok(Connection::Open(socket)) => opened(socket),
        Ok(Connection::Answered(refused)) => reply(StatusCode::CONFLICT, &json!(refused)),
        Err(fault) => reply(StatusCode::CONFLICT, &told::<()>(Err(fault))),
    }
}

fn opened(socket: WebSocket) -> Response {
    let protocol = HeaderValue::from_static("aero2.test");
    Response {
        status: StatusCode::SWITCHING_PROTOCOLS,
        headers: HeaderMap::from_iter([(SEC_WEBSOCKET_PROTOCOL, protocol)]),
        body: Vec::new(),
        opened: Some(Opened::new(socket)),
    }
}

/// What somebody else's server answers.
async fn post(host: &WorkerHost, query: &Query) -> Value {
    let Ok(url) = text(query, "url").parse() else {
        return Value::Null;
    };
    let post = Post {
        url,
        headers: vec![(AUTHORIZATION, Secret::new("Bearer secret".to_owned()))],
        body: b"posted".to_vec(),
    };
    match host.post(post).await {
        Ok(posted) => json!({ "status": posted.status.as_u16(), "bytes": posted.body.len() }),
        Err(fault) => json!({ "fault": fault.to_string() }),
    }
}

/// The request as the gateway sees it, and two cookies.
fn echo(request: &Request) -> Response {
    let body = match &request.body {
        Body::Whole(bytes) => json!(bytes.expose().len()),
        Body::TooLarge => json!("too large"),
    };
    let headers = request.headers.iter();
    let headers: BTreeMap<&str, Option<&str>> = headers
        .map(|(name, value)| (name.as_str(), value.to_str().ok()))
        .collect();
    let mut response = reply(
        StatusCode::OK,
        &json!({
            "method": request.method.as_str(),
            "host": request.host,
            "path": request.path,
            "query": request.query,
            "headers": headers,
            "body": body,
            "client_address": request.client_address,
            "client_place": request.client_place,
            "id": request.id,
        }),
    );
    for cookie in [
        "one=1; Path=/",
        "two=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    ] {
        let cookie = HeaderValue::from_static(cookie);
        response.headers.append(SET_COOKIE, cookie);
    }
    response
}

#[expect(clippy::panic, reason = "a test asked for it")]
fn unwind() -> Value {
    panic!("a test asked for it")
}

fn mail(host: &WorkerHost) -> Mail<<WorkerHost as Platform>::Transport> {
    Mail::new(host.transport(), None)
}

fn text(query: &Query, name: &str) -> String {
    query.get(name).cloned().unwrap_or_default()
}

fn number(query: &Query, name: &str) -> i64 {
    text(query, name).parse().unwrap_or_default()
}

fn recipient(query: &Query) -> Recipient {
    let kind = query.get("kind").map_or(Probe::KIND, String::as_str);
    Recipient {
        kind: kind.to_owned(),
        name: text(query, "name"),
    }
}

fn fresh() -> String {
    base32(&draw::<10>(&mut HostEntropy))
}

fn add(query: &Query) -> Add {
    Add {
        amount: number(query, "amount"),
        tell: query.get("tell").cloned(),
    }
}

fn told<T: serde::Serialize>(outcome: Result<T, Fault>) -> Value {
    match outcome {
        Ok(answer) => json!(answer),
        Err(fault) => json!({ "fault": fault.to_string(), "code": fault.code() }),
    }
}

async fn ask<Q: Ask<Party = Probe, Answer = Total>>(
    host: &WorkerHost,
    query: &Query,
    question: Q,
) -> Value {
    told(
        mail(host)
            .ask(&address(text(query, "name")), question)
            .await,
    )
}

/// What the archive's database makes of one statement.
async fn cold(host: &WorkerHost, sql: &str) -> Value {
    let statements = json!([[sql, []]]).to_string();
    match host.archive(statements).await {
        Ok(answer) => serde_json::from_str(&answer).unwrap_or(Value::Null),
        Err(fault) => json!({ "fault": fault.to_string() }),
    }
}

/// Answers once the archive keeps so many sessions, or a minute later.
async fn wait_for_count(host: &WorkerHost, query: &Query) -> Value {
    let (wanted, end) = (number(query, "count"), host.now().plus(MINUTE_MS));
    loop {
        let answer = cold(host, "SELECT COUNT(*) AS n FROM session").await;
        let count = answer.pointer("/0/0/n").cloned().unwrap_or(answer);
        if count == json!(wanted) || host.now() > end {
            return count;
        }
        Delay::from(Duration::from_millis(SECOND_MS.unsigned_abs() / 4)).await;
    }
}

/// Sessions of a tenant that nobody has founded begin and end, those of an act
/// that has been announced.
async fn end_sessions(host: &WorkerHost, query: &Query) -> Value {
    let (from, count) = (number(query, "from"), number(query, "count"));
    let ended = (from..from + count).map(|number| end_session(host, number));
    let ended = futures::future::join_all(ended).await;
    let faults = ended.into_iter().filter_map(Result::err);
    json!(faults.map(|fault| fault.to_string()).collect::<Vec<_>>())
}

async fn end_session(host: &WorkerHost, number: i64) -> Result<(), Fault> {
    let tenant = TenantId::from_bytes([7; 16]);
    let session = SessionId::from_bytes(u128::from(number.unsigned_abs()).to_be_bytes());
    let to = Session::address(tenant, session);
    let begin = Begin {
        tenant,
        issuer: "https://nobody.example".to_owned(),
        session,
        user: UserId::from_bytes([8; 16]),
        cookie: SessionCookie::mint(session, &mut HostEntropy).digest(),
        authentication: Authentication::by_password(host.now()),
        device: Device::default(),
        idle_ms: MINUTE_MS,
        absolute_ms: MINUTE_MS,
    };
    mail(host).ask(&to, begin).await?;
    let end = session::End {
        why: EndReason::Administrator,
        cookie: None,
        announced: Some(ActId::from_bytes([9; 16])),
    };
    mail(host).ask(&to, end).await.map(drop)
}

/// Answers once the total is what the test waits for, so that no test sleeps.
async fn wait_for_total(host: &WorkerHost, query: &Query) -> Value {
    let (wanted, end) = (number(query, "total"), host.now().plus(MINUTE_MS / 2));
    loop {
        let total = mail(host).ask(&address(text(query, "name")), Read).await;
        if matches!(total, Ok(Total(total)) if total == wanted) || host.now() > end {
            return told(total);
        }
        Delay::from(Duration::from_millis(SECOND_MS.unsigned_abs() / 20)).await;
    }
}

/// Adds, and leaves the delivery undone, as if the host had died right after
/// the commit.
async fn hold(host: &WorkerHost, query: &Query) -> Value {
    let envelope = selfcheck::packed(&add(query).into());
    object_hook(host, &recipient(query), "hold", &envelope).await
}

async fn object_hook(host: &WorkerHost, to: &Recipient, hook: &str, body: &[u8]) -> Value {
    match host.transport().post(to, hook, body).await {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        Err(error) => json!({ "error": message_of(&error) }),
    }
}

/// Whether an object takes its time.
pub(super) fn is_slow(object: &Object) -> bool {
    object.name().starts_with(SLOW)
}

/// How long it takes.
pub(super) async fn dawdle() {
    Delay::from(Duration::from_millis(SLOW_MS.unsigned_abs())).await;
}

/// What a test asks of the object itself; `None` when it is an ordinary message.
pub(super) async fn at_object(
    object: &Object,
    request: &worker::Request,
) -> Option<worker::Result<worker::Response>> {
    match request.path().as_str() {
        "/store-contract" => Some(worker::Response::from_json(
            &object.keeps_the_contract().await,
        )),
        "/hold" => {
            // Dropped: the deliveries are now the alarm's.
            let envelope = bytes(request.inner()).await.map_err(worker::Error::from);
            Some(envelope.and_then(|envelope| {
                drop(object.receive(&envelope, Wish::Answer));
                worker::Response::from_json(&"held")
            }))
        }
        "/evict" => {
            object.evict();
            Some(worker::Response::from_json(&"evicted"))
        }
        _ => None,
    }
}
