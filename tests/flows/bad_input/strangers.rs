//! Does a token that was never issued reach anybody?
//!
//! Whoever asks an actor that is not there must not make one: it would cost
//! storage for ever.

use super::{atlas::Ground, sound::Findings};
use crate::support::{Call, Reply, Site};
use aero2::gateway::route::Endpoint;

/// Prefix and length of every kind of opaque token.
const KINDS: [(&str, usize); 6] = [
    ("a2s_", 48),
    ("a2c_", 48),
    ("a2r_", 84),
    ("a2k_", 32),
    ("a2g_", 32),
    ("a2u_", 32),
];

/// A token of a kind whose checksum is right.
fn framed(prefix: &str, length: usize) -> String {
    let mut bytes = vec![0x5a; length];
    let mut crc = crc32fast::Hasher::new();
    crc.update(prefix.as_bytes());
    crc.update(&bytes);
    bytes.extend(crc.finalize().to_be_bytes());
    let text = data_encoding::BASE64URL_NOPAD.encode(&bytes);
    format!("{prefix}{text}")
}

/// Tokens of every kind, whole and nearly so.
fn tokens() -> Vec<String> {
    let mut made = Vec::new();
    for (prefix, length) in KINDS {
        let token = framed(prefix, length);
        made.extend([
            token.to_uppercase(),
            token.replace(prefix, "a2z_"),
            format!("{token}="),
            format!("{token}{token}"),
            token[..token.len() - 1].to_owned(),
            framed(prefix, length - 1),
            framed(prefix, length + 1),
            prefix.to_owned(),
            token,
        ]);
    }
    let jws = |head: &str, body: &str| {
        let text = |part: &str| data_encoding::BASE64URL_NOPAD.encode(part.as_bytes());
        format!("{}.{}.AAAA", text(head), text(body))
    };
    made.extend([
        jws(r#"{"alg":"none","typ":"at+jwt"}"#, "{}"),
        jws(
            r#"{"alg":"HS256","typ":"at+jwt","kid":"x"}"#,
            r#"{"sub":"x"}"#,
        ),
        jws(r#"{"alg":"RS256","typ":"at+jwt","kid":"x"}"#, "[]"),
        jws("{}", "7"),
        "..".to_owned(),
        ".".repeat(1_000),
        "é.é.é".to_owned(),
    ]);
    made
}

/// As what it was presented, and the statuses there are for that.
type Presented = (&'static str, Reply, &'static [u16]);

/// Everywhere a token can be presented, and what it must be answered.
fn presented(ground: &Ground<'_>, token: &str) -> Vec<Presented> {
    let tenant = &ground.tenant;
    let site = ground.site();
    let form = |path: &str, fields: &[(&str, &str)]| {
        let call = Call::new("POST", &tenant.url(path));
        site.send(
            &call
                .basic(&ground.client.id, &ground.client.secret)
                .form(fields),
        )
    };
    let bare = |path: &str, fields: &[(&str, &str)]| {
        site.send(&Call::new("POST", &tenant.url(path)).form(fields))
    };
    let bearer = |path: &str| {
        let token: String = token.chars().filter(char::is_ascii).collect();
        site.send(&Call::new("GET", &tenant.url(path)).bearer(&token))
    };
    let id = ground.client.id.as_str();
    let code = [("grant_type", "authorization_code"), ("code", token)];
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", token)];
    let secret = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", token),
    ];
    let assertion = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", token),
    ];
    let mut replies: Vec<Presented> = vec![
        ("a code", form("/oauth/token", &code), &[400]),
        ("a refresh token", form("/oauth/token", &refresh), &[400]),
        ("a secret", bare("/oauth/token", &secret), &[401]),
        ("an assertion", bare("/oauth/token", &assertion), &[401]),
        (
            "introspected",
            form("/oauth/introspect", &[("token", token)]),
            &[200],
        ),
        (
            "revoked",
            form("/oauth/revoke", &[("token", token)]),
            &[200],
        ),
        ("at userinfo", bearer("/oauth/userinfo"), &[401]),
        (
            "in a form",
            bare("/oauth/userinfo", &[("access_token", token)]),
            &[401],
        ),
        (
            "at registration",
            bearer(&format!("/oauth/register/{id}")),
            &[401],
        ),
    ];
    replies.extend(hinted(ground, token));
    replies.extend(baked(ground, token));
    replies
}

/// The token as the cookies of a browser.
fn baked(ground: &Ground<'_>, token: &str) -> Vec<Presented> {
    let cookies = format!("session={token}; csrf={token}");
    let paths = [
        "/account",
        "/login",
        "/v1/sessions",
        "/oauth/logout",
        "/consent",
    ];
    let open = |path| {
        let call = Call::new("GET", &ground.tenant.url(path)).header("cookie", &cookies);
        let expected: &[u16] = &[200, 303, 400, 401];
        ("a cookie", ground.site().send(&call), expected)
    };
    paths.map(open).into()
}

/// The token as an ID token, as a request on its way and as a pushed one.
fn hinted(ground: &Ground<'_>, token: &str) -> Vec<Presented> {
    let encoded = crate::support::call::encoded(token);
    let get = |path: &str| {
        ground
            .site()
            .get(&ground.tenant.url(&format!("{path}{encoded}")))
    };
    let id = &ground.client.id;
    let pushed =
        format!("/oauth/authorize?client_id={id}&request_uri=urn:ietf:params:oauth:request_uri:");
    vec![
        ("a hint", get("/oauth/logout?id_token_hint="), &[200, 303]),
        (
            "an interaction",
            get("/oauth/authorize?interaction="),
            &[400],
        ),
        ("an interaction", get("/login?interaction="), &[400]),
        ("an interaction", get("/consent?interaction="), &[400]),
        (
            "an interaction",
            get("/select-account?interaction="),
            &[400],
        ),
        ("pushed", get(&pushed), &[400]),
    ]
}

flows! {
    fn a_token_nobody_issued_is_refused_and_makes_no_actor(site: &Site) {
        let ground = Ground::new(site);
        let mut findings = Findings::default();
        let before = site.actors();
        for token in tokens() {
            for (what, reply, expected) in presented(&ground, &token) {
                let body = String::from_utf8_lossy(&reply.body);
                let told = format!("{token} as {what}: {} {body}", reply.status);
                if !expected.contains(&reply.status) {
                    findings.note(told);
                } else if what == "introspected" {
                    // RFC 7662 §2.2: nothing more is told.
                    findings.same(&told, reply.text(), r#"{"active":false}"#);
                } else if expected == [400] && what.starts_with("a ") {
                    findings.same(&told, reply.member("error").as_str(), "invalid_grant");
                }
            }
        }
        findings.same("actors", site.actors(), before);
        findings.none();
    }

    fn a_cookie_nobody_baked_makes_no_actor_at_any_endpoint(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let before = site.actors();
        let cookies = format!("session={}; csrf=x", framed("a2s_", 48));
        for stop in ground.stops() {
            // Registering is charged before anything is read.
            if stop.endpoint == Endpoint::Register || stop.path.ends_with("/rotate") {
                continue;
            }
            let mut call = ground.call(&stop);
            call.headers.retain(|(name, _)| name != "cookie");
            let call = call.header("cookie", &cookies);
            let call = if stop.takes_body() { call.form(&[("csrf", "x")]) } else { call };
            findings.sound(&stop, "a stranger's cookie", &call, &site.send(&call));
        }
        findings.same("actors", site.actors(), before);
        findings.none();
    }
}
