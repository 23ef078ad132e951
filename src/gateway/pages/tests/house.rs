//! What stands behind the pages in these tests? Real actors, and a browser.

use crate::{
    actors::{
        bucket::Bucket,
        directory::{CreateTenant, Directory},
        jwks::Jwks,
        runtime::{
            Actors, Awake, Connected, Fault, Mail, Recipient, Transport,
            activation::Activation,
            world::{Line, World},
        },
        session::Session,
        tenant::{CreateClient, Tenant},
    },
    domain::{
        entropy::{Entropy, Seeded},
        ids::TenantId,
        keys::{Crypto, CryptoFault, MasterKeys, PublicJwk, SigningKey},
        oauth::{
            Client, ClientId, Params,
            client::{ClientMetadata, Registrant},
        },
        tenant::{Slug, TenantSettings},
        time::Timestamp,
    },
    gateway::{
        Gateway,
        http::Response,
        test_support::{Host, request, settings, whole},
    },
};
use scraper::{Html, Selector};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

pub(super) use crate::gateway::test_support::location;

pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const TENANT: TenantId = TenantId::from_bytes([1; 16]);

#[derive(Clone)]
pub(super) struct Noted(pub(super) World, Rc<RefCell<Vec<String>>>);

impl Transport for Noted {
    type Socket = Line;

    fn now(&self) -> Timestamp {
        self.0.now()
    }
    async fn carry(&self, to: &Recipient, sent: Vec<u8>, by: Timestamp) -> Result<Vec<u8>, Fault> {
        self.1.borrow_mut().push(to.kind.clone());
        self.0.carry(to, sent, by).await
    }
    async fn connect(
        &self,
        to: &Recipient,
        sent: Vec<u8>,
        by: Timestamp,
    ) -> Result<Connected<Line>, Fault> {
        self.0.connect(to, sent, by).await
    }
}

struct Keyless;

impl Crypto for Keyless {
    async fn sign(&self, _: &SigningKey, _: &[u8]) -> Result<Vec<u8>, CryptoFault> {
        Err(CryptoFault::NeedsHost)
    }
    async fn verify(&self, _: &PublicJwk, _: &[u8], _: &[u8]) -> Result<bool, CryptoFault> {
        Err(CryptoFault::NeedsHost)
    }
    async fn make_rsa(&self) -> Result<SigningKey, CryptoFault> {
        Err(CryptoFault::NeedsHost)
    }
}

#[derive(Clone)]
struct Drawn(World);

impl Entropy for Drawn {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.draw(bytes);
    }
}

type HouseHost = Host<Noted, Drawn, Keyless>;

fn master_keys() -> MasterKeys {
    MasterKeys::generate(&mut Seeded::new(1))
}

fn wake(kind: &str, now: Timestamp) -> Option<Box<dyn Awake>> {
    Some(match kind {
        "bucket" => Box::new(Activation::new(Bucket, now)),
        "directory" => Box::new(Activation::new(Directory, now)),
        "jwks" => Box::new(Activation::new(
            Jwks {
                master_keys: master_keys(),
            },
            now,
        )),
        "session" => Box::new(Activation::new(Session, now)),
        "tenant" => Box::new(Activation::new(Tenant, now)),
        _ => return None,
    })
}

/// A deployment with the tenant `acme` and its client `notes`.
pub(super) struct House {
    gateway: Gateway<HouseHost>,
    pub(super) way: Noted,
}

/// A browser: it keeps cookies, and sends the first form that has a field.
pub(super) struct Browser<'a> {
    house: &'a House,
    pub(super) jar: RefCell<BTreeMap<String, String>>,
}

