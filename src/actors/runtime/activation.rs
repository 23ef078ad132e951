//! What does an awake actor do with a message, an alarm and a delivery?

use super::{
    Actor, After, Awake, Cause, Fault, FaultCode, Host, MIGRATIONS, Turn,
    cause::failure_of,
    effects::{Effects, JobChange},
    envelope::{self, Body, Envelope, Returned},
    inbox, inspect, jobs, outbox,
    socket::{Heard, Socket},
};
use crate::{
    domain::{entropy::draw, ids::MessageId, time::Timestamp},
    store::{Store, migrate, transact},
};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

/// The job that erases an ended actor once its outbox holds it no more.
const ENDING: &str = "runtime.end";

/// How long an ended actor waits before it looks again whether it may go.
const ENDING_WAIT_MS: i64 = 60_000;

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
                if !*is_migrated {
                    open::<A>(store, host.now)?;
                }
                let entropy = &mut *host.entropy;
                let mut turn = Turn {
                    now: host.now,
                    entropy,
                    store,
                    effects: &mut effects,
                    sockets: host.sockets,
                };
                let answer = work(actor, &mut turn, memory)?;
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
        delivery: Option<MessageId>,
        cause: &Cause,
        message: A::Message,
    ) -> Result<(Returned, After), Fault> {
        if !self.is_migrated && !A::founds(&message) && !migrate::is_founded(host.store)? {
            return Err(Fault::Absent);
        }
        let mut untold = Vec::new();
        let looks = !self.has_looked;
        let (returned, mut after) = self.turn(host, |actor, turn, memory| {
            if looks {
                untold = outbox::untold(turn.store)?;
            }
            if let Some(delivery) = &delivery {
                if inbox::has_seen(turn.store, delivery)? {
                    return Ok(Returned::Repeated);
                }
                inbox::record(turn.store, delivery, turn.now)?;
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
                self.handle(host, envelope.delivery, cause, message)
            }
            Body::Inspect => {
                let snapshot = self.snapshot(host)?;
                Ok((Returned::Snapshot(Box::new(snapshot)), After::default()))
            }
            #[cfg(feature = "test-hooks")]
            #[expect(clippy::panic, reason = "a test asked for it")]
            Body::Panic => self.turn(host, |_, turn, _| {
                turn.effects.schedule("test.panic", turn.now);
                panic!("a test asked for it")
            }),
        }
    }

    fn snapshot(&self, host: &Host<'_>) -> Result<inspect::Snapshot, Fault> {
        let store = host.store;
        let mut snapshot = inspect::Snapshot {
            kind: A::KIND.to_owned(),
            name: host.name.to_owned(),
            schema: None,
            bytes: store.bytes()?,
            rows: Vec::new(),
            jobs: Vec::new(),
            alarm: None,
            outbox: outbox::Summary::default(),
            sockets: u32::try_from(host.sockets.count(None)).unwrap_or(u32::MAX),
            activation: self.activity.clone(),
            state: serde_json::Value::Null,
        };
        if migrate::is_founded(store)? {
            snapshot.schema = A::MIGRATIONS.last().map(|last| last.number);
            for (table, count) in A::TABLES {
                let rows = store.query(count, &[])?;
                let count = rows.first().map_or(Ok(0), |row| row.count(0))?;
                snapshot.rows.push(((*table).to_owned(), count));
            }
            snapshot.jobs = jobs::list(store)?;
            snapshot.alarm = jobs::next_alarm(store)?;
            snapshot.outbox = outbox::summary(store)?;
            snapshot.state = self.actor.describe(store, host.now)?;
        }
        Ok(snapshot)
    }

    fn do_job(&mut self, host: &mut Host<'_>, job: &str, attempts: u32) -> Result<After, Fault> {
        let done = if job == ENDING {
            self.turn(host, |_, turn, _| {
                turn.effects.end();
                Ok(())
            })
        } else {
            self.turn(host, |actor, turn, memory| {
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

/// Brings the database to the shape the code expects.
fn open<A: Actor>(store: &dyn Store, now: Timestamp) -> Result<(), Fault> {
    if !migrate::is_founded(store)? {
        migrate::found(store)?;
    }
    migrate::migrate(store, "runtime", MIGRATIONS, now)?;
    migrate::migrate(store, A::KIND, A::MIGRATIONS, now)?;
    Ok(())
}

/// Writes a turn's effects, and says what is to be done after the commit.
fn commit(host: &mut Host<'_>, effects: Effects) -> Result<After, Fault> {
    let changes_alarm = effects.ends || !effects.tells.is_empty() || !effects.jobs.is_empty();
    let mut after = After {
        accept: effects.accept,
        sockets: effects.sockets,
        ..After::default()
    };
    for tell in effects.tells {
        let comes_first = tell.comes_first;
        let parcel = outbox::put(host.store, tell, host.now, host.entropy)?;
        if comes_first {
            after.first.push(parcel);
        } else {
            after.parcels.push(parcel);
        }
    }
    for job in effects.jobs {
        match job {
            JobChange::At(name, due) => jobs::put(host.store, &name, due)?,
            JobChange::Never(name) => jobs::remove(host.store, &name)?,
        }
    }
    if effects.ends {
        let soon = host.now.plus(ENDING_WAIT_MS);
        let kept_until = outbox::kept_until(host.store, host.now, soon)?;
        after.erase = kept_until.is_none();
        jobs::put(host.store, ENDING, kept_until.unwrap_or(soon))?;
    }
    if changes_alarm {
        after.alarm = Some(jobs::next_alarm(host.store)?);
    }
    Ok(after)
}

/// The line about a fault of the actor's own; whoever asked logs any other.
fn told<A: Actor>(host: &Host<'_>, name: &str, cause: &Cause, fault: &Fault) -> Option<String> {
    let event = match fault.code() {
        FaultCode::Panicked => "actor.panicked",
        FaultCode::Storage | FaultCode::Schema | FaultCode::Envelope => "actor.failed",
        FaultCode::Deadline | FaultCode::Absent | FaultCode::Unavailable => return None,
    };
    let line = failure_of(event, host.now, (A::KIND, host.name)).text("message", name);
    Some(cause.onto(line).text("error", &fault.to_string()).end())
}

impl<A: Actor> Awake for Activation<A> {
    fn receive(&mut self, host: &mut Host<'_>, bytes: &[u8]) -> (Vec<u8>, After) {
        let mut name = "?";
        let mut cause = Cause::default();
        let outcome = envelope::open(bytes)
            .map_err(Fault::from)
            .and_then(|mut envelope| {
                cause.request = envelope.request.take();
                cause.trace = envelope.trace.take();
                if matches!(envelope.body, Body::Inspect) {
                    name = "Inspect";
                }
                self.dispatch(host, envelope, &cause, &mut name)
            });
        let fault = outcome.as_ref().err().map(Fault::code);
        let (returned, after) = outcome.unwrap_or_else(|fault| {
            let log = told::<A>(host, name, &cause, &fault).into_iter().collect();
            let after = After {
                log,
                ..After::default()
            };
            (Returned::fault(&fault), after)
        });
        self.activity.note(inspect::Recent {
            name: name.to_owned(),
            at: host.now,
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
            parcels: transact(host.store, || outbox::take_up(host.store, host.now))?,
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
        self.turn(host, |actor, turn, memory| {
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
