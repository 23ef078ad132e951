//! Does the register hold what has happened, whatever is heard of it and when?

use super::{
    Count, CountActors, ENDED_KEPT_MS, Entry, Find, List, Note, PAGE_MAX, REPORT_MS, Registry,
    SHARDS, SWEEP_MAX, owner, shard,
};
use crate::{
    actors::{
        bucket::{Bucket, Check, Reset, Show},
        directory::{Directory, EnsurePlatform, ReadCounts},
        runtime::{
            Actors, Address, Ask, Awake, Fault, Mail, Recipient, Transport, activation::Activation,
            world::World,
        },
        tenant::Tenant,
    },
    domain::{
        ids::TenantId,
        limit::{Bound, Gcra, Limit, Name, Rule},
        tenant::TenantSettings,
        time::{HOUR_MS, SECOND_MS, Timestamp},
    },
};
use proptest::prelude::*;

fn world() -> World {
    let roster = |kind: &str, now| -> Option<Box<dyn Awake>> {
        Some(match kind {
            "registry" => Box::new(Activation::new(Registry, now)),
            "directory" => Box::new(Activation::new(Directory, now)),
            "tenant" => Box::new(Activation::new(Tenant, now)),
            "bucket" => Box::new(Activation::new(Bucket, now)),
            _ => return None,
        })
    };
    World::new(3, Box::new(roster))
}

fn ask<Q: Ask>(world: &World, to: &Address<Q::Party>, question: Q) -> Q::Answer {
    world
        .run(Mail::new(world.clone(), None).ask(to, question))
        .unwrap()
}

