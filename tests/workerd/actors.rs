//! Do the runtime's rules hold on Durable Objects?

use crate::support::workerd::{Server, Variant, with_shared};
use serde_json::json;
use std::time::{Duration, Instant};

/// What the issue asks of a caller whose actor panics.
const PANIC_ANSWER_MAX: Duration = Duration::from_millis(100);

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "how long a caller of a panicking actor waits is what is asked"
)]
fn a_panic_answers_its_caller_at_once_and_disturbs_nobody() {
    // Of its own, so that no other test's work is in the figure.
    let server = Server::start(Variant::Test);
    assert_eq!(server.hook("add?name=panics&amount=3"), 3);
    assert_eq!(server.hook("add?name=neighbour&amount=4"), 4);

    let began = Instant::now();
    let answer = server.hook("panic?name=panics");
    let took = began.elapsed();

    assert_eq!(answer["code"], "panicked");
    assert!(took < PANIC_ANSWER_MAX, "{took:?}");
    // Its turn is undone, its memory rebuilt; the neighbour never slept.
    assert_eq!(server.hook("read?name=panics"), 3);
    let neighbour = server.hook("inspect?name=neighbour");
    assert_eq!(neighbour["activation"]["messages"], 1);
    assert_eq!(neighbour["state"]["total"], 4);
}

#[test]
fn a_panic_leaves_no_alarm_behind() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=quiet&amount=1");
        server.hook("panic?name=quiet");
        assert_eq!(server.hook("inspect?name=quiet")["jobs"], json!([]));
    });
}

#[test]
fn a_delivery_crosses_from_one_object_to_another() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=sender&amount=5&tell=receiver");
        assert_eq!(server.hook("await?name=receiver&total=5"), 5);
    });
}

#[test]
fn a_delivery_survives_a_crash_between_commit_and_delivery() {
    let mut server = Server::start(Variant::Test);
    assert_eq!(
        server.hook("add?name=sender&amount=7&tell=receiver&hold"),
        "held"
    );

    server.crash();
    server.restart();

    // The alarm that was committed with the parcel rings by itself.
    assert_eq!(server.hook("await?name=receiver&total=7"), 7);
    let sender = server.hook("inspect?name=sender");
    assert_eq!(sender["outbox"]["dead"], 0);
}

#[test]
fn what_was_acknowledged_survives_a_crash() {
    let mut server = Server::start(Variant::Test);
    for total in 1..=20 {
        assert_eq!(server.hook("add?name=lasting&amount=1"), total);
    }

    server.crash();
    server.restart();

    assert_eq!(server.hook("read?name=lasting"), 20);
}

#[test]
fn a_job_is_done_when_it_is_due() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=busy&amount=1");
        server.hook("add-later?name=busy&wait_ms=50");
        assert_eq!(server.hook("await?name=busy&total=101"), 101);
    });
}

#[test]
fn an_ended_actor_is_nobody_and_can_be_founded_anew() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=mortal&amount=9");
        server.hook("end?name=mortal");

        assert_eq!(server.hook("read?name=mortal")["code"], "absent");
        assert_eq!(server.hook("inspect?name=mortal")["schema"], json!(null));
        assert_eq!(server.hook("add?name=mortal&amount=2"), 2);
    });
}

#[test]
fn who_was_never_founded_is_nobody() {
    with_shared(Variant::Test, |server| {
        assert_eq!(server.hook("read?name=nobody")["code"], "absent");
        assert_eq!(server.hook("inspect?name=nobody")["schema"], json!(null));
    });
}

#[test]
fn an_object_knows_its_name() {
    with_shared(Variant::Test, |server| {
        server.hook("add?name=ren%C3%A9&amount=1");
        assert_eq!(server.hook("inspect?name=ren%C3%A9")["name"], "rené");
    });
}

#[test]
fn a_kind_that_is_not_bound_is_unreachable() {
    with_shared(Variant::Test, |server| {
        let answer = server.hook("inspect?kind=nothing&name=x");
        assert_eq!(answer["code"], "unavailable");
    });
}
