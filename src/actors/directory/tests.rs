//! Does the directory know who exists?

use super::*;
use crate::{
    actors::{
        archive::{self, Archive},
        runtime::{Ask, Recipient},
        session::Session,
        stage::Stage,
        tenant::{self, Tenant},
    },
    domain::{
        ids::TenantId,
        tenant::{Slug, Status, TenantSettings},
    },
};

const HOUR_MS: i64 = 3_600_000;

fn stage() -> Stage {
    Stage::new(11)
}

fn ask<Q: Ask<Party = Directory>>(stage: &Stage, question: Q) -> Q::Answer {
    stage.ask(&Directory::address(), question)
}

fn id(n: u8) -> TenantId {
    TenantId::from_bytes([n; 16])
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

fn settings() -> TenantSettings {
    TenantSettings {
        name: "Acme".to_owned(),
        ..TenantSettings::default()
    }
}

fn create(stage: &Stage, n: u8, text: &str) -> TenantCreated {
    let (id, slug) = (id(n), slug(text));
    let settings = Box::new(settings());
    ask(stage, CreateTenant { id, slug, settings })
}

fn created(stage: &Stage, n: u8, text: &str) -> TenantRecord {
    match create(stage, n, text) {
        TenantCreated::Created(record) => record,
        other => panic!("{other:?}"),
    }
}

fn platform(stage: &Stage, n: u8) -> TenantRecord {
    let (id, settings) = (id(n), Box::new(settings()));
    found(ask(stage, EnsurePlatform { id, settings }))
}

fn found(answer: TenantFound) -> TenantRecord {
    match answer {
        TenantFound::Found(record) => record,
        other => panic!("{other:?}"),
    }
}

fn find(stage: &Stage, by: TenantKey) -> TenantFound {
    ask(stage, FindTenant { by })
}

fn change(n: u8) -> ChangeTenant {
    ChangeTenant {
        id: id(n),
        slug: None,
        status: None,
        hostnames: None,
    }
}

fn named(n: u8, names: &[&str]) -> ChangeTenant {
    let names = names.iter().map(|&name| name.to_owned()).collect();
    ChangeTenant {
        hostnames: Some(names),
        ..change(n)
    }
}

fn becoming(n: u8, status: Status) -> ChangeTenant {
    ChangeTenant {
        status: Some(status),
        ..change(n)
    }
}

fn who(n: u8) -> Recipient {
    (&Tenant::address(id(n))).into()
}

fn standing(stage: &Stage, n: u8) -> Status {
    let configuration = stage.ask(&Tenant::address(id(n)), tenant::ReadSettings);
    configuration.status
}

#[test]
fn a_created_tenant_is_found_and_founded() {
    let stage = stage();
    let record = created(&stage, 1, "acme");
    for by in [TenantKey::Id(id(1)), TenantKey::Slug(slug("acme"))] {
        assert_eq!(found(find(&stage, by)), record);
    }
    assert_eq!(standing(&stage, 1), Status::Live);
    assert_eq!(find(&stage, TenantKey::Id(id(2))), TenantFound::Missing);
}

#[test]
fn the_same_request_again_is_the_same_tenant() {
    let stage = stage();
    let first = created(&stage, 1, "acme");
    assert_eq!(created(&stage, 1, "acme"), first);
}

#[test]
fn a_slug_belongs_to_one_tenant_and_a_reserved_one_to_nobody() {
    let stage = stage();
    created(&stage, 1, "acme");
    assert_eq!(create(&stage, 2, "acme"), TenantCreated::SlugTaken);
    assert_eq!(create(&stage, 2, "www"), TenantCreated::SlugTaken);
    assert_eq!(create(&stage, 2, "platform"), TenantCreated::SlugTaken);
    assert!(!stage.world.exists(&who(2)));
}

#[test]
fn a_tenant_whose_actor_cannot_be_reached_is_founded_later() {
    let stage = stage();
    stage.world.cut_off(&who(1), true);
    created(&stage, 1, "acme");
    stage.world.advance(HOUR_MS);
    stage.world.cut_off(&who(1), false);
    stage.world.advance(2 * HOUR_MS);
    assert_eq!(standing(&stage, 1), Status::Live);
}

#[test]
fn the_platform_is_created_once_and_cannot_be_changed_away() {
    let stage = stage();
    let record = platform(&stage, 1);
    assert_eq!((record.id, record.slug.as_str()), (id(1), "platform"));
    assert_eq!(platform(&stage, 2).id, id(1));

    let renamed = ChangeTenant {
        slug: Some(slug("other")),
        ..change(1)
    };
    assert_eq!(ask(&stage, renamed), TenantFound::Conflict);
    let suspended = becoming(1, Status::Suspended);
    assert_eq!(ask(&stage, suspended), TenantFound::Conflict);
    assert_eq!(
        ask(&stage, DeleteTenant { id: id(1) }),
        TenantFound::Conflict
    );
    found(ask(&stage, named(1, &["login.example.com"])));
}

#[test]
fn a_renamed_tenant_gives_its_slug_away() {
    let stage = stage();
    created(&stage, 1, "acme");
    created(&stage, 2, "taken");
    for (text, may) in [("taken", false), ("www", false), ("new", true)] {
        let renamed = ChangeTenant {
            slug: Some(slug(text)),
            ..change(1)
        };
        let answer = ask(&stage, renamed);
        assert_eq!(matches!(answer, TenantFound::Found(_)), may, "{text}");
    }
    created(&stage, 3, "acme");
}

#[test]
fn a_hostname_is_a_dns_name_of_one_tenant() {
    let stage = stage();
    created(&stage, 1, "acme");
    created(&stage, 2, "other");
    let names = ["b.acme.example", "a.acme.example", "a.acme.example"];
    let record = found(ask(&stage, named(1, &names)));
    assert_eq!(record.hostnames, ["a.acme.example", "b.acme.example"]);
    let by = TenantKey::Hostname("a.acme.example".to_owned());
    assert_eq!(found(find(&stage, by)).id, id(1));

    for names in [
        &["a.acme.example"][..],
        &["ok.example", "A.example"],
        &["127.0.0.1"],
    ] {
        assert_eq!(ask(&stage, named(2, names)), TenantFound::Conflict);
    }
    let many: Vec<_> = (0..=HOSTNAMES_MAX)
        .map(|n| format!("h{n}.example"))
        .collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    assert_eq!(ask(&stage, named(2, &many)), TenantFound::Conflict);

    assert!(found(ask(&stage, named(1, &[]))).hostnames.is_empty());
    found(ask(&stage, named(2, &["a.acme.example"])));
}

#[test]
fn a_change_is_done_whole_or_not_at_all() {
    let stage = stage();
    let before = created(&stage, 1, "acme");
    let half = ChangeTenant {
        slug: Some(slug("new")),
        ..named(1, &["localhost"])
    };
    assert_eq!(ask(&stage, half), TenantFound::Conflict);
    assert_eq!(found(find(&stage, TenantKey::Id(id(1)))), before);
    assert_eq!(ask(&stage, change(9)), TenantFound::Missing);
}

#[test]
fn the_tenant_hears_of_its_status() {
    let stage = stage();
    created(&stage, 1, "acme");
    for status in [Status::Suspended, Status::Live, Status::Suspended] {
        assert_eq!(found(ask(&stage, becoming(1, status))).status, status);
        assert_eq!(standing(&stage, 1), status);
    }
    let deleting = becoming(1, Status::Deleting);
    assert_eq!(ask(&stage, deleting), TenantFound::Conflict);
}

/// Only what comes first is delivered.
#[test]
fn a_tenant_refuses_before_its_suspension_or_deletion_is_answered() {
    let stage = stage();
    created(&stage, 1, "acme");
    created(&stage, 2, "other");
    stage.world.delay_mail(true);
    for status in [Status::Suspended, Status::Live] {
        found(ask(&stage, becoming(1, status)));
        assert_eq!(standing(&stage, 1), status);
    }
    found(ask(&stage, DeleteTenant { id: id(2) }));
    assert_eq!(standing(&stage, 2), Status::Deleting);
}

#[test]
fn a_deleted_tenant_keeps_its_slug_until_it_is_erased() {
    let stage = stage();
    created(&stage, 1, "acme");
    found(ask(&stage, named(1, &["a.acme.example"])));
    stage.world.cut_off(&who(1), true);
    let record = found(ask(&stage, DeleteTenant { id: id(1) }));
    assert_eq!(record.status, Status::Deleting);
    found(ask(&stage, DeleteTenant { id: id(1) }));
    assert_eq!(create(&stage, 2, "acme"), TenantCreated::SlugTaken);
    assert_eq!(create(&stage, 1, "acme"), TenantCreated::SlugTaken);
    let revived = becoming(1, Status::Live);
    assert_eq!(ask(&stage, revived), TenantFound::Conflict);

    stage.world.cut_off(&who(1), false);
    stage.world.advance(HOUR_MS);

    assert!(!stage.world.exists(&who(1)));
    assert_eq!(find(&stage, TenantKey::Id(id(1))), TenantFound::Missing);
    let by = TenantKey::Hostname("a.acme.example".to_owned());
    assert_eq!(find(&stage, by), TenantFound::Missing);
    created(&stage, 2, "acme");
    assert!(stage.heard::<Session>().is_empty());
    let kept = stage.heard::<Archive>();
    assert_eq!(kept.len(), 1);
    let (_, archive::Message::Keep(kept)) = &kept[0];
    let (shelf, record) = kept.text.split_once('\n').unwrap();
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    assert_eq!((shelf, &record["slug"]), ("tenants", &"acme".into()));
    assert_eq!(record["id"], id(1).to_string());
    assert_eq!(record["hostnames"], serde_json::json!(["a.acme.example"]));
}

#[test]
fn a_tenant_deleted_before_it_was_founded_never_comes_to_be() {
    let stage = stage();
    stage.world.hold_mail(true);
    created(&stage, 1, "acme");
    found(ask(&stage, DeleteTenant { id: id(1) }));
    stage.world.hold_mail(false);
    stage.world.advance(4 * tenant::TOMBSTONE_MS);
    assert!(!stage.world.exists(&who(1)));
    assert_eq!(
        find(&stage, TenantKey::Slug(slug("acme"))),
        TenantFound::Missing
    );
}

#[test]
fn a_living_tenant_is_not_forgotten_because_somebody_says_so() {
    let stage = stage();
    created(&stage, 1, "acme");
    ask(&stage, TenantErased { id: id(1) });
    found(find(&stage, TenantKey::Id(id(1))));
}

#[test]
fn tenants_are_listed_by_slug_a_page_at_a_time() {
    let stage = stage();
    for (n, text) in [(1, "b"), (2, "ab"), (3, "aa"), (4, "a-c"), (5, "c")] {
        created(&stage, n, text);
    }
    let page = |prefix: &str, after: Option<&str>, limit| {
        let (prefix, after) = (prefix.to_owned(), after.map(slug));
        let listed = ListTenants {
            prefix,
            after,
            limit,
        };
        let page = ask(&stage, listed);
        let items: Vec<_> = page.items.iter().map(|r| r.slug.to_string()).collect();
        (items.join(" "), page.next.map(|slug| slug.to_string()))
    };
    assert_eq!(page("", None, 100), ("a-c aa ab b c".to_owned(), None));
    assert_eq!(
        page("a", None, 2),
        ("a-c aa".to_owned(), Some("aa".to_owned()))
    );
    assert_eq!(page("a", Some("aa"), 2), ("ab".to_owned(), None));
    assert_eq!(page("a", Some("b"), 2), (String::new(), None));
    assert_eq!(page("é%", None, 0), (String::new(), None));
}

#[test]
fn an_operator_sees_how_many_there_are() {
    let stage = stage();
    created(&stage, 1, "acme");
    created(&stage, 2, "other");
    ask(&stage, becoming(2, Status::Suspended));
    let snapshot = stage.inspect(&(&Directory::address()).into());
    let counts = serde_json::json!({"tenants": {"live": 1, "suspended": 1}});
    assert_eq!(snapshot.state, counts);
    assert_eq!(
        snapshot.rows,
        [("tenant", 2), ("hostname", 0), ("counted", 0)]
            .map(|(table, rows)| (table.to_owned(), rows))
    );
}
