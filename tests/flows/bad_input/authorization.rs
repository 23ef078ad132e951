//! What is a bad authorization request told, and where?

use super::{
    atlas::{AUTHORIZATION, EVIL},
    sound::Findings,
};
use crate::support::{
    Call, Reply, Site,
    call::{encoded, query_of},
    relying_party::RelyingParty,
    tenant::REDIRECT_URI,
};

/// Parameters over an ordinary request's, and the error of RFC 6749 §4.1.2.1,
/// OpenID Connect Core §3.1.2.6 or RFC 8707 §2 that goes back to the client.
const WRONG: &[(&str, &str, &str)] = &[
    ("response_type", "", "invalid_request"),
    ("response_type", "token", "unsupported_response_type"),
    (
        "response_type",
        "code id_token",
        "unsupported_response_type",
    ),
    ("response_type", EVIL, "unsupported_response_type"),
    ("response_mode", "fragment", "invalid_request"),
    ("scope", "openid \u{e9}", "invalid_scope"),
    ("scope", "openid \"", "invalid_scope"),
    ("code_challenge", "", "invalid_request"),
    ("code_challenge", "short", "invalid_request"),
    ("code_challenge", EVIL, "invalid_request"),
    ("code_challenge_method", "plain", "invalid_request"),
    ("prompt", "none login", "invalid_request"),
    ("max_age", "-1", "invalid_request"),
    ("max_age", "soon", "invalid_request"),
    ("max_age", "99999999999999999999", "invalid_request"),
    ("claims", "[]", "invalid_request"),
    ("claims", "{\"userinfo\":7}", "invalid_request"),
    ("claims", "{", "invalid_request"),
    ("resource", "relative", "invalid_target"),
    ("resource", "https://a.example/#b", "invalid_target"),
    ("request", "a.b.c", "request_not_supported"),
    (
        "request_uri",
        "https://evil.example/",
        "request_uri_not_supported",
    ),
    ("registration", "{}", "registration_not_supported"),
    ("id_token_hint", "a.b.c", "invalid_request"),
    ("id_token_hint", "a2s_", "invalid_request"),
];

/// What names nobody, or nowhere to go: RFC 6749 §4.1.2.1 forbids the redirect.
const UNREDIRECTABLE: &[&str] = &[
    "",
    "client_id=",
    "client_id=nobody",
    "client_id={id}&client_id={id}",
    "client_id=%ff",
    "client_id=%zz",
    "client_id=%00",
    "client_id={evil}",
    "client_id={id}&scope=openid",
    "client_id={id}&redirect_uri=&scope=openid",
    "client_id={id}&redirect_uri={evil}",
    "client_id={id}&redirect_uri=https://evil.example/callback",
    "client_id={id}&redirect_uri=https://app.example/callback/",
    "client_id={id}&redirect_uri=https://app.example/callback%23a",
    "client_id={id}&redirect_uri=https://app.example/callback%00",
    "client_id={id}&redirect_uri=https://app.example@evil.example/callback",
    "client_id={id}&redirect_uri=javascript:alert(1)",
    "client_id={id}&redirect_uri=//app.example/callback",
    "client_id={id}&redirect_uri=https://app.example/callback&redirect_uri=https://app.example/callback",
    "client_id={id}&redirect_uri=https://app.example/callback&state=%ff",
    "interaction=x&client_id={id}&redirect_uri=https://app.example/callback",
    "interaction={evil}",
    "interaction=a&interaction=b",
];

fn both(party: &RelyingParty<'_>, params: &str) -> [Reply; 2] {
    let url = party.tenant.url("/oauth/authorize");
    let get = Call::new("GET", &format!("{url}?{params}")).header("accept", "text/html");
    let mut post = Call::new("POST", &url)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded");
    post.body = params.as_bytes().to_vec();
    [&get, &post].map(|call| party.tenant.site.send(call))
}

fn params_of(url: &str) -> &str {
    url.split_once('?').unwrap().1
}

flows! {
    fn what_names_no_client_or_address_is_a_page_and_never_a_redirect(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        let mut findings = Findings::default();
        for template in UNREDIRECTABLE {
            let params = template
                .replace("{id}", &encoded(&party.client.id))
                .replace("{evil}", &encoded(EVIL));
            for reply in both(&party, &params) {
                findings.same(template, reply.status, 400);
                findings.same(template, reply.header("content-type"), "text/html; charset=utf-8");
                findings.same(template, reply.header("location"), "");
                findings.same(template, reply.text().contains("<script"), false);
            }
        }
        findings.none();
    }

    fn every_other_mistake_goes_back_to_the_client(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        let mut findings = Findings::default();
        for (name, value, error) in WRONG {
            let url = party.authorize_url(&[(name, value)]);
            for reply in both(&party, params_of(&url)) {
                let told = format!("{name}={value} {}", reply.header("location"));
                findings.same(&told, reply.status, 303);
                let location = reply.header("location");
                findings.same(&told, location.starts_with(REDIRECT_URI), true);
                if location.starts_with(REDIRECT_URI) {
                    let is = |name| query_of(location, name);
                    findings.same(&told, is("error").as_deref(), Some(*error));
                    findings.same(&told, is("state").as_deref(), Some("st4te"));
                    // RFC 9207 §2: in error responses too.
                    findings.same(&told, is("iss"), Some(tenant.issuer()));
                    findings.same(&told, is("code"), None);
                }
            }
        }
        findings.none();
    }

    /// RFC 6749 §3.1: request parameters must not be included more than once.
    fn a_repeated_parameter_is_invalid_request(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        let mut findings = Findings::default();
        // A resource may be repeated (RFC 8707 §2).
        let may_not = ["client_id", "redirect_uri", "resource", "request_uri", "interaction"];
        for name in AUTHORIZATION.iter().filter(|name| !may_not.contains(name)) {
            let url = party.authorize_url(&[(name, "")]);
            let params = format!("{}&{name}=a&{name}=b", params_of(&url));
            for reply in both(&party, &params) {
                let location = reply.header("location");
                if !location.starts_with(REDIRECT_URI) {
                    findings.note(format!("{name}: {} {location}", reply.status));
                    continue;
                }
                let error = query_of(location, "error");
                let unsupported = ["request_not_supported", "registration_not_supported"];
                let is_told = error.as_deref() == Some("invalid_request")
                    || error.as_deref().is_some_and(|error| unsupported.contains(&error));
                findings.same(&format!("{name} {location}"), is_told, true);
                let state = (*name != "state").then(|| "st4te".to_owned());
                findings.same(&format!("{name} {location}"), query_of(location, "state"), state);
            }
        }
        findings.none();
    }

    /// OpenID Connect Core §3.1.2.1: what is not understood is ignored.
    fn an_unknown_parameter_is_ignored(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        let url = party.authorize_url(&[("display", "hologram"), ("ui_locales", "tlh"), ("login_hint", EVIL)]);
        let browser = crate::support::Browser::new(site);
        let (url, page) = browser.open(&format!("{url}&unknown={0}&unknown={0}", encoded(EVIL)));
        assert!(url.contains("/login?"), "{url}");
        assert!(!page.expect(200).text().contains("<script"));
    }

    fn a_form_that_is_none_is_a_page(site: &Site) {
        let tenant = site.tenant();
        for media_type in ["", "text/plain", "application/json"] {
            let mut call = Call::new("POST", &tenant.url("/oauth/authorize"));
            if !media_type.is_empty() {
                call = call.header("content-type", media_type);
            }
            call.body = b"client_id=x".to_vec();
            let reply = site.send(&call).expect(400);
            assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
        }
    }
}
