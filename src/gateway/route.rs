//! Which endpoint does a path name?

use ::http::Method;

/// A place a request can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its path, or what its paths begin with when they are many.
    pub path: &'static str,
    /// Where.
    pub endpoint: Endpoint,
    /// Whether it exists at every tenant or at the platform alone.
    pub at: Site,
    /// The methods it takes; HEAD is answered wherever GET is.
    pub methods: &'static [Method],
}

/// Where an endpoint exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// At every host, known or not: it touches no tenant.
    Anywhere,
    /// At every tenant, the platform included.
    Tenant,
    /// At the platform's own host.
    Platform,
}

/// Everything that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/healthz`.
    Health,
    /// `/readyz`.
    Ready,
    /// `/.well-known/openid-configuration`, `/.well-known/oauth-authorization-server`.
    Discovery,
    /// `/.well-known/jwks.json`.
    Jwks,
    /// `/oauth/authorize`.
    Authorize,
    /// `/oauth/token`.
    Token,
    /// `/oauth/userinfo`.
    Userinfo,
    /// `/oauth/introspect`.
    Introspect,
    /// `/oauth/revoke`.
    Revoke,
    /// `/oauth/logout`.
    Logout,
    /// `/oauth/par`.
    PushedAuthorization,
    /// `/oauth/register`.
    Register,
    /// `/oauth/register/{client_id}`.
    Registration,
    /// `/`: to the account page.
    Front,
    /// `/login`.
    Login,
    /// `/signup`.
    SignUp,
    /// `/consent`.
    Consent,
    /// `/select-account`.
    SelectAccount,
    /// `/account`.
    Account,
    /// `/account/profile`.
    AccountProfile,
    /// `/account/password`.
    AccountPassword,
    /// `/account/sessions`: end one or all others.
    AccountSessions,
    /// `/account/applications`: withdraw a consent.
    AccountApplications,
    /// `/signed-out`.
    SignedOut,
    /// `/setup`: the first administrator.
    SetUp,
    /// `/assets/…`: style sheets and scripts.
    Asset,
    /// `/v1/sessions`, `/v1/sessions/{sid}`.
    OwnSessions,
    /// `/v1/revocations/events`: a resource server's feed.
    RevocationFeed,
    /// `/v1/sessions/events`: a socket to the tab's own session.
    SessionEvents,
    /// `/v1/sessions/tickets`: for a page elsewhere that wants one.
    SessionTickets,
    /// `/v1/ratelimit/…`: rate limiting for the tenant's own subjects.
    RateLimit,
    /// `/.well-known/ssf-configuration`.
    SsfConfiguration,
    /// `/ssf/stream`.
    SsfStream,
    /// `/ssf/status`.
    SsfStatus,
    /// `/ssf/subjects:add`.
    SsfAddSubject,
    /// `/ssf/subjects:remove`.
    SsfRemoveSubject,
    /// `/ssf/verify`.
    SsfVerify,
    /// `/ssf/poll/{stream_id}`.
    SsfPoll,
    /// `/admin/v1/…`: see [`super::admin`].
    Admin,
    /// `/admin`, `/admin/…`: the console.
    Console,
}

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];
const GET_POST: &[Method] = &[Method::GET, Method::POST];
const GET_DELETE: &[Method] = &[Method::GET, Method::DELETE];
const MANAGE: &[Method] = &[Method::GET, Method::PUT, Method::DELETE];
const STREAMS: &[Method] = &[
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];
/// The admin API knows by itself what each of its addresses takes.
const ALL: &[Method] = &[
    Method::OPTIONS,
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

/// Paths that are matched whole.
const EXACT: &[(&str, Endpoint, Site, &[Method])] = &[
    ("/healthz", Endpoint::Health, Site::Anywhere, GET),
    ("/readyz", Endpoint::Ready, Site::Anywhere, GET),
    (
        "/.well-known/openid-configuration",
        Endpoint::Discovery,
        Site::Tenant,
        GET,
    ),
    (
        "/.well-known/oauth-authorization-server",
        Endpoint::Discovery,
        Site::Tenant,
        GET,
    ),
    ("/.well-known/jwks.json", Endpoint::Jwks, Site::Tenant, GET),
    (
        "/oauth/authorize",
        Endpoint::Authorize,
        Site::Tenant,
        GET_POST,
    ),
    ("/oauth/token", Endpoint::Token, Site::Tenant, POST),
    (
        "/oauth/userinfo",
        Endpoint::Userinfo,
        Site::Tenant,
        GET_POST,
    ),
    (
        "/oauth/introspect",
        Endpoint::Introspect,
        Site::Tenant,
        POST,
    ),
    ("/oauth/revoke", Endpoint::Revoke, Site::Tenant, POST),
    ("/oauth/logout", Endpoint::Logout, Site::Tenant, GET_POST),
    (
        "/oauth/par",
        Endpoint::PushedAuthorization,
        Site::Tenant,
        POST,
    ),
    ("/oauth/register", Endpoint::Register, Site::Tenant, POST),
    ("/", Endpoint::Front, Site::Tenant, GET),
    ("/login", Endpoint::Login, Site::Tenant, GET_POST),
    ("/signup", Endpoint::SignUp, Site::Tenant, GET_POST),
    ("/consent", Endpoint::Consent, Site::Tenant, GET_POST),
    (
        "/select-account",
        Endpoint::SelectAccount,
        Site::Tenant,
        GET_POST,
    ),
    ("/account", Endpoint::Account, Site::Tenant, GET),
    (
        "/account/profile",
        Endpoint::AccountProfile,
        Site::Tenant,
        GET_POST,
    ),
    (
        "/account/password",
        Endpoint::AccountPassword,
        Site::Tenant,
        GET_POST,
    ),
    (
        "/account/sessions",
        Endpoint::AccountSessions,
        Site::Tenant,
        GET_POST,
    ),
    (
        "/account/applications",
        Endpoint::AccountApplications,
        Site::Tenant,
        GET_POST,
    ),
    ("/signed-out", Endpoint::SignedOut, Site::Tenant, GET),
    ("/setup", Endpoint::SetUp, Site::Platform, GET_POST),
    ("/admin", Endpoint::Console, Site::Tenant, GET),
    (
        "/v1/sessions",
        Endpoint::OwnSessions,
        Site::Tenant,
        GET_DELETE,
    ),
    (
        "/v1/revocations/events",
        Endpoint::RevocationFeed,
        Site::Tenant,
        GET,
    ),
    (
        "/v1/sessions/events",
        Endpoint::SessionEvents,
        Site::Tenant,
        GET,
    ),
    (
        "/v1/sessions/tickets",
        Endpoint::SessionTickets,
        Site::Tenant,
        POST,
    ),
    (
        "/.well-known/ssf-configuration",
        Endpoint::SsfConfiguration,
        Site::Tenant,
        GET,
    ),
    ("/ssf/stream", Endpoint::SsfStream, Site::Tenant, STREAMS),
    ("/ssf/status", Endpoint::SsfStatus, Site::Tenant, GET_POST),
    (
        "/ssf/subjects:add",
        Endpoint::SsfAddSubject,
        Site::Tenant,
        POST,
    ),
    (
        "/ssf/subjects:remove",
        Endpoint::SsfRemoveSubject,
        Site::Tenant,
        POST,
    ),
    ("/ssf/verify", Endpoint::SsfVerify, Site::Tenant, POST),
];

/// Paths that are matched by their beginning.
const UNDER: &[(&str, Endpoint, Site, &[Method])] = &[
    (
        "/oauth/register/",
        Endpoint::Registration,
        Site::Tenant,
        MANAGE,
    ),
    (
        "/v1/sessions/",
        Endpoint::OwnSessions,
        Site::Tenant,
        GET_DELETE,
    ),
    ("/v1/ratelimit/", Endpoint::RateLimit, Site::Tenant, POST),
    ("/ssf/poll/", Endpoint::SsfPoll, Site::Tenant, POST),
    ("/assets/", Endpoint::Asset, Site::Anywhere, GET),
    ("/admin/v1/", Endpoint::Admin, Site::Tenant, ALL),
    ("/admin/", Endpoint::Console, Site::Tenant, GET),
];

/// Every route, with its path, or with what its paths begin with when they are
/// many.
pub fn all() -> impl Iterator<Item = (&'static str, Route)> {
    let route = |&(path, endpoint, at, methods)| {
        let route = Route {
            path,
            endpoint,
            at,
            methods,
        };
        (path, route)
    };
    EXACT.iter().chain(UNDER).map(route)
}

/// Finds the route of a path; `None` when there is none.
#[must_use]
pub fn find(path: &str) -> Option<Route> {
    let whole = EXACT.iter().find(|(exact, ..)| *exact == path);
    let found = whole.or_else(|| UNDER.iter().find(|(under, ..)| path.starts_with(under)));
    found.map(|&(path, endpoint, at, methods)| Route {
        path,
        endpoint,
        at,
        methods,
    })
}

impl Route {
    /// Whether it takes this method.
    #[must_use]
    pub fn takes(&self, method: &Method) -> bool {
        let wanted = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        self.methods.contains(wanted)
    }
}

impl Endpoint {
    /// Whether people open it in a browser: its errors are pages.
    #[must_use]
    pub const fn is_opened(self) -> bool {
        matches!(
            self,
            Self::Authorize
                | Self::Logout
                | Self::Front
                | Self::Login
                | Self::SignUp
                | Self::Consent
                | Self::SelectAccount
                | Self::Account
                | Self::AccountProfile
                | Self::AccountPassword
                | Self::AccountSessions
                | Self::AccountApplications
                | Self::SignedOut
                | Self::SetUp
                | Self::Console
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_one_endpoint() {
        assert_eq!(find("/oauth/token").unwrap().endpoint, Endpoint::Token);
        assert_eq!(
            find("/oauth/register").unwrap().endpoint,
            Endpoint::Register
        );
        assert_eq!(
            find("/oauth/register/x").unwrap().endpoint,
            Endpoint::Registration
        );
        assert_eq!(find("/admin/v1/keys").unwrap().endpoint, Endpoint::Admin);
        assert_eq!(find("/admin/keys").unwrap().endpoint, Endpoint::Console);
        assert_eq!(find("/oauth/token/"), None);
        assert_eq!(find("/OAUTH/token"), None);
    }

    #[test]
    fn head_goes_where_get_goes() {
        assert!(find("/login").unwrap().takes(&Method::HEAD));
        assert!(!find("/oauth/token").unwrap().takes(&Method::HEAD));
    }
}
