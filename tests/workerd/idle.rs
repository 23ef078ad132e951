//! Does a socket that only listens cost nothing?

use crate::support::{Call, Site, TestSocket, resource_server::ResourceServer};
use serde_json::Value;

const SOCKETS: usize = 200;

/// Pings of each.
const PINGS: usize = 12;

/// What the tenant's log has done since it woke, by its own account.
fn activation(site: &Site, id: &str) -> Value {
    let path = format!("/admin/v1/actors/revocations/{id}");
    let call = Call::new("GET", &site.platform_url(&path)).bearer(&site.admin_token());
    let log = site.send(&call).expect(200).json();
    assert_eq!(log["sockets_open"], SOCKETS);
    log["activation"].clone()
}

fn count(activation: &Value, what: &str) -> u64 {
    activation[what].as_u64().unwrap()
}

/// Were a ping to reach the log, it would close the socket: it is no frame of
/// the protocol.
fn ping(socket: &TestSocket) {
    for _ in 0..PINGS {
        socket.say("ping");
    }
    for _ in 0..PINGS {
        assert_eq!(socket.next().as_deref(), Some("pong"));
    }
}

#[test]
fn sockets_that_only_listen_wake_nobody() {
    let site = Site::on_workerd();
    let tenant = site.tenant();
    let id = tenant.admin("GET", "", &Value::Null).member("id");
    let server = ResourceServer::new(&tenant);
    let sockets: Vec<TestSocket> = (0..SOCKETS).map(|_| server.start()).collect();

    let before = activation(&site, &id);
    sockets.iter().for_each(ping);
    let after = activation(&site, &id);
    if before["since"] == after["since"] {
        // All that has reached it is our second look.
        assert_eq!(count(&after, "messages"), count(&before, "messages") + 1);
        assert_eq!(count(&after, "heard"), count(&before, "heard"));
    } else {
        // It slept through them.
        assert_eq!((count(&after, "messages"), count(&after, "heard")), (0, 0));
    }

    // What does reach it, it counts.
    sockets[0].say(r#"{"type":"sync","nonce":"n"}"#);
    assert_eq!(sockets[0].json()["type"], "synced");
    let woken = activation(&site, &id);
    assert_eq!(count(&woken, "heard"), count(&after, "heard") + 1);
}
