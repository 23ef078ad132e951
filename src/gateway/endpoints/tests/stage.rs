//! What does the gateway do when the actors say what a test wants?
//!
//! No actor runs here: each test writes the lines of the tenant and of the
//! session. What endpoints do with real actors is for `tests/flows`.

use crate::{
    actors::{
        bucket,
        directory::{self, TenantFound, TenantRecord},
        jwks::{self, Leased, LeasedKey},
        runtime::{
            Connected, Fault, FaultCode, Party, Recipient, Transport,
            envelope::{self, Body as Asked, Envelope, Returned},
        },
        session::{self, Session},
        tenant::{self, ClientRead, Configuration, Tenant},
    },
    domain::{
        entropy::{Entropy, Seeded},
        ids::{SessionId, TenantId, UserId},
        keys::{
            Crypto, CryptoFault, EpochNumber, MasterKeys, PublicJwk, SigningKey,
            crypto::{sign_native, verify_native},
        },
        limit::{Outcome, Verdict},
        oauth::Client,
        secret::Secret,
        session::{Authentication, SessionView},
        tenant::{Slug, Status, TenantSettings},
        time::{HOUR_MS, Timestamp},
        token::opaque::SessionCookie,
    },
    gateway::{
        Gateway,
        http::{Body, Request, Response},
        test_support::{Host, request, settings, whole},
    },
};
use core::{
    cell::{Cell, RefCell},
    convert::Infallible,
};
use futures::FutureExt;
use std::rc::Rc;

pub(super) use crate::gateway::test_support::location;

pub(super) const NOON: Timestamp = Timestamp::from_seconds(43_200);
pub(super) const ISSUER: &str = "https://acme.example";
pub(super) const SESSION: SessionId = SessionId::from_bytes([7; 16]);
pub(super) const USER: UserId = UserId::from_bytes([3; 16]);
const TENANT: TenantId = TenantId::from_bytes([1; 16]);

type Lines<A> = RefCell<Box<dyn FnMut(<A as Party>::Message) -> Option<<A as Party>::Reply>>>;

/// Who stands on the stage.
struct Cast {
    now: Cell<Timestamp>,
    asked: RefCell<Vec<String>>,
    clients: RefCell<Vec<Client>>,
    settings: RefCell<TenantSettings>,
    tenant: Lines<Tenant>,
    session: Lines<Session>,
    keys: Vec<LeasedKey>,
}

type StageHost = Host<Wire, Seed, Native>;

pub(super) struct Stage {
    gateway: Gateway<StageHost>,
    cast: Rc<Cast>,
}

#[derive(Clone)]
struct Seed(Rc<Cast>);

impl Entropy for Seed {
    fn fill(&mut self, bytes: &mut [u8]) {
        let drawn = self.0.now.get().as_millis();
        self.0.now.set(self.0.now.get().plus(1));
        Seeded::new(drawn.unsigned_abs()).fill(bytes);
    }
}

pub(super) struct Native;

impl Crypto for Native {
    async fn sign(&self, key: &SigningKey, input: &[u8]) -> Result<Vec<u8>, CryptoFault> {
        sign_native(key, input)
    }
    async fn verify(
        &self,
        key: &PublicJwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<bool, CryptoFault> {
        verify_native(key.key(), input, signature)
    }
    async fn make_rsa(&self) -> Result<SigningKey, CryptoFault> {
        Err(CryptoFault::NeedsHost)
    }
}

#[derive(Clone)]
pub(super) struct Wire(Rc<Cast>);

fn admitted(at: Timestamp) -> Verdict {
    Verdict {
        at,
        outcome: Outcome::Admit,
        readings: Vec::new(),
    }
}

impl Transport for Wire {
    type Socket = Infallible;

    fn now(&self) -> Timestamp {
        self.0.now.get()
    }

    async fn carry(&self, to: &Recipient, sent: Vec<u8>, _: Timestamp) -> Result<Vec<u8>, Fault> {
        let envelope: Envelope = envelope::unpack(&sent)?;
        let Asked::Message(message) = envelope.body else {
            panic!("only messages are asked here");
        };
        self.0.asked.borrow_mut().push(to.kind.clone());
        let reply = match to.kind.as_str() {
            "directory" => Some(envelope::pack(&directory())?),
            "bucket" => Some(envelope::pack(&bucket::Reply::Check(admitted(self.now())))?),
            "jwks" => Some(envelope::pack(&self.0.lease())?),
            "tenant" => self.0.play_tenant(envelope::unpack(&message)?),
            "session" => {
                let line = (self.0.session.borrow_mut())(envelope::unpack(&message)?);
                line.map(|reply| envelope::pack(&reply).unwrap())
            }
            other => panic!("nobody plays {other}"),
        };
        let absent = || Returned::Fault {
            code: FaultCode::Absent,
            text: String::new(),
        };
        Ok(envelope::pack(&reply.map_or_else(absent, Returned::Reply))?)
    }

