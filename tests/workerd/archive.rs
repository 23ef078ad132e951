//! Does the archive outlast its database, its queue and the machine?
//!
//! Sessions begin and end by a hook, so that thousands take seconds; all else is
//! what is deployed.

use crate::support::{
    Call, Site,
    call::encoded,
    relying_party::RelyingParty,
    tenant::TenantSite,
    workerd::{Server, Variant, kill},
};
use serde_json::json;

/// Sessions that end in one request.
const AT_ONCE: usize = 25;

/// Requests at a time.
const THREADS: usize = 8;

/// Ends sessions with these numbers; what became of one whose machine died, its
/// asker cannot say.
fn end_sessions(server: &Server, numbers: std::ops::Range<usize>) {
    let firsts: Vec<usize> = numbers.step_by(AT_ONCE).collect();
    let shares = firsts.chunks(firsts.len().div_ceil(THREADS));
    std::thread::scope(|scope| {
        for share in shares {
            scope.spawn(move || {
                for first in share {
                    let target = format!("end-sessions?from={first}&count={AT_ONCE}");
                    assert_eq!(server.hook(&target), json!([]));
                }
            });
        }
    });
}

fn sql(server: &Server, statement: &str) -> serde_json::Value {
    server.hook(&format!("cold?sql={}", encoded(statement)))
}

/// How many sessions are kept, once they are as many or a minute has passed.
fn kept(server: &Server, count: usize) -> serde_json::Value {
    server.hook(&format!("cold-await?count={count}"))
}

#[test]
fn ten_thousand_ends_are_kept_once_when_the_database_is_back() {
    const ENDS: usize = 10_000;
    let server = Server::start_in_memory(Variant::Test);
    let gone = sql(&server, "ALTER TABLE session RENAME TO gone");
    assert!(gone.get("fault").is_none(), "{gone}");
    let fault = sql(&server, "SELECT * FROM session");
    assert!(fault["fault"].as_str().unwrap().contains("no such table"));
    end_sessions(&server, 0..ENDS);
    assert_eq!(sql(&server, "SELECT COUNT(*) AS n FROM gone")[0][0]["n"], 0);
    sql(&server, "ALTER TABLE gone RENAME TO session");
    assert_eq!(kept(&server, ENDS), ENDS);
    // Their ids are keys: so many are each of them, once. Nothing comes after.
    let ids = "SELECT COUNT(DISTINCT document->>'id') AS n FROM session";
    assert_eq!(sql(&server, ids)[0][0]["n"], ENDS);
}

#[test]
fn ends_are_kept_once_though_the_database_is_gone_and_the_machine_dies() {
    const ENDS: usize = 300;
    let mut server = Server::start_without(Variant::Test, &[], &["d1_databases"]);
    let fault = sql(&server, "SELECT 1");
    assert_eq!(fault["fault"], "no archive is bound");
    end_sessions(&server, 0..ENDS / 3);
    server.crash();
    // The queue is gone too, and what ends waits in outboxes.
    server.restart_without(&["queues"]);
    end_sessions(&server, ENDS / 3..2 * ENDS / 3);
    server.crash();
    server.restart_without(&[]);
    let pid = server.pid();
    std::thread::scope(|scope| {
        let server = &server;
        scope.spawn(move || {
            for first in (2 * ENDS / 3..ENDS).step_by(AT_ONCE) {
                // The machine dies while they end.
                let target = format!("/__test/end-sessions?from={first}&count={AT_ONCE}");
                let call = Call::new("GET", &server.url(&target));
                if server.client().try_call(&call).is_none() {
                    return;
                }
            }
        });
        scope.spawn(move || kill(pid));
    });
    server.wait_dead();
    server.restart();
    // Whoever was not answered asks again.
    end_sessions(&server, 2 * ENDS / 3..ENDS);
    assert_eq!(kept(&server, ENDS), ENDS);
}

/// Nothing is authorised from the archive: a deployment that has none does all
/// the rest.
#[test]
fn without_an_archive_everything_else_works() {
    let settings = crate::support::platform::SETTINGS;
    let without = ["d1_databases", "queues"];
    let server = Server::start_without(Variant::Test, settings, &without);
    assert_eq!(server.get("/readyz").status, 200);
    let site = Site::over(&server);
    let tenant = TenantSite::create(&site, "bare");
    tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let browser = tenant.signed_in("ada@example.com");
    let tokens = party.tokens(&browser);
    let call = Call::new("GET", &site.platform_url("/admin/v1/archive/sessions"));
    let reply = site.send(&call.bearer(&site.admin_token())).expect(503);
    assert_eq!(reply.member("type"), "urn:aero2:problem:no-archive");
    let call = Call::new("DELETE", &tenant.url("/v1/sessions?everywhere=true"))
        .header("origin", &tenant.issuer());
    browser.send(call).expect(204);
    party.refresh(&tokens.refresh).refused(400, "invalid_grant");
    tenant
        .admin("DELETE", "", &serde_json::Value::Null)
        .expect(204);
}
