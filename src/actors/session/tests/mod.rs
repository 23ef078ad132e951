//! Does a session keep every promise it makes?

mod code;
mod login;
mod refresh;
mod revocation;
mod simulation;
mod tabs;

use super::{
    Authorize, Authorized, Begin, Begun, GrantRefusal, Introspect, Introspected, Issue, Look,
    Looked, Redeem, Redeemed, Refresh, Session, TokenRef,
};
use crate::{
    actors::{
        archive, courier,
        runtime::{
            Actors, Address, After, Ask, Awake, Fault, Host, Mail, Party, Recipient, Transport,
            activation::Activation,
            envelope::{self, Body, Returned},
            inspect::Snapshot,
            world::World,
        },
        tenant,
    },
    domain::{
        entropy::Seeded,
        ids::{MessageId, SessionId, TenantId, UserId},
        oauth::{
            AuthorizationRequest, ClientId, Consent, Interaction,
            authorization::tests::request as requested,
        },
        refresh::Lifetime,
        secret::TokenDigest,
        session::{Authentication, Device, TenantNews},
        time::{HOUR_MS, MINUTE_MS, Timestamp},
        token::{
            RefreshProof, RefreshToken,
            opaque::{AuthorizationCode, SessionCookie},
        },
    },
};
use std::{cell::RefCell, rc::Rc};

const TENANT: TenantId = TenantId::from_bytes([1; 16]);
const SESSION: SessionId = SessionId::from_bytes([2; 16]);
const ALICE: UserId = UserId::from_bytes([3; 16]);
const BOB: UserId = UserId::from_bytes([4; 16]);
const IDLE_MS: i64 = 30 * MINUTE_MS;
const ABSOLUTE_MS: i64 = 12 * HOUR_MS;

type Told = Rc<RefCell<Vec<&'static str>>>;
type Kept = Rc<RefCell<Vec<String>>>;
type News = Rc<RefCell<Vec<courier::Message>>>;

/// One session, and a tenant and a courier that only listen.
struct Stage {
    world: World,
    told: Told,
    news: News,
    /// What is to be archived.
    kept: Kept,
    entropy: RefCell<Seeded>,
    cookie: SessionCookie,
}

/// A tenant that notes the names of what it is told.
struct Listener(Told);

/// A courier that notes what it is to carry.
struct Courier(News);

impl Awake for Courier {
    fn receive(&mut self, _: &mut Host<'_>, bytes: &[u8]) -> (Vec<u8>, After) {
        let Body::Message(message) = envelope::open(bytes).unwrap().body else {
            panic!("a courier only carries");
        };
        let news = envelope::unpack(&message).unwrap();
        self.0.borrow_mut().push(news);
        let taken = envelope::pack(&Returned::Repeated).unwrap();
        (taken, After::default())
    }

    fn alarm(&mut self, _: &mut Host<'_>) -> Result<After, Fault> {
        Ok(After::default())
    }

    fn settle(&mut self, _: &mut Host<'_>, _: &MessageId, _: Option<&str>) -> Result<After, Fault> {
        Ok(After::default())
    }
}

impl Awake for Listener {
    fn receive(&mut self, _: &mut Host<'_>, bytes: &[u8]) -> (Vec<u8>, After) {
        let envelope = envelope::open(bytes).unwrap();
        if let Body::Message(message) = envelope.body {
            let message: tenant::Message = envelope::unpack(&message).unwrap();
            self.0.borrow_mut().push(tenant::Tenant::name_of(&message));
        }
        (
            envelope::pack(&Returned::Repeated).unwrap(),
            After::default(),
        )
    }

    fn alarm(&mut self, _: &mut Host<'_>) -> Result<After, Fault> {
        Ok(After::default())
    }

    fn settle(&mut self, _: &mut Host<'_>, _: &MessageId, _: Option<&str>) -> Result<After, Fault> {
        Ok(After::default())
    }
}

impl Stage {
    /// A world in which nobody has signed in.
    fn empty(seed: u64) -> Self {
        let (told, news) = (Told::default(), News::default());
        let (listening, carrying) = (Rc::clone(&told), Rc::clone(&news));
        let roster = move |kind: &str, now| -> Option<Box<dyn Awake>> {
            match kind {
                "session" => Some(Box::new(Activation::new(Session, now))),
                "courier" => Some(Box::new(Courier(Rc::clone(&carrying)))),
                "tenant" => Some(Box::new(Listener(Rc::clone(&listening)))),
                _ => None,
            }
        };
        let mut entropy = Seeded::new(seed);
        let world = World::new(seed, Box::new(roster));
        let (kept, taker) = archive::taker();
        world.employ("archive", taker);
        world.deafen("registry");
        Self {
            world,
            told,
            news,
            kept,
            cookie: SessionCookie::mint(SESSION, &mut entropy),
            entropy: RefCell::new(entropy),
        }
    }

    /// Alice has signed in.
    fn begun() -> Self {
        let stage = Self::empty(7);
        assert!(matches!(stage.ask(stage.begin()), Begun::Live(_)));
        stage
    }

    fn at() -> Address<Session> {
        Session::address(TENANT, SESSION)
    }

    fn who() -> Recipient {
        (&Self::at()).into()
    }

