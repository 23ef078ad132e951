//! Does the operator hear what fails in an actor, and what caused it?

use super::{
    Actors, Ask, Cause, Fault, Mail,
    probe::{Add, AddLater, Fail, Probe, Read, address},
    tests::{add, add_and_tell, ask, snapshot, who, world},
    world::World,
};
use serde_json::{Value, json};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn lines(world: &World) -> Vec<Value> {
    let lines = world.take_log();
    let read = |line: &String| serde_json::from_str(line).unwrap();
    lines.iter().map(read).collect()
}

fn traced<Q: Ask<Party = Probe>>(world: &World, question: Q) -> Result<Q::Answer, Fault> {
    let cause = Cause {
        request: Some("req-7".to_owned()),
        trace: Some(TRACE.to_owned()),
    };
    let mail = Mail::of(world.clone(), cause);
    world.run(mail.ask(&address("a".to_owned()), question))
}

#[test]
fn a_fault_and_a_panic_lead_back_to_the_request() {
    let world = world();
    ask(&world, "a", add(1)).unwrap();
    for (panics, event) in [(false, "actor.failed"), (true, "actor.panicked")] {
        traced(&world, Fail { panics }).unwrap_err();
        let lines = lines(&world);
        let [line] = lines.as_slice() else {
            panic!("{lines:?}");
        };
        assert_eq!(line["event"], event);
        assert_eq!(
            (&line["level"], &line["actor"]),
            (&json!("error"), &json!("probe"))
        );
        assert_eq!(
            (&line["name"], &line["message"]),
            (&json!("a"), &json!("Fail"))
        );
        assert_eq!(line["request_id"], "req-7");
        assert_eq!(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(line["span_id"], "00f067aa0ba902b7");
        assert!(!line["error"].as_str().unwrap().is_empty());
    }
}

#[test]
fn what_is_no_failure_of_the_actors_is_not_logged_by_it() {
    let world = world();
    assert!(matches!(traced(&world, Read), Err(Fault::Absent)));
    traced(&world, add(1)).unwrap();
    assert_eq!(lines(&world), Vec::<Value>::new());
}

#[test]
fn who_is_told_knows_what_caused_it() {
    let world = world();
    traced(&world, add_and_tell(1, "b")).unwrap();
    let recent = snapshot(&world, "b").activation.recent;
    let told = recent.iter().find(|recent| recent.name == "Add").unwrap();
    assert_eq!(told.request.as_deref(), Some("req-7"));
}

#[test]
fn a_job_that_fails_says_which_and_how_often() {
    let world = world();
    let amount = super::probe::ROOM + 1;
    ask(&world, "a", Add { amount, tell: None }).unwrap();
    ask(&world, "a", AddLater { wait_ms: 50 }).unwrap();
    world.advance(5_000);
    let lines = lines(&world);
    assert!(lines.len() > 1);
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(
            (&line["event"], &line["name"]),
            (&json!("job.failed"), &json!("a"))
        );
        assert_eq!(line["attempts"], number + 1);
        assert!(line["job"].is_string() && line["error"].is_string());
    }
}

#[test]
fn a_dead_letter_is_told_once_with_whom_it_was_for() {
    let world = world();
    world.cut_off(&who("b"), true);
    ask(&world, "a", add_and_tell(3, "b")).unwrap();
    world.advance(super::inbox::MEMORY_MS);
    let lines = lines(&world);
    let [line] = lines.as_slice() else {
        panic!("{lines:?}");
    };
    assert_eq!(
        (&line["event"], &line["name"]),
        (&json!("letter.dead"), &json!("a"))
    );
    assert_eq!(
        (&line["to"], &line["to_name"]),
        (&json!("probe"), &json!("b"))
    );
    assert!(line["message_id"].as_str().unwrap().starts_with("msg_"));
    assert!(line["error"].as_str().unwrap().contains("cut off"));
}
