//! Does a log keep what its contract promises?

mod client;
mod feeds;
mod log;
mod partings;
mod simulation;

use super::{Append, Appended, Attach, Attached, RETENTION_MS, Revocations, Signed};
use crate::{
    actors::runtime::{
        Address, Ask, Connection, Fault, Mail, Recipient,
        activation::Activation,
        inspect::Snapshot,
        world::{Line, World},
    },
    domain::{
        entropy::Seeded,
        ids::{ActId, EventId, SessionId, TenantId, UserId},
        keys::MasterKeys,
        oauth::ClientId,
        revocation::{Credential, Cursor, News, Record, Revoked, What},
        session::EndReason,
        time::{HOUR_MS, Timestamp},
    },
};
use serde_json::{Value, json};

pub(super) const ISSUER: &str = "https://acme.example";
pub(super) const OTHER: &str = "https://login.example";

/// A world with one log.
pub(super) struct Stage {
    pub(super) world: World,
}

pub(super) fn log() -> Address<Revocations> {
    Revocations::address(TenantId::from_bytes([1; 16]))
}

pub(super) fn who() -> Recipient {
    (&log()).into()
}

/// The record that ends one session.
pub(super) fn record(number: u32, now: Timestamp) -> Record {
    let id = u128::from(number).to_be_bytes();
    let what = What::Sessions {
        sub: UserId::from_bytes([2; 16]),
        sids: vec![SessionId::from_bytes(id)],
        all: false,
    };
    record_of(number, now, what)
}

pub(super) fn record_of(number: u32, now: Timestamp, what: What) -> Record {
    let id = u128::from(number).to_be_bytes();
    Record {
        id: EventId::from_bytes(id),
        act: ActId::from_bytes(id),
        at: now,
        news: News::Revoked(Revoked {
            what,
            reason: EndReason::Administrator,
            exp: now.plus(HOUR_MS),
        }),
    }
}

pub(super) fn client(name: &str) -> ClientId {
    ClientId::parse(name).unwrap()
}

impl Stage {
    pub(super) fn new(seed: u64) -> Self {
        let roster = move |kind: &str, now| -> Option<Box<dyn crate::actors::runtime::Awake>> {
            assert_eq!(kind, "revocations");
            let master_keys = MasterKeys::generate(&mut Seeded::new(seed));
            Some(Box::new(Activation::new(Revocations { master_keys }, now)))
        };
        let world = World::new(seed, Box::new(roster));
        world.deafen("registry");
        Self { world }
    }

    pub(super) fn now(&self) -> Timestamp {
        use crate::actors::runtime::Transport;
        self.world.now()
    }

    pub(super) fn try_ask<Q: Ask<Party = Revocations>>(&self, ask: Q) -> Result<Q::Answer, Fault> {
        use crate::actors::runtime::Actors;
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.ask(&log(), ask))
    }

    /// Appends a record with a token that only says its number.
    pub(super) fn try_append(&self, record: Record) -> Result<Appended, Fault> {
        let set = |issuer: &str| Signed {
            issuer: issuer.to_owned(),
            set: record.id.to_string(),
        };
        let sets = match record.news {
            News::Revoked(_) => vec![set(ISSUER), set(OTHER)],
            News::CredentialChanged { .. } => Vec::new(),
        };
        self.try_ask(Append {
            record,
            sets,
            retention_ms: RETENTION_MS,
            is_last: false,
        })
    }

    pub(super) fn append(&self, number: u32) -> Cursor {
        let record = record(number, self.now());
        self.try_append(record).unwrap().cursor
    }

    /// A changed password: it stands in the log and no feed is told.
    pub(super) fn append_quietly(&self, number: u32) -> Cursor {
        let news = News::CredentialChanged {
            user: UserId::from_bytes([2; 16]),
            credential: Credential::Password,
        };
        let record = Record {
            news,
            ..record(number, self.now())
        };
        self.try_append(record).unwrap().cursor
    }

    pub(super) fn attach(
        &self,
        issuer: &str,
        name: &str,
        life_ms: i64,
    ) -> Result<Connection<Line, Attached>, Fault> {
        let attach = Attach {
            issuer: issuer.to_owned(),
            client_id: client(name),
            until: self.now().plus(life_ms),
        };
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.connect(&log(), attach))
    }

    /// A feed of client `api`, whose token lives for an hour.
    pub(super) fn open(&self) -> Feed<'_> {
        self.open_as(ISSUER, "api", HOUR_MS)
    }

    pub(super) fn open_as(&self, issuer: &str, name: &str, life_ms: i64) -> Feed<'_> {
        let Ok(Connection::Open(line)) = self.attach(issuer, name, life_ms) else {
            panic!("no feed was opened");
        };
        Feed { stage: self, line }
    }

    /// A feed that has started.
    pub(super) fn listen(&self) -> Feed<'_> {
        let feed = self.open();
        feed.say(json!({ "type": "start" }));
        feed.frames();
        feed
    }

    pub(super) fn inspect(&self) -> Snapshot {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.inspect(&who())).unwrap()
    }

    /// The jobs that are planned.
    pub(super) fn jobs(&self) -> Vec<String> {
        let jobs = self.inspect().jobs;
        jobs.into_iter().map(|job| job.name).collect()
    }
}

/// A feed, as a test speaks on it.
pub(super) struct Feed<'a> {
    stage: &'a Stage,
    pub(super) line: Line,
}

impl Feed<'_> {
    #[expect(clippy::needless_pass_by_value, reason = "json! is written in place")]
    pub(super) fn say(&self, frame: Value) {
        self.stage.world.say(&self.line, &frame.to_string());
    }

    pub(super) fn frames(&self) -> Vec<Value> {
        let frames = self.line.frames();
        let parse = |frame: &String| serde_json::from_str(frame).unwrap();
        frames.iter().map(parse).collect()
    }

    /// What has come, shortened: types, and the tokens of events.
    pub(super) fn heard(&self) -> Vec<String> {
        let word = |frame: &Value| match frame["type"].as_str().unwrap() {
            "event" => frame["set"].as_str().unwrap().to_owned(),
            other => other.to_owned(),
        };
        self.frames().iter().map(word).collect()
    }

    pub(super) fn closed(&self) -> Option<u16> {
        self.line.closed()
    }
}

/// The token of a record, as [`Stage::try_append`] makes it.
pub(super) fn set(number: u32) -> String {
    record(number, Timestamp::default()).id.to_string()
}
