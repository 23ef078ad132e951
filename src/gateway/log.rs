//! What does the operator's log say of a request (`docs/observability.md`)?
//!
//! One line, a JSON object: who was asked, what came of it, and how long it took.
//! The route is the table's, never the path; there is no query, no header, no
//! address in it, so that no token and nobody's name is.

use super::{
    admin,
    http::{Request, Response},
    platform::Platform,
    route::Route,
    settings::Log,
    visit::Visit,
};
use crate::{
    actors::runtime::{Calls, Cause, cause::failure},
    domain::{ids::TenantId, line::Line, time::Timestamp, trace::Trace},
};
use ::http::{HeaderName, HeaderValue};
use core::fmt::{Display, Write};

/// Names the request in an answer, as the log does.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What becomes of a route that there is not.
const NOWHERE: &str = "unknown";

/// What is counted of an answer, for whoever collects that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// At which tenant, as text; empty where none was found.
    pub tenant: String,
    /// The route, as in the log.
    pub route: String,
    /// The method; `other` for one that nobody knows.
    pub method: &'static str,
    /// The status.
    pub status: u16,
    /// How long it took.
    pub ms: i64,
    /// How many actors were asked.
    pub calls: u32,
}

/// What is known of a request by its end.
pub(super) struct Told<'a> {
    pub(super) request: &'a Request,
    pub(super) route: Option<&'a Route>,
    pub(super) tenant: Option<TenantId>,
    pub(super) began: Timestamp,
    pub(super) calls: &'a Calls,
    pub(super) fault: Option<String>,
}

/// What has caused whatever is asked on a request's behalf. A `traceparent` that
/// comes twice is none.
pub(super) fn cause(request: &Request) -> Cause {
    let mut sent = request.headers.get_all("traceparent").iter();
    let first = sent.next().filter(|_| sent.next().is_none());
    let first = first.and_then(|sent| sent.to_str().ok());
    Cause {
        request: Some(request.id.clone()),
        trace: Some(Trace::of(first, &request.id).into_text()),
    }
}

/// Names the request in an answer to whoever may come to ask about it.
pub(super) fn name(response: &mut Response, id: &str, is_admin: bool) {
    if !is_admin && response.status.as_u16() < 400 {
        return;
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers.insert(REQUEST_ID, id);
    }
}

/// Says of an answer what there is to say: in the log, when it is about a failure
/// or everything is logged, and to whoever counts.
pub(super) fn tell<P: Platform>(platform: &P, told: &Told<'_>, response: &Response) {
    let status = response.status.as_u16();
    let is_failure = told.fault.is_some() || status >= 500;
    let is_logged = is_failure || platform.settings().log == Log::All;
    if !is_logged && !platform.measures() {
        return;
    }
    let now = platform.now();
    let point = Point {
        tenant: told.tenant.map_or_else(String::new, |id| id.to_string()),
        route: route(told.route, &told.request.path),
        method: method(told.request.method.as_str()),
        status,
        ms: now.since(told.began),
        calls: told.calls.count(),
    };
    if is_logged {
        let level = if is_failure {
            Level::Error
        } else {
            Level::Info
        };
        platform.log(level, &line(level, now, &point, told));
    }
    platform.measure(&point);
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something was done.
    Info,
    /// Something has failed here.
    Error,
}

fn line(level: Level, now: Timestamp, point: &Point, told: &Told<'_>) -> String {
    let level = match level {
        Level::Info => "info",
        Level::Error => "error",
    };
    let line = Line::of("level", level).text("event", "request");
    let line = cause(told.request).onto(line.json("at", now.as_millis()));
    let tenant = Some(point.tenant.as_str()).filter(|id| !id.is_empty());
    let line = line.some("tenant", tenant).text("route", &point.route);
    let line = line
        .text("method", point.method)
        .json("status", point.status);
    let mut calls = String::new();
    for call in told.calls.first().iter() {
        let comma = if calls.is_empty() { "" } else { "," };
        let call = Line::of("kind", &call.kind)
            .text("message", call.message)
            .json("ms", call.ms);
        let _ = write!(calls, "{comma}{}", call.end());
    }
    let line = line.json("ms", point.ms).json("asked", point.calls);
    let line = line.json("calls", format_args!("[{calls}]"));
    line.some("error", told.fault.as_deref()).end()
}

/// The route as the tables write it: where many are under one, with a star.
fn route(route: Option<&Route>, path: &str) -> String {
    let star = |route: &Route| {
        let is_whole = route.path == path;
        format!("{}{}", route.path, if is_whole { "" } else { "*" })
    };
    let of_admin = admin::template(path).map(str::to_owned);
    of_admin
        .or_else(|| route.map(star))
        .unwrap_or_else(|| NOWHERE.to_owned())
}

/// A client may make up methods, and a log is no place for what they say.
fn method(sent: &str) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    known
        .into_iter()
        .find(|known| *known == sent)
        .unwrap_or("other")
}

/// Logs what has failed on the way and kept nobody from an answer.
pub(super) fn failed<P: Platform>(
    visit: &Visit<'_, P>,
    event: &str,
    what: Option<&str>,
    why: &dyn Display,
) {
    let line = failure(event, visit.platform().now());
    let line = cause(visit.request)
        .onto(line)
        .text("tenant", &visit.home.id.to_string());
    let line = line.some("what", what).text("error", &why.to_string());
    visit.platform().log(Level::Error, &line.end());
}

/// How long an answer took, for an operator's browser
/// ([Server-Timing §4](https://www.w3.org/TR/server-timing/)).
pub(super) fn server_timing<P: Platform>(visit: &Visit<'_, P>) -> String {
    let ms = visit.platform().now().since(visit.now);
    let mut timing = format!("total;dur={ms}");
    for call in visit.mail.calls().first().iter() {
        let _ = write!(
            timing,
            ", {};dur={};desc={}",
            call.kind, call.ms, call.message
        );
    }
    timing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::route::find;

    #[test]
    fn a_route_is_the_tables_and_never_the_path() {
        let route = |path: &str| route(find(path).as_ref(), path);
        for (path, expected) in [
            ("/", "/"),
            ("/oauth/token", "/oauth/token"),
            ("/oauth/register/app-1", "/oauth/register/*"),
            ("/v1/sessions/ses_a", "/v1/sessions/*"),
            (
                "/admin/v1/tenants/acme/users/ada",
                "/admin/v1/tenants/{tenant}/users/{sub}",
            ),
            ("/admin/v1/ada@example.com", "/admin/v1/*"),
            ("/ada@example.com", "unknown"),
        ] {
            assert_eq!(route(path), expected);
        }
        assert_eq!((method("GET"), method("a2s_secret")), ("GET", "other"));
    }
}
