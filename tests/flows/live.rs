//! Does a console hear what happens, and nobody else
//! (`docs/observability.md`)?

use crate::support::{
    Call, Site, TestSocket,
    browser::Browser,
    console,
    platform::AUDIENCE,
    tenant::{PASSWORD, TenantSite},
};
use aero2::actors::{live::LISTENERS_MAX, runtime::Recipient};
use serde_json::{Value, json};

const PROTOCOL: &str = "sec-websocket-protocol";
const PLATFORM: &str = "/admin/v1/live";

fn of_tenant(tenant: &TenantSite<'_>) -> String {
    format!("/admin/v1/tenants/{}/live", tenant.slug)
}

/// The wish to listen as a console's page has it.
fn call(site: &Site, path: &str, token: &str) -> Call {
    Call::new("GET", &site.platform_url(path))
        .header(PROTOCOL, &format!("aero2.live.v1, bearer.{token}"))
        .header("origin", &site.platform_url(""))
}

/// A console that has been greeted.
fn listening(site: &Site, path: &str) -> TestSocket {
    let opened = site.connect(&call(site, path, &site.admin_token()));
    let socket = opened.unwrap_or_else(|reply| panic!("{} {}", reply.status, reply.text()));
    assert_eq!(
        socket.protocol(),
        "aero2.live.v1",
        "the token is not repeated"
    );
    let hello = socket.json();
    assert_eq!(hello["type"], "hello");
    assert!(hello["at"].as_i64().unwrap() > 0);
    socket
}

/// The next frame of a sort, whatever comes before.
fn next(socket: &TestSocket, kind: &str) -> Value {
    socket.until(kind).pop().unwrap()
}

fn policy(tenant: &TenantSite<'_>, name: &str) {
    let rule = json!({"name": "a", "type": "gcra", "period_ms": 1_000, "burst": 5});
    let policy = json!({"name": name, "rules": [rule]});
    tenant.admin("POST", "/policies", &policy).expect(201);
}

