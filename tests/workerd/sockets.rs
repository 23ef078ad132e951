//! Do the runtime's promises about sockets hold on Durable Objects?

use crate::support::{
    Call, Reply, Site, TestSocket,
    workerd::{Server, Variant, with_shared},
};
use aero2::{
    actors::runtime::socket::FRAME_BYTES_MAX,
    domain::entropy::{Entropy, Seeded},
};

/// As the probe's `GONE` and `UNREADABLE`, which are not in this build.
const GONE: i64 = 10_000;
const UNREADABLE: u16 = 4400;

/// As many tabs as one person will hardly have.
const CROWD: usize = 200;

const CRASHES: u32 = 10;

fn connect(server: &Server, target: &str) -> Result<TestSocket, Box<Reply>> {
    let url = server.url(&format!("/__test/{target}"));
    Site::over(server).connect(&Call::new("GET", &url))
}

/// A socket to the probe of this name, which has 1 and has said hello.
fn listen(server: &Server, name: &str) -> TestSocket {
    assert_eq!(server.hook(&format!("add?name={name}&amount=1")), 1);
    listen_too(server, name)
}

fn listen_too(server: &Server, name: &str) -> TestSocket {
    let opened = connect(server, &format!("listen?name={name}&tag=mine"));
    let socket = opened.unwrap_or_else(|reply| panic!("{}", reply.text()));
    assert_eq!(socket.next().as_deref(), Some("hello"));
    socket
}

fn answer_to(socket: &TestSocket, frame: &str) -> String {
    socket.say(frame);
    socket.next().unwrap()
}

#[test]
fn an_upgrade_carries_the_gateways_headers() {
    with_shared(Variant::Test, |server| {
        let socket = listen(server, "headers");
        assert_eq!(socket.protocol(), "aero2.test");
        assert_eq!(server.hook("inspect?name=headers")["sockets_open"], 1);
    });
}

#[test]
fn who_is_refused_a_socket_gets_an_answer() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=choosy&amount=1");
        let refused = connect(server, "listen?name=choosy&tag=mine&refuses");
        assert_eq!(refused.err().unwrap().expect(409).text(), "null");
        let nobody = connect(server, "listen?name=no-listener&tag=mine");
        assert_eq!(nobody.err().unwrap().expect(409).member("code"), "absent");
    });
}

#[test]
fn what_is_kept_with_a_socket_survives_its_actors_memory() {
    with_shared(Variant::Test, |server| {
        let socket = listen(server, "kept");
        assert_eq!(answer_to(&socket, "one"), "1 one");
        assert_eq!(server.hook("evict?name=kept"), "evicted");
        assert_eq!(answer_to(&socket, "two"), "2 two");
    });
}

#[test]
fn a_ping_wakes_nobody() {
    with_shared(Variant::Test, |server| {
        let socket = listen(server, "asleep");
        assert_eq!(answer_to(&socket, "ping"), "pong");
        assert_eq!(answer_to(&socket, "ping"), "pong");
        assert_eq!(answer_to(&socket, "first"), "1 first");
    });
}

#[test]
fn a_giant_or_binary_frame_closes_the_socket() {
    with_shared(Variant::Test, |server| {
        let socket = listen(server, "strict");
        let longest = "é".repeat(FRAME_BYTES_MAX / 2);
        assert_eq!(answer_to(&socket, &longest), format!("1 {longest}"));
        socket.say(&format!("{longest}a"));
        assert_eq!(socket.closed(), UNREADABLE);

        let socket = listen_too(server, "strict");
        socket.say(&"a".repeat(512 * 1_024));
        assert_eq!(socket.closed(), UNREADABLE);

        let socket = listen_too(server, "strict");
        socket.say_bytes(b"hello");
        assert_eq!(socket.closed(), UNREADABLE);
    });
}

#[test]
fn a_fault_closes_its_socket_and_no_other() {
    with_shared(Variant::Test, |server| {
        let other = listen(server, "faulty");
        for word in ["fault", "panic"] {
            let socket = listen_too(server, "faulty");
            socket.say(word);
            assert_eq!(socket.closed(), 1011);
            assert_eq!(socket.next(), None);
        }
        assert_eq!(server.hook("read?name=faulty"), 1);
        assert_eq!(answer_to(&other, "still"), "1 still");
    });
}

