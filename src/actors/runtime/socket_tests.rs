//! Do sockets and first deliveries keep their promises, whatever the actor?

use super::{
    Actors, Connection, Fault, Mail,
    outbox::DELIVERY_GRACE_MS,
    probe::{AddFirst, End, GONE, Listen, Read, Refused, Shout, UNREADABLE, address},
    socket::FRAME_BYTES_MAX,
    tests::{add, add_and_tell, ask, snapshot, total, who, world},
    world::{Doom, Line, World},
};

fn connect(world: &World, name: &str, wish: Listen) -> Result<Connection<Line, Refused>, Fault> {
    let mail = Mail::new(world.clone(), None);
    world.run(mail.connect(&address(name.to_owned()), wish))
}

fn wish(tag: &str) -> Listen {
    Listen {
        tag: tag.to_owned(),
        refuses: false,
    }
}

/// A socket that has heard its "hello".
fn listen(world: &World, name: &str, tag: &str) -> Line {
    let Ok(Connection::Open(line)) = connect(world, name, wish(tag)) else {
        panic!("no socket")
    };
    assert_eq!(line.frames(), ["hello"]);
    line
}

/// A world in which `a` has 1 and somebody listens.
fn world_with_a_line() -> (World, Line) {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    let line = listen(&world, "a", "mine");
    (world, line)
}

fn shout(world: &World, tag: &str) -> Result<i64, Fault> {
    let (tag, frame) = (tag.to_owned(), "news".to_owned());
    ask(world, "a", Shout { tag, frame }).map(|total| total.0)
}

#[test]
fn an_actor_accepts_a_socket_or_answers() {
    let (world, _line) = world_with_a_line();
    let refused = Listen {
        tag: "mine".to_owned(),
        refuses: true,
    };
    let answer = connect(&world, "a", refused).unwrap();
    assert!(matches!(answer, Connection::Answered(Refused)));
    assert_eq!(snapshot(&world, "a").sockets_open, 1);
}

#[test]
fn nobody_accepts_no_socket() {
    let world = world();
    let answer = connect(&world, "nobody", wish("mine"));
    assert!(matches!(answer, Err(Fault::Absent)));
    assert!(!world.exists(&who("nobody")));
}

#[test]
fn eviction_takes_neither_sockets_nor_what_is_kept_with_them() {
    let (world, line) = world_with_a_line();
    world.say(&line, "one");
    world.evict(&who("a"));
    world.say(&line, "two");
    assert_eq!(line.frames(), ["1 one", "2 two"]);
}

#[test]
fn an_actor_counts_what_it_hears() {
    let (world, line) = world_with_a_line();
    let heard = || snapshot(&world, "a").activation.heard;
    assert_eq!(heard(), 0);
    world.say(&line, "one");
    world.say_bytes(&line);
    assert_eq!(heard(), 2);
}

#[test]
fn a_frame_goes_to_those_who_have_its_tag() {
    let (world, line) = world_with_a_line();
    let other = listen(&world, "a", "other");
    assert_eq!(shout(&world, "other").unwrap(), 2);
    assert_eq!(other.frames(), ["news"]);
    assert_eq!(line.frames(), [""; 0]);
    world.say(&line, "others");
    assert_eq!(line.frames(), ["2 1"]);
}

#[test]
fn no_frame_comes_from_a_turn_that_was_not_committed() {
    let (world, line) = world_with_a_line();
    world.doom(&who("a"), Doom::BeforeCommit);
    assert!(shout(&world, "mine").is_err());
    assert_eq!(line.frames(), [""; 0]);
    assert_eq!(line.closed(), Some(1006));
    assert_eq!(total(ask(&world, "a", Read)), 1);
}

#[test]
fn a_host_that_dies_after_the_commit_keeps_the_row_and_loses_the_frame() {
    let (world, line) = world_with_a_line();
    world.doom(&who("a"), Doom::AfterCommit);
    assert!(shout(&world, "mine").is_err());
    assert_eq!(line.frames(), [""; 0]);
    assert_eq!(total(ask(&world, "a", Read)), 2);
}

