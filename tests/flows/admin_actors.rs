//! Which actors are there, and what can be done about one?

use crate::support::{
    Backend, Call, Reply, Site, backend::burst, call::encoded, console,
    relying_party::RelyingParty, tenant::TenantSite,
};
use serde_json::{Value, json};

fn admin(site: &Site, method: &'static str, path: &str) -> Reply {
    let url = site.platform_url(&format!("/admin/v1{path}"));
    site.send(&Call::new(method, &url).bearer(&site.admin_token()))
}

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    items
        .map(|item| item["name"].as_str().unwrap().to_owned())
        .collect()
}

fn id(tenant: &TenantSite<'_>) -> String {
    tenant
        .admin("GET", "", &Value::Null)
        .expect(200)
        .member("id")
}

fn page(site: &Site, kind: &str, query: &str) -> Value {
    admin(site, "GET", &format!("/actors/{kind}?{query}"))
        .expect(200)
        .json()
}

/// Asks until the outboxes have told what the test waits for; in-process they
/// have by now.
fn until<T>(site: &Site, ask: impl Fn() -> T, done: impl Fn(&T) -> bool) -> T {
    let mut answer = ask();
    for _ in 0..40 {
        if site.actors().is_some() || done(&answer) {
            break;
        }
        answer = ask();
    }
    answer
}

flows! {
    fn a_session_is_listed_while_it_lives_and_for_a_day_after(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        tenant.signed_in("ada@example.com");
        let (of, id) = (format!("tenant={}", tenant.slug), id(&tenant));
        let live = format!("{of}&state=live");
        let listed = until(site, || page(site, "session", &live), |page| !names(page).is_empty());
        let name = names(&listed)[0].clone();
        assert!(name.starts_with(&format!("{id}/ses_")), "{name}");
        let item = &listed["items"][0];
        assert_eq!((&item["tenant"], &item["state"], &item["ended_at"]), (&json!(id), &json!("live"), &Value::Null));
        assert!(item["born_at"].is_string());

        tenant.admin("DELETE", &format!("/users/{sub}/sessions"), &Value::Null).expect(204);
        let gone = until(site, || page(site, "session", &live), |page| names(page).is_empty());
        assert_eq!(names(&gone), [""; 0]);
        let ended = page(site, "session", &format!("{of}&state=ended"));
        assert_eq!(names(&ended), [name.as_str()]);
        assert!(ended["items"][0]["ended_at"].is_string());
        let prefix = name.split_once('/').unwrap().1;
        assert_eq!(names(&page(site, "session", &format!("{of}&prefix={prefix}"))), [name]);
        assert_eq!(names(&page(site, "session", &format!("{of}&prefix=ses_!"))), [""; 0]);
    }

    fn pages_of_all_shards_follow_one_another(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        for _ in 0..7 {
            tenant.signed_in("ada@example.com");
        }
        let of = format!("tenant={}&state=live", tenant.slug);
        let all = until(site, || page(site, "session", &of), |page| names(page).len() == 7);
        let mut walked = Vec::new();
        let mut cursor = String::new();
        loop {
            let part = page(site, "session", &format!("{of}&limit=3{cursor}"));
            walked.extend(names(&part));
            let Some(next) = part["next_cursor"].as_str() else {
                break;
            };
            assert_eq!(names(&part).len(), 3);
            cursor = format!("&cursor={}", encoded(next));
        }
        assert_eq!(walked, names(&all));
        assert_eq!(walked.len(), 7);
        assert!(walked.is_sorted());
    }

    fn one_tenants_list_holds_nobody_elses(site: &Site) {
        let (ours, theirs) = (site.tenant(), site.tenant());
        for tenant in [&ours, &theirs] {
            tenant.user("ada@example.com");
            tenant.signed_in("ada@example.com");
        }
        for tenant in [&ours, &theirs] {
            let of = format!("tenant={}", tenant.slug);
            let listed = until(site, || page(site, "session", &of), |page| !names(page).is_empty());
            let id = id(tenant);
            assert!(names(&listed).iter().all(|name| name.starts_with(&id)));
            assert_eq!(names(&listed).len(), 1);
            let counts = admin(site, "GET", &format!("/actors?{of}")).expect(200).json();
            let count = |kind: &str| {
                let items = counts["items"].as_array().unwrap().iter();
                items.clone().find(|item| item["kind"] == kind).map(|item| item["live"].clone())
            };
            assert_eq!((count("session"), count("tenant")), (Some(json!(1)), Some(json!(1))));
            assert_eq!(names(&page(site, "tenant", &of)), [id]);
        }
    }

    fn a_list_wants_a_kind_and_a_tenant_that_there_are(site: &Site) {
        let tenant = site.tenant();
        for (path, status, slug) in [
            ("/actors/session", 400, "tenant-required"),
            ("/actors/bucket?state=live", 400, "tenant-required"),
            ("/actors/session?tenant=nobody", 404, "unknown-tenant"),
            ("/actors?tenant=nobody", 404, "unknown-tenant"),
            ("/actors/session?tenant=a&tenant=b", 400, "invalid-request"),
            ("/actors/nothing", 404, "unknown-kind"),
            ("/actors/tenant?state=dead", 400, "invalid-state"),
            ("/actors/tenant?limit=101", 400, "invalid-limit"),
            ("/actors/tenant?cursor=!", 400, "invalid-cursor"),
        ] {
            let reply = admin(site, "GET", path).expect(status);
            assert!(reply.member("type").ends_with(slug), "{path} {}", reply.text());
        }
        assert_eq!(names(&page(site, "jwks", "")), ["jwks"]);
        assert_eq!(names(&page(site, "registry", "")).len(), 16);
        assert_eq!(names(&page(site, "registry", "prefix=a")), ["a"]);
        assert!(names(&page(site, "tenant", "limit=100")).iter().all(|name| name.starts_with("tnt_")));
        drop(tenant);
    }
}

