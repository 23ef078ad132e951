//! How does the gateway run in-process?

use super::{cold::Cold, crypto::NativeCrypto};
use aero2::{
    actors::{
        bucket::Bucket,
        directory::Directory,
        jwks::Jwks,
        registry::Registry,
        revocations::Revocations,
        runtime::{
            Awake, Connected, Fault, Recipient, Transport,
            activation::Activation,
            world::{Line, World},
        },
        session::Session,
        tenant::Tenant,
    },
    archive::ArchiveFault,
    domain::{entropy::Entropy, keys::MasterKeys, time::Timestamp},
    gateway::{
        http::Response,
        log::{Level, Point},
        outside::{Post, PostFault, Posted},
        platform::Platform,
        settings::Settings,
    },
};
use http::{HeaderValue, StatusCode, header::ETAG};
use std::{cell::RefCell, fs, path::Path, rc::Rc};

/// Secret of the client `bootstrap` in every test deployment.
pub(crate) const BOOTSTRAP_SECRET: &str = "bootstrap-secret-of-the-tests-0123456789";
/// Audience of the admin API in every test deployment.
pub(crate) const AUDIENCE: &str = "urn:aero2:admin";
/// Who sets up the first administrator in every test deployment.
pub(crate) const ADMIN_EMAIL: &str = "root@example.com";

/// What a test deployment is set to, its domain aside.
pub(crate) const SETTINGS: &[(&str, &str)] = &[
    ("MASTER_KEY", "dGhlIG1hc3RlciBrZXkgb2YgZXZlcnkgdGVzdCEhISE="),
    ("BOOTSTRAP_CLIENT_SECRET", BOOTSTRAP_SECRET),
    ("BOOTSTRAP_ADMIN_EMAIL", ADMIN_EMAIL),
    ("AUDIENCE", AUDIENCE),
];

/// The way from the gateway to the actors, which notes whom it asks. What
/// outboxes deliver goes another way, and is not noted.
pub(crate) struct Noted {
    world: World,
    asks: Rc<RefCell<Vec<String>>>,
}

impl Transport for Noted {
    type Socket = Line;

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    async fn carry(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        self.asks.borrow_mut().push(to.kind.clone());
        self.world.carry(to, envelope, deadline).await
    }

    async fn connect(
        &self,
        to: &Recipient,
        envelope: Vec<u8>,
        deadline: Timestamp,
    ) -> Result<Connected<Line>, Fault> {
        self.asks.borrow_mut().push(to.kind.clone());
        self.world.connect(to, envelope, deadline).await
    }
}

/// What other people's servers answer.
pub(crate) type Outside = Box<dyn FnMut(&Post) -> Result<Posted, PostFault>>;

/// The in-process host.
pub(crate) struct TestPlatform {
    pub(crate) world: World,
    pub(crate) asks: Rc<RefCell<Vec<String>>>,
    /// What has been sent to other people's servers: address and body.
    pub(crate) posts: RefCell<Vec<String>>,
    /// Other people's servers; nobody answers unless a test says otherwise.
    pub(crate) outside: RefCell<Outside>,
    pub(crate) cold: Rc<Cold>,
    settings: Settings,
    crypto: NativeCrypto,
    pub(crate) log: RefCell<Vec<String>>,
    /// What was counted of each answer.
    pub(crate) points: RefCell<Vec<Point>>,
}

struct WorldEntropy(World);

impl Entropy for WorldEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.draw(bytes);
    }
}

fn wake(kind: &str, now: Timestamp, master_keys: &MasterKeys) -> Option<Box<dyn Awake>> {
    Some(match kind {
        "bucket" => Box::new(Activation::new(Bucket, now)),
        "directory" => Box::new(Activation::new(Directory, now)),
        "jwks" => {
            let master_keys = master_keys.clone();
            Box::new(Activation::new(Jwks { master_keys }, now))
        }
        "registry" => Box::new(Activation::new(Registry, now)),
        "revocations" => {
            let master_keys = master_keys.clone();
            Box::new(Activation::new(Revocations { master_keys }, now))
        }
        "session" => Box::new(Activation::new(Session, now)),
        "tenant" => Box::new(Activation::new(Tenant, now)),
        _ => return None,
    })
}

