//! What is a bad JSON document told?

use super::{
    atlas::{CLIENT, Ground, Stop},
    sound::Findings,
};
use crate::support::{Call, Reply, Site, tenant::TenantSite};
use aero2::gateway::route::Endpoint;
use serde_json::json;

/// Registrations a tenant lets a stranger try at once.
const TRIES: usize = 10;

/// A document that is not metadata, whatever is done with it.
const NO_METADATA: &[&str] = &[
    "",
    "[]",
    "7",
    "null",
    "\"x\"",
    "{",
    "{}",
    "{}{}",
    "[{}]",
    "{\"redirect_uris\":[]}",
    "{\"redirect_uris\":7}",
    "{\"redirect_uris\":\"https://a.example/\"}",
    "{\"redirect_uris\":[7]}",
    "{\"redirect_uris\":{}}",
    "{\"redirect_uris\":1e999}",
    "{\"redirect_uris\":null}",
];

/// Members of the wrong type or value beside a good address.
const NO_MEMBER: &[&str] = &[
    "\"client_name\":7",
    "\"client_name\":[]",
    "\"grant_types\":\"implicit\"",
    "\"grant_types\":[\"implicit\"]",
    "\"grant_types\":[[]]",
    "\"response_types\":[\"token\"]",
    "\"token_endpoint_auth_method\":\"none at all\"",
    "\"scope\":7",
    "\"scope\":\"\\u0000\"",
    "\"jwks\":7",
    "\"jwks\":{\"keys\":7}",
    "\"logo_uri\":\"javascript:alert(1)\"",
    "\"default_max_age\":-1",
    "\"default_max_age\":1e300",
    "\"default_max_age\":\"x\"",
    "\"contacts\":7",
];

/// RFC 7591 §3.2.2 has an error of its own for these.
const NO_ADDRESS: &[&str] = &[
    "relative",
    "https://a.example/#b",
    "javascript:alert(1)",
    "data:text/html,x",
    "",
    "http://a.example/",
];

fn send(tenant: &TenantSite<'_>, body: impl Into<Vec<u8>>, media_type: &str) -> Reply {
    let mut call = Call::new("POST", &tenant.url("/oauth/register"));
    if !media_type.is_empty() {
        call = call.header("content-type", media_type);
    }
    call.body = body.into();
    tenant.site.send(&call)
}

/// Sends each document to a tenant that lets strangers register.
fn each(site: &Site, documents: &[String], mut check: impl FnMut(&str, Reply)) {
    for some in documents.chunks(TRIES) {
        let tenant = site.tenant();
        let open = json!({"registration_enabled": true});
        tenant.admin("PATCH", "", &open).expect(200);
        for document in some {
            check(
                document,
                send(&tenant, document.as_str(), "application/json"),
            );
        }
    }
}

fn with_bodies(ground: &Ground<'_>) -> Vec<Stop> {
    let mut stops = ground.stops();
    stops.retain(|stop| stop.endpoint == Endpoint::Admin && stop.takes_body());
    stops
}

fn problem(findings: &mut Findings, told: &str, reply: &Reply, status: u16, slug: &str) {
    let told = format!("{told} [{}]", String::from_utf8_lossy(&reply.body));
    findings.same(&told, reply.status, status);
    findings.same(
        &told,
        reply.header("content-type"),
        "application/problem+json",
    );
    if reply.header("content-type") == "application/problem+json" {
        let expected = format!("urn:aero2:problem:{slug}");
        findings.same(
            &told,
            reply.json()["type"].as_str(),
            Some(expected.as_str()),
        );
    }
}

