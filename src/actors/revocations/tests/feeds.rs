//! Is every feed told what it has missed?

use super::{
    super::{AUDIT_EVERY, Append, FEEDS_PER_CLIENT_MAX, REPLAY_MAX, RETENTION_MS},
    ISSUER, OTHER, Stage, set, who,
};
use crate::{
    actors::runtime::{
        inspect::Line,
        socket::{Socket, Sockets},
    },
    domain::time::{HOUR_MS, MINUTE_MS, Timestamp},
};
use core::cell::Cell;
use serde_json::{Value, json};

fn resume(cursor: impl serde::Serialize) -> Value {
    json!({ "type": "resume", "cursor": cursor })
}

#[test]
fn a_feed_is_greeted_and_starts_with_a_snapshot() {
    let stage = Stage::new(1);
    let cursor = stage.append(1);
    let feed = stage.open();
    let hello = &feed.frames()[0];
    assert_eq!(
        (&hello["type"], &hello["cursor"]),
        (&json!("hello"), &json!(cursor))
    );

    feed.say(json!({ "type": "start" }));
    let frames = feed.frames();
    assert_eq!(frames[0]["revoked"][0]["id"], set(1));
    assert_eq!(frames[1], json!({ "type": "caught_up", "cursor": cursor }));
}

#[test]
fn whoever_comes_back_hears_what_was_missed_once() {
    let stage = Stage::new(1);
    let first = stage.append(1);
    let missed = [2, 3].map(|number| stage.append(number));
    let quiet = stage.append_quietly(4);

    let feed = stage.open();
    feed.frames();
    feed.say(resume(first));
    let frames = feed.frames();
    let cursors: Vec<_> = frames.iter().map(|frame| frame["cursor"].clone()).collect();
    assert_eq!(cursors, [json!(missed[0]), json!(missed[1]), json!(quiet)]);

    let feed = stage.open();
    feed.frames();
    feed.say(resume(quiet));
    assert_eq!(feed.heard(), ["caught_up"]);
}

#[test]
fn each_issuer_is_told_by_its_own_token() {
    let stage = Stage::new(1);
    let first = stage.append(1);
    let append = Append {
        record: super::record(2, stage.now()),
        sets: vec![
            super::Signed {
                issuer: ISSUER.to_owned(),
                set: "ours".to_owned(),
            },
            super::Signed {
                issuer: OTHER.to_owned(),
                set: "theirs".to_owned(),
            },
        ],
        retention_ms: RETENTION_MS,
        is_last: false,
    };
    let live = [ISSUER, OTHER].map(|issuer| stage.open_as(issuer, "api", HOUR_MS));
    for feed in &live {
        feed.say(resume(first));
        feed.frames();
    }
    stage.try_ask(append).unwrap();
    assert_eq!(live.map(|feed| feed.heard()), [["ours"], ["theirs"]]);
}

#[test]
fn a_feed_at_an_issuer_that_was_not_signed_for_comes_back_for_a_snapshot() {
    let stage = Stage::new(1);
    let first = stage.append(1);
    let feed = stage.open_as("https://new.example", "api", HOUR_MS);
    feed.say(resume(first));
    feed.frames();

    stage.append(2);
    assert_eq!((feed.heard(), feed.closed()), (vec![], Some(1001)));

    let feed = stage.open_as("https://new.example", "api", HOUR_MS);
    feed.say(resume(first));
    assert_eq!(feed.heard(), ["hello", "reset", "caught_up"]);
}

#[test]
fn a_cursor_that_cannot_be_resumed_from_is_answered_by_a_snapshot_or_closed() {
    let stage = Stage::new(1);
    let old = stage.append(1);
    stage.append(10);
    stage.world.advance(RETENTION_MS - HOUR_MS);
    let cursor = stage.append(2);
    stage.world.advance(HOUR_MS + MINUTE_MS);
    stage.append(3);
    let (epoch, seq) = cursor
        .to_string()
        .split_once('.')
        .map(|(e, s)| (e.to_owned(), s.parse::<u64>().unwrap()))
        .unwrap();
    for cursor in [
        "aaaaaaaa.1".to_owned(),
        "aaaaaaaa.99999999999".to_owned(),
        format!("aaaaaaaa.{seq}"),
        format!("{epoch}.{}", seq + 1),
        format!("{epoch}.{}", seq - 1),
        format!("{epoch}.9007199254740991"),
        format!("{epoch}.0"),
        "forged".to_owned(),
        String::new(),
        old.to_string(),
    ] {
        let feed = stage.open();
        feed.say(resume(&cursor));
        assert_eq!(feed.heard(), ["hello", "reset", "caught_up"], "{cursor}");

        let feed = stage.open();
        feed.say(json!({ "type": "resume", "cursor": cursor, "snapshot": false }));
        assert_eq!(
            (feed.heard(), feed.closed()),
            (vec!["hello".to_owned()], Some(4410))
        );
    }
}

#[test]
fn who_missed_too_much_gets_a_snapshot() {
    let stage = Stage::new(1);
    let first = stage.append(0);
    for number in 1..=u32::try_from(REPLAY_MAX).unwrap() {
        stage.append(number);
    }
    let feed = stage.open();
    feed.say(resume(first));
    assert_eq!(feed.frames().len(), 1 + REPLAY_MAX + 1);

    stage.append(1_000);
    let feed = stage.open();
    feed.say(resume(first));
    assert_eq!(feed.heard(), ["hello", "reset", "caught_up"]);
}

