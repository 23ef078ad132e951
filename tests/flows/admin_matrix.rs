//! Who may do what with the admin API, route by route and at which origin?
//!
//! One row for every route of the description, which a unit test holds to the
//! routing table: a route without a row fails here.

use crate::support::{Call, Reply, Site, console, relying_party::RelyingParty, tenant::TenantSite};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const HOUR_MS: u32 = 3_600_000;

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// To what is of all tenants: at the platform alone.
    Platform,
    /// To one tenant: at its own origin too.
    Tenant,
    /// The same, for operators of the platform alone.
    Operators,
}
use At::{Operators, Platform, Tenant};

/// What it needs: a sign-in of any age, or a fresh one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Any,
    Fresh,
}
use Need::{Any, Fresh};

const MATRIX: &[(&str, &str, At, Need)] = &[
    ("GET", "/admin/v1/me", Tenant, Any),
    ("GET", "/admin/v1/live", Platform, Any),
    ("GET", "/admin/v1/tenants/{tenant}/live", Tenant, Any),
    ("GET", "/admin/v1/tenants", Platform, Any),
    ("POST", "/admin/v1/tenants", Platform, Any),
    ("GET", "/admin/v1/tenants/{tenant}", Tenant, Any),
    ("PATCH", "/admin/v1/tenants/{tenant}", Tenant, Any),
    ("GET", "/admin/v1/tenants/{tenant}/clients", Tenant, Any),
    ("POST", "/admin/v1/tenants/{tenant}/clients", Tenant, Any),
    (
        "GET",
        "/admin/v1/tenants/{tenant}/clients/{client_id}",
        Tenant,
        Any,
    ),
    (
        "PATCH",
        "/admin/v1/tenants/{tenant}/clients/{client_id}",
        Tenant,
        Any,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/clients/{client_id}",
        Tenant,
        Fresh,
    ),
    (
        "POST",
        "/admin/v1/tenants/{tenant}/clients/{client_id}/secret",
        Tenant,
        Fresh,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/sessions",
        Tenant,
        Fresh,
    ),
    ("GET", "/admin/v1/tenants/{tenant}/users", Tenant, Any),
    ("POST", "/admin/v1/tenants/{tenant}/users", Tenant, Any),
    ("GET", "/admin/v1/tenants/{tenant}/users/{sub}", Tenant, Any),
    (
        "PATCH",
        "/admin/v1/tenants/{tenant}/users/{sub}",
        Tenant,
        Any,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/users/{sub}",
        Tenant,
        Fresh,
    ),
    (
        "GET",
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions",
        Tenant,
        Any,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions",
        Tenant,
        Fresh,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/users/{sub}/sessions/{sid}",
        Tenant,
        Fresh,
    ),
    ("GET", "/admin/v1/tenants/{tenant}/policies", Tenant, Any),
    ("POST", "/admin/v1/tenants/{tenant}/policies", Tenant, Any),
    (
        "GET",
        "/admin/v1/tenants/{tenant}/policies/{policy}",
        Tenant,
        Any,
    ),
    (
        "PATCH",
        "/admin/v1/tenants/{tenant}/policies/{policy}",
        Tenant,
        Any,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/policies/{policy}",
        Tenant,
        Fresh,
    ),
    (
        "GET",
        "/admin/v1/tenants/{tenant}/policies/{policy}/usage",
        Tenant,
        Any,
    ),
    (
        "GET",
        "/admin/v1/tenants/{tenant}/buckets/{policy}",
        Tenant,
        Any,
    ),
    (
        "DELETE",
        "/admin/v1/tenants/{tenant}/buckets/{policy}",
        Tenant,
        Fresh,
    ),
    ("GET", "/admin/v1/tenants/{tenant}/audit", Tenant, Any),
    ("GET", "/admin/v1/keys", Platform, Any),
    ("POST", "/admin/v1/keys/rotate", Platform, Fresh),
    ("GET", "/admin/v1/actors", Tenant, Any),
    ("GET", "/admin/v1/actors/{kind}", Tenant, Any),
    ("POST", "/admin/v1/actors/{kind}/reconcile", Tenant, Any),
    ("GET", "/admin/v1/actors/{kind}/{name}", Tenant, Any),
    (
        "POST",
        "/admin/v1/actors/{kind}/{name}/{command}",
        Tenant,
        Fresh,
    ),
    ("GET", "/admin/v1/archive/{shelf}", Tenant, Any),
    // It takes the tenant away from under the others, and so comes last.
    ("DELETE", "/admin/v1/tenants/{tenant}", Operators, Fresh),
];

