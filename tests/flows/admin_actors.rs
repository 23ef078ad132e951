//! Which actors are there, and what can be done about one?

use crate::support::{Call, Reply, Site, call::encoded, tenant::TenantSite};
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
