//! Does each record stand once, in order, for as long as it must?

use super::{
    super::{Append, EVENT_MEMORY_MS, PURGE_PAUSE_MS, RETENTION_MS},
    ISSUER, Stage, record, set, who,
};
use crate::{
    actors::runtime::{Connection, Fault},
    domain::time::{DAY_MS, HOUR_MS, MINUTE_MS},
};
use serde_json::json;

#[test]
fn a_record_delivered_twice_stands_once() {
    let stage = Stage::new(1);
    let feed = stage.listen();
    let first = stage.append(1);
    let second = stage.append(2);
    assert!(first.seq < second.seq && first.epoch == second.epoch);

    stage.world.evict(&who());
    assert_eq!((stage.append(1), stage.append(2)), (first, second));

    assert_eq!(feed.heard(), [set(1), set(2)]);
    assert_eq!(stage.inspect().state["appended"], 2);
}

#[test]
fn a_record_stands_once_even_when_it_comes_again_days_later() {
    let stage = Stage::new(1);
    let first = stage.append(1);
    stage.world.advance(EVENT_MEMORY_MS - DAY_MS);
    assert_eq!(stage.append(1), first);
}

#[test]
fn what_is_in_force_is_told_until_its_tokens_are_gone() {
    let stage = Stage::new(1);
    stage.append(1);
    stage.append_quietly(2);
    stage.world.advance(HOUR_MS / 2);
    stage.append(3);

    let in_force = || {
        let feed = stage.open();
        feed.say(json!({ "type": "start" }));
        let frames = feed.frames();
        let ids = frames[1]["revoked"].as_array().unwrap().iter();
        let ids: Vec<_> = ids
            .map(|held| held["id"].as_str().unwrap().to_owned())
            .collect();
        ids
    };
    assert_eq!(in_force(), [set(1), set(3)]);
    stage.world.advance(HOUR_MS / 2 + 2 * MINUTE_MS);
    assert_eq!(in_force(), [set(3)]);
    stage.world.advance(HOUR_MS);
    assert_eq!(in_force(), [""; 0]);
}

#[test]
fn contents_go_after_the_retention_and_ids_after_a_week() {
    let stage = Stage::new(1);
    let cursor = stage.append(1);
    stage.world.advance(RETENTION_MS - 1);
    let rows = |table: &str| {
        let rows = stage.inspect().rows;
        rows.iter().find(|(name, _)| name == table).unwrap().1
    };
    assert_eq!((rows("record"), rows("token")), (1, 2));

    stage.world.advance(PURGE_PAUSE_MS + 2);
    assert_eq!((rows("record"), rows("token")), (1, 0));
    assert_eq!(stage.inspect().state["oldest"], json!(cursor));

    stage.world.advance(EVENT_MEMORY_MS);
    assert_eq!(rows("record"), 0);
    assert_eq!(stage.inspect().state["cursor"], json!(cursor));
    assert_eq!(stage.jobs(), [""; 0]);
}

#[test]
fn a_purge_in_pages_purges_everything() {
    let stage = Stage::new(1);
    for number in 0..2_500 {
        stage.append(number);
    }
    stage.world.advance(RETENTION_MS + 2 * PURGE_PAUSE_MS);
    let rows = stage.inspect().rows;
    assert!(rows.contains(&("token".to_owned(), 0)), "{rows:?}");
}

#[test]
fn an_idle_log_plans_nothing_and_idle_feeds_only_their_end() {
    let stage = Stage::new(1);
    let feed = stage.open_as(ISSUER, "api", 30 * DAY_MS);
    feed.say(json!({ "type": "start" }));
    stage.append(1);
    stage.world.advance(20 * DAY_MS);
    assert_eq!(stage.jobs(), ["expire"]);

    stage.world.hang_up(&feed.line);
    stage.world.advance(20 * DAY_MS);
    assert_eq!(stage.jobs(), [""; 0]);
}

#[test]
fn after_its_last_record_a_log_lives_for_its_retention_and_ends() {
    let stage = Stage::new(1);
    let feed = stage.open_as(ISSUER, "api", DAY_MS);
    feed.say(json!({ "type": "start" }));
    feed.frames();
    let last = Append {
        record: record(1, stage.now()),
        sets: vec![super::Signed {
            issuer: ISSUER.to_owned(),
            set: set(1),
        }],
        retention_ms: RETENTION_MS,
        is_last: true,
    };
    stage.try_ask(last).unwrap();
    assert_eq!(feed.heard(), [set(1)]);
    let late = stage.attach(ISSUER, "api", HOUR_MS);
    assert!(matches!(
        late,
        Ok(Connection::Answered(super::Attached::Ending))
    ));

    stage.world.advance(RETENTION_MS - 1);
    assert_eq!(feed.closed(), None);
    stage.world.advance(1);
    assert_eq!(feed.closed(), Some(4401));
    assert!(!stage.world.exists(&who()));
}

#[test]
fn a_last_record_that_nobody_could_sign_is_told_all_the_same() {
    let stage = Stage::new(1);
    let feed = stage.listen();
    let last = Append {
        record: record(1, stage.now()),
        sets: Vec::new(),
        retention_ms: RETENTION_MS,
        is_last: true,
    };
    stage.try_ask(last).unwrap();
    let frames = feed.frames();
    assert_eq!(frames[0]["revoked"][0]["id"], set(1));
    assert_eq!(frames[1]["type"], "caught_up");
    assert_eq!(feed.closed(), None);
}

#[test]
fn a_restored_log_numbers_its_records_anew() -> Result<(), Fault> {
    let stage = Stage::new(1);
    stage.append(1);
    let copy = stage.world.copy(&who())?.unwrap();
    let lost = [2, 3, 4].map(|number| stage.append(number));

    stage.world.restore(&who(), copy);
    stage.world.advance(1);
    let anew = [5, 6, 7].map(|number| stage.append(number));

    assert!(lost.iter().all(|cursor| !anew.contains(cursor)));
    let feed = stage.open();
    feed.say(json!({ "type": "resume", "cursor": lost[0] }));
    assert_eq!(feed.heard(), ["hello", "reset", "caught_up"]);
    Ok(())
}
