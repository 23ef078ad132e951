//! On which stage do actors play their tests?
//!
//! Directory and tenants are real, sessions when asked for. Everybody else is
//! an ear, which remembers what it is told and stores nothing.

use super::{
    directory::Directory,
    runtime::{
        Address, After, Ask, Awake, Fault, Host, Mail, Party, Recipient,
        activation::Activation,
        envelope::{Body, Returned, open, pack, unpack},
        inspect::Snapshot,
        world::World,
    },
    session::Session,
    tenant::Tenant,
};
use crate::domain::{ids::MessageId, time::Timestamp};
use core::cell::RefCell;
use std::rc::Rc;

type Heard = Rc<RefCell<Vec<(Recipient, Vec<u8>)>>>;

/// A world, and what its ears have heard.
pub(crate) struct Stage {
    /// The world.
    pub(crate) world: World,
    heard: Heard,
}

struct Ear {
    kind: String,
    heard: Heard,
}

impl Awake for Ear {
    fn receive(&mut self, host: &mut Host<'_>, bytes: &[u8]) -> (Vec<u8>, After) {
        let Body::Message(message) = open(bytes).unwrap().body else {
            panic!("an ear only takes messages");
        };
        let who = Recipient {
            kind: self.kind.clone(),
            name: host.name.to_owned(),
        };
        self.heard.borrow_mut().push((who, message));
        (pack(&Returned::Repeated).unwrap(), After::default())
    }

    fn alarm(&mut self, _: &mut Host<'_>) -> Result<After, Fault> {
        Ok(After::default())
    }

    fn settle(&mut self, _: &mut Host<'_>, _: &MessageId, _: Option<&str>) -> Result<After, Fault> {
        Ok(After::default())
    }
}

impl Stage {
    /// A stage on which sessions only listen.
    pub(crate) fn new(seed: u64) -> Self {
        Self::hosting(seed, |_, _| None)
    }

    /// A stage on which sessions live.
    pub(crate) fn with_sessions(seed: u64) -> Self {
        Self::hosting(seed, |kind, now| match kind {
            "session" => Some(Box::new(Activation::new(Session, now))),
            _ => None,
        })
    }

    fn hosting(seed: u64, cast: fn(&str, Timestamp) -> Option<Box<dyn Awake>>) -> Self {
        let heard = Heard::default();
        let ears = heard.clone();
        let roster = move |kind: &str, now| -> Option<Box<dyn Awake>> {
            Some(match kind {
                "directory" => Box::new(Activation::new(Directory, now)),
                "tenant" => Box::new(Activation::new(Tenant, now)),
                _ => cast(kind, now).unwrap_or_else(|| {
                    Box::new(Ear {
                        kind: kind.to_owned(),
                        heard: ears.clone(),
                    })
                }),
            })
        };
        let world = World::new(seed, Box::new(roster));
        world.deafen("registry");
        Self { world, heard }
    }

    pub(crate) fn try_ask<Q: Ask>(
        &self,
        to: &Address<Q::Party>,
        question: Q,
    ) -> Result<Q::Answer, Fault> {
        use super::runtime::Actors;
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.ask(to, question))
    }

    pub(crate) fn ask<Q: Ask>(&self, to: &Address<Q::Party>, question: Q) -> Q::Answer {
        self.try_ask(to, question).unwrap()
    }

    pub(crate) fn inspect(&self, who: &Recipient) -> Snapshot {
        let mail = Mail::new(self.world.clone(), None);
        self.world.run(mail.inspect(who)).unwrap()
    }

    /// What actors of a kind were told since somebody last listened.
    pub(crate) fn heard<A: Party>(&self) -> Vec<(String, A::Message)> {
        let mut heard = self.heard.borrow_mut();
        let (ours, others) = heard.drain(..).partition(|(who, _)| who.kind == A::KIND);
        *heard = others;
        let ours: Vec<(Recipient, Vec<u8>)> = ours;
        let read = |(who, bytes): (Recipient, Vec<u8>)| (who.name, unpack(&bytes).unwrap());
        ours.into_iter().map(read).collect()
    }
}