#[test]
fn a_fault_undoes_its_turn_says_nothing_and_closes_the_socket() {
    for word in ["fault", "panic"] {
        let (world, line) = world_with_a_line();
        world.say(&line, word);
        assert_eq!(line.frames(), [""; 0]);
        assert_eq!(line.closed(), Some(1011));
        assert_eq!(total(ask(&world, "a", Read)), 1);
        assert_eq!(snapshot(&world, "a").sockets_open, 0);
    }
}

#[test]
fn what_nobody_can_read_is_dropped_unread() {
    let (world, line) = world_with_a_line();
    world.say(&line, &"a".repeat(FRAME_BYTES_MAX));
    assert_eq!(line.closed(), None);
    world.say(&line, &"a".repeat(FRAME_BYTES_MAX + 1));
    assert_eq!(line.closed(), Some(UNREADABLE));

    let line = listen(&world, "a", "mine");
    world.say_bytes(&line);
    assert_eq!(line.closed(), Some(UNREADABLE));
}

#[test]
fn a_ping_is_answered_without_the_actor() {
    let (world, line) = world_with_a_line();
    let messages = snapshot(&world, "a").activation.messages;
    world.say(&line, "ping");
    assert_eq!(line.frames(), ["pong"]);
    // The second look is itself a message.
    assert_eq!(snapshot(&world, "a").activation.messages, messages + 1);
}

#[test]
fn an_actor_hears_once_that_a_client_has_gone() {
    let (world, line) = world_with_a_line();
    world.hang_up(&line);
    world.hang_up(&line);
    assert_eq!(total(ask(&world, "a", Read)), 1 + GONE);
}

#[test]
fn a_socket_that_the_actor_closed_is_never_heard_from_again() {
    let (world, line) = world_with_a_line();
    world.say(&line, "leave");
    assert_eq!(line.closed(), Some(4000));
    world.say(&line, "add");
    world.hang_up(&line);
    assert_eq!(line.frames(), [""; 0]);
    assert_eq!(total(ask(&world, "a", Read)), 1);
}

#[test]
fn an_ended_actor_closes_its_sockets() {
    let (world, line) = world_with_a_line();
    ask(&world, "a", End).unwrap();
    assert!(line.closed().is_some());
}

#[test]
fn what_is_told_first_has_arrived_before_the_answer() {
    let world = world();
    let mail = Mail::new(world.clone(), None);
    let (first, second) = (address("b".to_owned()), address("c".to_owned()));
    let (told, later) = world.run(async {
        let to = address("a".to_owned());
        let tell = "b".to_owned();
        mail.ask(&to, AddFirst { amount: 3, tell }).await.unwrap();
        mail.ask(&to, add_and_tell(3, "c")).await.unwrap();
        (mail.ask(&first, Read).await, mail.ask(&second, Read).await)
    });
    assert_eq!(total(told), 3);
    assert!(matches!(later, Err(Fault::Absent)));
    assert_eq!(snapshot(&world, "a").outbox.pending, 0);
}

#[test]
fn who_cannot_be_told_first_is_told_later() {
    let world = world();
    world.cut_off(&who("b"), true);
    let tell = "b".to_owned();
    ask(&world, "a", AddFirst { amount: 3, tell }).unwrap();
    assert_eq!(snapshot(&world, "a").outbox.pending, 1);
    world.cut_off(&who("b"), false);
    world.advance(600_000);
    assert_eq!(total(ask(&world, "b", Read)), 3);
}

#[test]
fn what_was_to_be_told_first_survives_the_host() {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    world.doom(&who("a"), Doom::AfterCommit);
    let tell = "b".to_owned();
    assert!(ask(&world, "a", AddFirst { amount: 3, tell }).is_err());
    assert!(matches!(ask(&world, "b", Read), Err(Fault::Absent)));
    world.advance(DELIVERY_GRACE_MS);
    assert_eq!(total(ask(&world, "b", Read)), 3);
}
