//! Do the eight rules of the runtime hold, whatever the actor?

use super::{
    Actors, Ask, Fault, FaultCode, Mail, Recipient, Transport,
    activation::Activation,
    probe::{
        Add, AddFirst, AddLater, End, Fail, Message, Overdraw, Probe, Read, Refused, Total, address,
    },
    world::{Doom, World},
};
use crate::domain::time::Timestamp;

pub(super) fn world() -> World {
    World::new(
        1,
        Box::new(|kind, now| {
            assert_eq!(kind, "probe");
            Some(Box::new(Activation::new(Probe, now)))
        }),
    )
}

pub(super) fn who(name: &str) -> Recipient {
    (&address(name.to_owned())).into()
}

pub(super) fn ask<Q: Ask<Party = Probe>>(
    world: &World,
    name: &str,
    question: Q,
) -> Result<Q::Answer, Fault> {
    let mail = Mail::new(world.clone(), Some("req".to_owned()));
    world.run(mail.ask(&address(name.to_owned()), question))
}

pub(super) fn add(amount: i64) -> Add {
    Add { amount, tell: None }
}

pub(super) fn add_and_tell(amount: i64, other: &str) -> Add {
    Add {
        amount,
        tell: Some(other.to_owned()),
    }
}

/// A world in which `a` has `amount` and adds more in 50 ms.
fn world_with_a_job(amount: i64) -> World {
    let world = world();
    ask(&world, "a", add(amount)).unwrap();
    ask(&world, "a", AddLater { wait_ms: 50 }).unwrap();
    world
}

pub(super) fn total(answer: Result<Total, Fault>) -> i64 {
    answer.unwrap().0
}

pub(super) fn snapshot(world: &World, name: &str) -> super::inspect::Snapshot {
    world
        .run(Mail::new(world.clone(), None).inspect(&who(name)))
        .unwrap()
}

#[test]
fn a_refusal_keeps_its_writes() {
    let world = world();
    let overdraw = Overdraw { amount: 1_000 };
    assert_eq!(ask(&world, "a", overdraw).unwrap(), Refused);
    world.evict(&who("a"));
    assert_eq!(total(ask(&world, "a", Read)), 1_000);
}

#[test]
fn a_fault_undoes_its_turn_and_drops_the_memory() {
    let world = world();
    ask(&world, "a", add(5)).unwrap();
    assert_eq!(
        ask(&world, "a", Fail { panics: false })
            .err()
            .unwrap()
            .code(),
        FaultCode::Storage
    );
    assert_eq!(total(ask(&world, "a", Read)), 5);
}

