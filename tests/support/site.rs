//! Where does a flow run?

use super::{
    call::{Call, Reply},
    cold::Cold,
    http::Client,
    platform::{BOOTSTRAP_SECRET, SETTINGS, TestPlatform},
    socket::{TestSocket, UPGRADE},
    tenant::TenantSite,
    workerd::{Server, Variant},
};
use aero2::{
    actors::runtime::{
        Recipient,
        world::{Helper, Line, World},
    },
    domain::secret::Secret,
    gateway::{
        Gateway, courier,
        http::{BODY_BYTES_MAX, Body, Request, Response},
    },
};
use http::{HeaderName, HeaderValue, Method};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The platform's authority in-process.
const IN_PROCESS: &str = "localhost:8787";

/// Tenants are numbered, so that none meets another's.
static TENANTS: AtomicU32 = AtomicU32::new(0);

/// A whole deployment.
pub(crate) struct Site {
    host: Host,
    /// The platform's authority.
    pub(crate) domain: String,
}

enum Host {
    InProcess(Box<InProcess>),
    Workerd(Client),
}

pub(crate) struct InProcess {
    pub(crate) gateway: Rc<Gateway<TestPlatform>>,
    requests: Cell<u32>,
    logged: RefCell<Vec<String>>,
}

impl Site {
    /// A new deployment in this thread, on the native store.
    pub(crate) fn in_process() -> Self {
        Self::logging("errors")
    }

    /// The same, whose log tells of `what`.
    pub(crate) fn logging(what: &str) -> Self {
        let own = [("PLATFORM_DOMAIN", IN_PROCESS), ("LOG", what)];
        let gateway = Rc::new(Gateway::new(TestPlatform::new(7, &own)));
        employ_courier(&gateway);
        let host = Host::InProcess(Box::new(InProcess {
            gateway,
            requests: Cell::new(0),
            logged: RefCell::default(),
        }));
        let site = Self {
            host,
            domain: IN_PROCESS.to_owned(),
        };
        site.get("http://localhost:8787/readyz").expect(200);
        site
    }

    /// Another isolate of the same in-process deployment, which remembers for
    /// itself.
    pub(crate) fn beside(&self) -> Self {
        let platform = self.inner().gateway.platform().beside();
        let gateway = Rc::new(Gateway::new(platform));
        Self {
            host: Host::InProcess(Box::new(InProcess {
                gateway,
                requests: Cell::new(0),
                logged: RefCell::default(),
            })),
            domain: self.domain.clone(),
        }
    }

    /// The built Worker on plain workerd, one for all flows of this process.
    pub(crate) fn on_workerd() -> Self {
        static SHARED: OnceLock<(u16, Client)> = OnceLock::new();
        let (port, client) = SHARED.get_or_init(|| {
            // Never dropped: its script ends when this program does.
            let server: &Server = Box::leak(Box::new(Self::server(Variant::Release)));
            (server.port(), server.client().clone())
        });
        Self {
            host: Host::Workerd(client.clone()),
            domain: format!("localhost:{port}"),
        }
    }

    /// A workerd of its own, set as every test deployment is.
    pub(crate) fn server(variant: Variant) -> Server {
        let server = Server::start_with(variant, SETTINGS);
        let ready = server.get("/readyz");
        assert_eq!(ready.status, 200, "{}", ready.text());
        server
    }

    /// The site on a workerd the caller owns.
    pub(crate) fn over(server: &Server) -> Self {
        let domain = format!("localhost:{}", server.port());
        Self {
            host: Host::Workerd(server.client().clone()),
            domain,
        }
    }

    /// The in-process host; flows that move time or count calls need it.
    pub(crate) fn inner(&self) -> &InProcess {
        match &self.host {
            Host::InProcess(inner) => inner,
            Host::Workerd(_) => panic!("this needs the in-process host"),
        }
    }

    /// The actors of the in-process host.
    pub(crate) fn world(&self) -> &World {
        &self.inner().gateway.platform().world
    }

    /// Every actor that stores anything; on workerd nobody can say.
    pub(crate) fn actors(&self) -> Option<Vec<Recipient>> {
        match &self.host {
            Host::InProcess(inner) => Some(inner.gateway.platform().world.everybody()),
            Host::Workerd(_) => None,
        }
    }

    /// The archive of the in-process host.
    pub(crate) fn cold(&self) -> &Cold {
        &self.inner().gateway.platform().cold
    }

    /// Moves the in-process clock.
    pub(crate) fn advance(&self, millis: i64) {
        self.world().advance(millis);
    }

    /// An address at a tenant; the platform's own for an empty slug.
    pub(crate) fn url(&self, slug: &str, path: &str) -> String {
        let dot = if slug.is_empty() { "" } else { "." };
        format!("http://{slug}{dot}{}{path}", self.domain)
    }

    /// An address at the platform.
    pub(crate) fn platform_url(&self, path: &str) -> String {
        self.url("", path)
    }

