//! Does a resource server hear of everything that is revoked
//! (`docs/revocation.md`)?

use crate::support::{
    Call, Site,
    crypto::NativeCrypto,
    relying_party::{RelyingParty, claims},
    resource_server::ResourceServer,
    tenant::TenantSite,
};
use aero2::domain::{keys::PublicJwk, revocation::SetClaims, token::jwt::Jws};
use futures::FutureExt;
use serde_json::{Value, json};

/// The claims of a token of the feed, which one of the issuer's keys signed.
fn verified(site: &Site, issuer: &str, set: &str) -> Value {
    let keys = site
        .get(&format!("{issuer}/.well-known/jwks.json"))
        .expect(200)
        .json();
    let jws = Jws::<SetClaims>::parse(set).unwrap();
    let kid = jws.kid().unwrap().to_string();
    let mut keys = keys["keys"].as_array().unwrap().iter();
    let key = keys
        .find(|key| key["kid"] == kid)
        .expect("a key that is published");
    let key: PublicJwk = serde_json::from_value(key.clone()).unwrap();
    let crypto = NativeCrypto::default();
    let verify = jws.verify(&crypto, &key);
    let known = verify
        .now_or_never()
        .expect("it waits for nothing")
        .unwrap();
    serde_json::to_value(known.expect("a good signature")).unwrap()
}

/// A request for a feed that names no protocol.
fn feed_call(tenant: &TenantSite<'_>) -> Call {
    Call::new("GET", &tenant.url("/v1/revocations/events"))
}

/// Ends all sessions of a user.
fn end_sessions(tenant: &TenantSite<'_>, sub: &str) {
    let path = format!("/users/{sub}/sessions");
    tenant.admin("DELETE", &path, &Value::Null).expect(204);
}

