//! Do the eight rules of the runtime hold, whatever the actor?

#![expect(
    unreachable_pub,
    reason = "the macro declares what other crates may see"
)]

use super::{
    Actor, Actors, Address, Fault, FaultCode, Mail, Recipient, Turn, activation::Activation,
    conversation, world::World,
};
use crate::{
    domain::time::Timestamp,
    store::{Store, migrate::Migration},
};
use serde::{Deserialize, Serialize};

/// An actor that counts, and may tell another to count too.
pub(super) struct Counter;

#[derive(Serialize, Deserialize)]
pub(super) struct Add {
    amount: i64,
    and_tell: Option<String>,
    and_later_ms: Option<i64>,
}
#[derive(Serialize, Deserialize)]
pub(super) enum Added {
    Total(i64),
    Refused,
}
#[derive(Serialize, Deserialize)]
pub(super) struct Fail;
#[derive(Serialize, Deserialize)]
pub(super) struct Panic;
#[derive(Serialize, Deserialize)]
pub(super) struct Read;
#[derive(Serialize, Deserialize)]
pub(super) struct End;

conversation! {
    Counter as "counter" {
        Add => Added,
        Fail => Added,
        Panic => Added,
        Read => Added,
        End => Added,
    }
}

const BUMP: &str = "INSERT INTO counter (id, total) VALUES (1, ?) \
    ON CONFLICT (id) DO UPDATE SET total = total + excluded.total RETURNING total";

fn bump(store: &dyn Store, amount: i64) -> Result<i64, Fault> {
    let rows = store.query(BUMP, &[amount.into()])?;
    Ok(rows.first().ok_or(Fault::Corrupt("no counter"))?.int(0)?)
}

impl Actor for Counter {
    const MIGRATIONS: &'static [Migration] = &[Migration {
        number: 1,
        name: "counter",
        sql: "CREATE TABLE counter (id INTEGER PRIMARY KEY, total INTEGER NOT NULL) STRICT",
    }];
    const TABLES: &'static [(&'static str, &'static str)] =
        &[("counter", "SELECT COUNT(*) FROM counter")];
    type Memory = Option<i64>;

    fn founds(message: &Message) -> bool {
        matches!(message, Message::Add(_))
    }

    fn handle(
        &self,
        turn: &mut Turn<'_>,
        memory: &mut Option<i64>,
        message: Message,
    ) -> Result<Reply, Fault> {
        match message {
            Message::Add(add) if add.amount < 0 => {
                bump(turn.store, 1_000)?;
                Ok(Reply::Add(Added::Refused))
            }
            Message::Add(add) => {
                let total = bump(turn.store, add.amount)?;
                *memory = Some(total);
                if let Some(other) = add.and_tell {
                    let told = Add {
                        amount: add.amount,
                        and_tell: None,
                        and_later_ms: None,
                    };
                    turn.effects.tell(&Address::new(other), told)?;
                }
                if let Some(later) = add.and_later_ms {
                    turn.effects.schedule("more", turn.now.plus(later));
                }
                Ok(Reply::Add(Added::Total(total)))
            }
            Message::Fail(_) => {
                bump(turn.store, 7)?;
                *memory = Some(-1);
                Err(Fault::Corrupt("asked to fail"))
            }
            Message::Panic(_) => {
                bump(turn.store, 7)?;
                *memory = Some(-1);
                panic!("asked to panic")
            }
            Message::Read(_) => {
                let total = match *memory {
                    Some(total) => total,
                    None => bump(turn.store, 0)?,
                };
                Ok(Reply::Read(Added::Total(total)))
            }
            Message::End(_) => {
                turn.effects.end();
                Ok(Reply::End(Added::Refused))
            }
        }
    }

    fn job(&self, turn: &mut Turn<'_>, _: &mut Option<i64>, name: &str) -> Result<(), Fault> {
        if bump(turn.store, 0)? > 500 {
            return Err(Fault::Corrupt("too much"));
        }
        assert_eq!(name, "more");
        bump(turn.store, 100).map(drop)
    }

    fn describe(&self, store: &dyn Store, _: Timestamp) -> Result<serde_json::Value, Fault> {
        Ok(serde_json::json!({ "total": bump(store, 0)? }))
    }
}

fn world() -> World {
    World::new(
        1,
        Box::new(|kind, now| {
            assert_eq!(kind, "counter");
            Some(Box::new(Activation::new(Counter, now)))
        }),
    )
}

fn at(name: &str) -> Address<Counter> {
    Address::new(name.to_owned())
}

fn who(name: &str) -> Recipient {
    (&at(name)).into()
}