#[test]
fn a_snapshot_in_parts_is_whole() {
    let stage = Stage::new(1);
    for number in 0..1_500 {
        stage.append(number);
    }
    for _ in 0..2 {
        let feed = stage.open();
        feed.say(json!({ "type": "start" }));
        let frames = feed.frames();
        let parts = &frames[1..frames.len() - 1];
        let records = parts
            .iter()
            .map(|part| part["revoked"].as_array().unwrap().len());
        assert_eq!(records.sum::<usize>(), 1_500);
        assert!(parts.len() > 1 && parts.iter().all(|part| part["parts"] == parts.len()));
    }
}

#[test]
fn sync_is_answered_by_the_log_itself() {
    let stage = Stage::new(1);
    let feed = stage.listen();
    let cursor = stage.append(1);
    feed.say(json!({ "type": "sync", "nonce": "n" }));
    let frames = feed.frames();
    assert_eq!(frames[0]["set"], set(1));
    assert_eq!(
        frames[1],
        json!({ "type": "synced", "nonce": "n", "cursor": cursor })
    );
}

#[test]
fn what_is_not_this_protocol_closes_the_socket() {
    let stage = Stage::new(1);
    let cursor = stage.append(1).to_string();
    let later = cursor.replace('.', ".9");
    for frame in [
        "{}".to_owned(),
        "hello".to_owned(),
        " ".repeat(4_097),
        json!({ "type": "ack", "cursor": "aaaaaaaa.1" }).to_string(),
        json!({ "type": "ack", "cursor": later }).to_string(),
    ] {
        let feed = stage.listen();
        stage.world.say(&feed.line, &frame);
        assert_eq!(feed.closed(), Some(4400), "{frame}");
    }
    let feed = stage.listen();
    stage.world.say_bytes(&feed.line);
    assert_eq!(feed.closed(), Some(4400));
    let feed = stage.listen();
    feed.say(json!({ "type": "start" }));
    assert_eq!(feed.closed(), Some(4400));
}

#[test]
fn a_feed_that_acknowledges_nothing_is_closed_and_may_resume() {
    let stage = Stage::new(1);
    let first = stage.append(0);
    let (slow, quick) = (stage.listen(), stage.listen());
    let window = 256 + u32::try_from(AUDIT_EVERY).unwrap();
    for number in 1..=window {
        let cursor = stage.append(number);
        if number % 32 == 0 {
            quick.say(json!({ "type": "ack", "cursor": cursor }));
        }
        if number <= 256 {
            assert_eq!(slow.closed(), None, "{number}");
        }
    }
    assert_eq!([slow.closed(), quick.closed()], [Some(4413), None]);

    let back = stage.open();
    back.say(resume(first));
    assert_eq!(back.heard().last().unwrap(), "caught_up");
}

#[test]
fn an_append_costs_the_same_rows_whoever_listens() {
    let stage = Stage::new(1);
    stage.append(0);
    let cost = |number| {
        let before = stage.world.rows_written(&who());
        stage.append(number);
        stage.world.rows_written(&who()) - before
    };
    let alone = cost(1);
    let _feeds: Vec<_> = (0..50).map(|_| stage.listen()).collect();
    assert_eq!(cost(2), alone);
    assert!(alone <= 4, "{alone}");
}

/// A host that is asked how many sockets there are.
struct Counted {
    open: Cell<usize>,
    asked: Cell<usize>,
}

impl Sockets for Counted {
    fn shown(&self, _: usize) -> Vec<Line> {
        Vec::new()
    }

    fn count(&self, _: Option<&str>) -> usize {
        self.asked.set(self.asked.get() + 1);
        self.open.get()
    }

    fn tagged(&self, _: &str) -> Vec<Socket> {
        Vec::new()
    }
}

#[test]
fn feeds_are_counted_once_and_then_only_when_they_seem_too_many() {
    let host = Counted {
        open: Cell::new(1),
        asked: Cell::new(0),
    };
    let mut memory = super::super::memory::Memory::default();
    let mut admit = |seconds| {
        let now = Timestamp::from_seconds(seconds);
        let admitted = memory.admit((&host, now), "a", 3);
        (admitted, host.asked.get())
    };
    assert_eq!([admit(0), admit(1)], [(true, 1), (true, 1)]);
    host.open.set(3);
    assert_eq!(admit(20), (false, 2));
    // Whoever is refused comes back at once, and is not worth a listing.
    host.open.set(2);
    assert_eq!([admit(21), admit(34)], [(false, 2), (false, 2)]);
    assert_eq!([admit(35), admit(36)], [(true, 3), (false, 3)]);
}

#[test]
fn a_client_opens_so_many_feeds_and_shuts_no_other_out() {
    let host = Counted {
        open: Cell::new(0),
        asked: Cell::new(0),
    };
    let mut memory = super::super::memory::Memory::default();
    let open = (&host as &dyn Sockets, Timestamp::default());
    let mut admit = |tag| memory.admit(open, tag, FEEDS_PER_CLIENT_MAX);
    assert!((0..FEEDS_PER_CLIENT_MAX).all(|_| admit("a")));
    assert!(!admit("a"));
    assert!(admit("b"));
}
