//! Is each record kept once, found again, and dropped in time?

use super::{Search, holders, native::Cabinet, next_holders, page, sweep, take};
use crate::{
    actors::archive::{Keep, Shelf},
    domain::time::{DAY_MS, Timestamp},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

fn text(shelf: Shelf, records: &[Value]) -> String {
    let records: Vec<String> = records.iter().map(Value::to_string).collect();
    Keep::all(shelf, &records).text
}

fn session(number: u32, tenant: &str, at: i64) -> Value {
    let user = format!("usr_{}", number % 3);
    json!({"id": format!("ses_{number:05}"), "tenant": tenant, "user": user, "at": at})
}

fn act(number: u32, tenant: &str, at: i64) -> Value {
    json!({
        "id": format!("aud_{number:05}"), "tenant": tenant, "at": at, "event": "policy.changed",
        "target": {"kind": "policy", "id": format!("p{}", number % 2)},
        "origin": {"actor": {"kind": "user", "id": format!("usr_{}", number % 3)}},
    })
}

fn everything(shelf: Shelf) -> Search {
    Search {
        shelf,
        tenant: None,
        user: None,
        event: None,
        from: None,
        to: None,
        before: None,
        limit: 100,
    }
}

fn keep(cabinet: &Cabinet, messages: &[String]) {
    if let Some(statements) = take(messages).statements {
        cabinet.run(&statements).unwrap();
    }
}

/// All that a search finds, page by page.
fn found(cabinet: &Cabinet, mut search: Search) -> Vec<Value> {
    let mut found = Vec::new();
    loop {
        let items = page(&cabinet.run(&search.statements()).unwrap()).unwrap();
        let Some(last) = items.last() else {
            return found;
        };
        search.before = Some(last.key.clone());
        found.extend(items.into_iter().map(|item| item.document));
    }
}

fn ids(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The queue brings messages in any order, any of them again, in batches of
    /// any size; batches fail whole, and come again.
    #[test]
    fn whatever_the_queue_does_each_record_is_kept_once(
        order in prop::collection::vec((0..40_u32, any::<bool>()), 1..120),
        size in 1..12_usize,
    ) {
        let cabinet = Cabinet::new().unwrap();
        let message = |number: u32| match number % 4 {
            0 => text(Shelf::Keys, &[json!({"id": number.to_string(), "at": 1})]),
            1 => text(Shelf::Audit, &[act(number, "a", 1), act(number + 100, "a", 2)]),
            _ => text(Shelf::Sessions, &[session(number, "a", 1)]),
        };
        let sent: Vec<String> = order.iter().map(|(number, _)| message(*number)).collect();
        for batch in sent.chunks(size).chain(sent.chunks(size + 1)) {
            keep(&cabinet, batch);
        }
        let mut expected: Vec<String> = Vec::new();
        for message in &sent {
            let (_, records) = message.split_once('\n').unwrap();
            let records: Vec<Value> = serde_json::from_str(&format!("[{records}]")).unwrap();
            expected.extend(records.iter().map(Value::to_string));
        }
        expected.sort();
        expected.dedup();
        let mut kept: Vec<String> = Shelf::ALL
            .into_iter()
            .flat_map(|shelf| found(&cabinet, Search { limit: 7, ..everything(shelf) }))
            .map(|record| record.to_string())
            .collect();
        kept.sort();
        prop_assert_eq!(kept, expected);
    }

    #[test]
    fn no_message_stops_the_others_whatever_it_is(stray in "\\PC{0,60}", head in 0..5_usize) {
        let heads = ["", "sessions\n", "audit\n{\"id\":", "keys\n{\"id\":\"1\",\"at\":", "tenants\n"];
        let cabinet = Cabinet::new().unwrap();
        let stray = format!("{}{stray}", heads[head]);
        let sound = text(Shelf::Sessions, &[session(1, "a", 5)]);
        let taken = take(&[stray, sound]);
        cabinet.run(&taken.statements.unwrap()).unwrap();
        let found = found(&cabinet, everything(Shelf::Sessions));
        prop_assert_eq!(ids(&found), ["ses_00001"]);
    }
}

#[test]
fn a_message_nobody_can_keep_is_named_and_dropped() {
    let bad = [
        "",
        "cellar\n{}",
        "sessions\n{}",
        "sessions\n{\"id\":\"x\",\"at\":1}",
        "sessions\n{\"id\":1,\"at\":1,\"tenant\":\"a\"}",
        "audit\n{\"id\":\"x\",\"at\":1.5,\"tenant\":\"a\"}",
        "keys\n{\"id\":\"x\"",
        "keys\n1],[2",
        "keys\n",
    ];
    for message in bad {
        let taken = take(&[message.to_owned()]);
        assert_eq!(
            (taken.statements, taken.refused.len()),
            (None, 1),
            "{message}"
        );
    }
}

#[test]
fn a_whole_batch_is_kept_in_few_statements() {
    let messages: Vec<String> = (0..100)
        .map(|number| text(Shelf::Sessions, &[session(number, "a", 1)]))
        .collect();
    let statements: Vec<Value> =
        serde_json::from_str(&take(&messages).statements.unwrap()).unwrap();
    assert_eq!(statements.len(), 2);
}

#[test]
fn a_shelf_is_searched_latest_first_by_whom_what_and_when() {
    let cabinet = Cabinet::new().unwrap();
    let records: Vec<Value> = (0..9)
        .map(|n| act(n, if n < 6 { "a" } else { "b" }, n.into()))
        .collect();
    keep(&cabinet, &[text(Shelf::Audit, &records)]);
    let search = everything(Shelf::Audit);
    let of = |search: Search| {
        let numbers = found(&cabinet, search);
        numbers
            .iter()
            .map(|item| item["at"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(search.clone()), [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let tenant = Search {
        tenant: Some("b".to_owned()),
        limit: 2,
        ..search.clone()
    };
    assert_eq!(of(tenant), [8, 7, 6]);
    let actor = Search {
        user: Some("usr_1".to_owned()),
        ..search.clone()
    };
    assert_eq!(of(actor), [7, 4, 1]);
    let target = Search {
        user: Some("p1".to_owned()),
        ..search.clone()
    };
    assert_eq!(of(target), [7, 5, 3, 1]);
    let at = |millis| Some(Timestamp::from_millis(millis));
    let range = Search {
        from: at(2),
        to: at(4),
        ..search.clone()
    };
    assert_eq!(of(range), [3, 2]);
    let event = Search {
        event: Some("bucket.reset".to_owned()),
        ..search
    };
    assert_eq!(of(event), [0; 0]);
}

#[test]
fn a_search_that_means_nothing_on_a_shelf_is_not_possible() {
    let some = || Some("x".to_owned());
    let search = |shelf, tenant, user, event| Search {
        tenant,
        user,
        event,
        ..everything(shelf)
    };
    assert!(search(Shelf::Audit, some(), some(), some()).is_possible());
    assert!(search(Shelf::Sessions, some(), some(), None).is_possible());
    assert!(search(Shelf::Tenants, some(), None, None).is_possible());
    assert!(!search(Shelf::Sessions, None, None, some()).is_possible());
    assert!(!search(Shelf::Tenants, None, some(), None).is_possible());
    assert!(!search(Shelf::Keys, some(), None, None).is_possible());
}

/// Every search a tenant can make, and every sweep, walks an index.
#[test]
fn nothing_reads_a_whole_table() {
    let cabinet = Cabinet::new().unwrap();
    let some = || Some("x".to_owned());
    let all = everything(Shelf::Sessions);
    for search in [
        Search {
            tenant: some(),
            ..all.clone()
        },
        Search {
            user: some(),
            ..all.clone()
        },
        Search {
            tenant: some(),
            before: Some((1, "x".to_owned())),
            ..all
        },
        Search {
            tenant: some(),
            event: some(),
            ..everything(Shelf::Audit)
        },
        Search {
            user: some(),
            ..everything(Shelf::Audit)
        },
        everything(Shelf::Audit),
    ] {
        let statements: Vec<(String, Vec<Value>)> =
            serde_json::from_str(&search.statements()).unwrap();
        let (sql, params) = &statements[0];
        let plan = json!([[format!("EXPLAIN QUERY PLAN {sql}"), params]]).to_string();
        let plan = cabinet.run(&plan).unwrap();
        let is_indexed = plan.contains("USING INDEX") || plan.contains("USING COVERING INDEX");
        assert!(is_indexed, "{sql}: {plan}");
        let sorts = plan.contains("TEMP B-TREE FOR ORDER BY");
        assert!(!sorts || search.user.is_some(), "{sql}: {plan}");
    }
}

fn swept(cabinet: &Cabinet, days: Option<u32>, now: Timestamp) -> Vec<String> {
    let found = holders(&cabinet.run(&next_holders(now)).unwrap()).unwrap();
    for holder in &found {
        let statements = sweep(&holder.tenant, days, now);
        cabinet.run(&statements).unwrap();
    }
    found.into_iter().map(|holder| holder.tenant).collect()
}

#[test]
fn records_go_when_their_tenant_no_longer_wants_them() {
    let cabinet = Cabinet::new().unwrap();
    let old = NOW.plus(-31 * DAY_MS).as_millis();
    let young = NOW.plus(-29 * DAY_MS).as_millis();
    let messages = [
        text(
            Shelf::Sessions,
            &[session(1, "a", old), session(2, "a", young)],
        ),
        text(Shelf::Audit, &[act(1, "a", old), act(2, "a", young)]),
        text(Shelf::Keys, &[json!({"id": "1", "at": old})]),
    ];
    keep(&cabinet, &messages);
    assert_eq!(swept(&cabinet, Some(30), NOW), ["a"]);
    assert_eq!(
        ids(&found(&cabinet, everything(Shelf::Sessions))),
        ["ses_00002"]
    );
    assert_eq!(
        ids(&found(&cabinet, everything(Shelf::Audit))),
        ["aud_00002"]
    );
    assert_eq!(ids(&found(&cabinet, everything(Shelf::Keys))), ["1"]);
    // It was looked at, and is again an hour later; what it said is remembered.
    assert!(swept(&cabinet, Some(30), NOW).is_empty());
    let later = NOW.plus(2 * DAY_MS);
    let known = holders(&cabinet.run(&next_holders(later)).unwrap()).unwrap();
    assert_eq!(known[0].days, Some(30));
    // With its last record the holder goes.
    assert_eq!(swept(&cabinet, Some(30), later), ["a"]);
    assert_eq!(cabinet.look("SELECT * FROM holder").unwrap(), json!([]));
}

#[test]
fn a_sweep_is_bounded_and_goes_on() {
    let cabinet = Cabinet::new().unwrap();
    let records: Vec<Value> = (0..2_500).map(|number| session(number, "a", 0)).collect();
    keep(&cabinet, &[text(Shelf::Sessions, &records)]);
    let count = || cabinet.look("SELECT COUNT(*) AS n FROM session").unwrap()[0]["n"].clone();
    for left in [1_500, 500, 0] {
        assert_eq!(swept(&cabinet, Some(1), NOW), ["a"]);
        assert_eq!(count(), left);
    }
    assert!(swept(&cabinet, Some(1), NOW.plus(2 * DAY_MS)).is_empty());
}

#[test]
fn while_nobody_says_how_long_nothing_goes_and_others_come_first() {
    let cabinet = Cabinet::new().unwrap();
    keep(&cabinet, &[text(Shelf::Sessions, &[session(1, "a", 0)])]);
    assert_eq!(swept(&cabinet, None, NOW), ["a"]);
    assert_eq!(
        ids(&found(&cabinet, everything(Shelf::Sessions))),
        ["ses_00001"]
    );
    assert!(swept(&cabinet, None, NOW).is_empty());
}