#[test]
fn a_panic_is_a_fault_and_the_actor_goes_on() {
    let world = world();
    ask(&world, "a", add(5)).unwrap();
    assert_eq!(
        ask(&world, "a", Fail { panics: true })
            .err()
            .unwrap()
            .code(),
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
    assert!(ask(&world, "a", add_and_tell(i64::MAX, "b")).is_err());
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
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
    assert_eq!(total(ask(&world, "b", Read)), 3);
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
    assert_eq!(snapshot(&world, "a").alarm, None);
}

#[test]
fn a_host_that_dies_before_delivering_delivers_by_its_alarm() {
    let world = world();
    world.hold_mail(true);
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
    world.hold_mail(false);
    world.evict(&who("a"));
    assert_eq!(snapshot(&world, "a").outbox.pending, 1);

    world.advance(super::outbox::DELIVERY_GRACE_MS);

    assert_eq!(total(ask(&world, "b", Read)), 3);
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
}

/// A world in which `a` has committed what it tells `b` first, and died.
fn world_with_an_untold() -> World {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    die_telling(&world, "b");
    world
}

fn die_telling(world: &World, other: &str) {
    world.doom(&who("a"), Doom::AfterCommit);
    let tell = other.to_owned();
    assert!(ask(world, "a", AddFirst { amount: 3, tell }).is_err());
    assert!(!world.exists(&who(other)));
}

/// Asks `a`, and what `b` has heard by then.
fn heard_by_the_answer<Q: Ask<Party = Probe>>(world: &World, question: Q) -> Result<Total, Fault> {
    let mail = Mail::new(world.clone(), None);
    let (to, other) = (address("a".to_owned()), address("b".to_owned()));
    world.run(async {
        mail.ask(&to, question).await.unwrap();
        mail.ask(&other, Read).await
    })
}

#[test]
fn what_a_dead_host_told_nobody_is_told_before_the_next_answer() {
    let world = world_with_an_untold();
    world.delay_mail(true);
    assert_eq!(total(heard_by_the_answer(&world, Read)), 3);
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
}

#[test]
fn what_a_dead_host_told_nobody_is_told_before_what_is_new() {
    let world = world_with_an_untold();
    let more = AddFirst {
        amount: 10,
        tell: "b".to_owned(),
    };
    assert_eq!(total(heard_by_the_answer(&world, more)), 13);
    world.advance(600_000);
    assert_eq!(total(ask(&world, "b", Read)), 13);
}

#[test]
fn an_alarm_before_the_next_message_keeps_nothing_from_being_told() {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    ask(&world, "a", AddLater { wait_ms: 50 }).unwrap();
    die_telling(&world, "b");
    world.advance(50);
    world.delay_mail(true);
    assert_eq!(total(heard_by_the_answer(&world, Read)), 3);
}

#[test]
fn a_fault_keeps_nothing_from_being_told() {
    let world = world_with_an_untold();
    assert!(ask(&world, "a", Fail { panics: false }).is_err());
    assert_eq!(total(heard_by_the_answer(&world, Read)), 3);
}

#[test]
fn who_could_not_be_told_lately_holds_up_no_answer() {
    let world = world_with_an_untold();
    world.cut_off(&who("b"), true);
    ask(&world, "a", Read).unwrap();
    world.evict(&who("a"));
    world.cut_off(&who("b"), false);
    assert!(matches!(
        heard_by_the_answer(&world, Read),
        Err(Fault::Absent)
    ));
    world.advance(600_000);
    assert_eq!(total(ask(&world, "b", Read)), 3);
}

#[test]
fn an_actor_that_is_awake_looks_for_nothing_untold() {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    world.hold_mail(true);
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
    world.hold_mail(false);
    assert!(matches!(
        heard_by_the_answer(&world, Read),
        Err(Fault::Absent)
    ));
}

#[test]
fn so_many_untold_and_no_more_hold_up_an_answer() {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    for _ in 0..=super::outbox::UNTOLD_MAX {
        die_telling(&world, "b");
    }
    world.delay_mail(true);
    let untold = super::outbox::UNTOLD_MAX * 3;
    assert_eq!(total(heard_by_the_answer(&world, Read)), untold);
    world.delay_mail(false);
    world.advance(600_000);
    assert_eq!(total(ask(&world, "b", Read)), untold + 3);
}

#[test]
fn a_delivery_is_retried_until_it_arrives_once() {
    let world = world();
    world.cut_off(&who("b"), true);
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
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
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
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
        trace: None,
        caller: None,
        deadline: None,
        body,
    })
    .unwrap();
    let post = || {
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
    let world = world_with_a_job(1);
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
    let world = world_with_a_job(501);
    world.advance(60_000);
    let jobs = snapshot(&world, "a").jobs;
    let job = jobs.first().unwrap();
    assert!(job.attempts > 3, "{job:?}");
    assert!(job.last_error.as_deref().unwrap().contains("no room"));
}

#[test]
fn an_ended_actor_is_erased_after_its_last_delivery() {
    let world = world();
    world.cut_off(&who("b"), true);
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
    ask(&world, "a", End).unwrap();
    assert!(world.exists(&who("a")));

    world.cut_off(&who("b"), false);
    world.advance(600_000);

    assert!(!world.exists(&who("a")));
    assert_eq!(total(ask(&world, "b", Read)), 3);
}

#[test]
fn an_ended_actor_takes_its_dead_letters_along_in_the_end() {
    let world = world();
    let written = world.now();
    world.cut_off(&who("b"), true);
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
    ask(&world, "a", End).unwrap();
    world.advance(super::inbox::MEMORY_MS);
    let last_day = written.plus(super::outbox::DEAD_LETTERS_KEPT_MS);
    assert_eq!(snapshot(&world, "a").outbox.dead, 1);
    assert_eq!(snapshot(&world, "a").alarm, Some(last_day));

    world.advance(last_day.since(world.now()) - 1);
    assert!(world.exists(&who("a")));
    world.advance(1);

    assert!(!world.exists(&who("a")));
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
        trace: None,
        caller: None,
        deadline,
        body,
    })
    .unwrap();
    let reply = world.run(Transport::carry(
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
    let world = world_with_a_job(1);
    let snapshot = snapshot(&world, "a");
    assert_eq!(
        (snapshot.kind.as_str(), snapshot.name.as_str()),
        ("probe", "a")
    );
    assert_eq!(snapshot.schema, Some(1));
    assert_eq!(snapshot.rows, [("probe".to_owned(), 1)]);
    assert_eq!(snapshot.jobs.len(), 1);
    assert_eq!(snapshot.state, serde_json::json!({ "total": 1 }));
    assert_eq!(snapshot.activation.recent[0].name, "AddLater");
    assert_eq!(
        snapshot.activation.recent[0].request.as_deref(),
        Some("req")
    );
}

#[test]
fn a_message_nobody_can_read_is_answered_with_a_fault() {
    let world = world();
    let reply = world.run(Transport::carry(
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
