//! Does a verifier do over real sockets what its parts promise?

#![cfg(test)]

mod tenant;

use aero2_verifier::{Basis, Config, Policy, Verifier, VerifyError, token::TokenRefusal};
use std::sync::atomic::Ordering;
use tenant::{AUDIENCE, Tenant};

fn config(tenant: &Tenant) -> Config {
    Config::new(&tenant.issuer, AUDIENCE, "feed", "secret").connect(&tenant.address)
}

#[tokio::test]
async fn a_session_that_ends_is_known_at_once() {
    let tenant = Tenant::open().await;
    let verifier = Verifier::start(config(&tenant)).unwrap();
    verifier.live().await.unwrap();
    let token = tenant.token("ses_1", "one");
    let good = verifier.verify(&token).await.unwrap();
    assert_eq!(good.basis, Basis::Feed);
    assert!(good.token.allows("orders.read"));

    tenant.sets.lock().unwrap().push(tenant.ended("ses_1"));
    verifier.sync().await.unwrap();

    let refusal = verifier.verify(&token).await.unwrap_err();
    assert_eq!((refusal.status(), refusal), (401, VerifyError::Revoked));
    verifier
        .verify(&tenant.token("ses_2", "one"))
        .await
        .unwrap();
}

#[tokio::test]
async fn while_it_is_uncertain_the_policy_decides() {
    let tenant = Tenant::open().await;
    tenant.refuses_feed.store(true, Ordering::SeqCst);
    let token = tenant.token("ses_1", "one");
    for policy in [Policy::Introspect, Policy::Deny, Policy::Allow] {
        let verifier = Verifier::start(config(&tenant).when_uncertain(policy)).unwrap();
        assert_eq!(verifier.live().await, Err(4403));
        for active in [true, false] {
            tenant.introspects_as.store(active, Ordering::SeqCst);
            let basis = verifier.verify(&token).await.map(|verified| verified.basis);
            let expected = match (policy, active) {
                (Policy::Introspect, true) => Ok(Basis::Introspection),
                (Policy::Introspect, false) => Err(VerifyError::Revoked),
                (Policy::Deny, _) => Err(VerifyError::Uncertain),
                (Policy::Allow, _) => Ok(Basis::Unconfirmed),
            };
            assert_eq!(basis, expected);
        }
        assert!(verifier.sync().await.is_err());
        assert_eq!(verifier.health().stopped, Some(4403));
    }
}

#[tokio::test]
async fn a_forged_event_costs_the_connection_and_certainty() {
    let tenant = Tenant::open().await;
    let verifier = Verifier::start(config(&tenant).when_uncertain(Policy::Deny)).unwrap();
    verifier.live().await.unwrap();
    let forged = tenant.ended("ses_1").replace('.', ".e");

    tenant.sets.lock().unwrap().push(forged);
    verifier.sync().await.unwrap_err();

    assert!(!verifier.health().is_certain);
    verifier.live().await.unwrap();
    assert_eq!(tenant.sockets.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_draining_server_is_left_within_the_time_it_names_with_a_fresh_token() {
    let tenant = Tenant::open().await;
    let verifier = Verifier::start(config(&tenant)).unwrap();
    verifier.live().await.unwrap();
    tenant.has_begun.notified().await;
    tenant.drains.lock().unwrap().push(50);
    verifier.sync().await.unwrap();

    tenant.has_begun.notified().await;

    assert_eq!(*tenant.begun.lock().unwrap(), ["start", "resume"]);
    assert_eq!(tenant.tokens.load(Ordering::SeqCst), 2);
    let good = verifier.verify(&tenant.token("ses_1", "one")).await;
    assert_eq!(good.unwrap().basis, Basis::Feed);
}

#[tokio::test]
async fn made_up_key_ids_do_not_make_it_ask() {
    let tenant = Tenant::open().await;
    let verifier = Verifier::start(config(&tenant)).unwrap();
    for _ in 0..5 {
        let refusal = verifier.verify(&tenant.token("ses_1", "made-up")).await;
        let expected = VerifyError::Refused(TokenRefusal::UnknownKey);
        assert_eq!(refusal.unwrap_err(), expected);
    }
    assert_eq!(tenant.key_sets_read.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_reached_opens_nothing() {
    let tenant = Tenant::open().await;
    for policy in [Policy::Introspect, Policy::Deny, Policy::Allow] {
        // Nobody listens on port 1.
        let nowhere = config(&tenant)
            .connect("127.0.0.1:1")
            .when_uncertain(policy);
        let verifier = Verifier::start(nowhere).unwrap();
        let refusal = verifier.verify(&tenant.token("ses_1", "one")).await;
        assert_eq!(refusal.unwrap_err().status(), 503);
    }
}