    fn tenant() -> Recipient {
        (&tenant::Tenant::address(TENANT)).into()
    }

    fn try_ask<Q: Ask<Party = Session>>(&self, question: Q) -> Result<Q::Answer, Fault> {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.ask(&Self::at(), question))
    }

    fn ask<Q: Ask<Party = Session>>(&self, question: Q) -> Q::Answer {
        self.try_ask(question).unwrap()
    }

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn begin(&self) -> Begin {
        Begin {
            tenant: TENANT,
            issuer: "https://acme.example.com".to_owned(),
            session: SESSION,
            user: ALICE,
            cookie: self.cookie.digest(),
            authentication: Authentication::by_password(self.now()),
            device: Device::default(),
            idle_ms: IDLE_MS,
            absolute_ms: ABSOLUTE_MS,
        }
    }

    fn new_cookie(&self) -> TokenDigest {
        SessionCookie::mint(SESSION, &mut *self.entropy.borrow_mut()).digest()
    }

    fn look(&self) -> Looked {
        let cookie = self.cookie.digest();
        self.ask(look(cookie))
    }

    fn new_code(&self) -> AuthorizationCode {
        AuthorizationCode::mint(SESSION, &mut *self.entropy.borrow_mut())
    }

    /// A request of a client that needs no consent.
    fn authorize(&self, request: AuthorizationRequest, code: &AuthorizationCode) -> Authorize {
        Authorize {
            cookie: self.cookie.digest(),
            request: Box::new(request),
            interaction: Interaction::begun(self.now()),
            hinted: None,
            consent: None,
            skip_consent: true,
            code: code.proof(),
            device: None,
            news: TenantNews::default(),
        }
    }

    /// The code a request gets.
    fn code_for(&self, request: AuthorizationRequest) -> AuthorizationCode {
        let code = self.new_code();
        assert_eq!(self.ask(self.authorize(request, &code)), Authorized::Code);
        code
    }

    /// A good redemption of a code by the client of [`request`].
    fn redemption(&self, code: &AuthorizationCode) -> Redeem {
        let request = request("");
        Redeem {
            code: code.proof(),
            client_id: request.client_id,
            redirect_uri: Some(request.redirect_uri.as_str().to_owned()),
            challenge: request.code_challenge,
            resources: Vec::new(),
            refresh: Some(Lifetime {
                ends_at: self.now().plus(ABSOLUTE_MS),
                idle_ms_max: None,
            }),
            news: TenantNews::default(),
        }
    }

    fn redeem(&self, code: &AuthorizationCode) -> Redeemed {
        self.ask(self.redemption(code))
    }

    /// The grant of a request with `extra` in it.
    fn granted(&self, extra: &str) -> Issue {
        issued(self.redeem(&self.code_for(request(extra))))
    }

    fn refreshing(proof: &RefreshProof) -> Refresh {
        Refresh {
            proof: proof.clone(),
            client_id: client("app"),
            scopes: None,
            resources: Vec::new(),
            news: TenantNews::default(),
        }
    }

    fn refresh(&self, proof: &RefreshProof) -> Redeemed {
        self.ask(Self::refreshing(proof))
    }

    fn is_active(&self, proof: &RefreshProof) -> bool {
        self.ask(introspect(TokenRef::Refresh(proof.clone()))) != Introspected::Inactive
    }

    fn evict(&self) {
        self.world.evict(&Self::who());
    }

    /// The rows that `act` writes.
    fn written<T>(&self, act: impl FnOnce(&Self) -> T) -> (u64, T) {
        let before = self.world.rows_written(&Self::who());
        let outcome = act(self);
        (self.world.rows_written(&Self::who()) - before, outcome)
    }

    fn inspect(&self) -> Snapshot {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.inspect(&Self::who())).unwrap()
    }

    fn rows(&self, table: &str) -> u32 {
        let rows = self.inspect().rows;
        rows.iter().find(|(name, _)| name == table).unwrap().1
    }
}

fn look(cookie: TokenDigest) -> Look {
    Look {
        cookie,
        device: None,
        news: TenantNews::default(),
    }
}

fn introspect(token: TokenRef) -> Introspect {
    Introspect {
        token,
        news: TenantNews::default(),
    }
}

fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

/// A valid request of the client `app`, with `extra` in it.
fn request(extra: &str) -> AuthorizationRequest {
    requested(extra)
}

fn issued(redeemed: Redeemed) -> Issue {
    match redeemed {
        Redeemed::Issued(issue) => *issue,
        Redeemed::Refused(why) => panic!("refused: {why:?}"),
    }
}

fn refused(redeemed: Redeemed) -> GrantRefusal {
    match redeemed {
        Redeemed::Issued(issue) => panic!("issued {}", issue.grant),
        Redeemed::Refused(why) => why,
    }
}

/// The refresh token of an issue.
fn token(issue: &Issue) -> RefreshProof {
    issue.refresh.clone().unwrap()
}

fn digest(proof: &RefreshProof) -> TokenDigest {
    RefreshToken::new(SESSION, proof.clone()).digest()
}

fn consent_to(request: &AuthorizationRequest, at: Timestamp) -> Consent {
    Consent::to(request, at)
}