impl House {
    pub(super) fn built(change: impl FnOnce(&mut TenantSettings)) -> Self {
        let world = World::new(5, Box::new(wake));
        world.deafen("registry");
        let way = Noted(world.clone(), Rc::default());
        let mut tenant = TenantSettings {
            name: "Acme".to_owned(),
            ..TenantSettings::default()
        };
        change(&mut tenant);
        let mail = Mail::new(way.clone(), None);
        let create = CreateTenant {
            id: TENANT,
            slug: Slug::parse("acme").unwrap(),
            settings: Box::new(tenant),
        };
        world.run(mail.ask(&Directory::address(), create)).unwrap();
        world.advance(1_000);
        let metadata = br#"{"client_name": "Field Notes", "scope": "openid email",
            "token_endpoint_auth_method": "none", "redirect_uris": ["https://notes.example/cb"]}"#;
        let metadata = ClientMetadata::from_json(metadata).unwrap();
        let metadata = metadata.validate(Registrant::Admin).unwrap();
        let id = ClientId::parse("notes").unwrap();
        let client = Box::new(Client::new(id, metadata, world.now()));
        let tenant = Tenant::address(TENANT);
        world
            .run(mail.ask(&tenant, CreateClient { client }))
            .unwrap();
        let gateway = Gateway::new(Host {
            transport: way.clone(),
            entropy: Drawn(world),
            crypto: Keyless,
            settings: settings(master_keys()),
            nobody: Line::closed_at_once,
        });
        Self { gateway, way }
    }

    /// Asks an actor past the gateway.
    pub(super) fn mail(&self) -> Mail<Noted> {
        Mail::new(self.way.clone(), None)
    }

    pub(super) fn asked(&self) -> Vec<String> {
        self.way.1.take()
    }

    pub(super) fn browser(&self) -> Browser<'_> {
        Browser {
            house: self,
            jar: RefCell::default(),
        }
    }
}

impl Browser<'_> {
    fn send(&self, line: &str, body: &str) -> Response {
        let pairs = self.jar.borrow();
        let cookies: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={v}")).collect();
        drop(pairs);
        let headers = [
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://acme.example"),
            ("cookie", &cookies.join("; ")),
        ];
        let request = request(line, &headers, whole(body));
        let world = &self.house.way.0;
        let response = world.run(self.house.gateway.answer(&request));
        world.advance(1_000);
        for line in response.headers.get_all("set-cookie") {
            let cookie = cookie::Cookie::parse(line.to_str().unwrap()).unwrap();
            let (name, value) = (cookie.name().to_owned(), cookie.value().to_owned());
            self.jar.borrow_mut().insert(name, value);
        }
        response
    }

    pub(super) fn get(&self, target: &str) -> Response {
        self.send(&format!("GET {target}"), "")
    }

    /// Sends the page's form that has the first field; answers the redirect.
    pub(super) fn submit(&self, page: &Response, fields: &[(&str, &str)]) -> Response {
        let document = Html::parse_document(&text(page));
        let wanted = Selector::parse(&format!("[name={}]", fields[0].0)).unwrap();
        let forms = Selector::parse("form").unwrap();
        let mut forms = document.select(&forms);
        let form = forms.find(|form| form.select(&wanted).next().is_some());
        let form = form.unwrap();
        let mut sent = Params::default();
        for input in form.select(&Selector::parse("input").unwrap()) {
            let name = input.attr("name").unwrap();
            if !fields.iter().any(|(field, _)| *field == name) {
                sent = sent.with(name, input.attr("value").unwrap_or_default());
            }
        }
        let all = fields.iter().fold(sent, |sent, (n, v)| sent.with(n, v));
        let action = form.attr("action").unwrap();
        self.send(&format!("POST {action}"), &all.encode())
    }

    pub(super) fn sign_up(&self, email: &str) -> Response {
        let page = self.get("/signup");
        self.submit(&page, &[("username", email), ("password", PASSWORD)])
    }

    pub(super) fn sign_in(&self, email: &str, password: &str) -> Response {
        let page = self.get("/login");
        self.submit(&page, &[("username", email), ("password", password)])
    }
}

pub(super) fn text(response: &Response) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}
