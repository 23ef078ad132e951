//! Which error has the specification for it?

use super::{atlas::Ground, sound::Findings};
use crate::support::{Call, Reply, Site, call::form_encoded};

/// Parameters, and the error of RFC 6749 §5.2 they are answered with.
type Row<'a> = (&'a str, &'static str);

const CODE: &str = "grant_type=authorization_code&";
const REFRESH: &str = "grant_type=refresh_token&";
const CREDENTIALS: &str = "grant_type=client_credentials&";

/// RFC 6749 §3.2: no parameter twice; one without a value is omitted. §5.2.
const TOKEN: &[(&str, &str, &str)] = &[
    ("", "", "invalid_request"),
    ("", "grant_type=", "invalid_request"),
    ("", "grant_type=a&grant_type=b", "invalid_request"),
    ("", "grant_type=password", "unsupported_grant_type"),
    ("", "grant_type=Refresh_Token", "unsupported_grant_type"),
    (
        "",
        "grant_type=%22%3E%3Cscript%3E",
        "unsupported_grant_type",
    ),
    ("", "grant_type=%ff", "invalid_request"),
    ("", "grant_type=%zz", "invalid_request"),
    ("", "%ff=x", "invalid_request"),
    ("", "grant_type=client_credentials&%", "invalid_request"),
    (CODE, "", "invalid_request"),
    (CODE, "code=", "invalid_request"),
    (CODE, "code=a&code=b", "invalid_request"),
    (CODE, "code=a", "invalid_grant"),
    (
        CODE,
        "code=a&redirect_uri=b&redirect_uri=c",
        "invalid_request",
    ),
    (
        CODE,
        "code=a&code_verifier=b&code_verifier=c",
        "invalid_request",
    ),
    (CODE, "code=a&client_id=b&client_id=c", "invalid_request"),
    (CODE, "code=a&client_id=another", "invalid_request"),
    (CODE, "code=a&client_secret=b", "invalid_request"),
    (CODE, "code=a&client_assertion=b", "invalid_request"),
    (REFRESH, "", "invalid_request"),
    (
        REFRESH,
        "refresh_token=a&refresh_token=b",
        "invalid_request",
    ),
    (REFRESH, "refresh_token=a", "invalid_grant"),
    (
        REFRESH,
        "refresh_token=a&scope=a&scope=b",
        "invalid_request",
    ),
    (REFRESH, "refresh_token=a&scope=%22", "invalid_scope"),
    (CREDENTIALS, "", "unauthorized_client"),
    (CREDENTIALS, "scope=%c3%a9", "invalid_scope"),
    (CREDENTIALS, "resource=relative", "invalid_target"),
    (CREDENTIALS, "resource=urn:a%23fragment", "invalid_target"),
];

fn refusal(findings: &mut Findings, told: &str, reply: &Reply, status: u16, error: &str) {
    let told = format!("{told} [{}]", String::from_utf8_lossy(&reply.body));
    findings.same(&told, reply.status, status);
    findings.same(&told, reply.header("content-type"), "application/json");
    findings.same(&told, reply.header("cache-control"), "no-store");
    if reply.header("content-type") == "application/json" {
        findings.same(&told, reply.json()["error"].as_str(), Some(error));
    }
}

fn posted(ground: &Ground<'_>, path: &str, body: impl Into<Vec<u8>>, media_type: &str) -> Reply {
    let mut call =
        Call::new("POST", &ground.tenant.url(path)).basic(&ground.client.id, &ground.client.secret);
    if !media_type.is_empty() {
        call = call.header("content-type", media_type);
    }
    call.body = body.into();
    ground.site().send(&call)
}

const FORM: &str = "application/x-www-form-urlencoded";
const FORMS: [&str; 4] = [
    "/oauth/token",
    "/oauth/introspect",
    "/oauth/revoke",
    "/oauth/par",
];

