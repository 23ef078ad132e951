//! What does an awake actor do with a message, an alarm and a delivery?

use super::{
    ASK_DEADLINE_MS, Actor, After, Awake, Cause, Fault, Host, Life, Turn,
    actor::open,
    cause::{failure_of, told},
    commit::{ENDING, commit, fate, tell},
    effects::Effects,
    envelope::{self, Body, Command, Envelope, Returned},
    inbox, inspect, jobs, outbox,
    socket::{Heard, Socket},
};
use crate::{
    domain::{
        audit::Caller,
        entropy::draw,
        ids::MessageId,
        time::{DAY_MS, Timestamp},
    },
    store::{migrate, transact},
};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// One actor, awake.
pub struct Activation<A: Actor> {
    actor: A,
    memory: A::Memory,
    is_migrated: bool,
    /// Whether a message has looked for what a host that died left untold.
    has_looked: bool,
    activity: inspect::Activity,
}

impl<A: Actor> Activation<A> {
    /// Wakes an actor; its database is opened by its first message.
    #[must_use]
    pub fn new(actor: A, now: Timestamp) -> Self {
        let activity = inspect::Activity {
            since: now,
            ..Default::default()
        };
        Self {
            actor,
            memory: A::Memory::default(),
            is_migrated: false,
            has_looked: false,
            activity,
        }
    }

    /// Runs one turn: migrations, `work`, and its effects, in one transaction.
    /// A fault or a panic undoes all of it and drops the actor's memory.
    fn turn<T>(
        &mut self,
        host: &mut Host<'_>,
        caller: Option<Box<Caller>>,
        work: impl FnOnce(&A, &mut Turn<'_>, &mut A::Memory) -> Result<T, Fault>,
    ) -> Result<(T, After), Fault> {
        let Self {
            actor,
            memory,
            is_migrated,
            ..
        } = self;
        let mut effects = Effects::default();
        let store = host.store;
        let outcome = transact(store, || {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                if !*is_migrated && open::<A>(store, host.now)? {
                    tell::<A>(host, &mut effects, Life::Born(host.now))?;
                }
                let entropy = &mut *host.entropy;
                let mut turn = Turn {
                    name: host.name,
                    now: host.now,
                    caller,
                    entropy,
                    store,
                    effects: &mut effects,
                    sockets: host.sockets,
                };
                let answer = work(actor, &mut turn, memory)?;
                if let Some(life) = fate(host, &mut effects)? {
                    tell::<A>(host, &mut effects, life)?;
                }
                Ok((answer, commit(host, effects.take())?))
            }));
            caught.unwrap_or(Err(Fault::Panicked))
        });
        match outcome {
            Ok(done) => {
                self.is_migrated = true;
                Ok(done)
            }
            Err(fault) => {
                self.memory = A::Memory::default();
                Err(fault)
            }
        }
    }

    fn handle(
        &mut self,
        host: &mut Host<'_>,
        (delivery, caller): (Option<MessageId>, Option<Box<Caller>>),
        cause: &Cause,
        message: A::Message,
    ) -> Result<(Returned, After), Fault> {
        if !self.is_migrated && !A::founds(&message) && !migrate::is_founded(host.store)? {
            return Err(Fault::Absent);
        }
        // A transaction takes longer than most verdicts. What came from an outbox
        // must be noted in the inbox, and has none of this.
        if self.has_looked && delivery.is_none() {
            let recalled = self.actor.recall(host.now, &mut self.memory, &message);
            if let Some(reply) = recalled {
                return Ok((Returned::Reply(envelope::pack(&reply)?), After::default()));
            }
        }
        let mut untold = Vec::new();
        let looks = !self.has_looked;
        let (returned, mut after) = self.turn(host, caller, |actor, turn, memory| {
            if looks {
                untold = outbox::untold(turn.store)?;
            }
            if let Some(delivery) = delivery.filter(|_| !A::is_repeatable(&message)) {
                if inbox::has_seen(turn.store, &delivery)? {
                    return Ok(Returned::Repeated);
                }
                inbox::record(turn.store, &delivery, turn.now)?;
            }
            let reply = actor.handle(turn, memory, message)?;
            Ok(Returned::Reply(envelope::pack(&reply)?))
        })?;
        for parcel in after.first.iter_mut().chain(&mut after.parcels) {
            parcel.cause = cause.clone();
        }
        // Whoever asks again, because the host died before it answered, may rely
        // on the answer as if it were the first. Only one message looks: whom it
        // tells may ask back, and must not wait for himself.
        self.has_looked = true;
        untold.append(&mut after.first);
        after.first = untold;
        Ok((returned, after))
    }

    fn dispatch(
        &mut self,
        host: &mut Host<'_>,
        envelope: Envelope,
        cause: &Cause,
        name: &mut &'static str,
    ) -> Result<(Returned, After), Fault> {
        if envelope
            .deadline
            .is_some_and(|deadline| deadline < host.now)
        {
            return Err(Fault::Deadline);
        }
        match envelope.body {
            Body::Message(bytes) => {
                let message: A::Message = envelope::unpack(&bytes)?;
                *name = A::name_of(&message);
                self.handle(host, (envelope.delivery, envelope.caller), cause, message)
            }
            Body::Inspect => {
                let snapshot = self.snapshot(host)?;
                Ok((Returned::Snapshot(Box::new(snapshot)), After::default()))
            }
            Body::Act(command) => Ok((Returned::Done, self.act(host, command)?)),
            #[cfg(feature = "test-hooks")]
            #[expect(clippy::panic, reason = "a test asked for it")]
            Body::Panic => self.turn(host, None, |_, turn, _| {
                turn.effects.schedule("test.panic", turn.now);
                panic!("a test asked for it")
            }),
        }
    }

    fn snapshot(&self, host: &Host<'_>) -> Result<inspect::Snapshot, Fault> {
        let kind = inspect::Kind {
            name: A::KIND,
            schema: A::MIGRATIONS.last().map(|last| last.number),
            tables: A::TABLES,
        };
        let now = host.now;
        inspect::describe(host, &kind, self.activity.clone(), &|store| {
            self.actor.describe(store, now)
        })
    }

    /// Does what an operator wants.
    fn act(&mut self, host: &Host<'_>, command: Command) -> Result<After, Fault> {
        let store = host.store;
        if !migrate::is_founded(store)? {
            return Err(Fault::Absent);
        }
        if command == Command::Evict {
            self.memory = A::Memory::default();
            (self.is_migrated, self.has_looked) = (false, false);
            self.activity = inspect::Activity {
                since: host.now,
                ..Default::default()
            };
            return Ok(After::default());
        }
        let first = transact(store, || {
            if command == Command::Revive {
                outbox::revive(store, host.now)?;
            }
            outbox::take_up(store, host.now, host.now.plus(DAY_MS))
        })?;
        Ok(After {
            first,
            alarm: Some(jobs::next_alarm(store)?),
            ..After::default()
        })
    }

    fn do_job(&mut self, host: &mut Host<'_>, job: &str, attempts: u32) -> Result<After, Fault> {
        let done = if job == ENDING {
            self.turn(host, None, |_, turn, _| {
                turn.effects.end();
                Ok(())
            })
        } else {
            self.turn(host, None, |actor, turn, memory| {
                jobs::remove(turn.store, job)?;
                actor.job(turn, memory, job)
            })
        };
        match done {
            Ok(((), after)) => Ok(after),
            Err(fault) => {
                let [chance] = draw(host.entropy);
                let due = host.now.plus(jobs::back_off_ms(attempts, chance));
                let why = fault.to_string();
                let attempts = attempts.saturating_add(1);
                transact(host.store, || {
                    jobs::fail(host.store, job, due, attempts, outbox::shortened(&why))
                })?;
                let line = failure_of("job.failed", host.now, (A::KIND, host.name));
                let line = line.text("job", job).json("attempts", attempts);
                Ok(After {
                    log: vec![line.text("error", &why).end()],
                    ..After::default()
                })
            }
        }
    }
}