/// Ids that nobody has, for what stands in the other braces.
const NOBODY: &[(&str, &str)] = &[
    ("{client_id}", "nobody"),
    ("{sub}", "usr_0aaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("{sid}", "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("{policy}", "none"),
    ("{kind}", "tenant"),
    ("{command}", "flush"),
    ("{shelf}", "sessions"),
];

/// The path of a row about a tenant.
fn filled(path: &str, tenant: &str) -> String {
    let path = path.replace("{tenant}", tenant).replace("{name}", tenant);
    NOBODY
        .iter()
        .fold(path, |path, (brace, name)| path.replace(brace, name))
}

/// Sends what no handler takes for more than a look, and none reads before it knows
/// who is asking.
fn send(site: &Site, (method, url): (&'static str, &str), token: Option<&str>) -> Reply {
    let mut call = Call::new(method, url);
    if ["POST", "PATCH"].contains(&method) {
        call = call.header("content-type", "application/json");
        call.body = b"[]".to_vec();
    }
    site.send(&match token {
        Some(token) => call.bearer(token),
        None => call,
    })
}

/// What an answer says, whatever request it answers.
fn said(reply: &Reply) -> (u16, String) {
    let Ok(mut document) = serde_json::from_slice::<Value>(&reply.body) else {
        return (reply.status, String::new());
    };
    document["instance"] = Value::Null;
    (reply.status, document.to_string())
}

/// What an answer means, as far as this matrix goes.
fn meaning(reply: &Reply) -> &'static str {
    let document = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
    let slug = document["type"].as_str().unwrap_or_default();
    match (reply.status, slug.rsplit(':').next().unwrap_or_default()) {
        (401, "invalid-token") => "who are you?",
        (401, "insufficient-user-authentication") => "sign in anew",
        (403, "insufficient-scope") => "you are no admin",
        (403, "operators-only") => "operators only",
        (404, "not-found") => "not here",
        (200..=299 | 400 | 404 | 409 | 415 | 422 | 426, _) => "let in",
        _ => "?",
    }
}

/// Everybody who may stand before a route at one origin, and the token they bring.
struct Persons {
    all: Vec<(&'static str, Option<String>)>,
}

/// A user's token of the tenant, and an admin's.
fn tokens(tenant: &TenantSite<'_>, name: &str) -> (String, String) {
    let (user, admin) = (
        format!("user-{name}@acme.example"),
        format!("admin-{name}@acme.example"),
    );
    tenant.user(&user);
    tenant.administrator(&admin);
    let token = |email: &str| console::tokens(tenant, &tenant.signed_in(email)).access;
    (token(&user), token(&admin))
}

struct Stage<'a> {
    own: TenantSite<'a>,
    other: TenantSite<'a>,
    platform: TenantSite<'a>,
    at_tenant: Persons,
    at_platform: Persons,
}

impl<'a> Stage<'a> {
    fn new(site: &'a Site) -> Self {
        Self::with_tokens_for(site, 5 * 60_000)
    }

    fn with_tokens_for(site: &'a Site, life_ms: u32) -> Self {
        let (own, other) = (site.tenant(), site.tenant());
        let platform = TenantSite::existing(site, "platform");
        for tenant in [&own, &platform] {
            let life = json!({"access_token_ttl_ms": life_ms});
            tenant.admin("PATCH", "", &life).expect(200);
        }
        let (user, admin) = tokens(&own, &own.slug);
        let (_, stranger) = tokens(&other, &own.slug);
        let (platform_user, operator) = tokens(&platform, &own.slug);
        let automation = site.admin_token();
        // For another resource server: a token of the same issuer is not enough.
        let party = RelyingParty::new(&own);
        own.user("ada@acme.example");
        let elsewhere = party.tokens(&own.signed_in("ada@acme.example")).access;
        let some = |token: &String| Some(token.clone());
        let at_tenant = Persons {
            all: vec![
                ("nobody", None),
                ("a user", some(&user)),
                ("a user of an application", some(&elsewhere)),
                ("another tenant's admin", some(&stranger)),
                ("the platform's admin", some(&operator)),
                ("automation", some(&automation)),
                ("the admin", some(&admin)),
            ],
        };
        let at_platform = Persons {
            all: vec![
                ("nobody", None),
                ("a user", some(&platform_user)),
                ("the tenant's admin", some(&admin)),
                ("another tenant's admin", some(&stranger)),
                ("a user of a tenant", some(&user)),
                ("automation", some(&automation)),
                ("the admin", some(&operator)),
            ],
        };
        Self {
            own,
            other,
            platform,
            at_tenant,
            at_platform,
        }
    }
}

fn expected(who: &str, at: At, is_platform: bool) -> &'static str {
    match who {
        "a user" => "you are no admin",
        "the admin" | "automation" if is_platform => "let in",
        "the admin" => match at {
            Tenant => "let in",
            Platform => "not here",
            Operators => "operators only",
        },
        _ => "who are you?",
    }
}