flows! {
    fn a_token_request_out_of_order_is_told_which_rule_it_broke(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for (grant, rest, error) in TOKEN {
            let body = format!("{grant}{rest}");
            let reply = posted(&ground, "/oauth/token", body.as_str(), FORM);
            refusal(&mut findings, &body, &reply, 400, error);
        }
        findings.none();
    }

    /// RFC 7662 §2.1, RFC 7009 §2.1, RFC 9126 §2.1 and §2.3.
    fn the_other_forms_have_their_errors_too(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let rows: [(&str, Row<'_>); 13] = [
            ("/oauth/introspect", ("", "invalid_request")),
            ("/oauth/introspect", ("token=", "invalid_request")),
            ("/oauth/introspect", ("token=a&token=b", "invalid_request")),
            ("/oauth/introspect", ("token=%ff", "invalid_request")),
            ("/oauth/revoke", ("", "invalid_request")),
            ("/oauth/revoke", ("token=a&token=b", "invalid_request")),
            ("/oauth/revoke", ("token=%zz", "invalid_request")),
            ("/oauth/par", ("", "invalid_request")),
            ("/oauth/par", ("request_uri=urn:x", "invalid_request")),
            ("/oauth/par", ("redirect_uri=https://evil.example", "invalid_request")),
            ("/oauth/par", ("redirect_uri=a&redirect_uri=b", "invalid_request")),
            ("/oauth/par", (
                "redirect_uri=https://app.example/callback&response_type=token",
                "unsupported_response_type",
            )),
            ("/oauth/par", (
                "redirect_uri=https://app.example/callback&response_type=code&request=x",
                "request_not_supported",
            )),
        ];
        for (path, (body, error)) in rows {
            let reply = posted(&ground, path, body, FORM);
            refusal(&mut findings, &format!("{path} {body}"), &reply, 400, error);
        }
        findings.none();
    }

    fn a_form_is_a_form_and_nothing_else(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let good = "grant_type=client_credentials&token=x";
        let media_types = [
            "", "text/plain", "application/json", "multipart/form-data; boundary=x",
            "application/x-www-form-urlencodedx", "application",
        ];
        for path in FORMS {
            for media_type in media_types {
                let reply = posted(&ground, path, good, media_type);
                refusal(&mut findings, &format!("{path} {media_type:?}"), &reply, 400, "invalid_request");
            }
            for body in [&b"\xff=x"[..], b"token=\xc3\x28", b"a=%", b"token=%f", b"token=%ff%fe"] {
                let reply = posted(&ground, path, body, FORM);
                refusal(&mut findings, &format!("{path} {body:?}"), &reply, 400, "invalid_request");
            }
            let long = format!("token={}", "a".repeat(16_400));
            for body in [long, "a=b&".repeat(101), format!("{}=x", "a".repeat(129))] {
                let reply = posted(&ground, path, body.as_str(), FORM);
                let told: String = body.chars().take(20).collect();
                refusal(&mut findings, &format!("{path} {told}"), &reply, 400, "invalid_request");
            }
        }
        findings.none();
    }

    /// RFC 6749 §5.2 and RFC 9110 §11.6.1: 401, and how to do better.
    fn a_client_that_is_nobody_is_invalid_client(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let id = ground.client.id.as_str();
        let headers = [
            "", "Basic", "Basic ====", "Basic YQ==", "Basic Og==", "Basic YTpi", "Basic YTolZmY=",
            "Basic YTolenpi", "Basic /////w==", "Bearer x", "Negotiate x",
        ];
        let fields: &[&[(&str, &str)]] = &[
            &[], &[("client_id", id)], &[("client_id", "nobody")], &[("client_id", "é")],
            &[("client_id", id), ("client_secret", "wrong")],
            &[("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
              ("client_assertion", "a.b.c")],
        ];
        for path in FORMS {
            let request = [("grant_type", "client_credentials"), ("token", "x")];
            for header in headers {
                let call = Call::new("POST", &ground.tenant.url(path)).form(&request);
                let reply = site.send(&call.header("authorization", header));
                let told = format!("{path} {header}");
                refusal(&mut findings, &told, &reply, 401, "invalid_client");
                findings.same(&told, reply.header("www-authenticate").starts_with("Basic "), true);
            }
            for more in fields {
                let mut call = Call::new("POST", &ground.tenant.url(path)).form(&request);
                call.body.extend(format!("&{}", form_encoded(more)).into_bytes());
                let reply = site.send(&call);
                let told = format!("{path} {more:?}");
                refusal(&mut findings, &told, &reply, 401, "invalid_client");
                findings.same(&told, reply.header("www-authenticate").starts_with("Basic "), true);
            }
        }
        findings.none();
    }

    /// RFC 6749 §2.3: one method in a request.
    fn two_ways_to_authenticate_are_one_too_many(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for path in FORMS {
            let call = Call::new("POST", &ground.tenant.url(path))
                .basic(&ground.client.id, &ground.client.secret)
                .form(&[("grant_type", "client_credentials"), ("token", "x"), ("client_secret", "x")]);
            refusal(&mut findings, path, &site.send(&call), 400, "invalid_request");
            // A platform may make one header of the two, which is then no good one.
            let twice = call.basic(&ground.client.id, &ground.client.secret);
            findings.same(path, [400, 401].contains(&site.send(&twice).status), true);
        }
        findings.none();
    }

    /// RFC 6750 §2 and §3.
    fn a_bearer_is_told_what_is_wrong_with_the_token(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let url = ground.tenant.url("/oauth/userinfo");
        let get = || Call::new("GET", &url);
        let post = || Call::new("POST", &url);
        let rows: Vec<(Call, u16, &str)> = vec![
            (get(), 401, ""),
            (post(), 401, ""),
            (post().form(&[]), 401, ""),
            (post().form(&[("access_token", "")]), 401, ""),
            (get().bearer("x"), 401, "invalid_token"),
            (get().bearer("a.b.c"), 401, "invalid_token"),
            (get().header("authorization", "Bearer"), 400, "invalid_request"),
            (get().header("authorization", "Basic YTpi"), 400, "invalid_request"),
            (Call::new("GET", &format!("{url}?access_token=x")), 400, "invalid_request"),
            (Call::new("GET", &format!("{url}?a=%ff")), 400, "invalid_request"),
            (post().form(&[("access_token", "x"), ("access_token", "y")]), 400, "invalid_request"),
            (post().bearer("x").form(&[("access_token", "y")]), 400, "invalid_request"),
            (post().bearer("x").json(&serde_json::json!({"access_token": "y"})), 400, "invalid_request"),
        ];
        for (call, status, error) in rows {
            let reply = site.send(&call);
            let told = format!("{call:?}");
            findings.same(&told, reply.status, status);
            let challenge = reply.header("www-authenticate");
            findings.same(&told, challenge.starts_with("Bearer "), true);
            if error.is_empty() {
                findings.same(&told, challenge.contains("error"), false);
            } else {
                refusal(&mut findings, &told, &reply, status, error);
                findings.same(&told, challenge.contains(&format!("error=\"{error}\"")), true);
            }
        }
        findings.none();
    }
}