flows! {
    fn a_console_hears_of_a_session_from_its_beginning_to_its_end(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        let sub = tenant.user("ada@example.com");
        let (socket, elsewhere) = (listening(site, &of_tenant(&tenant)), listening(site, &of_tenant(&other)));
        let browser = tenant.signed_in("ada@example.com");
        let began = next(&socket, "session");
        assert_eq!((&began["what"], &began["sub"]), (&json!("began"), &json!(sub)));

        let own = browser.send(Call::new("GET", &tenant.url("/v1/sessions"))).expect(200).json();
        assert_eq!(own["items"][0]["sid"], began["sid"], "{own}");
        let path = format!("/users/{sub}/sessions/{}", began["sid"].as_str().unwrap());
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
        let ended = next(&socket, "session");
        assert_eq!((&ended["what"], &ended["sid"], &ended["sub"]), (&json!("ended"), &began["sid"], &json!(sub)));

        policy(&other, "mine");
        let act = elsewhere.json();
        assert_eq!(act["type"], "act", "nothing of another tenant came before");
    }

    fn a_session_that_signs_out_is_told_once(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let socket = listening(site, &of_tenant(&tenant));
        browser.send(Call::new("DELETE", &tenant.url("/v1/sessions?everywhere=true"))).expect(204);
        assert_eq!(next(&socket, "session")["what"], "ended");
        tenant.signed_in("ada@example.com");
        assert_eq!(next(&socket, "session")["what"], "began");
    }

    fn a_record_is_told_as_it_is_listed(site: &Site) {
        let tenant = site.tenant();
        let socket = listening(site, &of_tenant(&tenant));
        policy(&tenant, "api");
        let told = socket.frames_until(|frame| frame.contains("policy.created")).pop().unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["type"], "act");
        let listed = tenant.admin("GET", "/audit", &Value::Null).expect(200).json();
        let listed = listed["items"].as_array().unwrap();
        assert!(listed.contains(&told["record"]), "{told} is not in {listed:?}");
    }

    fn the_platform_is_told_what_becomes_of_tenants(site: &Site) {
        let socket = listening(site, PLATFORM);
        let tenant = site.tenant();
        let of_ours = |what: &str| {
            let frames = socket.frames_until(|frame| {
                let frame: Value = serde_json::from_str(frame).unwrap();
                frame["slug"] == tenant.slug && frame["what"] == what
            });
            serde_json::from_str::<Value>(frames.last().unwrap()).unwrap()
        };
        let created = of_ours("created");
        let id = tenant.admin("GET", "", &Value::Null).expect(200).member("id");
        assert_eq!((&created["type"], &created["tenant"]), (&json!("tenant"), &json!(id)));
        tenant.admin("PATCH", "", &json!({"status": "suspended"})).expect(200);
        of_ours("changed");
        tenant.admin("DELETE", "", &Value::Null).expect(204);
        of_ours("deleted");
    }

    fn the_door_is_kept(site: &Site) {
        let tenant = site.tenant();
        let good = site.admin_token();
        let refused = |call: Call| site.connect(&call).err().expect("no socket");
        for path in [of_tenant(&tenant), PLATFORM.to_owned()] {
            let url = site.platform_url(&path);
            refused(Call::new("GET", &url).header(PROTOCOL, "aero2.live.v1")).expect(401);
            refused(call(site, &path, "forged")).expect(401);
            refused(call(site, &path, "")).expect(401);
            refused(call(site, &path, &good).bearer(&good)).expect(400);
            let in_query = format!("{url}?access_token={good}");
            refused(Call::new("GET", &in_query).header(PROTOCOL, "aero2.live.v1")).expect(400);
            let other = Call::new("GET", &url).bearer(&good).header(PROTOCOL, "aero2.live.v2");
            refused(other).expect(400);
            for origin in ["https://evil.example", "null", &tenant.issuer(), &format!("{}/", site.platform_url(""))] {
                let call = Call::new("GET", &url).bearer(&good).header(PROTOCOL, "aero2.live.v1");
                let reply = refused(call.header("origin", origin)).expect(403);
                assert_eq!(reply.json()["type"], "urn:aero2:problem:foreign-origin");
            }
            site.send(&Call::new("GET", &url).bearer(&good)).expect(426);
            // Without the wish for a socket a subprotocol is no token.
            site.send(&call(site, &path, &good)).expect(401);
            // A program has no origin.
            let program = Call::new("GET", &url).bearer(&good).header(PROTOCOL, "aero2.live.v1");
            assert_eq!(site.connect(&program).ok().unwrap().json()["type"], "hello");
        }
        let nobody = call(site, "/admin/v1/tenants/nobody/live", &good);
        refused(nobody).expect(404);
    }

    fn a_users_token_without_the_scope_hears_nothing(site: &Site) {
        let tenant = site.tenant();
        let client = tenant.client_with(&json!({
            "grant_types": ["client_credentials"], "redirect_uris": [], "scope": "reports",
            "resources": [AUDIENCE],
        }));
        let asked = Call::new("POST", &tenant.url("/oauth/token"))
            .basic(&client.id, &client.secret)
            .form(&[("grant_type", "client_credentials"), ("resource", AUDIENCE)]);
        let token = site.send(&asked).expect(200).member("access_token");
        for path in [of_tenant(&tenant), PLATFORM.to_owned()] {
            site.connect(&call(site, &path, &token)).err().unwrap().expect(401);
        }
    }

    fn a_tenants_administrator_listens_at_home_and_nowhere_else(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        tenant.administrator("root@acme.example");
        let token = console::tokens(&tenant, &tenant.signed_in("root@acme.example")).access;
        let ask = |at: &TenantSite<'_>, path: &str| {
            let call = Call::new("GET", &at.url(path)).header("origin", &at.issuer());
            site.connect(&call.header(PROTOCOL, &format!("aero2.live.v1, bearer.{token}")))
        };
        let socket = ask(&tenant, &of_tenant(&tenant)).ok().unwrap();
        assert_eq!(socket.json()["type"], "hello");
        policy(&tenant, "api");
        assert_eq!(next(&socket, "act")["record"]["target"]["id"], "api");

        ask(&tenant, &of_tenant(&other)).err().unwrap().expect(404);
        ask(&tenant, PLATFORM).err().unwrap().expect(404);
        ask(&other, &of_tenant(&tenant)).err().unwrap().expect(401);
        ask(&other, &of_tenant(&other)).err().unwrap().expect(401);
        let call = call(site, &of_tenant(&tenant), &token);
        site.connect(&call).err().unwrap().expect(401);
    }

    fn whoever_speaks_is_sent_away(site: &Site) {
        let tenant = site.tenant();
        for frame in ["hello", r#"{"type":"start"}"#, &"x".repeat(9_000)] {
            let socket = listening(site, &of_tenant(&tenant));
            socket.say(frame);
            assert_eq!(socket.closed(), 4400);
        }
        let socket = listening(site, PLATFORM);
        socket.say("ping");
        assert_eq!(socket.next().as_deref(), Some("pong"));
        socket.say_bytes(&[0; 3]);
        assert_eq!(socket.closed(), 4400);
    }

    fn so_many_listen_and_no_more(site: &Site) {
        let tenant = site.tenant();
        let token = site.admin_token();
        let open = || site.connect(&call(site, &of_tenant(&tenant), &token)).ok().unwrap();
        let sockets: Vec<TestSocket> = (0..LISTENERS_MAX).map(|_| open()).collect();
        assert!(sockets.iter().all(|socket| socket.next().is_some()));
        let one_more = open();
        assert_eq!((one_more.closed(), one_more.next()), (4429, None));
        sockets[0].leave();
        assert_eq!(open().json()["type"], "hello");
    }
}

