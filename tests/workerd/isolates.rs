//! Does a change reach another isolate in the time it may go on remembering?
//!
//! As `tests/flows/isolates.rs` asks in-process, with the clock of the machine:
//! two isolates of one workerd, over the same objects.

use crate::support::{
    Call, Reply, Site,
    receiver::Receiver,
    relying_party::RelyingParty,
    tenant::TenantSite,
    workerd::{FAR, Variant},
};
use serde_json::{Value, json};

fn at_far(site: &Site, call: Call) -> Reply {
    let (name, value) = FAR;
    site.send(&call.header(name, value))
}

fn discovery(tenant: &TenantSite<'_>) -> Reply {
    let url = tenant.url("/.well-known/openid-configuration");
    at_far(tenant.site, Call::new("GET", &url))
}

#[test]
fn what_one_isolate_changes_the_other_knows_in_time() {
    let server = Site::server(Variant::Pair);
    let site = Site::over(&server);
    let (tenant, quiet) = (site.tenant(), site.tenant());
    let receiver = Receiver::new(&quiet);
    let stream = receiver.poll_stream();

    let sub = tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
    let client = RelyingParty {
        client: Receiver::new(&tenant).client,
        tenant: &tenant,
    };
    let credentials = || {
        let fields = [("grant_type", "client_credentials"), ("scope", "ssf.read")];
        at_far(&site, client.token_call(&fields))
    };
    let introspect = || {
        let token = [("token", tokens.access.as_str())];
        let reply = at_far(&site, party.call("/oauth/introspect", &token));
        reply.expect(200).json()["active"] == true
    };
    let is_open = || {
        let document = discovery(&tenant).expect(200).json();
        !document["registration_endpoint"].is_null()
    };
    credentials().expect(200);
    assert!(introspect() && !is_open());

    let path = format!("/users/{sub}/sessions");
    tenant.admin("DELETE", &path, &Value::Null).expect(204);
    assert!(!introspect());
    at_far(&site, party.refresh_call(&tokens.refresh)).refused(400, "invalid_grant");

    let path = format!("/clients/{}", client.client.id);
    tenant.admin("DELETE", &path, &Value::Null).expect(204);
    let open = json!({"registration_enabled": true});
    tenant.admin("PATCH", "", &open).expect(200);
    // It is another isolate: it has not heard.
    credentials().expect(200);
    assert!(!is_open());
    // Where nothing happens, this takes thirty seconds.
    let nothing = receiver.poll(&stream, &json!({})).expect(200);
    assert_eq!(Receiver::fetched(&nothing), Vec::<Value>::new());
    credentials().refused(401, "invalid_client");
    assert!(is_open());
}
