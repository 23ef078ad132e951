//! Does the feed stay safe, whatever comes in whatever order?

use super::{Facts, Feed, Limits, Output, Received, Revocation, Standing};
use aero2_tenant::{Now, json};
use proptest::prelude::*;
use serde_json::{Value, json};

const MAX_STALENESS_MS: u64 = 60_000;
const ENTRIES_MAX: usize = 4;
const FAR: u64 = 1_000_000;

/// What may happen to a feed.
#[derive(Clone, Debug)]
enum Step {
    Open,
    Closed(Option<u16>),
    Frame(Value),
    /// An event whose token is of the tenant, if so, and ends this session.
    Event(Value, u8, bool),
    Tick,
    Sync,
    Pass(u64),
}

fn cursor() -> impl Strategy<Value = String> {
    (prop::sample::select(vec!["epocha22", "epochb22"]), 0_u64..6)
        .prop_map(|(epoch, seq)| format!("{epoch}.{seq}"))
}

fn step() -> impl Strategy<Value = Step> {
    let hello = json!({ "type": "hello", "heartbeat": 25, "max_staleness": 60 });
    let reset = |(cursor, part, parts, sid): (String, u64, u64, Option<u8>)| {
        let records: Vec<Value> = sid.iter().map(|sid| record(*sid)).collect();
        json!({ "type": "reset", "cursor": cursor, "part": part, "parts": parts, "revoked": records })
    };
    prop_oneof![
        2 => Just(Step::Open),
        1 => prop::option::of(prop::sample::select(vec![1001, 4401, 4410, 4413, 4429])).prop_map(Step::Closed),
        4 => Just(Step::Frame(hello)),
        4 => (cursor(), 1_u64..3, 1_u64..3, prop::option::of(0_u8..8)).prop_map(reset).prop_map(Step::Frame),
        6 => cursor().prop_map(|cursor| Step::Frame(json!({ "type": "caught_up", "cursor": cursor }))),
        6 => (cursor(), 0_u8..8, prop::bool::weighted(0.9)).prop_map(|(cursor, sid, is_good)| {
            Step::Event(json!({ "type": "event", "cursor": cursor, "set": "set" }), sid, is_good)
        }),
        1 => Just(Step::Frame(json!({ "type": "weather" }))),
        2 => Just(Step::Tick),
        1 => Just(Step::Sync),
        3 => (0_u64..40_000).prop_map(Step::Pass),
    ]
}

fn record(sid: u8) -> Value {
    json!({ "kind": "sessions", "sids": [format!("s{sid}")], "exp": FAR + u64::from(sid) })
}

fn revocation(sid: u8) -> Revocation {
    let text = record(sid).to_string();
    Revocation::parse(&json::object(text.as_bytes()).unwrap()).unwrap()
}

/// What has to hold, told apart from how the feed does it.
#[derive(Default)]
struct Model {
    /// The last frame, of whatever kind, that was not the feed's undoing.
    heard: Option<u64>,
    /// Sessions that ended by an event which no snapshot has come after.
    ended: Vec<u8>,
}

fn play(feed: &mut Feed, model: &mut Model, step: Step, now: Now) {
    let outputs = match step {
        Step::Open => {
            feed.opened(now);
            Vec::new()
        }
        Step::Closed(code) => {
            feed.closed(code);
            Vec::new()
        }
        Step::Tick => feed.tick(now),
        Step::Sync => feed.sync("nonce").map(Output::Send).into_iter().collect(),
        Step::Pass(_) => Vec::new(),
        Step::Frame(frame) => {
            model.heard = Some(now.mono_ms);
            if frame["type"] == "reset" && frame["part"] == frame["parts"] {
                model.ended.clear();
            }
            match feed.receive(&frame.to_string(), now) {
                Received::Done(outputs) => outputs,
                Received::Verify(_) => unreachable!("only events carry tokens"),
            }
        }
        Step::Event(frame, sid, is_good) => {
            model.heard = Some(now.mono_ms);
            match feed.receive(&frame.to_string(), now) {
                Received::Done(outputs) => outputs,
                Received::Verify(pending) => {
                    if is_good {
                        model.ended.push(sid);
                    }
                    let outputs = feed.take(pending, is_good.then(|| revocation(sid)), now);
                    assert!(is_good || outputs == [Output::Close(4400)]);
                    outputs
                }
            }
        }
    };
    if outputs.contains(&Output::Close(4400)) {
        assert!(
            !feed.is_certain(now),
            "nothing is certain after a violation"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_opens_whatever_happens(steps in prop::collection::vec(step(), 0..60)) {
        let mut feed = Feed::new(Limits { entries_max: ENTRIES_MAX, ..Limits::default() });
        let mut model = Model::default();
        let mut now = Now { wall_ms: 1_000_000, mono_ms: 0 };
        for step in steps {
            if let Step::Pass(ms) = step {
                now.wall_ms += ms;
                now.mono_ms += ms;
            }
            play(&mut feed, &mut model, step, now);

            prop_assert!(feed.entries() <= ENTRIES_MAX);
            if feed.is_certain(now) {
                let heard = model.heard.expect("silence makes nothing certain");
                prop_assert!(now.mono_ms - heard < MAX_STALENESS_MS);
            }
            prop_assert!(!feed.is_live() || feed.cursor().is_some());
            for sid in &model.ended {
                let session = format!("s{sid}");
                let token = Facts {
                    subject: "u", client: "c", session: Some(&session), id: "g.1",
                    issued_at: 1, expires_at: FAR,
                };
                prop_assert_ne!(feed.standing(&token, now), Standing::Good);
            }
        }
    }

    #[test]
    fn no_text_is_certain(texts in prop::collection::vec(".*|\\{\"type\":\"[a-z_]{3,9}\".*\\}", 0..20)) {
        let mut feed = Feed::new(Limits::default());
        feed.opened(Now::ZERO);
        for text in texts {
            feed.receive(&text, Now::ZERO);
        }
        prop_assert!(!feed.is_certain(Now::ZERO));
    }
}

#[test]
fn what_was_verified_for_a_socket_that_is_gone_means_nothing() {
    let mut feed = Feed::new(Limits::default());
    let frames = [
        json!({ "type": "hello", "heartbeat": 25, "max_staleness": 60 }),
        json!({ "type": "reset", "cursor": "epocha22.1", "part": 1, "parts": 1, "revoked": [] }),
        json!({ "type": "caught_up", "cursor": "epocha22.1" }),
    ];
    feed.opened(Now::ZERO);
    for frame in frames {
        feed.receive(&frame.to_string(), Now::ZERO);
    }
    let event = json!({ "type": "event", "cursor": "epocha22.2", "set": "set" }).to_string();
    let Received::Verify(pending) = feed.receive(&event, Now::ZERO) else {
        panic!("a live event is verified");
    };
    feed.closed(Some(1001));
    feed.opened(Now::ZERO);

    assert_eq!(feed.take(pending, None, Now::ZERO), []);
    assert!(feed.is_certain(Now::ZERO));
}