fn actor(tenant: &TenantSite<'_>) -> Recipient {
    let id = tenant.admin("GET", "", &Value::Null).expect(200);
    Recipient {
        kind: "tenant".to_owned(),
        name: id.member("id"),
    }
}

#[test]
fn a_socket_outlives_the_actors_memory_and_ends_with_its_token() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let socket = listening(&site, &of_tenant(&tenant));
    let platform = listening(&site, PLATFORM);
    site.advance(60_000);
    let later = listening(&site, &of_tenant(&tenant));
    site.world().evict(&actor(&tenant));
    policy(&tenant, "api");
    assert_eq!(next(&socket, "act")["record"]["event"], "policy.created");

    site.advance(4 * 60_000);
    assert_eq!((socket.closed(), platform.closed()), (4401, 4401));
    policy(&TenantSite::existing(&site, &tenant.slug), "later");
    assert!(later.frames_until(|frame| frame.contains("later")).len() > 1);
    site.advance(60_000);
    assert_eq!(later.closed(), 4401);
}

#[test]
fn what_gateways_have_counted_is_told_when_they_report() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let socket = listening(&site, &of_tenant(&tenant));
    let wrong = Browser::elsewhere(&site);
    let (url, page) = wrong.open(&tenant.url("/login"));
    let fields = [("username", "ada@example.com"), ("password", "no")];
    wrong.submit(&url, &page.expect(200), &fields);
    assert_ne!(PASSWORD, "no");
    let gateway = &site.inner().gateway;
    assert!(gateway.owes());
    site.world().run(gateway.settle());
    let counted = socket.until("usage").pop().unwrap();
    assert_eq!(
        (
            &counted["policy"],
            &counted["admitted"],
            &counted["refused"]
        ),
        (&json!("own.sign_in"), &json!(1), &json!(0))
    );
}

#[test]
fn to_whom_nobody_listens_nothing_is_told() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let socket = listening(&site, &of_tenant(&tenant));
    socket.hang_up();
    policy(&tenant, "api");
    let late = listening(&site, &of_tenant(&tenant));
    assert_eq!(late.next(), None);
}

#[test]
fn the_sockets_of_a_deleted_tenant_are_closed() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let socket = listening(&site, &of_tenant(&tenant));
    tenant.admin("DELETE", "", &Value::Null).expect(204);
    site.advance(5_000);
    // Hosts close what is open to an actor that is no more, each with a code of its own.
    assert!([1001, 1006].contains(&socket.closed()));
}

#[test]
fn listening_costs_an_operators_request_and_one_call() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let token = site.admin_token();
    site.inner().take_asks();
    drop(site.connect(&call(&site, &of_tenant(&tenant), &token)).ok());
    assert_eq!(site.inner().take_asks(), ["bucket", "directory", "tenant"]);
    drop(site.connect(&call(&site, PLATFORM, &token)).ok());
    assert_eq!(site.inner().take_asks(), ["bucket", "directory"]);
}