    async fn connect(
        &self,
        to: &Recipient,
        sent: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Connected<Infallible>, Fault> {
        self.carry(to, sent, deadline)
            .await
            .map(Connected::Answered)
    }
}

fn directory() -> directory::Reply {
    directory::Reply::FindTenant(TenantFound::Found(TenantRecord {
        id: TENANT,
        slug: Slug::parse("acme").unwrap(),
        status: Status::Live,
        created_at: NOON,
        hostnames: vec![],
    }))
}

impl Cast {
    fn lease(&self) -> jwks::Reply {
        jwks::Reply::Lease(Leased {
            keys: self.keys.clone(),
            lacks_rsa: vec![],
            until: NOON.plus(HOUR_MS),
        })
    }

    fn play_tenant(&self, message: tenant::Message) -> Option<Vec<u8>> {
        let reply = match message {
            tenant::Message::ReadSettings(_) => Some(tenant::Reply::ReadSettings(Configuration {
                settings: self.settings.borrow().clone(),
                status: Status::Live,
                version: 1,
                signed_out: None,
            })),
            tenant::Message::ReadClient(ask) => {
                let clients = self.clients.borrow();
                let found = clients
                    .iter()
                    .find(|client| client.client_id == ask.client_id);
                Some(tenant::Reply::ReadClient(match found {
                    Some(client) => ClientRead::Found(Box::new(client.clone())),
                    None => ClientRead::Missing,
                }))
            }
            other => (self.tenant.borrow_mut())(other),
        };
        reply.map(|reply| envelope::pack(&reply).unwrap())
    }
}

impl Stage {
    pub(super) fn set() -> Self {
        let entropy = &mut Seeded::new(1);
        let master_keys = MasterKeys::generate(entropy);
        let pair = [
            SigningKey::ed25519(Secret::new([1; 32])),
            SigningKey::p256(Secret::new([2; 32])).unwrap(),
        ];
        let keys = pair.map(|key| LeasedKey {
            epoch: EpochNumber(1),
            public: key.public().clone(),
            signing: Some(key.seal(&master_keys, TENANT, entropy).unwrap()),
        });
        let cast = Rc::new(Cast {
            now: Cell::new(NOON),
            asked: RefCell::default(),
            clients: RefCell::default(),
            settings: RefCell::default(),
            tenant: RefCell::new(Box::new(|_| panic!("the tenant has no line"))),
            session: RefCell::new(Box::new(|_| None)),
            keys: keys.to_vec(),
        });
        let host = Host {
            transport: Wire(Rc::clone(&cast)),
            entropy: Seed(Rc::clone(&cast)),
            crypto: Native,
            settings: settings(master_keys),
            nobody: |frames, code| panic!("no sockets here: {frames:?} {code}"),
        };
        Self {
            gateway: Gateway::new(host),
            cast,
        }
    }

    pub(super) fn settings(self, change: impl FnOnce(&mut TenantSettings)) -> Self {
        change(&mut self.cast.settings.borrow_mut());
        self
    }

    pub(super) fn client(self, client: Client) -> Self {
        self.cast.clients.borrow_mut().push(client);
        self
    }

    pub(super) fn tenant(
        self,
        lines: impl FnMut(tenant::Message) -> Option<tenant::Reply> + 'static,
    ) -> Self {
        *self.cast.tenant.borrow_mut() = Box::new(lines);
        self
    }

    pub(super) fn session(
        self,
        lines: impl FnMut(session::Message) -> Option<session::Reply> + 'static,
    ) -> Self {
        *self.cast.session.borrow_mut() = Box::new(lines);
        self
    }

    /// Whom the gateway asked since the last time this was asked.
    pub(super) fn asked(&self) -> Vec<String> {
        self.cast.asked.take()
    }

    pub(super) fn advance(&self, millis: i64) {
        self.cast.now.set(self.cast.now.get().plus(millis));
    }

    /// Sends `METHOD path` with headers and a body.
    pub(super) fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Response {
        self.answer(&request(line, headers, whole(body)))
    }

    /// The same with a body the host stopped reading.
    pub(super) fn send_too_large(&self, line: &str) -> Response {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.answer(&request(line, &headers, Body::TooLarge))
    }

    fn answer(&self, request: &Request) -> Response {
        self.gateway.answer(request).now_or_never().unwrap()
    }

    pub(super) fn get(&self, target: &str) -> Response {
        self.send(&format!("GET {target}"), &[], "")
    }

    /// The same in a browser that has a session.
    pub(super) fn browse(&self, target: &str) -> Response {
        self.send(&format!("GET {target}"), &[("cookie", &cookie())], "")
    }

    pub(super) fn form(&self, path: &str, body: &str) -> Response {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.send(&format!("POST {path}"), &headers, body)
    }
}

/// The session, live.
pub(super) fn view() -> SessionView {
    SessionView {
        session: SESSION,
        user: USER,
        authentication: Authentication::by_password(NOON),
        began_at: NOON,
        ends_at: NOON.plus(1_000_000),
    }
}

pub(super) fn cookie() -> String {
    let cookie = SessionCookie::mint(SESSION, &mut Seeded::new(9));
    format!("__Host-session={}", cookie.reveal().expose())
}

pub(super) fn json(response: &Response) -> serde_json::Value {
    serde_json::from_slice(&response.body).unwrap()
}

/// A parameter of a redirect's query.
pub(super) fn param(response: &Response, name: &str) -> Option<String> {
    let base = url::Url::parse(ISSUER).unwrap();
    let url = base.join(location(response)).unwrap();
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}