#[test]
fn the_whole_is_counted_in_one_call_and_is_two_seconds_old() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    tenant.signed_in("ada@example.com");
    site.advance(2_000);
    site.admin_token();
    site.inner().take_asks();
    let counts = admin(&site, "GET", "/actors").expect(200).json();
    let counted: Vec<(&str, i64)> = counts["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (
                item["kind"].as_str().unwrap(),
                item["live"].as_i64().unwrap(),
            )
        })
        .collect();
    assert!(
        counted.contains(&("session", 1)) && counted.contains(&("registry", 16)),
        "{counted:?}"
    );
    assert!(counted.contains(&("tenant", 2)), "{counted:?}");
    assert_eq!(site.inner().take_asks().last().unwrap(), "directory");
}

#[test]
fn a_deleted_tenant_leaves_nothing_live() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    tenant.signed_in("ada@example.com");
    let id = id(&tenant);
    tenant.admin("DELETE", "", &Value::Null);
    site.advance(5 * 60 * 60 * 1_000);
    let live = names(&page(&site, "tenant", "state=live"));
    assert!(!live.contains(&id));
    assert!(
        names(&page(&site, "revocations", "state=live"))
            .iter()
            .all(|name| *name != id)
    );
    assert!(names(&page(&site, "tenant", "state=ended")).contains(&id));
}

/// Has an actor do something, and says why.
fn command(site: &Site, actor: &str, command: &str) -> Reply {
    admin(
        site,
        "POST",
        &format!("/actors/{actor}/{command}?reason=because"),
    )
}

fn events(tenant: &TenantSite<'_>) -> Vec<(String, String)> {
    let acts = tenant
        .admin("GET", "/audit?limit=100", &Value::Null)
        .expect(200)
        .json();
    let acts = acts["items"].as_array().unwrap().iter();
    acts.map(|act| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&act["event"]), text(&act["target"]["id"]))
    })
    .collect()
}

/// The session's address in paths, of somebody who has just signed in.
fn signed_in(site: &Site, tenant: &TenantSite<'_>) -> String {
    let of = format!("tenant={}&state=live", tenant.slug);
    let listed = until(
        site,
        || page(site, "session", &of),
        |page| !names(page).is_empty(),
    );
    format!("session/{}", encoded(&names(&listed)[0]))
}