fn ask<Q: super::Ask<Party = Counter>>(
    world: &World,
    name: &str,
    question: Q,
) -> Result<Q::Answer, Fault> {
    let mail = Mail::new(world.clone(), Some("req".to_owned()));
    world.run(mail.ask(&at(name), question))
}

fn add(amount: i64) -> Add {
    Add {
        amount,
        and_tell: None,
        and_later_ms: None,
    }
}

fn total(answer: Result<Added, Fault>) -> i64 {
    match answer.unwrap() {
        Added::Total(total) => total,
        Added::Refused => panic!("refused"),
    }
}

fn snapshot(world: &World, name: &str) -> super::inspect::Snapshot {
    world
        .run(Mail::new(world.clone(), None).inspect(&who(name)))
        .unwrap()
}

#[test]
fn a_refusal_keeps_its_writes() {
    let world = world();
    assert!(matches!(ask(&world, "a", add(-1)), Ok(Added::Refused)));
    assert_eq!(total(ask(&world, "a", Read)), 1_000);
}

#[test]
fn a_fault_undoes_its_turn_and_drops_the_memory() {
    let world = world();
    ask(&world, "a", add(5)).unwrap();
    assert_eq!(
        ask(&world, "a", Fail).err().unwrap().code(),
        FaultCode::Storage
    );
    assert_eq!(total(ask(&world, "a", Read)), 5);
}

#[test]
fn a_panic_is_a_fault_and_the_actor_goes_on() {
    let world = world();
    ask(&world, "a", add(5)).unwrap();
    assert_eq!(
        ask(&world, "a", Panic).err().unwrap().code(),
        FaultCode::Panicked
    );
    assert_eq!(total(ask(&world, "a", Read)), 5);
    let activity = snapshot(&world, "a").activation;
    assert_eq!((activity.messages, activity.faults), (3, 1));
}

#[test]
fn asking_nobody_leaves_no_trace() {
    let world = world();
    assert!(matches!(ask(&world, "a", Read), Err(Fault::Absent)));
    assert_eq!(snapshot(&world, "a").schema, None);
    assert!(!world.exists(&who("a")));
}

#[test]
fn a_fault_in_the_founding_turn_founds_nobody() {
    let world = world();
    let add = Add {
        and_tell: Some("b".to_owned()),
        ..add(i64::MAX)
    };
    assert!(ask(&world, "a", add).is_err());
    assert!(world.everybody().is_empty());
}

#[test]
fn eviction_loses_nothing_that_was_written() {
    let world = world();
    ask(&world, "a", add(5)).unwrap();
    world.evict(&who("a"));
    assert_eq!(total(ask(&world, "a", Read)), 5);
}

#[test]
fn a_told_actor_hears_it_right_after_the_commit() {
    let world = world();
    ask(
        &world,
        "a",
        Add {
            and_tell: Some("b".to_owned()),
            ..add(3)
        },
    )
    .unwrap();
    assert_eq!(total(ask(&world, "b", Read)), 3);
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
    assert_eq!(snapshot(&world, "a").alarm, None);
}

#[test]
fn a_host_that_dies_before_delivering_delivers_by_its_alarm() {
    let world = world();
    world.hold_mail(true);
    ask(
        &world,
        "a",
        Add {
            and_tell: Some("b".to_owned()),
            ..add(3)
        },
    )
    .unwrap();
    world.hold_mail(false);
    world.evict(&who("a"));
    assert_eq!(snapshot(&world, "a").outbox.pending, 1);

    world.advance(super::outbox::DELIVERY_GRACE_MS);

    assert_eq!(total(ask(&world, "b", Read)), 3);
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
}

#[test]
fn a_delivery_is_retried_until_it_arrives_once() {
    let world = world();
    world.cut_off(&who("b"), true);
    ask(
        &world,
        "a",
        Add {
            and_tell: Some("b".to_owned()),
            ..add(3)
        },
    )
    .unwrap();
    world.advance(600_000);
    assert_eq!(snapshot(&world, "a").outbox.pending, 1);

    world.cut_off(&who("b"), false);
    world.advance(4_000_000);

    assert_eq!(total(ask(&world, "b", Read)), 3);
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
}

#[test]
fn a_parcel_nobody_takes_becomes_a_dead_letter() {
    let world = world();
    world.cut_off(&who("b"), true);
    ask(
        &world,
        "a",
        Add {
            and_tell: Some("b".to_owned()),
            ..add(3)
        },
    )
    .unwrap();
    world.advance(super::inbox::MEMORY_MS);
    let outbox = snapshot(&world, "a").outbox;
    assert_eq!((outbox.pending, outbox.dead), (1, 1));
    assert_eq!(snapshot(&world, "a").alarm, None);
}

