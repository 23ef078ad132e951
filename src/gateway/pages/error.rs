//! What is shown when there is nothing else to show?

use super::{
    shell::{self, Needs, show},
    view::{Message, Shell},
    words,
};
use crate::gateway::{
    http::Request,
    platform::Platform,
    route,
    trouble::{Answer, Problem},
    visit::Visit,
};
use ::http::{StatusCode, header};

/// A sentence, on a page of the tenant's.
///
/// # Errors
/// On a fault.
pub async fn page<P: Platform>(
    visit: &Visit<'_, P>,
    status: StatusCode,
    title: &str,
    detail: &str,
) -> Answer {
    let shell = visit.shell().await?;
    message(shell, status, title, detail, &visit.request.id)
}

/// A problem as a page of nobody's: the tenant may be unknown, or what failed.
///
/// # Errors
/// When the page cannot be rendered.
pub fn problem(request: &Request, problem: &Problem) -> Answer {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let detail = match problem.retry_after_s {
        Some(seconds) => format!("{} Try again {}.", problem.detail, words::within(seconds)),
        None => problem.detail.clone(),
    };
    message(shell::bare(), status, title(problem), &detail, &request.id)
}

fn message(shell: Shell, status: StatusCode, title: &str, detail: &str, id: &str) -> Answer {
    let page = Message {
        shell,
        title: title.to_owned(),
        detail: words::capitalised(detail),
        next: None,
        reference: Some(id.to_owned()),
    };
    show(status, &page, Needs::Nothing, None)
}

fn title(problem: &Problem) -> &'static str {
    match (problem.status, problem.slug) {
        (_, "unknown-tenant") => "Nobody lives here",
        (_, "tenant-suspended") => "Closed for now",
        (_, "sign-up-closed") => "No new accounts",
        (_, "form-refused") => "Please try that again",
        (404, _) => "Page not found",
        (429, _) => "Too many attempts",
        (500, _) => "Something went wrong",
        (503, _) => "Back in a moment",
        _ => "That did not work",
    }
}

/// Whether whoever asks is a person looking at a browser: the address is one
/// that people open, or none at all, and HTML is preferred to JSON.
#[must_use]
pub fn is_for_people(request: &Request) -> bool {
    let is_opened = route::find(&request.path).is_none_or(|route| route.endpoint.is_opened());
    let accept = request
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    is_opened && accept.is_some_and(prefers_html)
}

/// Browsers put `text/html` first, programs do not name it at all; weights do
/// not come into it.
fn prefers_html(accept: &str) -> bool {
    let mut types = accept
        .split(',')
        .map(|range| range.split(';').next().unwrap_or_default());
    let first = types.find(|range| matches!(range.trim(), "text/html" | "application/json"));
    first.is_some_and(|range| range.trim() == "text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_wants_a_page_and_a_program_does_not() {
        assert!(prefers_html(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(prefers_html("text/html"));
        assert!(!prefers_html("*/*"));
        assert!(!prefers_html("application/json, text/html;q=0.1"));
        assert!(!prefers_html(""));
    }
}