/// The shard on which everything of these tests lies.
fn one() -> Address<Registry> {
    Registry::all().next().unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn note(name: &str, millis: i64, is_birth: bool) -> Note {
    Note {
        kind: "session".to_owned(),
        name: name.to_owned(),
        at: at(millis),
        is_birth,
    }
}

fn tell(world: &World, news: &[Note]) {
    for note in news {
        ask(world, &one(), note.clone());
    }
}

fn list(world: &World, prefix: &str, is_live: Option<bool>) -> Vec<String> {
    let list = List {
        kind: "session".to_owned(),
        is_live,
        prefix: prefix.to_owned(),
        after: None,
        limit: PAGE_MAX,
    };
    let items = ask(world, &one(), list);
    items.into_iter().map(|entry| entry.name).collect()
}

fn counts(world: &World, owner: Option<&str>) -> Vec<Count> {
    let owner = owner.map(str::to_owned);
    ask(world, &one(), CountActors { owner })
}

fn count(live: u32, ended: u32) -> Vec<Count> {
    vec![Count {
        kind: "session".to_owned(),
        live,
        ended,
    }]
}

#[test]
fn a_list_is_a_range_of_names_of_one_state() {
    let world = world();
    tell(
        &world,
        &[
            note("b/1", 5, true),
            note("a/2", 5, true),
            note("a/1", 5, true),
            note("a/1", 6, false),
            note("ab/1", 5, true),
        ],
    );
    assert_eq!(list(&world, "a/", None), ["a/1", "a/2"]);
    assert_eq!(list(&world, "a/", Some(true)), ["a/2"]);
    assert_eq!(list(&world, "", Some(false)), ["a/1"]);
    assert_eq!(counts(&world, None), count(3, 1));
    assert_eq!(counts(&world, Some("a")), count(1, 1));
    assert_eq!(counts(&world, Some("c")), []);
}

#[test]
fn pages_follow_one_another_without_gap_or_repetition() {
    let world = world();
    let names: Vec<String> = (0..25).map(|number| format!("a/{number:02}")).collect();
    for (number, name) in names.iter().enumerate() {
        tell(&world, &[note(name, 5, true)]);
        if number % 3 == 0 {
            tell(&world, &[note(name, 6, false)]);
        }
    }
    let mut walked: Vec<String> = Vec::new();
    loop {
        let list = List {
            kind: "session".to_owned(),
            is_live: None,
            prefix: "a/".to_owned(),
            after: walked.last().cloned(),
            limit: 7,
        };
        let page = ask(&world, &one(), list);
        let has_more = page.len() == 8;
        walked.extend(page.into_iter().take(7).map(|entry| entry.name));
        if !has_more {
            break;
        }
    }
    assert_eq!(walked, names);
}

#[test]
fn only_who_is_known_is_found() {
    let world = world();
    tell(&world, &[note("a/1", 5, true), note("a/2", 6, false)]);
    let find = Find {
        kind: "session".to_owned(),
        names: ["a/3", "a/2", "a/1"].map(str::to_owned).to_vec(),
    };
    let found = ask(&world, &one(), find);
    let alive: Vec<_> = found
        .iter()
        .map(|e| (e.name.as_str(), e.is_live()))
        .collect();
    assert_eq!(alive, [("a/2", false), ("a/1", true)]);
}

#[test]
fn who_has_ended_is_forgotten_after_a_day_and_counted_no_more() {
    let world = world();
    let now = world.now().as_millis();
    let many = i64::from(SWEEP_MAX) + 3;
    for number in 0..many {
        tell(&world, &[note(&format!("a/{number}"), now, true)]);
        tell(&world, &[note(&format!("a/{number}"), now + 1, false)]);
    }
    tell(&world, &[note("b/1", now, true)]);
    world.advance(ENDED_KEPT_MS - SECOND_MS);
    assert_eq!(
        counts(&world, Some("a"))[0].ended,
        u32::try_from(many).unwrap()
    );
    world.advance(10 * SECOND_MS);
    assert_eq!(counts(&world, Some("a")), []);
    assert_eq!(counts(&world, None), count(1, 0));
    assert_eq!(list(&world, "", None), ["b/1"]);
}

#[test]
fn a_shard_hears_the_same_again_and_writes_nothing() {
    let world = world();
    let news = [note("a/1", 5, true), note("a/1", 6, false)];
    tell(&world, &news);
    let who = Recipient::from(&one());
    let before = world.rows_written(&who);
    tell(&world, &news);
    assert_eq!(world.rows_written(&who), before);
}

#[test]
fn the_directory_adds_up_what_the_shards_report() {
    let world = world();
    let id = TenantId::from_bytes([1; 16]);
    let settings = Box::<TenantSettings>::default();
    let platform = EnsurePlatform { id, settings };
    ask(&world, &Directory::address(), platform);
    for (number, shard) in Registry::all().enumerate() {
        for session in 0..number {
            ask(&world, &shard, note(&format!("a/{session}"), 5, true));
        }
    }
    world.advance(REPORT_MS);
    let sums = ask(&world, &Directory::address(), ReadCounts);
    let sum = |kind: &str| sums.iter().find(|sum| sum.kind == kind).unwrap().live;
    assert_eq!((sum("session"), sum("tenant")), (120, 1));
}

#[test]
fn a_tenant_that_begins_is_known_without_anybody_waiting_for_it() {
    let world = world();
    let id = TenantId::from_bytes([1; 16]);
    let settings = Box::<TenantSettings>::default();
    world.delay_mail(true);
    let platform = EnsurePlatform { id, settings };
    ask(&world, &Directory::address(), platform);
    world.delay_mail(false);
    world.advance(6 * SECOND_MS);
    let name = id.to_string();
    let find = Find {
        kind: "tenant".to_owned(),
        names: vec![name.clone()],
    };
    let shard = Registry::address("tenant", &name);
    assert!(ask(&world, &shard, find)[0].is_live());
}

#[test]
fn a_bucket_charged_again_before_it_is_erased_is_a_new_one() {
    let five_an_hour = Limit::Gcra(Gcra::new(HOUR_MS, 5).unwrap());
    let world = world();
    let to = Bucket::address(TenantId::from_bytes([1; 16]), "x", &[2; 32]);
    let check = |cost| Check {
        policy: Bound {
            version: 1,
            ahead: 0,
            rules: vec![Rule::new(Name::fixed("a"), five_an_hour)],
        },
        cost,
        request: None,
    };
    ask(&world, &to, check(5));
    world.hold_mail(true);
    ask(&world, &to, Reset { record: None });
    assert_eq!(ask(&world, &to, Show), []);
    ask(&world, &to, check(3));
    world.hold_mail(false);
    // The outbox tells the end and the new beginning, in whatever order.
    world.advance(6 * SECOND_MS);
    assert_eq!(ask(&world, &to, Show)[0].reading.remaining, 2);
    let find = Find {
        kind: "bucket".to_owned(),
        names: vec![to.name().to_owned()],
    };
    let shard = Registry::address("bucket", to.name());
    assert!(ask(&world, &shard, find)[0].is_live());
}

#[test]
fn shards_share_evenly() {
    let mut sizes = [0_u32; SHARDS.len()];
    for number in 0..16_000_u32 {
        let id = TenantId::from_bytes([number.to_be_bytes(); 4].concat().try_into().unwrap());
        sizes[shard("session", &id.to_string())] += 1;
    }
    assert!(
        sizes.iter().all(|size| (800..1_200).contains(size)),
        "{sizes:?}"
    );
}

#[test]
fn a_name_says_whose_it_is() {
    assert_eq!((owner("tnt_a/ses_b"), owner("tnt_a")), ("tnt_a", "tnt_a"));
}

#[test]
fn an_empty_shard_is_nobody() {
    let world = world();
    let asked = world.run(Mail::new(world.clone(), None).ask(&one(), CountActors { owner: None }));
    assert!(matches!(asked, Err(Fault::Absent)));
    assert!(world.everybody().is_empty());
}

/// What must be known in the end: of each name the latest beginning and end.
fn expected(news: &[Note]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for note in news {
        if !entries.iter().any(|entry| entry.name == note.name) {
            entries.push(Entry {
                name: note.name.clone(),
                ..Entry::default()
            });
        }
        let entry = entries.iter_mut().find(|entry| entry.name == note.name);
        let entry = entry.unwrap();
        let latest = if note.is_birth {
            &mut entry.born_at
        } else {
            &mut entry.ended_at
        };
        *latest = (*latest).max(Some(note.at));
    }
    entries.sort();
    entries
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_and_repetition_of_news_gives_the_same_register(
        heard in prop::collection::vec((0_u8..4, 1_i64..8, any::<bool>()), 1..40),
    ) {
        let name = |number: u8| format!("{}/{number}", ["a", "b"][usize::from(number % 2)]);
        let news: Vec<Note> = heard
            .into_iter()
            .map(|(number, millis, is_birth)| note(&name(number), millis, is_birth))
            .collect();
        let world = world();
        tell(&world, &news);
        let wanted = expected(&news);
        let list = List {
            kind: "session".to_owned(),
            is_live: None,
            prefix: String::new(),
            after: None,
            limit: PAGE_MAX,
        };
        prop_assert_eq!(ask(&world, &one(), list), wanted.clone());
        for owner in ["", "a", "b"] {
            let of: Vec<_> = wanted.iter().filter(|e| e.name.starts_with(owner)).collect();
            let live = of.iter().filter(|entry| entry.is_live()).count();
            let wanted = (!of.is_empty()).then_some((live, of.len() - live));
            let owner = (!owner.is_empty()).then_some(owner);
            let counted = counts(&world, owner);
            let counted = counted.first().map(|c| (c.live as usize, c.ended as usize));
            prop_assert_eq!(counted, wanted);
        }
    }
}
