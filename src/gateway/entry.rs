//! What becomes of a request?

use super::{
    admin,
    authenticate::machine,
    bootstrap,
    cache::Cache,
    endpoints,
    http::{Request, Response, TARGET_BYTES_MAX},
    keys::TenantKeys,
    limit, log,
    origins::Origins,
    pages,
    platform::Platform,
    reach::Known,
    render,
    route::{self, Endpoint, Route, Site},
    trouble::{Answer, Problem, Trouble},
    visit::Visit,
};
use crate::{
    actors::{runtime::Mail, tenant::Configuration},
    domain::{
        ids::TenantId,
        limit::Name,
        oauth::{Client, ClientId},
    },
};
use ::http::Method;
use core::cell::Cell;
use std::rc::Rc;

/// Hosts an isolate remembers, known and unknown.
const HOMES_MAX: usize = 2_048;
/// Tenants whose settings, keys and origins an isolate remembers.
const TENANTS_MAX: usize = 512;
/// Clients an isolate remembers.
const CLIENTS_MAX: usize = 2_048;

/// Client assertions an isolate remembers to have been used. Beyond that the
/// oldest may be used again, here, until it expires within the hour.
const ASSERTIONS_MAX: usize = 4_096;

/// What an isolate remembers between requests.
pub(super) struct Memory {
    pub(super) homes: Cache<String, Known>,
    pub(super) origins: Cache<TenantId, Rc<Origins>>,
    pub(super) configurations: Cache<TenantId, Rc<Configuration>>,
    pub(super) clients: Cache<(TenantId, ClientId), Rc<Client>>,
    pub(super) keys: Cache<TenantId, Rc<TenantKeys>>,
    pub(super) assertions: Cache<(TenantId, [u8; 32]), ()>,
    pub(super) tokens: machine::Remembered,
    pub(super) limits: limit::Memory,
    pub(super) policies: limit::Policies,
    pub(super) usage: limit::Usage,
    pub(super) is_bootstrapped: Cell<bool>,
}

/// The gateway of one isolate.
pub struct Gateway<P> {
    pub(super) platform: P,
    pub(super) memory: Memory,
}

impl<P: Platform> Gateway<P> {
    /// A gateway that remembers nothing yet. Does no work.
    pub const fn new(platform: P) -> Self {
        let memory = Memory {
            homes: Cache::new(HOMES_MAX),
            origins: Cache::new(TENANTS_MAX),
            configurations: Cache::new(TENANTS_MAX),
            clients: Cache::new(CLIENTS_MAX),
            keys: Cache::new(TENANTS_MAX),
            assertions: Cache::new(ASSERTIONS_MAX),
            tokens: machine::none(),
            limits: limit::Memory::new(),
            policies: limit::no_policies(),
            usage: limit::Usage::new(),
            is_bootstrapped: Cell::new(false),
        };
        Self { platform, memory }
    }

    /// The host.
    pub const fn platform(&self) -> &P {
        &self.platform
    }

    /// Answers one request, whatever it is.
    pub async fn answer(&self, request: &Request) -> Response {
        let began = self.platform.now();
        let mail = Mail::of(self.platform.transport(), log::cause(request));
        let (calls, tenant) = (mail.calls(), Cell::default());
        let mut fault = None;
        let mut response = match self.dispatch(request, mail, &tenant).await {
            Ok(response) => response,
            Err(trouble) => {
                if let Trouble::Fault(why) = &trouble {
                    fault = Some(why.to_string());
                }
                render::trouble::render(request, trouble)
            }
        };
        let route = route::find(&request.path);
        if let Some(route) = &route {
            render::cors::open(&mut response, route);
        }
        let is_admin = route.is_some_and(|route| route.endpoint == Endpoint::Admin);
        log::name(&mut response, &request.id, is_admin);
        render::headers::harden(&mut response, self.platform.settings());
        if request.method == Method::HEAD {
            response.body.clear();
            response.opened = None;
        }
        let told = log::Told {
            request,
            route: route.as_ref(),
            tenant: tenant.get(),
            began,
            calls: &calls,
            fault,
        };
        log::tell(&self.platform, &told, &response);
        response
    }