    pub(crate) fn get(&self, url: &str) -> Reply {
        self.send(&Call::new("GET", url))
    }

    /// Sends one request, following nothing.
    pub(crate) fn send(&self, call: &Call) -> Reply {
        match &self.host {
            Host::InProcess(inner) => inner.send(call),
            Host::Workerd(client) => client.call(call),
        }
    }

    /// Asks for a socket.
    ///
    /// # Errors
    /// With the answer, when that is another than a socket.
    pub(crate) fn connect(&self, call: &Call) -> Result<TestSocket, Box<Reply>> {
        let call = UPGRADE
            .iter()
            .fold(call.clone(), |call, (name, value)| call.header(name, value));
        match &self.host {
            Host::InProcess(inner) => inner.connect(&call),
            Host::Workerd(_) => {
                let port = self.domain.rsplit(':').next().unwrap();
                TestSocket::over_tcp(port.parse().unwrap(), &call)
            }
        }
    }

    /// Sends requests at once where there are threads, else one after the other;
    /// the replies come in the order of the calls.
    pub(crate) fn send_all(&self, calls: &[Call]) -> Vec<Reply> {
        let Host::Workerd(client) = &self.host else {
            return calls.iter().map(|call| self.send(call)).collect();
        };
        std::thread::scope(|scope| {
            let sent: Vec<_> = calls
                .iter()
                .map(|call| scope.spawn(move || client.call(call)))
                .collect();
            sent.into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        })
    }

    /// An access token for the admin API.
    pub(crate) fn admin_token(&self) -> String {
        let call = Call::new("POST", &self.platform_url("/oauth/token"))
            .basic("bootstrap", BOOTSTRAP_SECRET)
            .form(&[("grant_type", "client_credentials"), ("scope", "admin")]);
        self.send(&call).expect(200).member("access_token")
    }

    /// A new tenant with a slug nobody else has.
    pub(crate) fn tenant(&self) -> TenantSite<'_> {
        let number = TENANTS.fetch_add(1, Ordering::Relaxed);
        TenantSite::create(self, &format!("t{number}"))
    }
}

/// Lets the gateway carry what actors tell the courier. Whom it asks on the way
/// nobody has waited for, so that is not noted.
fn employ_courier(gateway: &Rc<Gateway<TestPlatform>>) {
    let world = gateway.platform().world.clone();
    let gateway = Rc::downgrade(gateway);
    let courier: Helper = Box::new(move |_, name, envelope| {
        let gateway = gateway.upgrade().expect("the site is there");
        Box::pin(async move {
            let noted = gateway.platform().asks.take();
            let answer = courier::run(&*gateway, &name, &envelope).await;
            gateway.platform().asks.replace(noted);
            answer
        })
    });
    world.employ("courier", courier);
}

impl InProcess {
    /// The kinds of actors the gateway has asked since the last time.
    pub(crate) fn take_asks(&self) -> Vec<String> {
        self.gateway.platform().asks.take()
    }

    /// What has been logged since the last time.
    pub(crate) fn take_log(&self) -> Vec<String> {
        self.logged.take()
    }

    fn send(&self, call: &Call) -> Reply {
        reply(self.answer(call))
    }

    fn connect(&self, call: &Call) -> Result<TestSocket, Box<Reply>> {
        let mut response = self.answer(call);
        let Some(opened) = response.opened.take() else {
            return Err(Box::new(reply(response)));
        };
        assert_eq!(response.status, 101);
        let line = Line::clone(&opened.downcast::<Line>().unwrap());
        let world = self.gateway.platform().world.clone();
        Ok(TestSocket::in_process(world, line, response.headers))
    }

    fn answer(&self, call: &Call) -> Response {
        // A request takes time: what follows another is later than it.
        self.gateway.platform().world.advance(1);
        let (path, query) = call.target();
        let number = self.requests.get() + 1;
        self.requests.set(number);
        let mut request = Request {
            method: Method::from_bytes(call.method.as_bytes()).unwrap(),
            host: call.host().to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: http::HeaderMap::new(),
            body: Body::Whole(Secret::new(call.body.clone())),
            client_address: Some(call.address()),
            client_place: Some("Kraków, PL".to_owned()),
            id: format!("test-{number}"),
        };
        if call.body.len() > BODY_BYTES_MAX {
            request.body = Body::TooLarge;
        }
        for (name, value) in &call.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request
                .headers
                .append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let world = &self.gateway.platform().world;
        let response = world.run(self.gateway.answer(&request));
        let cold = Rc::clone(&self.gateway.platform().cold);
        world.run(cold.bring(&self.gateway));
        let told = self.gateway.platform().log.take();
        for line in told.into_iter().chain(world.take_log()) {
            eprintln!("{line}");
            self.logged.borrow_mut().push(line);
        }
        response
    }
}

fn reply(response: Response) -> Reply {
    Reply {
        status: response.status.as_u16(),
        headers: response.headers,
        body: response.body,
    }
}
