//! Which endpoints are there, what do they take, and who stands before them?

use crate::support::{
    Backend, Call, Site,
    browser::form_with,
    receiver::Receiver,
    tenant::{ClientSecretPair, TenantSite},
};
use aero2::gateway::{
    browser::CSRF_FIELD,
    route::{self, Endpoint},
};
use serde_json::{Value, json};

/// A text that is a script wherever it is not escaped.
pub(super) const EVIL: &str = "\"><script>alert(1)</script>";

/// What an endpoint reads.
pub(super) enum Input {
    /// Parameters: of the query for GET, of a form otherwise.
    Params(&'static [&'static str]),
    /// A JSON object with these members.
    Json(&'static [&'static str]),
}

/// One method at one address.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub(super) method: &'static str,
    /// As in the routing table, with its last part filled in.
    pub(super) path: String,
    pub(super) endpoint: Endpoint,
    at: route::Site,
}

impl Stop {
    /// What it reads; an endpoint that is new must say so here.
    pub(super) const fn input(&self) -> Input {
        input(self.endpoint)
    }

    /// What is done to an actor is said by the path.
    pub(super) fn takes_body(&self) -> bool {
        ["POST", "PUT", "PATCH"].contains(&self.method)
            && !self.path.starts_with("/admin/v1/actors/")
    }
}

const fn input(endpoint: Endpoint) -> Input {
    match endpoint {
        Endpoint::Health
        | Endpoint::Ready
        | Endpoint::Discovery
        | Endpoint::Jwks
        | Endpoint::Front
        | Endpoint::SignedOut
        | Endpoint::Console
        | Endpoint::OwnSessions
        | Endpoint::SsfConfiguration
        | Endpoint::SessionTickets => Input::Params(&["unknown"]),
        Endpoint::SessionEvents => Input::Params(&["access_token", "ticket", "token"]),
        Endpoint::Authorize | Endpoint::PushedAuthorization => Input::Params(AUTHORIZATION),
        Endpoint::Token => Input::Params(TOKEN),
        Endpoint::Userinfo | Endpoint::RevocationFeed => Input::Params(&["access_token"]),
        Endpoint::Introspect | Endpoint::Revoke => Input::Params(&[
            "token",
            "token_type_hint",
            "client_id",
            "client_secret",
            "client_assertion",
        ]),
        Endpoint::Logout => Input::Params(&[
            "id_token_hint",
            "logout_hint",
            "client_id",
            "post_logout_redirect_uri",
            "state",
            "ui_locales",
        ]),
        Endpoint::Register | Endpoint::Registration => Input::Json(CLIENT),
        Endpoint::Login => Input::Params(&["username", "password", "interaction"]),
        Endpoint::SignUp => Input::Params(&["username", "name", "password", "interaction"]),
        Endpoint::Consent | Endpoint::SelectAccount => Input::Params(&["decision", "interaction"]),
        Endpoint::Account => Input::Params(&["done"]),
        Endpoint::AccountProfile => {
            Input::Params(&["name", "given_name", "family_name", "nickname", "done"])
        }
        Endpoint::AccountPassword => Input::Params(&["current_password", "new_password", "done"]),
        Endpoint::AccountSessions => Input::Params(&["which", "done"]),
        Endpoint::AccountApplications => Input::Params(&["client_id", "done"]),
        Endpoint::SetUp => Input::Params(&["token", "password"]),
        Endpoint::Asset => Input::Params(&["c"]),
        Endpoint::SsfStream => Input::Json(STREAM),
        Endpoint::SsfStatus => Input::Json(&["stream_id", "status", "reason"]),
        Endpoint::SsfAddSubject | Endpoint::SsfRemoveSubject => {
            Input::Json(&["stream_id", "subject", "verified"])
        }
        Endpoint::SsfVerify => Input::Json(&["stream_id", "state"]),
        Endpoint::SsfPoll => Input::Json(&["maxEvents", "returnImmediately", "ack", "setErrs"]),
        Endpoint::RateLimit => Input::Json(QUESTION),
        Endpoint::Admin => Input::Json(ADMIN),
    }
}

pub(super) const AUTHORIZATION: &[&str] = &[
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "acr_values",
    "login_hint",
    "id_token_hint",
    "claims",
    "resource",
    "ui_locales",
    "display",
    "request",
    "request_uri",
    "registration",
    "interaction",
];

const TOKEN: &[&str] = &[
    "grant_type",
    "code",
    "redirect_uri",
    "code_verifier",
    "refresh_token",
    "scope",
    "resource",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

pub(super) const CLIENT: &[&str] = &[
    "client_name",
    "redirect_uris",
    "grant_types",
    "response_types",
    "scope",
    "token_endpoint_auth_method",
    "jwks",
    "logo_uri",
    "contacts",
    "default_max_age",
    "client_id",
    "client_secret",
];

const STREAM: &[&str] = &[
    "stream_id",
    "iss",
    "aud",
    "events_supported",
    "events_requested",
    "events_delivered",
    "delivery",
    "min_verification_interval",
    "description",
];

const QUESTION: &[&str] = &[
    "policy",
    "inline",
    "inline_name",
    "subject",
    "cost",
    "request_id",
    "hold_ms",
    "checks",
];

const ADMIN: &[&str] = &[
    "slug",
    "name",
    "hostnames",
    "status",
    "password_policy",
    "session_idle_ms",
    "brand_color",
    "logo_uri",
    "email",
    "email_verified",
    "password",
    "roles",
    "address",
    "redirect_uris",
    "default_max_age",
    "jwks",
    "emergency",
    "limit",
    "cursor",
];

/// A policy that is laid down at every tenant here.
const POLICY: &str = "api";

/// A tenant with all there can be in it, and somebody signed in at it.
pub(super) struct Ground<'a> {
    pub(super) tenant: TenantSite<'a>,
    pub(super) client: ClientSecretPair,
    admin: String,
    receiver: String,
    backend: String,
    sub: String,
    cookies: String,
    csrf: String,
}

