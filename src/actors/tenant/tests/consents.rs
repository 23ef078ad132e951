//! Does the tenant know what was allowed?

use super::*;
use crate::domain::{
    oauth::{Consent, Scopes},
    time::Timestamp,
};

pub(super) fn consent(id: &str, scopes: &str) -> Consent {
    Consent {
        client_id: client_id(id),
        scopes: Scopes::parse(scopes).unwrap(),
        claims: std::collections::BTreeSet::new(),
        granted_at: Timestamp::default(),
    }
}

impl Acme {
    fn give(&self, user: UserId, consent: Consent) -> Vec<Consent> {
        self.ask(GiveConsent { user, consent }).items
    }

    fn read_consent(&self, user: UserId, id: &str) -> Consents {
        let client_id = client_id(id);
        self.ask(ReadConsent { user, client_id })
    }
}

#[test]
fn what_was_allowed_adds_up() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.client("app");
    assert!(acme.read_consent(jane, "app").items.is_empty());
    assert_eq!(acme.read_consent(jane, "app").email, Some(email(1)));
    acme.give(jane, consent("app", "openid email"));
    let both = acme.give(jane, consent("app", "openid phone"));
    assert_eq!(both, [consent("app", "email openid phone")]);
    assert_eq!(acme.read_consent(jane, "app").items, both);
}

#[test]
fn a_consent_needs_its_user_and_its_client() {
    let acme = Acme::new();
    let jane = acme.user(1);
    assert!(acme.give(jane, consent("app", "openid")).is_empty());
    acme.client("app");
    let nobody = UserId::from_bytes([9; 16]);
    assert!(acme.give(nobody, consent("app", "openid")).is_empty());
    assert_eq!(acme.read_consent(nobody, "app").email, None);
    acme.disable(jane);
    assert!(acme.give(jane, consent("app", "openid")).is_empty());
}

#[test]
fn a_withdrawn_consent_ends_the_grants_in_the_users_sessions() {
    let acme = Acme::new();
    let (jane, john) = (acme.user(1), acme.user(2));
    acme.client("app");
    acme.client("other");
    for (user, n) in [(jane, 1), (jane, 2), (john, 3)] {
        acme.sign_in(user, session(n));
        acme.give(user, consent("app", "openid"));
        acme.give(user, consent("other", "openid"));
    }
    let withdrawn = WithdrawConsent {
        user: jane,
        client_id: client_id("app"),
    };
    assert!(acme.ask(withdrawn).items.is_empty());

    let revoked = || Told::Revoke("app".to_owned());
    assert_eq!(
        acme.told(),
        [(session(1), revoked()), (session(2), revoked())]
    );
    assert_eq!(acme.sessions(jane).len(), 2);
    let left = acme.ask(ListConsents { user: jane }).items;
    assert_eq!(left, [consent("other", "openid")]);
    assert_eq!(acme.read_consent(john, "app").items.len(), 1);
}