    async fn dispatch(
        &self,
        request: &Request,
        mail: Mail<P::Transport>,
        tenant: &Cell<Option<TenantId>>,
    ) -> Answer {
        if request.path.len() + request.query.len() > TARGET_BYTES_MAX {
            return Err(
                Problem::new(414, "uri-too-long", "The request's target is too long.").into(),
            );
        }
        let Some(route) = route::find(&request.path) else {
            return Err(not_found());
        };
        if let Some(preflight) = render::cors::preflight(&route, &request.method) {
            return Ok(preflight);
        }
        if route.at == Site::Anywhere {
            allow(&route, &request.method)?;
            return endpoints::anywhere(self, request, &mail, route.endpoint).await;
        }
        if bootstrap::is_due(self, &request.host) {
            bootstrap::ensure(self, &mail).await?;
        }
        let now = self.platform.now();
        let home = self.home(&request.host, &mail, now).await?;
        tenant.set(Some(home.id));
        if route.at == Site::Platform && !home.is_platform {
            return Err(not_found());
        }
        allow(&route, &request.method)?;
        let visit = Visit {
            gateway: self,
            request,
            now,
            home,
            mail,
            about: Cell::new(None),
        };
        // Too much is too much also where nothing was to be sent.
        visit.body()?;
        limit::failures::before(&visit, route.endpoint)?;
        let answer = serve(&visit, route.endpoint).await;
        limit::failures::after(&visit, route.endpoint, &answer);
        answer
    }

    /// Forgets what this isolate remembers of a client: it has just changed.
    pub(super) fn forget_client(&self, tenant: TenantId, client_id: &ClientId) {
        self.memory
            .clients
            .forget(|(home, id)| *home == tenant && id == client_id);
    }

    /// Forgets what this isolate remembers of a policy: it has just changed.
    pub(super) fn forget_policy(&self, tenant: TenantId, name: &Name) {
        self.memory
            .policies
            .forget(|(home, other)| *home == tenant && other == name);
    }

    /// Forgets every tenant's keys: a rotation concerns them all.
    pub(super) fn forget_keys(&self) {
        self.memory.keys.forget(|_| true);
    }

    /// Forgets what this isolate remembers of a tenant, hosts included.
    pub(super) fn forget(&self, id: TenantId) {
        self.memory.homes.forget(|_| true);
        self.memory.origins.forget(|tenant| *tenant == id);
        self.memory.configurations.forget(|tenant| *tenant == id);
        self.memory.clients.forget(|(tenant, _)| *tenant == id);
        self.memory.keys.forget(|tenant| *tenant == id);
        self.memory.policies.forget(|(tenant, _)| *tenant == id);
        self.memory.tokens.forget(|(tenant, _)| *tenant == id);
    }
}

fn not_found() -> Trouble {
    Problem::new(404, "not-found", "There is nothing here.").into()
}

fn allow(route: &Route, method: &Method) -> Result<(), Trouble> {
    if route.takes(method) {
        return Ok(());
    }
    Err(Problem::new(
        405,
        "method-not-allowed",
        "This address does not take that method.",
    )
    .into())
}

async fn serve<P: Platform>(visit: &Visit<'_, P>, endpoint: Endpoint) -> Answer {
    match endpoint {
        Endpoint::Admin => admin::answer(visit).await,
        Endpoint::Front
        | Endpoint::Login
        | Endpoint::SignUp
        | Endpoint::Consent
        | Endpoint::SelectAccount
        | Endpoint::Account
        | Endpoint::AccountProfile
        | Endpoint::AccountPassword
        | Endpoint::AccountSessions
        | Endpoint::AccountApplications
        | Endpoint::SignedOut
        | Endpoint::SetUp
        | Endpoint::Console => pages::answer(visit, endpoint).await,
        _ => endpoints::answer(visit, endpoint).await,
    }
}