fn check(stage: &Stage<'_>, is_stale: bool) {
    let mut wrong = Vec::new();
    for (method, path, at, need) in MATRIX {
        let path = filled(path, &stage.own.slug);
        let origins = [
            (&stage.own, &stage.at_tenant, false),
            (&stage.platform, &stage.at_platform, true),
        ];
        for (origin, persons, is_platform) in origins {
            for (who, token) in &persons.all {
                if is_stale && *who != "the admin" {
                    continue;
                }
                let mut wanted = expected(who, *at, is_platform);
                let is_here = is_platform || *at != Platform;
                if is_stale && *need == Fresh && is_here {
                    wanted = "sign in anew";
                }
                let url = origin.url(&path);
                let reply = send(origin.site, (method, &url), token.as_deref());
                let got = meaning(&reply);
                if got != wanted {
                    let status = reply.status;
                    wrong.push(format!(
                        "{method} {url} by {who}: {got} ({status}), not {wanted}"
                    ));
                }
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

fn has_a_row_for_every_route(site: &Site) {
    let url = site.platform_url("/admin/v1/openapi.json");
    let document = site.get(&url).expect(200).json();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys();
        for method in methods.filter(|name| *name != "parameters") {
            routes.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    // Whoever asks may read it.
    routes.remove("GET /admin/v1/openapi.json");
    let rows = MATRIX
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"));
    assert_eq!(rows.collect::<BTreeSet<String>>(), routes);
}

flows! {
    fn every_route_lets_in_whom_it_should_and_nobody_else(site: &Site) {
        has_a_row_for_every_route(site);
        check(&Stage::new(site), false);
    }

    fn another_tenant_is_as_one_that_is_not(site: &Site) {
        let stage = Stage::new(site);
        let token = stage.at_tenant.all.last().unwrap().1.as_deref();
        let id = stage.other.admin("GET", "", &Value::Null).expect(200).member("id");
        let nobody = "tnt_aaaaaaaaaaaaaaaaaaaaaaaaaa";
        for (method, path, ..) in MATRIX.iter().filter(|(_, path, ..)| path.contains("{tenant}")) {
            let ask = |tenant: &str| {
                let url = stage.own.url(&filled(path, tenant));
                said(&send(site, (method, &url), token))
            };
            for (there, absent) in [(stage.other.slug.as_str(), "nobody-here"), (&id, nobody)] {
                let (status, told) = ask(there);
                assert!(status == 404 || status == 400, "{method} {path} {status}");
                assert_eq!((status, told), ask(absent), "{method} {path}");
            }
        }
        for name in [&id, "tnt_aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            for path in [
                format!("revocations/{name}"),
                format!("session/{name}%2Fses_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
                format!("bucket/{name}%2F1:a%2Faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ] {
                let url = stage.own.url(&format!("/admin/v1/actors/{path}"));
                assert_eq!(send(site, ("GET", &url), token).status, 404, "{path}");
            }
        }
        for path in ["jwks/jwks", "directory/directory"] {
            let url = stage.own.url(&format!("/admin/v1/actors/{path}"));
            assert_eq!(send(site, ("GET", &url), token).status, 404, "{path}");
        }
        let own = stage.own.url(&format!("/admin/v1/tenants/{}", stage.own.slug));
        send(site, ("GET", &own), token).expect(200);
    }

    fn a_tenants_admin_changes_its_settings_and_not_its_names(site: &Site) {
        let stage = Stage::new(site);
        let token = stage.at_tenant.all.last().unwrap().1.as_deref().unwrap();
        let own = stage.own.url(&format!("/admin/v1/tenants/{}", stage.own.slug));
        let change = |document: &Value| {
            site.send(&Call::new("PATCH", &own).bearer(token).json(document))
        };
        change(&json!({"signup_enabled": false})).expect(200);
        for refused in [
            json!({"slug": "elsewhere-now"}),
            json!({"status": "suspended"}),
            json!({"hostnames": ["login.bank.example"]}),
        ] {
            assert_eq!(meaning(&change(&refused)), "operators only", "{refused}");
        }
    }
}

/// In-process alone, for nobody waits a quarter of an hour. An access token lives
/// for as long as the tenant lets it.
#[test]
fn a_stale_sign_in_is_asked_for_again_by_every_route_that_needs_a_fresh_one() {
    let site = Site::in_process();
    let stage = Stage::with_tokens_for(&site, HOUR_MS);
    site.advance(16 * 60_000);
    check(&stage, true);
}