#[test]
fn a_repeated_delivery_changes_nothing() {
    use super::envelope::{Body, Envelope, Returned, VERSION, pack, unpack};
    let world = world();
    let body = Body::Message(pack(&Message::Add(add(3))).unwrap());
    let delivery = Some(crate::domain::ids::MessageId::from_bytes([9; 16]));
    let letter = pack(&Envelope {
        v: VERSION,
        delivery,
        request: None,
        deadline: None,
        body,
    })
    .unwrap();
    let post = || {
        use super::Transport;
        let reply = world
            .run(world.carry(&who("a"), letter.clone(), world.now()))
            .unwrap();
        unpack::<Returned>(&reply).unwrap()
    };
    assert!(matches!(post(), Returned::Reply(_)));
    assert_eq!(post(), Returned::Repeated);
    assert_eq!(total(ask(&world, "a", Read)), 3);
}

#[test]
fn a_job_is_done_at_its_time_and_once() {
    let world = world();
    ask(
        &world,
        "a",
        Add {
            and_later_ms: Some(50),
            ..add(1)
        },
    )
    .unwrap();
    world.advance(49);
    assert_eq!(total(ask(&world, "a", Read)), 1);
    world.advance(1);
    world.evict(&who("a"));
    assert_eq!(total(ask(&world, "a", Read)), 101);
    world.advance(1_000_000);
    assert_eq!(snapshot(&world, "a").jobs, []);
}

#[test]
fn a_failing_job_backs_off_and_stays_visible() {
    let world = world();
    ask(
        &world,
        "a",
        Add {
            and_later_ms: Some(50),
            ..add(501)
        },
    )
    .unwrap();
    world.advance(60_000);
    let jobs = snapshot(&world, "a").jobs;
    let job = jobs.first().unwrap();
    assert!(job.attempts > 3, "{job:?}");
    assert!(job.last_error.as_deref().unwrap().contains("too much"));
}

#[test]
fn an_ended_actor_is_erased_after_its_last_delivery() {
    let world = world();
    world.cut_off(&who("b"), true);
    ask(
        &world,
        "a",
        Add {
            and_tell: Some("b".to_owned()),
            ..add(3)
        },
    )
    .unwrap();
    ask(&world, "a", End).unwrap();
    assert!(world.exists(&who("a")));

    world.cut_off(&who("b"), false);
    world.advance(600_000);

    assert!(!world.exists(&who("a")));
    assert_eq!(total(ask(&world, "b", Read)), 3);
}

#[test]
fn a_message_whose_sender_gave_up_is_not_begun() {
    use super::envelope::{Body, Envelope, Returned, VERSION, pack, unpack};
    let world = world();
    let body = Body::Message(pack(&Message::Add(add(3))).unwrap());
    let deadline = Some(Timestamp::from_millis(1));
    let letter = pack(&Envelope {
        v: VERSION,
        delivery: None,
        request: None,
        deadline,
        body,
    })
    .unwrap();
    let reply = world.run(super::Transport::carry(
        &world,
        &who("a"),
        letter,
        Timestamp::from_millis(1),
    ));
    let returned = unpack::<Returned>(&reply.unwrap()).unwrap();
    assert!(matches!(
        returned,
        Returned::Fault {
            code: FaultCode::Deadline,
            ..
        }
    ));
    assert!(world.everybody().is_empty());
}

#[test]
fn an_actor_describes_itself() {
    let world = world();
    ask(
        &world,
        "a",
        Add {
            and_later_ms: Some(50),
            ..add(1)
        },
    )
    .unwrap();
    let snapshot = snapshot(&world, "a");
    assert_eq!(
        (snapshot.kind.as_str(), snapshot.name.as_str()),
        ("counter", "a")
    );
    assert_eq!(snapshot.schema, Some(1));
    assert_eq!(snapshot.rows, [("counter".to_owned(), 1)]);
    assert_eq!(snapshot.jobs.len(), 1);
    assert_eq!(snapshot.state, serde_json::json!({ "total": 1 }));
    assert_eq!(snapshot.activation.recent[0].name, "Add");
    assert_eq!(
        snapshot.activation.recent[0].request.as_deref(),
        Some("req")
    );
}

#[test]
fn a_message_nobody_can_read_is_answered_with_a_fault() {
    let world = world();
    let reply = world.run(super::Transport::carry(
        &world,
        &who("a"),
        vec![0xc1, 0, 1],
        Timestamp::from_millis(1),
    ));
    let returned = super::envelope::unpack::<super::envelope::Returned>(&reply.unwrap()).unwrap();
    assert!(matches!(
        returned,
        super::envelope::Returned::Fault {
            code: FaultCode::Envelope,
            ..
        }
    ));
}
