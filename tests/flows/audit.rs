//! Does everything that is worth a record leave one?

use crate::support::{
    Backend, Browser, Call, Reply, Site, console,
    login::Form,
    receiver::Receiver,
    relying_party::RelyingParty,
    tenant::{PASSWORD, TenantSite},
};
use aero2::domain::audit::Event;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ADA: &str = "ada@example.com";
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// A tenant with somebody in it, and the platform.
struct Stage<'a> {
    site: &'a Site,
    tenant: TenantSite<'a>,
    sub: String,
}

impl<'a> Stage<'a> {
    fn new(site: &'a Site) -> Self {
        let tenant = site.tenant();
        let sub = tenant.user(ADA);
        Self { site, tenant, sub }
    }

    /// Lets outboxes and what the gateway owes come through.
    fn settle(&self) {
        self.site.advance(1_000);
        let gateway = &self.site.inner().gateway;
        if gateway.owes() {
            self.site.world().run(gateway.settle());
        }
        self.site.advance(1_000);
    }

    /// What a tenant has on record of an event.
    fn records(&self, slug: &str, event: &str) -> Vec<Value> {
        let path = format!("/admin/v1/tenants/{slug}/audit?limit=100&event={event}");
        let call =
            Call::new("GET", &self.site.platform_url(&path)).bearer(&self.site.admin_token());
        let page = self.site.send(&call).expect(200).json();
        page["items"].as_array().unwrap().clone()
    }

    fn all(&self, event: &str) -> Vec<Value> {
        let own = self.records(&self.tenant.slug, event);
        [own, self.records("platform", event)].concat()
    }

    fn admin(&self, method: &'static str, path: &str, document: &Value) -> Reply {
        // The token a tenant was made with may have expired.
        TenantSite::existing(self.site, &self.tenant.slug).admin(method, path, document)
    }

    fn fill(&self, browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) {
        let (url, page) = browser.open(&self.tenant.url(path));
        browser.submit(&url, &page.expect(200), fields);
    }

    fn operator(&self, method: &'static str, path: &str) -> Reply {
        let call = Call::new(method, &self.site.platform_url(path));
        self.site.send(&call.bearer(&self.site.admin_token()))
    }

    fn guess(&self) -> u16 {
        let form = Form::open(&self.tenant, Browser::new(self.site));
        form.send(ADA, "wrong password!").status
    }

    /// A client that shows a wrong secret, from an address.
    fn impostor(&self, client: &str, address: &str) {
        let call = Call::new("POST", &self.tenant.url("/oauth/token"))
            .basic(client, "wrong")
            .header("cf-connecting-ip", address)
            .form(&[("grant_type", "client_credentials")]);
        self.site.send(&call).expect(401);
    }
}

fn policy(stage: &Stage<'_>) {
    let rule = json!({"name": "a", "type": "gcra", "period_ms": 1_000, "burst": 1});
    let policy = json!({"name": "api", "rules": [rule]});
    stage.admin("POST", "/policies", &policy).expect(201);
}

fn registered(stage: &Stage<'_>) {
    let open = json!({"registration_enabled": true});
    stage.admin("PATCH", "", &open).expect(200);
    let call = Call::new("POST", &stage.tenant.url("/oauth/register"));
    let client = json!({"redirect_uris": ["https://app.example/cb"]});
    stage.site.send(&call.json(&client)).expect(201);
}

fn command(stage: &Stage<'_>, path: &str, status: u16) {
    let path = format!("/admin/v1/actors/{path}?reason=A%20try.");
    stage.operator("POST", &path).expect(status);
}

