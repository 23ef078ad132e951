//! Does a tenant keep its rules?

mod audit;
mod bootstrap;
mod clients;
mod consents;
mod endings;
mod policies;
mod revocation;
mod sessions;
mod settings;
mod sign_in;
mod simulation;
mod usage;
mod users;

use super::*;
use crate::{
    actors::{
        runtime::{Ask, Recipient},
        session::{self, Session},
        stage::Stage,
    },
    domain::{
        ids::{SessionId, UserId},
        oauth::{Client, ClientId},
        password::PasswordHash,
        session::{Device, EndReason},
        tenant::{Slug, Status, TenantSettings},
        user::{Email, User},
    },
};
use serde_json::json;

/// A tenant among sessions that only listen.
struct Acme {
    stage: Stage,
}

/// What a session was told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    End(EndReason),
    Revoke(String),
}

const ID: TenantId = TenantId::from_bytes([1; 16]);

fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

/// The hash of the password called `letter`.
fn hash(letter: char) -> PasswordHash {
    let (salt, hash) = ("c2FsdHNhbHRzYWx0c2FsdA", letter.to_string().repeat(42));
    PasswordHash::from_stored(&format!("$argon2id$v=19$m=19456,t=2,p=1${salt}${hash}A")).unwrap()
}

fn email(n: u8) -> Email {
    Email::parse(&format!("user{n}@example.com")).unwrap()
}

fn client(id: &str) -> Client {
    let mut client = crate::domain::oauth::client::tests::client(json!({}));
    client.client_id = client_id(id);
    client
}

fn client_id(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

fn found(answer: UserRead) -> User {
    match answer {
        UserRead::Found(user) => *user,
        other => panic!("{other:?}"),
    }
}

impl Acme {
    /// What is due, besides what every record of an act is due.
    fn jobs(&self) -> Vec<String> {
        let jobs = self.stage.inspect(&Self::who()).jobs.into_iter();
        let names = jobs.map(|job| job.name);
        names.filter(|name| !name.ends_with("_acts")).collect()
    }

    fn new() -> Self {
        Self::on(Stage::new(7))
    }

    fn on(stage: Stage) -> Self {
        let acme = Self { stage };
        let settings = Box::new(TenantSettings {
            name: "Acme".to_owned(),
            ..TenantSettings::default()
        });
        let slug = Slug::parse("acme").unwrap();
        acme.ask(Found {
            id: ID,
            slug,
            settings,
        });
        acme
    }

    fn ask<Q: Ask<Party = Tenant>>(&self, question: Q) -> Q::Answer {
        self.stage.ask(&Tenant::address(ID), question)
    }

    fn who() -> Recipient {
        (&Tenant::address(ID)).into()
    }

    fn version(&self) -> u32 {
        self.ask(ReadSettings).version
    }

    /// Adds user `n` with the password `a`.
    fn user(&self, n: u8) -> UserId {
        let id = UserId::from_bytes([n; 16]);
        let claims = serde_json::from_value(json!({"email": email(n)})).unwrap();
        let created = CreateUser {
            id,
            claims: Box::new(claims),
            password: Some(hash('a')),
            roles: vec![],
        };
        found(self.ask(created)).sub
    }

    fn change(&self, id: UserId, patch: serde_json::Value) -> UserRead {
        self.ask(ChangeUser {
            id,
            patch,
            by: ChangedBy::Admin,
            password: None,
        })
    }

    fn client(&self, id: &str) {
        let client = Box::new(client(id));
        let answer = self.ask(CreateClient { client });
        assert!(matches!(answer, ClientRead::Found(_)), "{answer:?}");
    }

    /// Admits a user whose password `a` was checked.
    fn admit(&self, user: UserId, session: SessionId) -> Admitted {
        self.admit_with(hash('a'), user, session)
    }

    fn admit_with(&self, checked: PasswordHash, user: UserId, session: SessionId) -> Admitted {
        self.ask(Admit {
            user,
            checked,
            rehashed: None,
            session,
            device: Device::default(),
        })
    }

    fn sign_in(&self, user: UserId, session: SessionId) {
        let answer = self.admit(user, session);
        assert!(matches!(answer, Admitted::Admitted { .. }));
        self.ask(SessionBegan { session });
    }

    /// Signs in so many sessions of as many users as that needs.
    fn crowd(&self, sessions: u8) {
        let mut user = UserId::from_bytes([0; 16]);
        for n in 0..sessions {
            if n % 50 == 0 {
                user = self.user(100 + n / 50);
            }
            self.sign_in(user, session(n + 1));
        }
    }

    fn sessions(&self, user: UserId) -> Vec<SessionId> {
        let list = self.ask(ListSessions { user });
        list.items.iter().map(|entry| entry.session).collect()
    }

    /// What sessions were told since this was asked last, in their order.
    fn told(&self) -> Vec<(SessionId, Told)> {
        let read = |(name, message): (String, session::Message)| {
            let id = name.strip_prefix(&format!("{ID}/")).unwrap();
            let told = match message {
                session::Message::End(end) => {
                    assert!(end.cookie.is_none());
                    Told::End(end.why)
                }
                session::Message::RevokeClient(m) => Told::Revoke(m.client_id.to_string()),
                _ => panic!("a tenant tells a session nothing else"),
            };
            (SessionId::parse(id).unwrap(), told)
        };
        let mut told: Vec<_> = self
            .stage
            .heard::<Session>()
            .into_iter()
            .map(read)
            .collect();
        told.sort_by_key(|(session, _)| *session);
        told
    }

    fn disable(&self, user: UserId) {
        found(self.change(user, json!({"status": "disabled"})));
    }
}
