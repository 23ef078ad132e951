//! Who is signed out, and who may look?

use super::stage::{ISSUER, NOON, SESSION, Stage, USER, cookie, json, location, view};
use crate::{
    actors::{
        session::{Ended, Looked, Message, Reply},
        tenant::{self, Change, SessionEntry, SessionList},
    },
    domain::{ids::SessionId, oauth::client::tests::client, session::Device},
};
use serde_json::json;

/// A user who is signed in here and at one other place.
fn signed_in() -> Stage {
    let session = |message| {
        Some(match message {
            Message::Look(_) => Reply::Look(Looked::Live(view())),
            Message::End(_) => Reply::End(Ended::Ended {
                user: USER,
                clients: vec![],
            }),
            _ => panic!("no such line"),
        })
    };
    let entry = |session| SessionEntry {
        session,
        device: Device::default(),
        began_at: NOON,
        used_at: None,
        seen: None,
    };
    let tenant = move |message| {
        Some(match message {
            tenant::Message::ListSessions(_) => tenant::Reply::ListSessions(SessionList {
                items: [SESSION, SessionId::from_bytes([8; 16])].map(entry).into(),
            }),
            tenant::Message::EndSessions(_) => tenant::Reply::EndSessions(Change::Done),
            _ => panic!("no such line"),
        })
    };
    Stage::set().session(session).tenant(tenant)
}

fn is_cookie_taken_away(response: &crate::gateway::http::Response) -> bool {
    let mut lines = response.headers.get_all("set-cookie").iter();
    lines.any(|line| line.to_str().unwrap().starts_with("__Host-session=;"))
}

#[test]
fn a_link_signs_nobody_out() {
    let answer = signed_in().browse("/oauth/logout");
    assert_eq!(answer.status, 200);
    assert!(!is_cookie_taken_away(&answer));
}

#[test]
fn without_a_session_a_known_client_gets_its_user_back() {
    let metadata = json!({"post_logout_redirect_uris": ["https://app.example/bye"]});
    let stage = Stage::set().client(client(metadata));
    let query = "client_id=app&post_logout_redirect_uri=https://app.example/other";
    assert_eq!(stage.get(&format!("/oauth/logout?{query}")).status, 400);
    let moved = stage.form("/oauth/logout", "client_id=app&state=x");
    assert_eq!(location(&moved), "/oauth/logout?client_id=app&state=x");
}

#[test]
fn a_confirmation_without_its_proof_is_refused() {
    let stage = signed_in();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", &cookie()),
    ];
    let answer = stage.send("POST /oauth/logout", &headers, "csrf=x");
    assert_eq!(answer.status, 403);
}

#[test]
fn a_confirmation_from_our_page_signs_out() {
    let stage = signed_in();
    let page = stage.browse("/oauth/logout");
    let html = core::str::from_utf8(&page.body).unwrap();
    let (_, after) = html.split_once("name=\"csrf\" value=\"").unwrap();
    let (proof, _) = after.split_once('"').unwrap();
    let nonce = page.headers["set-cookie"].to_str().unwrap();
    let (nonce, _) = nonce.split_once(';').unwrap();
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("cookie", &format!("{}; {nonce}", cookie())),
        ("origin", ISSUER),
    ];
    let answer = stage.send("POST /oauth/logout", &headers, &format!("csrf={proof}"));
    assert_eq!(location(&answer), "/signed-out");
    assert!(is_cookie_taken_away(&answer));
}

#[test]
fn a_session_is_ended_from_its_own_site_alone() {
    let stage = signed_in();
    let cookie = cookie();
    let delete = |path: &str, origin: &str| {
        let headers = [("cookie", cookie.as_str()), ("origin", origin)];
        stage.send(&format!("DELETE {path}"), &headers, "")
    };
    let own = format!("/v1/sessions/{SESSION}");
    assert_eq!(delete(&own, "https://evil.example").status, 403);
    assert_eq!(delete("/v1/sessions", ISSUER).status, 204);
    let ended = delete(&own, ISSUER);
    assert_eq!(ended.status, 204);
    assert!(is_cookie_taken_away(&ended));
}

#[test]
fn a_user_sees_the_own_sessions() {
    let stage = signed_in();
    let list = json(&stage.browse("/v1/sessions"));
    assert_eq!(list["items"][0]["is_current"], true);
    assert_eq!(list["items"][1]["is_current"], false);
    let one = stage.browse(&format!("/v1/sessions/{SESSION}"));
    assert_eq!(json(&one)["sid"], SESSION.to_string());
    let other = SessionId::from_bytes([1; 16]);
    assert_eq!(stage.browse(&format!("/v1/sessions/{other}")).status, 404);
    assert_eq!(stage.get("/v1/sessions").status, 401);
}
