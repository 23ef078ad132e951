//! Is every feed closed when it must be, and asked to leave before that?

use super::{super::FEED_PACE, Feed, ISSUER, Stage, client, record_of, set, who};
use crate::domain::{
    revocation::What,
    time::{HOUR_MS, MINUTE_MS, SECOND_MS},
};
use serde_json::json;

#[test]
fn a_feed_that_does_not_start_is_closed_and_one_that_has_is_not() {
    let stage = Stage::new(1);
    let (silent, started) = (stage.open(), stage.listen());
    stage.world.advance(5 * SECOND_MS);
    let later = stage.open();
    stage.world.advance(5 * SECOND_MS);
    assert_eq!(
        [&silent, &started, &later].map(Feed::closed),
        [Some(4408), None, None]
    );
    stage.world.advance(5 * SECOND_MS);
    assert_eq!(later.closed(), Some(4408));
    assert_eq!(stage.jobs(), ["expire"]);
}

#[test]
fn a_feed_ends_with_its_token() {
    let stage = Stage::new(1);
    let feeds = [5, 10, 60].map(|minutes| stage.open_as(ISSUER, "api", minutes * MINUTE_MS));
    for feed in &feeds {
        feed.say(json!({ "type": "start" }));
    }
    let closed = || feeds.each_ref().map(Feed::closed);
    stage.world.advance(5 * MINUTE_MS - 1);
    assert_eq!(closed(), [None; 3]);
    stage.world.advance(1);
    assert_eq!(closed(), [Some(4401), None, None]);
    stage.world.evict(&who());
    stage.world.advance(5 * MINUTE_MS);
    assert_eq!(closed(), [Some(4401), Some(4401), None]);
}

#[test]
fn a_feed_is_asked_once_to_come_back_before_its_token_expires() {
    let stage = Stage::new(1);
    let [lasting, early, late] =
        [300, 300, 305].map(|seconds| stage.open_as(ISSUER, "api", seconds * SECOND_MS));
    for feed in [&lasting, &early, &late] {
        feed.say(json!({ "type": "start" }));
        assert_eq!(feed.heard(), ["hello", "reset", "caught_up"]);
    }
    stage.world.advance(270 * SECOND_MS - 1);
    assert_eq!(early.heard(), Vec::<String>::new());
    stage.world.advance(1);
    assert_eq!(
        early.frames(),
        [json!({ "type": "drain", "after_ms": 30_000 })]
    );
    // What expires shortly after is asked a little later: it has as much less time.
    stage.world.evict(&who());
    stage.world.advance(10 * SECOND_MS);
    assert_eq!(
        late.frames(),
        [json!({ "type": "drain", "after_ms": 25_000 })]
    );
    stage.append(1);
    assert_eq!(early.heard(), [set(1)], "it goes on until it has gone");

    stage.world.hang_up(&early.line);
    stage.world.advance(20 * SECOND_MS);
    assert_eq!(lasting.heard(), ["drain".to_owned(), set(1)], "once");
    assert_eq!([&lasting, &late].map(Feed::closed), [Some(4401), None]);
}

#[test]
fn a_feed_that_comes_with_an_old_token_is_not_asked_to_come_back() {
    let stage = Stage::new(1);
    let feed = stage.open_as(ISSUER, "api", 30 * SECOND_MS);
    feed.say(json!({ "type": "start" }));
    stage.world.advance(30 * SECOND_MS);
    assert_eq!(feed.heard(), ["hello", "reset", "caught_up"]);
    assert_eq!(feed.closed(), Some(4401));
}

#[test]
fn the_feeds_of_a_client_that_is_revoked_end() {
    let stage = Stage::new(1);
    let feeds = ["api", "other"].map(|name| stage.open_as(ISSUER, name, HOUR_MS));
    let what = What::Client {
        client_id: client("api"),
        not_before: stage.now(),
    };
    stage.try_append(record_of(1, stage.now(), what)).unwrap();
    assert_eq!(feeds[0].heard(), ["hello".to_owned(), set(1)]);
    assert_eq!(feeds.each_ref().map(Feed::closed), [Some(4401), None]);
}

#[test]
fn who_talks_without_end_is_closed() {
    let stage = Stage::new(1);
    let feed = stage.listen();
    for _ in 0..FEED_PACE.at_once - 1 {
        feed.say(json!({ "type": "sync", "nonce": "n" }));
    }
    assert_eq!(feed.closed(), None);
    feed.say(json!({ "type": "sync", "nonce": "n" }));
    assert_eq!(feed.closed(), Some(4429));
}
