//! Which applications does the browser tell that their user is signed out
//! ([OpenID Connect Front-Channel Logout §3])?
//!
//! [OpenID Connect Front-Channel Logout §3]: https://openid.net/specs/openid-connect-frontchannel-1_0.html#OPLogout

use super::{
    shell::{Needs, show},
    view::{Link, SigningOut},
};
use crate::{
    domain::{
        ids::SessionId,
        oauth::{Client, ClientId, RedirectUri},
    },
    gateway::{http::Response, platform::Platform, trouble::Answer, visit::Visit},
};
use ::http::{StatusCode, header};
use std::collections::BTreeSet;
use url::Url;

/// How long the applications' pages have to load before the browser goes on.
const SECONDS: u32 = 3;

/// Sends the browser on to `next`: at once, or by way of a page that loads the
/// logout page of every client that held a grant in the session and has one.
///
/// # Errors
/// When the tenant's actor fails.
pub async fn answer<P: Platform>(
    visit: &Visit<'_, P>,
    session: SessionId,
    clients: &[ClientId],
    next: &str,
) -> Answer {
    let mut frames = Vec::new();
    let mut origins = BTreeSet::new();
    for client in clients {
        let client = visit.client(client).await?;
        let place = client.and_then(|client| frame(&client, &visit.home.issuer, session));
        if let Some((frame, origin)) = place {
            frames.push(frame);
            origins.insert(origin);
        }
    }
    if frames.is_empty() {
        return Ok(Response::see_other(next));
    }
    let page = SigningOut {
        shell: visit.shell().await?,
        frames,
        next: Link {
            href: next.to_owned(),
            label: "Continue".to_owned(),
        },
        seconds: SECONDS,
    };
    let response = show(StatusCode::OK, &page, Needs::Nothing, None)?;
    Ok(framing(response, &origins))
}

/// Lets exactly these origins be framed by this one answer.
fn framing(response: Response, origins: &BTreeSet<String>) -> Response {
    let policy = response.headers.get(header::CONTENT_SECURITY_POLICY);
    let policy = policy.and_then(|policy| policy.to_str().ok());
    let mut policy = format!("{}; frame-src", policy.unwrap_or("default-src 'none'"));
    for origin in origins {
        policy.push(' ');
        policy.push_str(origin);
    }
    response.with(header::CONTENT_SECURITY_POLICY, &policy)
}

/// A client's logout page with what it wants to know, and its origin.
fn frame(client: &Client, issuer: &str, session: SessionId) -> Option<(String, String)> {
    let metadata = &client.metadata;
    let registered = metadata.frontchannel_logout_uri.as_deref()?;
    let origin = RedirectUri::parse(registered).ok()?.origin()?;
    let mut url = Url::parse(registered).ok()?;
    if metadata.frontchannel_logout_session_required {
        url.query_pairs_mut()
            .append_pair("iss", issuer)
            .append_pair("sid", &session.to_string());
    }
    Some((url.into(), origin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::tests::client;
    use serde_json::json;

    const SESSION: SessionId = SessionId::from_bytes([1; 16]);

    #[test]
    fn issuer_and_session_are_told_to_those_who_want_them() {
        let uri = "https://app.example/out?a=b";
        let plain = client(json!({ "frontchannel_logout_uri": uri }));
        let shown = frame(&plain, "https://acme.example", SESSION).unwrap();
        assert_eq!(shown, (uri.to_owned(), "https://app.example".to_owned()));
        let wanting = client(json!({
            "frontchannel_logout_uri": uri,
            "frontchannel_logout_session_required": true,
        }));
        let (shown, _) = frame(&wanting, "https://acme.example", SESSION).unwrap();
        let told = format!("{uri}&iss=https%3A%2F%2Facme.example&sid={SESSION}");
        assert_eq!(shown, told);
    }

    #[test]
    fn a_client_without_a_page_is_not_framed() {
        assert_eq!(
            frame(&client(json!({})), "https://acme.example", SESSION),
            None
        );
    }

    #[test]
    fn only_the_clients_may_be_framed() {
        let response = Response::empty(StatusCode::OK)
            .with(header::CONTENT_SECURITY_POLICY, "default-src 'none'");
        let origins = BTreeSet::from(["https://app.example".to_owned()]);
        let framed = framing(response, &origins);
        assert_eq!(
            framed.headers["content-security-policy"],
            "default-src 'none'; frame-src https://app.example"
        );
    }
}