flows! {
    fn a_session_is_revoked_by_its_actor(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let tokens = RelyingParty::new(&tenant).tokens(&browser);
        let session = signed_in(site, &tenant);
        admin(site, "POST", &format!("/actors/{session}/revoke")).expect(400);
        command(site, &session, "revoke").expect(204);
        let party = RelyingParty::new(&tenant);
        party.refresh(&tokens.refresh).refused(400, "invalid_grant");
        // It is gone, or about to go.
        command(site, &session, "revoke").expect(404);
        let seen = until(site, || events(&tenant), |seen| seen.iter().any(|(event, _)| event == "actor.revoked"));
        let (_, target) = seen.iter().find(|(event, _)| event == "actor.revoked").unwrap();
        assert_eq!(encoded(target), session.replace('/', "%2F"));
    }

    fn what_an_actor_cannot_do_is_no_command(site: &Site) {
        let tenant = site.tenant();
        for (path, slug) in [
            (format!("tenant/{}/revoke", tenant.slug), "unknown-command"),
            (format!("tenant/{}/reset", tenant.slug), "unknown-command"),
            (format!("tenant/{}/erase", tenant.slug), "unknown-command"),
            ("tenant/nobody/evict".to_owned(), "unknown-tenant"),
            ("session/x/evict".to_owned(), "unknown-actor"),
            ("jwks/other/flush".to_owned(), "unknown-actor"),
        ] {
            let reply = admin(site, "POST", &format!("/actors/{path}?reason=because")).expect(404);
            assert!(reply.member("type").ends_with(slug), "{path} {}", reply.text());
        }
        let nobody = format!("session/{}%2Fses_aaaaaaaaaaaaaaaaaaaaaaaaaa", id(&tenant));
        command(site, &nobody, "evict").expect(404);
    }

    fn every_actor_forgets_and_goes_on(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let session = signed_in(site, &tenant);
        let of_tenant = format!("tenant/{}", tenant.slug);
        for actor in [session.as_str(), &of_tenant, "jwks/jwks", "directory/directory"] {
            command(site, actor, "evict").expect(204);
            let shown = admin(site, "GET", &format!("/actors/{actor}")).expect(200).json();
            let recent = &shown["activation"]["recent"];
            let evicted = recent.as_array().unwrap().iter().any(|one| one["name"] == "Evict");
            assert!(evicted && shown["born_at"].is_number(), "{actor} {shown}");
            assert!(recent[0]["duration_ms"].is_number(), "{recent}");
            command(site, actor, "flush").expect(204);
            command(site, actor, "revive").expect(204);
        }
        browser.get(&tenant.url("/account")).expect(200);
        let seen = until(site, || events(&tenant), |seen| seen.len() >= 6);
        let of = |event: &str| seen.iter().filter(|(other, _)| other == event).count();
        assert_eq!((of("actor.evicted"), of("actor.flushed"), of("actor.revived")), (2, 2, 2));
    }

    fn a_bucket_found_in_the_list_is_reset(site: &Site) {
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        backend.lay_down(&json!({ "name": "api", "rules": burst(1) }));
        let question = json!({ "policy": "api", "subject": "user:1" });
        assert_eq!(backend.ask("check", &question)["allowed"], true);
        assert_eq!(backend.ask("check", &question)["allowed"], false);
        let of = format!("tenant={}&state=live", tenant.slug);
        let listed = until(site, || page(site, "bucket", &of), |page| {
            names(page).iter().any(|name| name.contains(":t.api/"))
        });
        let name = names(&listed).into_iter().find(|name| name.contains(":t.api/")).unwrap();
        assert!(!name.contains("user:1"));
        command(site, &format!("bucket/{}", encoded(&name)), "reset").expect(204);
        assert_eq!(backend.ask("check", &question)["allowed"], true);
        assert!(events(&tenant).iter().any(|(event, _)| event == "bucket.reset"));
    }
}

fn walk(site: &Site, kind: &str, query: &str) -> (i64, i64, i64) {
    let (mut sums, mut cursor) = ((0, 0, 0), String::new());
    loop {
        let path = format!("/actors/{kind}/reconcile?{query}{cursor}");
        let done = admin(site, "POST", &path).expect(200).json();
        let count = |name: &str| done[name].as_i64().unwrap();
        sums = (
            sums.0 + count("looked"),
            sums.1 + count("added"),
            sums.2 + count("ended"),
        );
        let Some(next) = done["next_cursor"].as_str() else {
            return sums;
        };
        cursor = format!("&cursor={}", encoded(next));
    }
}

/// What outboxes tell the registry is lost with the shards, as with a backup.
#[test]
fn a_register_that_was_lost_is_made_anew() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    for _ in 0..3 {
        tenant.signed_in("ada@example.com");
    }
    let of = format!("tenant={}", tenant.slug);
    let before = names(&page(&site, "session", &of));
    assert_eq!((before.len(), walk(&site, "session", &of)), (3, (6, 0, 0)));
    let world = site.world();
    for who in world
        .everybody()
        .into_iter()
        .filter(|who| who.kind == "registry")
    {
        let empty = aero2::store::sqlite::Sqlite::in_memory().unwrap();
        world.restore(&who, empty);
    }
    assert_eq!(names(&page(&site, "session", &of)), [""; 0]);
    assert_eq!(walk(&site, "session", &of).1, 3);
    assert_eq!(walk(&site, "tenant", "").1, 2);
    assert_eq!(names(&page(&site, "session", &of)), before);
    assert_eq!(walk(&site, "session", &of), (6, 0, 0));
    assert!(
        events(&tenant)
            .iter()
            .any(|(event, target)| event == "actor.reconciled" && target == "session")
    );
}

