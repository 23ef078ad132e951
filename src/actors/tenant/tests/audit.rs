//! Is it kept who has done what, and for how long?

use super::{policies::shown, *};
use crate::domain::{
    audit::{Actor, ActorKind, Event, Origin, Record},
    entropy::Seeded,
    time::Timestamp,
};

fn origin() -> Origin {
    Origin {
        actor: Actor {
            kind: ActorKind::User,
            id: UserId::from_bytes([9; 16]).to_string(),
        },
        address: Some("203.0.113.7".to_owned()),
        user_agent: Some("curl/8".to_owned()),
        request_id: "req-1".to_owned(),
        reason: Some("They asked for more.".to_owned()),
    }
}

/// The record of an act at `at`, on `target`.
pub(super) fn record(event: Event, target: &str, at: Timestamp) -> Box<Record> {
    let mut entropy = Seeded::new(u64::try_from(at.as_millis()).unwrap());
    let target = target.to_owned();
    Box::new(Record::done(
        (ID, at),
        event,
        target,
        origin(),
        &mut entropy,
    ))
}

impl Acme {
    pub(super) fn now(&self) -> Timestamp {
        crate::actors::runtime::Transport::now(&self.stage.world)
    }

    fn done(&self) -> Vec<(Event, String)> {
        let page = self.ask(ListActs {
            before: None,
            limit: PAGE_MAX,
            only: Only::default(),
        });
        let told = |(_, record): (i64, Record)| (record.event, record.target.id);
        page.items.into_iter().map(told).collect()
    }

    fn note(&self, target: &str) {
        let record = record(Event::BucketReset, target, self.now());
        self.ask(NoteAct { record });
    }
}

#[test]
fn what_was_done_is_told_and_what_was_not_is_not() {
    let acme = Acme::new();
    shown(acme.create_policy("api", 5));
    acme.create_policy("api", 6);
    acme.change_policy("api", json!({"ahead": -1}));
    acme.change_policy("api", json!({}));
    shown(acme.change_policy("api", json!({"ahead": 1})));
    acme.delete_policy("other");
    shown(acme.delete_policy("api"));
    let on_api = |event| (event, "api".to_owned());
    assert_eq!(
        acme.done(),
        [
            on_api(Event::PolicyDeleted),
            on_api(Event::PolicyChanged),
            on_api(Event::PolicyCreated),
        ]
    );
    let page = acme.ask(ListActs {
        before: None,
        limit: 1,
        only: Only::default(),
    });
    let (_, latest) = page.items.first().unwrap();
    assert_eq!(latest.origin, origin());
}

#[test]
fn acts_are_listed_from_the_latest_on() {
    let acme = Acme::new();
    for number in 0..5 {
        acme.note(&number.to_string());
    }
    let mut told = Vec::new();
    let mut before = None;
    loop {
        let page = acme.ask(ListActs {
            before,
            limit: 2,
            only: Only::default(),
        });
        told.extend(page.items.into_iter().map(|(_, record)| record.target.id));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(told, ["4", "3", "2", "1", "0"]);
}

#[test]
fn an_act_is_kept_for_its_time() {
    let acme = Acme::new();
    for number in 0..2 * PAGE_MAX {
        acme.note(&number.to_string());
    }
    acme.stage.world.advance(ACT_MS / 2);
    acme.note("later");
    acme.stage.world.advance(ACT_MS / 2 + 60_000);
    assert_eq!(acme.done(), [(Event::BucketReset, "later".to_owned())]);
    acme.stage.world.advance(ACT_MS);
    assert_eq!(acme.done(), []);
}

#[test]
fn so_many_acts_are_kept_and_no_more() {
    let store = crate::store::sqlite::Sqlite::in_memory().unwrap();
    let sql = include_str!("../../../../migrations/tenant/0004_audit.sql");
    crate::store::Store::run_script(&store, sql).unwrap();
    let record = record(Event::BucketReset, "b", Timestamp::from_millis(1));
    let state = |before| {
        state::audit::page(&store, before, &Only::default(), 10)
            .unwrap()
            .items
    };
    for _ in 0..7 {
        state::audit::append(&store, &record, 3).unwrap();
    }
    let kept: Vec<i64> = state(None).into_iter().map(|(number, _)| number).collect();
    assert_eq!(kept, [7, 6, 5]);
}