impl<'a> Ground<'a> {
    pub(super) fn new(site: &'a Site) -> Self {
        let tenant = site.tenant();
        let open = json!({"registration_enabled": true});
        tenant.admin("PATCH", "", &open).expect(200);
        let rule = json!({"name": "a", "type": "gcra", "period_ms": 1, "burst": 1});
        let policy = json!({"name": POLICY, "rules": [rule]});
        tenant.admin("POST", "/policies", &policy).expect(201);
        let sub = tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let (_, page) = browser.open(&tenant.url("/account/profile"));
        let form = form_with(page.expect(200).text(), &[(CSRF_FIELD, "")]);
        let csrf = form.fields.into_iter().find(|(name, _)| name == CSRF_FIELD);
        let cookie = |name| browser.cookie(&tenant.host(), name).unwrap();
        Self {
            client: tenant.client(),
            admin: site.admin_token(),
            receiver: Receiver::new(&tenant).token("ssf.manage"),
            backend: Backend::new(&tenant).token,
            sub,
            cookies: format!("session={}; csrf={}", cookie("session"), cookie("csrf")),
            csrf: csrf.unwrap().1,
            tenant,
        }
    }

    pub(super) fn site(&self) -> &'a Site {
        self.tenant.site
    }

    pub(super) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Where a stop is.
    pub(super) fn url(&self, stop: &Stop) -> String {
        match stop.at {
            route::Site::Platform => self.site().platform_url(&stop.path),
            route::Site::Anywhere | route::Site::Tenant => self.tenant.url(&stop.path),
        }
    }

    /// A request by somebody the endpoint would listen to.
    pub(super) fn call(&self, stop: &Stop) -> Call {
        let call = Call::new(stop.method, &self.url(stop));
        match stop.endpoint {
            Endpoint::Token
            | Endpoint::Introspect
            | Endpoint::Revoke
            | Endpoint::PushedAuthorization => call.basic(&self.client.id, &self.client.secret),
            Endpoint::Admin => call.bearer(&self.admin),
            Endpoint::RateLimit => call.bearer(&self.backend),
            Endpoint::SsfStream
            | Endpoint::SsfStatus
            | Endpoint::SsfAddSubject
            | Endpoint::SsfRemoveSubject
            | Endpoint::SsfVerify
            | Endpoint::SsfPoll => call.bearer(&self.receiver),
            opened if opened.is_opened() => call
                .header("accept", "text/html")
                .header("cookie", &self.cookies),
            _ => call.header("cookie", &self.cookies),
        }
    }

    /// Every method of every address. What would be deleted is never there.
    pub(super) fn stops(&self) -> Vec<Stop> {
        let description = self.site().platform_url("/admin/v1/openapi.json");
        let description = self.site().get(&description).expect(200).json();
        let mut stops = Vec::new();
        for (path, route) in route::all() {
            if route.endpoint == Endpoint::Admin {
                self.admin_stops(&description, &mut stops);
                continue;
            }
            if route.endpoint == Endpoint::RateLimit {
                let asks = ["check", "reserve", "commit", "cancel", "peek", "batch"];
                stops.extend(asks.map(|ask| Stop {
                    method: "POST",
                    path: format!("{path}{ask}"),
                    endpoint: route.endpoint,
                    at: route.at,
                }));
                continue;
            }
            let path = match path {
                "/oauth/register/" => format!("{path}{}", self.client.id),
                "/v1/sessions/" => format!("{path}ses_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
                "/ssf/poll/" => format!("{path}stm_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
                "/assets/" => format!("{path}theme.css"),
                "/admin/" => format!("{path}tenants"),
                exact => {
                    let is_whole = exact == "/" || !exact.ends_with('/');
                    assert!(is_whole, "a sample of what is under {exact}");
                    exact.to_owned()
                }
            };
            stops.extend(route.methods.iter().map(|method| Stop {
                method: name(method.as_str()),
                path: path.clone(),
                endpoint: route.endpoint,
                at: route.at,
            }));
        }
        stops
    }

    fn admin_stops(&self, description: &Value, stops: &mut Vec<Stop>) {
        for (path, operations) in description["paths"].as_object().unwrap() {
            let operations = operations.as_object().unwrap().keys();
            for method in operations.filter(|key| *key != "parameters") {
                let method = name(&method.to_uppercase());
                stops.push(Stop {
                    method,
                    path: self.filled(path, method == "DELETE"),
                    endpoint: Endpoint::Admin,
                    at: route::Site::Platform,
                });
            }
        }
    }

    fn filled(&self, path: &str, is_deleted: bool) -> String {
        let nobody = [
            "nobody",
            "nothing",
            "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa",
            "none",
        ];
        let (slug, id, sub) = (&self.tenant.slug, &self.client.id, &self.sub);
        let somebody = [slug.as_str(), id.as_str(), sub.as_str(), nobody[3], POLICY];
        let names = if is_deleted { nobody } else { somebody };
        let braces = ["{tenant}", "{client_id}", "{sub}", "{sid}", "{policy}"];
        let filled = braces
            .iter()
            .zip(names)
            .fold(path.to_owned(), |path, (brace, name)| {
                path.replace(brace, name)
            });
        filled.replace("{kind}/{name}", &format!("tenant/{slug}"))
    }
}

fn name(method: &str) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    known.into_iter().find(|known| *known == method).unwrap()
}