flows! {
    fn what_is_no_metadata_is_invalid_client_metadata(site: &Site) {
        let mut findings = Findings::default();
        let mut documents: Vec<String> = NO_METADATA.iter().map(|text| (*text).to_owned()).collect();
        documents.extend(NO_MEMBER.iter().map(|member| {
            format!("{{\"redirect_uris\":[\"https://app.example/callback\"],{member}}}")
        }));
        documents.push("[".repeat(10_000));
        documents.push("{\"a\":".repeat(10_000));
        each(site, &documents, |document, reply| {
            let told: String = document.chars().take(90).collect();
            findings.same(&told, reply.status, 400);
            let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
            // Having no address at all is one way to have a wrong one.
            let is_told = ["invalid_client_metadata", "invalid_redirect_uri"].contains(&error.as_str());
            findings.same(&format!("{told} {error}"), is_told, true);
        });
        findings.none();
    }

    fn what_is_no_address_is_invalid_redirect_uri(site: &Site) {
        let mut findings = Findings::default();
        let document = |uri: &&str| json!({"redirect_uris": [uri]}).to_string();
        let documents: Vec<String> = NO_ADDRESS.iter().map(document).collect();
        each(site, &documents, |document, reply| {
            findings.same(document, reply.status, 400);
            let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
            findings.same(document, error.as_str(), "invalid_redirect_uri");
        });
        findings.none();
    }

    fn metadata_is_json_and_nothing_else(site: &Site) {
        let tenant = site.tenant();
        tenant.admin("PATCH", "", &json!({"registration_enabled": true})).expect(200);
        let mut findings = Findings::default();
        for media_type in ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
            let reply = send(&tenant, "{}", media_type);
            problem(&mut findings, media_type, &reply, 415, "unsupported-media-type");
        }
        let reply = send(&tenant, b"{\"client_name\":\"\xff\"}", "application/json");
        findings.same("not UTF-8", reply.member("error").as_str(), "invalid_client_metadata");
        findings.none();
    }

    /// RFC 7592 §2.2: an update is checked as a registration is.
    fn an_update_is_checked_as_a_registration_is(site: &Site) {
        let tenant = site.tenant();
        tenant.admin("PATCH", "", &json!({"registration_enabled": true})).expect(200);
        let good = json!({"redirect_uris": ["https://app.example/callback"]});
        let made = send(&tenant, good.to_string(), "application/json").expect(201);
        let (uri, token) = (made.member("registration_client_uri"), made.member("registration_access_token"));
        let put = |body: &str, media_type: &str| {
            let mut call = Call::new("PUT", &uri).bearer(&token).header("content-type", media_type);
            call.body = body.as_bytes().to_vec();
            site.send(&call)
        };
        let mut findings = Findings::default();
        let mut documents: Vec<String> = NO_METADATA.iter().map(|text| (*text).to_owned()).collect();
        for member in CLIENT {
            documents.push(format!("{{\"{member}\":\"a\",\"{member}\":7}}"));
        }
        documents.push(good.to_string());
        for document in &documents {
            let reply = put(document, "application/json");
            findings.same(document, reply.status, 400);
            findings.same(document, reply.json()["error"].is_string(), true);
        }
        findings.same("text", put("{}", "text/plain").status, 415);
        site.send(&Call::new("GET", &uri).bearer(&token)).expect(200);
        findings.none();
    }

    fn the_admin_api_takes_json_objects_and_names_what_is_wrong(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for stop in with_bodies(&ground) {
            let post = |body: &[u8], media_type: &str| {
                let mut call = ground.call(&stop);
                if !media_type.is_empty() {
                    call = call.header("content-type", media_type);
                }
                call.body = body.to_vec();
                site.send(&call)
            };
            let told = |what: &str| format!("{} {} {what}", stop.method, stop.path);
            for media_type in ["", "text/plain", "application/x-www-form-urlencoded", "application/xml"] {
                let reply = post(b"{\"a\":1}", media_type);
                problem(&mut findings, &told(media_type), &reply, 415, "unsupported-media-type");
            }
            let deep = "[".repeat(10_000);
            for body in [&b"[]"[..], b"7", b"null", b"{", b"{\"a\":1e999}", b"\xff", deep.as_bytes()] {
                let reply = post(body, "application/json");
                problem(&mut findings, &told("no object"), &reply, 400, "invalid-json");
            }
            let reply = post(b"{\"no_such_member\":1}", "application/json");
            problem(&mut findings, &told("no member"), &reply, 422, "unknown-member");
        }
        findings.none();
    }

    fn a_list_is_asked_for_in_order(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let of_tenant = |list: &str| format!("/admin/v1/tenants/{}/{list}", ground.tenant.slug);
        let lists = ["users", "clients", "policies", "audit"].map(of_tenant).into_iter();
        let lists = lists.chain(["/admin/v1/tenants".to_owned()]).collect::<Vec<_>>();
        let rows = [
            ("limit=0", "invalid-limit"), ("limit=101", "invalid-limit"), ("limit=x", "invalid-limit"),
            ("limit=-1", "invalid-limit"), ("limit=1&limit=2", "invalid-request"),
            ("limit=99999999999999999999", "invalid-limit"), ("limit=%ff", "invalid-request"),
            ("cursor=%zz", "invalid-request"), ("cursor=!", "invalid-cursor"),
            ("cursor=a&cursor=b", "invalid-request"), ("cursor=_w", "invalid-cursor"),
        ];
        let token = site.admin_token();
        for path in &lists {
            for (query, slug) in rows {
                let url = site.platform_url(&format!("{path}?{query}"));
                let reply = site.send(&Call::new("GET", &url).bearer(&token));
                problem(&mut findings, &format!("{path}?{query}"), &reply, 400, slug);
            }
        }
        findings.none();
    }

    fn a_name_that_is_nobodys_is_404(site: &Site) {
        let (token, mut findings) = (site.admin_token(), Findings::default());
        let tenant = site.tenant();
        let before = site.actors();
        let unknown = format!("tnt_{}", "a".repeat(26));
        for name in ["nobody", "NOBODY", "%2e%2e", "tnt_x", &unknown, "a%2fb", "%00", "-"] {
            let rests = ["", "/users", "/clients", "/users/x", "/clients/x", "/users/x/sessions", "/policies",
                "/policies/x", "/policies/x/usage", "/buckets/x?subject=x", "/audit"];
            for rest in rests {
                let url = site.platform_url(&format!("/admin/v1/tenants/{name}{rest}"));
                let reply = site.send(&Call::new("GET", &url).bearer(&token));
                findings.same(&url, reply.status, 404);
            }
        }
        let actor = [
            "tenant/nobody", "session/x", &format!("session/{unknown}%2Fses_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            "bucket/x", "bucket/%ff", "nothing/x", "jwks/other", "directory/other",
        ];
        for path in actor {
            let url = site.platform_url(&format!("/admin/v1/actors/{path}"));
            findings.same(&url, site.send(&Call::new("GET", &url).bearer(&token)).status, 404);
        }
        for rest in ["/users/x", "/clients/%22", "/users/usr_aaaaaaaaaaaaaaaaaaaaaaaaaa", "/policies/x",
            "/buckets/x?subject=x", "/buckets/own.sign_in?subject=x"] {
            findings.same(rest, tenant.admin("GET", rest, &serde_json::Value::Null).status, 404);
        }
        assert_eq!(site.actors(), before);
        findings.none();
    }
}