impl<A: Actor> Awake for Activation<A> {
    fn receive(&mut self, host: &mut Host<'_>, bytes: &[u8]) -> (Vec<u8>, After) {
        let mut name = "?";
        let mut cause = Cause::default();
        let mut sent = None;
        let outcome = envelope::open(bytes)
            .map_err(Fault::from)
            .and_then(|mut envelope| {
                cause.request = envelope.request.take();
                cause.trace = envelope.trace.take();
                sent = envelope.deadline.map(|at| at.plus(-ASK_DEADLINE_MS));
                name = envelope.body.name();
                self.dispatch(host, envelope, &cause, &mut name)
            });
        let fault = outcome.as_ref().err().map(Fault::code);
        let (returned, after) = outcome.unwrap_or_else(|fault| {
            let log = told((A::KIND, host.name), host.now, (name, &cause), &fault)
                .into_iter()
                .collect();
            let after = After {
                log,
                ..After::default()
            };
            (Returned::fault(&fault), after)
        });
        self.activity.note(inspect::Recent {
            name: name.to_owned(),
            at: host.now,
            duration_ms: sent.map(|sent| host.now.since(sent).max(0)),
            request: cause.request,
            fault,
        });
        match envelope::pack(&returned) {
            Ok(packed) => (packed, after),
            Err(fault) => {
                let returned = Returned::fault(&fault.into());
                (envelope::pack(&returned).unwrap_or_default(), after)
            }
        }
    }

    fn alarm(&mut self, host: &mut Host<'_>) -> Result<After, Fault> {
        if !migrate::is_founded(host.store)? {
            return Ok(After {
                alarm: Some(None),
                ..After::default()
            });
        }
        let mut after = After {
            parcels: transact(host.store, || {
                outbox::take_up(host.store, host.now, host.now)
            })?,
            ..After::default()
        };
        for (job, attempts) in jobs::due(host.store, host.now)? {
            after.merge(self.do_job(host, &job, attempts)?);
        }
        after.alarm = Some(jobs::next_alarm(host.store)?);
        Ok(after)
    }

    fn hear(&mut self, host: &mut Host<'_>, socket: &Socket, heard: Heard) -> Result<After, Fault> {
        self.activity.heard = self.activity.heard.saturating_add(1);
        if !self.is_migrated && !migrate::is_founded(host.store)? {
            return Err(Fault::Absent);
        }
        self.turn(host, None, |actor, turn, memory| {
            actor.hear(turn, memory, socket, heard)
        })
        .map(|((), after)| after)
    }

    fn settle(
        &mut self,
        host: &mut Host<'_>,
        parcel: &MessageId,
        failure: Option<&str>,
    ) -> Result<After, Fault> {
        if !migrate::is_founded(host.store)? {
            return Ok(After::default());
        }
        transact(host.store, || {
            let dead = outbox::settle(host.store, parcel, failure, host.now, host.entropy)?;
            let dead = dead.map(|to| {
                let line = failure_of("letter.dead", host.now, (A::KIND, host.name));
                let line = line.text("message_id", &parcel.to_string());
                let line = line.text("to", &to.kind).text("to_name", &to.name);
                line.some("error", failure).end()
            });
            let is_ending = jobs::planned(host.store, ENDING)?.is_some();
            let erase = is_ending && outbox::is_empty(host.store)?;
            Ok(After {
                alarm: Some(jobs::next_alarm(host.store)?),
                erase,
                log: dead.into_iter().collect(),
                ..After::default()
            })
        })
    }
}