#[test]
fn who_ended_while_the_register_was_deaf_is_noted() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let sub = tenant.user("ada@example.com");
    tenant.signed_in("ada@example.com");
    let of = format!("tenant={}", tenant.slug);
    let name = names(&page(&site, "session", &of))[0].clone();
    let world = site.world();
    let shard = aero2::actors::registry::Registry::address("session", &name);
    let shard = aero2::actors::runtime::Recipient::from(&shard);
    let older = world.copy(&shard).unwrap().unwrap();
    tenant
        .admin("DELETE", &format!("/users/{sub}/sessions"), &Value::Null)
        .expect(204);
    world.restore(&shard, older);
    assert_eq!(
        names(&page(&site, "session", &format!("{of}&state=live"))),
        [name]
    );
    assert_eq!(walk(&site, "session", &of), (1, 0, 1));
    assert_eq!(
        names(&page(&site, "session", &format!("{of}&state=live"))),
        [""; 0]
    );
}

#[test]
fn a_flush_delivers_what_would_wait_and_a_revival_what_nobody_tried_any_more() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let sub = tenant.user("ada@example.com");
    tenant.signed_in("ada@example.com");
    let actor = format!("tenant/{}", tenant.slug);
    let pending = |part: &str| {
        let shown = admin(&site, "GET", &format!("/actors/{actor}"))
            .expect(200)
            .json();
        shown["outbox"][part].as_i64().unwrap()
    };
    for (wait_ms, verb, part) in [(0, "flush", "pending"), (3 * 86_400_000, "revive", "dead")] {
        let mut everybody = site.world().everybody().into_iter();
        let session = everybody.rfind(|who| who.kind == "session").unwrap();
        site.world().cut_off(&session, true);
        tenant
            .admin("DELETE", &format!("/users/{sub}/sessions"), &Value::Null)
            .expect(204);
        site.advance(wait_ms);
        assert_eq!(pending(part), 1, "{verb}");
        site.world().cut_off(&session, false);
        command(&site, &actor, verb).expect(204);
        assert_eq!(pending("pending"), 0, "{verb}");
        if verb == "flush" {
            tenant.signed_in("ada@example.com");
        }
    }
}

#[test]
fn a_tenants_operator_sees_that_tenants_actors_alone() {
    let site = Site::in_process();
    let (own, other) = (site.tenant(), site.tenant());
    for tenant in [&own, &other] {
        tenant.user("ada@example.com");
        tenant.signed_in("ada@example.com");
    }
    own.administrator("root@acme.example");
    let token = console::tokens(&own, &own.signed_in("root@acme.example")).access;
    let get = |path: &str| {
        let call = Call::new("GET", &own.url(&format!("/admin/v1/actors{path}")));
        site.send(&call.bearer(&token))
    };
    let own_id = id(&own);
    for path in ["/session", "/tenant", "/revocations", "/bucket"] {
        let listed = names(&get(path).expect(200).json());
        assert!(
            listed.iter().all(|name| name.starts_with(&own_id)),
            "{path} {listed:?}"
        );
    }
    assert_eq!(names(&get("/tenant").json()), [own_id.as_str()]);
    let counts = get("").expect(200).json();
    let kinds = counts["items"].as_array().unwrap().iter();
    let live =
        |kind: &str| kinds.clone().find(|item| item["kind"] == kind).unwrap()["live"].clone();
    assert_eq!((live("session"), live("tenant")), (json!(2), json!(1)));
    let theirs = names(&page(&site, "session", &format!("tenant={}", other.slug)))[0].clone();
    for path in [
        format!("/session/{}", encoded(&theirs)),
        format!("/session?tenant={}", other.slug),
        format!("?tenant={}", id(&other)),
        format!("/tenant/{}", id(&other)),
        "/jwks".to_owned(),
        "/registry".to_owned(),
        "/registry/0".to_owned(),
        "/directory/directory".to_owned(),
    ] {
        get(&path).expect(404);
    }
}