#[test]
fn an_actor_hears_that_a_client_has_gone_and_how_many_are_left() {
    with_shared(Variant::Test, |server| {
        let (stays, leaves) = (listen(server, "gone"), listen_too(server, "gone"));
        assert_eq!(answer_to(&stays, "others"), "2 2");
        leaves.leave();
        assert_eq!(leaves.closed(), 1000);
        let total = GONE + 1;
        let wait = format!("await?name=gone&total={total}");
        assert_eq!(server.hook(&wait), total);
        assert_eq!(answer_to(&stays, "others"), "1 1");

        listen_too(server, "gone").hang_up();
        let total = 2 * GONE + 1;
        let wait = format!("await?name=gone&total={total}");
        assert_eq!(server.hook(&wait), total);
    });
}

#[test]
fn a_socket_that_the_actor_closed_is_nobodys() {
    with_shared(Variant::Test, |server| {
        let socket = listen(server, "left");
        socket.say("leave");
        socket.say("add");
        assert_eq!(socket.closed(), 4000);
        assert_eq!(socket.next(), None);
        assert_eq!(server.hook("inspect?name=left")["sockets_open"], 0);
        assert_eq!(server.hook("read?name=left"), 1);
    });
}

#[test]
fn an_ended_actor_closes_its_sockets() {
    with_shared(Variant::Test, |server| {
        let (one, other) = (
            listen(server, "mortal-line"),
            listen_too(server, "mortal-line"),
        );
        one.say("end");
        assert_eq!((one.closed(), other.closed()), (1001, 1001));
        assert_eq!(server.hook("read?name=mortal-line")["code"], "absent");
    });
}

#[test]
fn one_frame_reaches_a_crowd_of_which_some_have_gone() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=crowd&amount=1");
        let mut crowd: Vec<_> = (0..CROWD).map(|_| listen_too(server, "crowd")).collect();
        crowd.drain(..CROWD / 10).for_each(TestSocket::hang_up);
        server.hook("shout?name=crowd&tag=mine&frame=news");
        for socket in &crowd {
            assert_eq!(socket.next().as_deref(), Some("news"));
        }
        server.hook("shout?name=crowd&tag=other&frame=not-for-them");
        assert_eq!(answer_to(&crowd[0], "first"), "1 first");
    });
}

#[test]
fn what_is_told_first_has_arrived_before_the_answer() {
    with_shared(Variant::Test, |server| {
        for total in 1..=20 {
            server.hook("add-first?name=teller&tell=told&amount=1");
            assert_eq!(server.hook("read?name=told"), total);
        }
        assert_eq!(server.hook("inspect?name=teller")["outbox"]["pending"], 0);
    });
}

#[test]
fn who_is_slow_to_be_told_first_does_not_hold_the_answer() {
    with_shared(Variant::Test, |server| {
        assert_eq!(server.hook("add-first?name=hasty&tell=slow&amount=1"), 1);
        // Still on its way when the answer is there.
        assert_eq!(server.hook("inspect?name=hasty")["outbox"]["pending"], 1);
    });
}

#[test]
fn a_socket_to_nobody_says_why() {
    with_shared(Variant::Test, |server| {
        let socket = connect(server, "nobody").ok().unwrap();
        assert_eq!(socket.closed(), 4401);
        assert_eq!(socket.next().as_deref(), Some("one"));
        assert_eq!(socket.next().as_deref(), Some("two"));
    });
}

#[test]
fn no_frame_tells_what_a_crash_could_take_back() {
    let mut server = Server::start(Variant::Test);
    server.hook("add?name=durable&amount=0");
    let mut entropy = Seeded::new(2_027);
    for _ in 0..CRASHES {
        let mut byte = [0];
        entropy.fill(&mut byte);
        let socket = listen_too(&server, "durable");
        // All at once: some are on their way when the machine dies.
        for _ in 0..256 {
            socket.say("add");
        }
        let heard = (0..=byte[0]).map(|_| socket.next().unwrap()).last();
        server.crash();
        assert_eq!(socket.closed(), crate::support::socket::BROKEN);
        server.restart();

        let heard = heard.unwrap();
        let heard: i64 = heard.strip_prefix("total ").unwrap().parse().unwrap();
        let kept = server.hook("read?name=durable").as_i64().unwrap();
        assert!(kept >= heard, "{heard} was told, {kept} are kept");
    }
}