impl TestPlatform {
    pub(crate) fn new(seed: u64, own: &[(&str, &str)]) -> Self {
        let read = |name: &str| {
            let mut set = own.iter().chain(SETTINGS);
            let set = set.find(|(other, _)| *other == name);
            set.map(|(_, value)| (*value).to_owned())
        };
        let settings = Settings::read(&read).unwrap();
        let master_keys = settings.master_keys.clone();
        let roster = Box::new(move |kind: &str, now| wake(kind, now, &master_keys));
        let world = World::new(seed, roster);
        let cold = Cold::new();
        world.employ("archive", cold.helper());
        Self::of(world, settings, cold)
    }

    /// Another isolate's: the same actors and settings, and nothing else.
    pub(crate) fn beside(&self) -> Self {
        let cold = Rc::clone(&self.cold);
        Self::of(self.world.clone(), self.settings.clone(), cold)
    }

    fn of(world: World, settings: Settings, cold: Rc<Cold>) -> Self {
        Self {
            world,
            asks: Rc::default(),
            posts: RefCell::default(),
            outside: RefCell::new(Box::new(|_| {
                Err(PostFault::Unreachable("nobody is outside".to_owned()))
            })),
            cold,
            settings,
            crypto: NativeCrypto::default(),
            log: RefCell::default(),
            points: RefCell::default(),
        }
    }
}

impl TestPlatform {
    /// How many signatures have been looked at.
    pub(crate) fn verified(&self) -> usize {
        self.crypto.verified.get()
    }
}

/// Where the files of a deployment stand in the sources.
const FOLDERS: &[&str] = &["assets", "docs", "console"];

/// A file as it stands in the sources; its version is its length.
fn file(name: &str, known: Option<&HeaderValue>) -> Response {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = FOLDERS.iter().map(|folder| root.join(folder).join(name));
    let Some(Ok(body)) = places.find(|path| path.exists()).map(fs::read) else {
        return Response::empty(StatusCode::NOT_FOUND);
    };
    let version = format!("\"{}\"", body.len());
    let is_known = known.is_some_and(|known| known.as_bytes() == version.as_bytes());
    let mut response = Response::empty(if is_known {
        StatusCode::NOT_MODIFIED
    } else {
        StatusCode::OK
    });
    if !is_known {
        response.body = body;
    }
    response.with(ETAG, &version)
}

impl Platform for TestPlatform {
    type Transport = Noted;
    type Crypto = NativeCrypto;

    fn now(&self) -> Timestamp {
        self.world.now()
    }

    fn entropy(&self) -> impl Entropy {
        WorldEntropy(self.world.clone())
    }

    fn transport(&self) -> Noted {
        Noted {
            world: self.world.clone(),
            asks: Rc::clone(&self.asks),
        }
    }

    fn crypto(&self) -> &NativeCrypto {
        &self.crypto
    }

    async fn pause(&self, millis: i64) {
        self.world.advance(millis);
    }

    async fn post(&self, post: Post) -> Result<Posted, PostFault> {
        let line = format!("{} {}", post.url, String::from_utf8_lossy(&post.body));
        self.posts.borrow_mut().push(line);
        self.outside.borrow_mut()(&post)
    }

    async fn archive(&self, statements: String) -> Result<String, ArchiveFault> {
        self.cold.run(&statements)
    }

    async fn file(&self, name: &str, known: Option<&HeaderValue>) -> Result<Response, Fault> {
        Ok(file(name, known))
    }

    fn socket_to_nobody(&self, frames: Vec<String>, code: u16, _: &'static str) -> Line {
        Line::closed_at_once(frames, code)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn log(&self, _: Level, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }

    fn measures(&self) -> bool {
        true
    }

    fn measure(&self, point: &Point) {
        self.points.borrow_mut().push(point.clone());
    }
}
