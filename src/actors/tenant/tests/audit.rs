//! Is it kept who has done what, and for how long?

use super::{policies::shown, *};
use crate::actors::archive::{self, Archive};
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

impl Acme {
    /// What the archive was told since somebody last listened: parcels of the
    /// targets of records.
    fn archived(&self) -> Vec<Vec<String>> {
        let parcels = self.stage.heard::<Archive>();
        let targets = |(_, archive::Message::Keep(told)): (String, archive::Message)| {
            let (first, texts) = told.text.split_once('\n').unwrap();
            assert_eq!(first, "audit");
            let kept: Vec<Record> = serde_json::from_str(&format!("[{texts}]")).unwrap();
            kept.into_iter().map(|record| record.target.id).collect()
        };
        parcels.into_iter().map(targets).collect()
    }
}

#[test]
fn acts_are_archived_together_once_and_in_bounded_parcels() {
    let acme = Acme::new();
    for number in 0..=2 * PAGE_MAX {
        acme.note(&number.to_string());
    }
    assert_eq!(acme.archived(), Vec::<Vec<String>>::new());
    acme.stage.world.advance(2 * ARCHIVE_MS);
    let parcels = acme.archived();
    assert_eq!(
        parcels.iter().map(Vec::len).collect::<Vec<_>>(),
        [100, 100, 1]
    );
    let all: Vec<String> = (0..=2 * PAGE_MAX)
        .map(|number| number.to_string())
        .collect();
    assert_eq!(parcels.concat(), all);
    acme.note("later");
    acme.stage.world.advance(2 * ARCHIVE_MS);
    assert_eq!(acme.archived(), [["later"]]);
    acme.stage.world.advance(2 * ARCHIVE_MS);
    assert!(acme.archived().is_empty());
    // They stay here, too.
    assert_eq!(acme.done().len(), 100);
}

#[test]
fn large_acts_travel_in_smaller_parcels() {
    let acme = Acme::new();
    for _ in 0..3 {
        acme.note(&"x".repeat(60_000));
    }
    acme.stage.world.advance(2 * ARCHIVE_MS);
    let lengths: Vec<usize> = acme.archived().iter().map(Vec::len).collect();
    assert_eq!(lengths, [1, 1, 1]);
}

#[test]
fn a_tenant_goes_when_its_last_act_is_archived() {
    let acme = Acme::new();
    for number in 0..=PAGE_MAX {
        acme.note(&number.to_string());
    }
    acme.ask(Erase { id: ID });
    acme.stage.world.advance(10 * SWEEP_PAUSE_MS);
    assert_eq!(acme.archived().concat().len(), 101);
    let gone = acme.stage.try_ask(&Tenant::address(ID), ReadSettings);
    assert!(matches!(gone, Err(crate::actors::runtime::Fault::Absent)));
}