flows! {
    fn an_ended_session_is_told_in_a_token_that_verifies(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let server = ResourceServer::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        let socket = server.start();

        end_sessions(&tenant, &sub);

        let event = socket.json();
        let set = event["set"].as_str().unwrap();
        let told = verified(site, &tenant.issuer(), set);
        assert_eq!(told["iss"], tenant.issuer());
        assert_eq!(told["aud"], tenant.issuer());
        let revoked = &told["events"]["urn:aero2:event:revoked"];
        assert_eq!(revoked["kind"], "sessions");
        assert_eq!(revoked["sub"], sub);
        assert_eq!(revoked["sids"], json!([claims(&tokens.access)["sid"]]));
        assert_eq!(revoked["reason"], "administrator");
        let exp = revoked["exp"].as_i64().unwrap();
        assert!(exp >= claims(&tokens.access)["exp"].as_i64().unwrap());

        let introspect = party.introspect(set);
        assert_eq!(introspect["active"], false, "it is no access token");
    }

    fn whoever_was_away_hears_what_was_missed(site: &Site) {
        let tenant = site.tenant();
        let subs = ["ada@example.com", "bob@example.com"].map(|email| {
            let sub = tenant.user(email);
            tenant.signed_in(email);
            sub
        });
        let server = ResourceServer::new(&tenant);
        let socket = server.start();
        end_sessions(&tenant, &subs[0]);
        let cursor = socket.json()["cursor"].clone();
        socket.hang_up();
        end_sessions(&tenant, &subs[1]);

        let (_socket, frames) = server.resume(&cursor);
        assert_eq!(frames.len(), 2);
        let told = claims(frames[0]["set"].as_str().unwrap());
        assert_eq!(told["events"]["urn:aero2:event:revoked"]["sub"], subs[1]);

        let socket = server.open();
        socket.say(&json!({ "type": "start" }).to_string());
        let frames = socket.until("caught_up");
        let held = frames[0]["revoked"].as_array().unwrap();
        assert_eq!(held.iter().map(|held| &held["sub"]).collect::<Vec<_>>(), [&subs[0], &subs[1]]);

        socket.say(&json!({ "type": "sync", "nonce": "now" }).to_string());
        let synced = socket.json();
        assert_eq!((&synced["type"], &synced["nonce"]), (&json!("synced"), &json!("now")));
    }

    fn the_door_is_kept(site: &Site) {
        let tenant = site.tenant();
        let server = ResourceServer::new(&tenant);
        let good = server.token("revocations.read");
        let refused = |call: Call| site.connect(&call).err().expect("no socket");

        let in_query = Call::new("GET", &format!("{}?access_token={good}", feed_call(&tenant).url))
            .header("sec-websocket-protocol", "aero2.revocation.v1");
        refused(in_query).refused(400, "invalid_request");

        let plain = site.send(&server.call().bearer(&good)).expect(426);
        // RFC 9110 §15.5.22 wants it; workerd keeps that header to itself.
        if site.actors().is_some() {
            assert_eq!(plain.header("upgrade"), "websocket");
        }

        refused(feed_call(&tenant).bearer(&good)).expect(400);
        let other = feed_call(&tenant).bearer(&good).header("sec-websocket-protocol", "graphql-ws");
        refused(other).expect(400);

        let nobody = refused(server.call()).expect(401);
        assert_eq!(nobody.header("www-authenticate"), "Bearer realm=\"oauth\"");
        refused(server.call().bearer("forged")).refused(401, "invalid_token");
        let reports = server.token("reports");
        refused(server.call().bearer(&reports)).refused(403, "insufficient_scope");

        let elsewhere = site.tenant();
        let theirs = ResourceServer::new(&elsewhere).token("revocations.read");
        refused(server.call().bearer(&theirs)).refused(401, "invalid_token");
    }

    fn an_operator_sees_the_log(site: &Site) {
        let tenant = site.tenant();
        let _socket = ResourceServer::new(&tenant).start();
        let id = tenant.admin("GET", "", &Value::Null).expect(200).member("id");
        let path = format!("/admin/v1/actors/revocations/{id}");
        let call = Call::new("GET", &site.platform_url(&path)).bearer(&site.admin_token());
        let seen = site.send(&call).expect(200).json();
        assert_eq!(seen["state"]["issuers"], json!([tenant.issuer()]));
        assert_eq!((&seen["sockets_open"], &seen["state"]["appended"]), (&json!(1), &json!(0)));
    }

    fn a_users_token_does_not_open_it(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let client = tenant.client_with(&json!({ "scope": "openid revocations.read" }));
        let party = RelyingParty { tenant: &tenant, client };
        let browser = tenant.signed_in("ada@example.com");
        let code = party.code_with(&browser, &[("scope", "openid revocations.read")]);
        let token = party.redeem(&code).expect(200).member("access_token");
        let call = ResourceServer::new(&tenant).call().bearer(&token);
        site.connect(&call).err().expect("no socket").refused(401, "invalid_token");
    }

    fn a_client_that_is_gone_listens_no_longer(site: &Site) {
        let tenant = site.tenant();
        let server = ResourceServer::new(&tenant);
        let token = server.token("revocations.read");
        let socket = server.start();
        let path = format!("/clients/{}", server.client.id);
        tenant.admin("DELETE", &path, &Value::Null).expect(204);
        assert_eq!(socket.closed(), 4401);
        let call = server.call().bearer(&token);
        site.connect(&call).err().expect("no socket").refused(401, "invalid_token");
    }

    fn each_issuer_speaks_for_itself(site: &Site) {
        let tenant = site.tenant();
        let name = format!("feed.{}.example", tenant.slug);
        tenant.admin("PATCH", "", &json!({"hostnames": [name]})).expect(200);
        let sub = tenant.user("ada@example.com");
        tenant.signed_in("ada@example.com");
        let server = ResourceServer::new(&tenant);
        let token = Call::new("POST", &tenant.url("/oauth/token"))
            .header("host", &name)
            .basic(&server.client.id, &server.client.secret)
            .form(&[("grant_type", "client_credentials"), ("scope", "revocations.read")]);
        let token = site.send(&token).expect(200).member("access_token");
        let call = server.call().header("host", &name).bearer(&token);
        let socket = site.connect(&call).unwrap_or_else(|reply| panic!("{}", reply.text()));
        socket.say(&json!({ "type": "start" }).to_string());
        socket.until("caught_up");

        end_sessions(&tenant, &sub);
        let event = socket.json();
        let told = claims(event["set"].as_str().unwrap());
        assert_eq!(told["iss"], format!("http://{name}"));
        assert_eq!(told["aud"], format!("http://{name}"));
    }
}

#[test]
fn a_feed_is_asked_to_come_back_ends_with_its_token_and_resumes_with_the_next() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let server = ResourceServer::new(&tenant);
    let socket = server.start();
    site.advance(4 * 60_000 + 31_000);
    let drain = socket.json();
    assert_eq!(drain["type"], "drain");
    assert!(drain["after_ms"].as_i64().unwrap() <= 30_000, "{drain}");
    site.advance(30_000);
    assert_eq!(socket.closed(), 4401);

    let socket = server.open();
    socket.say(&json!({ "type": "start" }).to_string());
    assert_eq!(socket.until("caught_up").len(), 2);
}

#[test]
fn the_log_of_a_deleted_tenant_ends() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let server = ResourceServer::new(&tenant);
    let socket = server.start();
    let has_log = || {
        let actors = site.actors().unwrap();
        actors.iter().any(|who| who.kind == "revocations")
    };
    assert!(has_log());
    tenant.admin("DELETE", "", &Value::Null).expect(204);
    let frames = socket.until("event");
    let told = claims(frames[0]["set"].as_str().unwrap());
    assert_eq!(told["events"]["urn:aero2:event:revoked"]["kind"], "tenant");

    site.advance(3 * 3_600_000);
    assert!(!has_log());
}

#[test]
fn opening_a_feed_costs_the_clients_bucket_and_one_call() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let server = ResourceServer::new(&tenant);
    let call = server.call().bearer(&server.token("revocations.read"));
    site.inner().take_asks();
    drop(site.connect(&call).ok());
    assert_eq!(site.inner().take_asks(), ["bucket", "revocations"]);
}