type Cause = fn(&Stage<'_>);

/// What leaves a record of each event; the record's target holds the text.
const CAUSES: &[(&str, &str, Cause)] = &[
    ("sign_in.succeeded", "ses_", |stage| {
        drop(stage.tenant.signed_in(ADA));
    }),
    ("sign_in.failed", "usr_", |stage| {
        assert_eq!(stage.guess(), 422);
    }),
    ("sign_in.limited", "", |stage| {
        assert!((0..20).any(|_| stage.guess() == 429));
    }),
    ("user.signed_up", "usr_", |stage| {
        let fields = [
            ("username", "new@example.com"),
            ("name", "N"),
            ("password", PASSWORD),
        ];
        stage.fill(&Browser::elsewhere(stage.site), "/signup", &fields);
    }),
    ("admin.set_up", "usr_", |stage| {
        let log = stage.site.inner().take_log().join("\n");
        let (_, link) = log.split_once("administrator: ").unwrap();
        let browser = Browser::elsewhere(stage.site);
        let (url, page) = browser.open(link.lines().next().unwrap());
        browser.submit(&url, &page.expect(200), &[("password", PASSWORD)]);
    }),
    ("password.changed", "usr_", |stage| {
        let fields = [
            ("current_password", PASSWORD),
            ("new_password", "another long password"),
        ];
        stage.fill(&stage.tenant.signed_in(ADA), "/account/password", &fields);
    }),
    ("profile.changed", "usr_", |stage| {
        stage.fill(
            &stage.tenant.signed_in(ADA),
            "/account/profile",
            &[("nickname", "A")],
        );
    }),
    ("session.signed_out", "ses_", |stage| {
        stage.fill(&stage.tenant.signed_in(ADA), "/oauth/logout", &[]);
    }),
    ("session.ended", "ses_", |stage| {
        let short = json!({"session_idle_ms": 5 * MINUTE_MS});
        stage.admin("PATCH", "", &short).expect(200);
        stage.tenant.signed_in(ADA);
        stage.site.advance(6 * MINUTE_MS);
    }),
    ("sessions.ended", "usr_", |stage| {
        stage.tenant.signed_in(ADA);
        let path = format!("/users/{}/sessions", stage.sub);
        stage.admin("DELETE", &path, &Value::Null).expect(204);
    }),
    ("sessions.all_ended", "tnt_", |stage| {
        stage.admin("DELETE", "/sessions", &Value::Null).expect(204);
    }),
    ("token.reused", "ses_", |stage| {
        let party = RelyingParty::new(&stage.tenant);
        let tokens = party.tokens(&stage.tenant.signed_in(ADA));
        party.refresh(&tokens.refresh).expect(200);
        stage.site.advance(MINUTE_MS);
        party.refresh(&tokens.refresh).refused(400, "invalid_grant");
    }),
    ("token.revoked", "ses_", |stage| {
        let party = RelyingParty::new(&stage.tenant);
        let tokens = party.tokens(&stage.tenant.signed_in(ADA));
        party
            .send("/oauth/revoke", &[("token", &tokens.refresh)])
            .expect(200);
    }),
    ("consent.given", "cli_", |stage| {
        let party = RelyingParty::new(&stage.tenant);
        party.land(&stage.tenant.signed_in(ADA), &[]);
    }),
    ("consent.withdrawn", "cli_", |stage| {
        let party = RelyingParty::new(&stage.tenant);
        let browser = stage.tenant.signed_in(ADA);
        party.land(&browser, &[]);
        let client = [("client_id", party.client.id.as_str())];
        stage.fill(&browser, "/account/applications", &client);
    }),
    ("client.refused", "cli_", |stage| {
        stage.impostor(&stage.tenant.client().id, "192.0.2.9");
    }),
    ("user.created", "usr_", |stage| {
        drop(stage.tenant.user("bob@example.com"));
    }),
    ("user.changed", "usr_", |stage| {
        let path = format!("/users/{}", stage.sub);
        stage
            .admin("PATCH", &path, &json!({"nickname": "A"}))
            .expect(200);
    }),
    ("user.deleted", "usr_", |stage| {
        stage
            .admin("DELETE", &format!("/users/{}", stage.sub), &Value::Null)
            .expect(204);
    }),
    ("client.created", "cli_", |stage| {
        drop(stage.tenant.client());
    }),
    ("client.registered", "cli_", registered),
    ("client.changed", "cli_", |stage| {
        let path = format!("/clients/{}", stage.tenant.client().id);
        stage
            .admin("PATCH", &path, &json!({"client_name": "B"}))
            .expect(200);
    }),
    ("client.secret_rotated", "cli_", |stage| {
        let path = format!("/clients/{}/secret", stage.tenant.client().id);
        stage.admin("POST", &path, &Value::Null).expect(200);
    }),
    ("client.deleted", "cli_", |stage| {
        let path = format!("/clients/{}", stage.tenant.client().id);
        stage.admin("DELETE", &path, &Value::Null).expect(204);
    }),
    ("policy.created", "api", policy),
    ("policy.changed", "api", |stage| {
        policy(stage);
        let change = json!({"mode": "shadow"});
        stage.admin("PATCH", "/policies/api", &change).expect(200);
    }),
    ("policy.deleted", "api", |stage| {
        policy(stage);
        stage
            .admin("DELETE", "/policies/api", &Value::Null)
            .expect(204);
    }),
    ("bucket.reset", "api", |stage| {
        policy(stage);
        let backend = Backend::new(&stage.tenant);
        backend.ask("check", &json!({"policy": "api", "subject": "u"}));
        let path = "/buckets/api?subject=u&reason=They%20asked.";
        stage.admin("DELETE", path, &Value::Null).expect(204);
    }),
    ("tenant.created", "tnt_", |stage| drop(stage.site.tenant())),
    ("tenant.changed", "tnt_", |stage| {
        stage
            .admin("PATCH", "", &json!({"hostnames": ["login.acme.example"]}))
            .expect(200);
    }),
    ("tenant.deleted", "tnt_", |stage| {
        let other = stage.site.tenant();
        other.admin("DELETE", "", &Value::Null).expect(204);
    }),
    ("keys.rotated", "staged", |stage| {
        stage.operator("POST", "/admin/v1/keys/rotate").expect(200);
    }),
    ("keys.rotated", "scheduled", |stage| {
        stage.operator("GET", "/admin/v1/keys").expect(200);
        stage.site.advance(40 * DAY_MS);
    }),
    ("stream.created", "stm_", |stage| {
        Receiver::new(&stage.tenant).poll_stream();
    }),
    ("stream.changed", "stm_", |stage| {
        let receiver = Receiver::new(&stage.tenant);
        let stream = receiver.poll_stream();
        receiver.set_status(&stream, "paused");
    }),
    ("stream.deleted", "stm_", |stage| {
        let receiver = Receiver::new(&stage.tenant);
        let path = format!("/ssf/stream?stream_id={}", receiver.poll_stream());
        receiver.send("DELETE", &path, &Value::Null).expect(204);
    }),
    ("actor.revoked", "session/tnt_", |stage| {
        stage.tenant.signed_in(ADA);
        let tenant = stage
            .admin("GET", "", &Value::Null)
            .expect(200)
            .member("id");
        let signed_in = stage.all("sign_in.succeeded");
        let session = signed_in[0]["target"]["id"].as_str().unwrap();
        command(stage, &format!("session/{tenant}%2F{session}/revoke"), 204);
    }),
    ("actor.flushed", "tenant/tnt_", |stage| {
        command(stage, &format!("tenant/{}/flush", stage.tenant.slug), 204);
    }),
    ("actor.revived", "tenant/tnt_", |stage| {
        command(stage, &format!("tenant/{}/revive", stage.tenant.slug), 204);
    }),
    ("actor.evicted", "tenant/tnt_", |stage| {
        command(stage, &format!("tenant/{}/evict", stage.tenant.slug), 204);
    }),
    ("actor.reconciled", "tenant", |stage| {
        command(stage, "tenant/reconcile", 200);
    }),
    ("admin.looked", "/users", |stage| {
        stage.admin("GET", "/users", &Value::Null).expect(200);
    }),
    ("admin.denied", "GET", |stage| {
        let call = Call::new("GET", &stage.tenant.url("/admin/v1/me"));
        stage.site.send(&call.bearer("x")).expect(401);
    }),
    (
        "admin.step_up_demanded",
        "DELETE /admin/v1/tenants/",
        |stage| {
            let long = json!({"access_token_ttl_ms": 60 * MINUTE_MS});
            stage.admin("PATCH", "", &long).expect(200);
            stage.tenant.administrator("root@example.com");
            let browser = stage.tenant.signed_in("root@example.com");
            let token = console::tokens(&stage.tenant, &browser).access;
            stage.site.advance(16 * MINUTE_MS);
            let path = format!(
                "/admin/v1/tenants/{}/users/{}",
                stage.tenant.slug, stage.sub
            );
            let call = Call::new("DELETE", &stage.tenant.url(&path));
            stage.site.send(&call.bearer(&token)).expect(401);
        },
    ),
    ("records.dropped", "tnt_", |stage| {
        let client = stage.tenant.client();
        for number in 1..100 {
            stage.impostor(&client.id, &format!("198.51.100.{number}"));
        }
    }),
];

#[test]
fn every_event_has_a_cause_and_leaves_a_record() {
    let known: BTreeSet<&str> = Event::ALL.iter().map(|(_, name)| *name).collect();
    let caused: BTreeSet<&str> = CAUSES.iter().map(|(name, ..)| *name).collect();
    assert_eq!(caused, known);
    let mut wrong = Vec::new();
    for (event, target, cause) in CAUSES {
        let site = Site::in_process();
        let stage = Stage::new(&site);
        stage.settle();
        let is_meant = |record: &Value| record["target"]["id"].as_str().unwrap().contains(target);
        let found = || stage.all(event).iter().filter(|one| is_meant(one)).count();
        let before = found();
        cause(&stage);
        stage.settle();
        if found() <= before {
            wrong.push(*event);
        }
    }
    assert_eq!(wrong, Vec::<&str>::new());
}

#[test]
fn a_record_says_who_from_where_and_why() {
    let site = Site::in_process();
    let stage = Stage::new(&site);
    let browser = stage.tenant.signed_in(ADA);
    let signed_in = &stage.all("sign_in.succeeded")[0];
    assert_eq!(signed_in["actor"], json!({"kind": "user", "id": stage.sub}));
    assert_eq!(signed_in["target"]["kind"], "session");
    assert_eq!(
        (&signed_in["outcome"], &signed_in["reason"]),
        (&json!("done"), &Value::Null)
    );
    assert!(signed_in["address"].as_str().unwrap().starts_with("10."));
    assert!(
        signed_in["request_id"]
            .as_str()
            .unwrap()
            .starts_with("test-")
    );
    assert_eq!(signed_in["count"], 1);

    browser.plant(&stage.tenant.host(), "session", "");
    Form::open(&stage.tenant, browser)
        .send(ADA, PASSWORD)
        .expect(303);
    assert_eq!(stage.all("sign_in.succeeded")[0]["reason"], "known_device");

    let browser = stage.tenant.signed_in(ADA);
    stage.fill(&browser, "/oauth/logout", &[]);
    stage.settle();
    let signed_out = &stage.all("session.signed_out")[0];
    assert_eq!(
        signed_out["actor"],
        json!({"kind": "user", "id": stage.sub})
    );
    assert_eq!(signed_out["reason"], "signed_out");
    assert!(signed_out["address"].is_string());

    let path = format!("/users/{}?reason=They%20left.", stage.sub);
    stage.admin("DELETE", &path, &Value::Null).expect(204);
    let deleted = &stage.all("user.deleted")[0];
    assert_eq!(deleted["reason"], "They left.");
    assert_eq!(
        deleted["actor"],
        json!({"kind": "client", "id": "bootstrap"})
    );
    let path = "/users?reason=%07";
    assert_eq!(stage.admin("GET", path, &Value::Null).status, 400);
}

#[test]
fn names_that_nobody_has_are_not_kept() {
    let site = Site::in_process();
    let stage = Stage::new(&site);
    let form = Form::open(&stage.tenant, Browser::elsewhere(&site));
    for name in [
        "my-secret-password",
        "nobody@example.com",
        "nobody@example.com",
    ] {
        assert_eq!(form.send(name, "wrong password!").status, 422);
    }
    stage.impostor("no-such-client", "192.0.2.9");
    stage.settle();
    let failed = stage.all("sign_in.failed");
    assert_eq!(failed.len(), 2);
    let told = serde_json::to_string(&(&failed, stage.all("client.refused"))).unwrap();
    for name in ["secret-password", "nobody", "no-such"] {
        assert!(!told.contains(name), "{told}");
    }
    assert!(failed.iter().all(|one| one["target"]["kind"] == "account"));
    assert!(failed.iter().any(|one| one["count"] == 2), "{failed:?}");
}

#[test]
fn a_flood_of_refusals_leaves_few_rows_and_says_how_many_it_was() {
    let site = Site::in_process();
    let stage = Stage::new(&site);
    let client = stage.tenant.client();
    stage.settle();
    for number in 0..500 {
        stage.impostor(
            &client.id,
            &format!("198.51.{}.{}", number / 250, number % 250),
        );
    }
    stage.settle();
    let refused = stage.all("client.refused");
    let dropped = stage.all("records.dropped");
    assert_eq!((refused.len(), dropped.len()), (16, 1));
    let count = |records: &[Value]| {
        records
            .iter()
            .map(|one| one["count"].as_u64().unwrap())
            .sum::<u64>()
    };
    assert_eq!(count(&refused) + count(&dropped), 500);
}

flows! {
    fn what_a_tenant_does_is_on_record_when_it_is_answered(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user(ADA);
        tenant.signed_in(ADA);
        let page = tenant.admin("GET", "/audit", &Value::Null).expect(200).json();
        let told: Vec<&str> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["event"].as_str().unwrap())
            .collect();
        assert_eq!(told, ["sign_in.succeeded", "user.created"]);
        assert_eq!(page["items"][1]["target"]["id"], sub.as_str());
        assert_eq!(page["next_cursor"], Value::Null);
    }

    fn records_are_asked_for_by_event_actor_outcome_and_time(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user(ADA);
        tenant.signed_in(ADA);
        let events = |query: &str| {
            let path = format!("/audit?{query}");
            let page = tenant.admin("GET", &path, &Value::Null).expect(200).json();
            let events = page["items"].as_array().unwrap().iter();
            events.map(|one| one["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(events("event=user.created"), ["user.created"]);
        assert_eq!(events(&format!("actor={sub}")), ["sign_in.succeeded"]);
        assert_eq!(events("actor=bootstrap&outcome=done"), ["user.created"]);
        assert_eq!(events("outcome=refused"), Vec::<String>::new());
        assert_eq!(events("to=2001-01-01T00:00:00Z"), Vec::<String>::new());
        assert_eq!(events("from=2001-01-01T00:00:00Z").len(), 2);
        for query in ["event=none", "outcome=lost", "from=now", "to=1"] {
            tenant.admin("GET", &format!("/audit?{query}"), &Value::Null).expect(400);
        }
    }

    fn records_are_taken_away_line_by_line(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user(ADA);
        for number in 0..4 {
            let change = json!({"nickname": format!("n{number}")});
            tenant.admin("PATCH", &format!("/users/{sub}"), &change).expect(200);
        }
        let mut path = format!("/admin/v1/tenants/{}/audit?limit=2&event=user.changed", tenant.slug);
        let mut ids = BTreeSet::new();
        let mut pages = 0;
        loop {
            let call = Call::new("GET", &site.platform_url(&path)).bearer(&site.admin_token());
            let reply = site.send(&call.header("accept", "application/jsonl")).expect(200);
            assert_eq!(reply.header("content-type"), "application/jsonl");
            for line in reply.text().lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                assert_eq!(record["event"], "user.changed");
                assert!(ids.insert(record["id"].as_str().unwrap().to_owned()));
            }
            pages += 1;
            let link = reply.header("link");
            if link.is_empty() {
                break;
            }
            let next = link.strip_prefix('<').unwrap();
            path = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
        }
        assert_eq!((ids.len(), pages), (4, 2));
    }
}
