//! Does the operator get in, and nobody else?

use super::*;
use crate::domain::secret::TokenDigest;

impl Acme {
    fn ensure(&self, client: Option<Client>, token: Option<&str>) -> bool {
        let token = token.map(|text| TokenDigest::of(text.as_bytes()));
        let answer = self.ask(EnsureBootstrap {
            client: client.map(Box::new),
            setup: token.map(|token| (email(1), token)),
        });
        answer.awaits_setup
    }

    fn set_up(&self, token: &str, password: Option<char>) -> SetUpAnswer {
        self.ask(SetUp {
            token: TokenDigest::of(token.as_bytes()),
            user: UserId::from_bytes([50; 16]),
            password: password.map(hash),
        })
    }

    fn admin(&self) -> User {
        let listed = ListUsers {
            email: Some(email(1)),
            after: None,
            limit: 1,
        };
        self.ask(listed).items.remove(0)
    }
}

fn bootstrap(secret: &[u8]) -> Client {
    let mut client = client(BOOTSTRAP_CLIENT);
    client.secret_digest = Some(TokenDigest::of(secret));
    client
}

#[test]
fn the_operators_client_follows_the_settings_and_writes_only_what_differs() {
    let acme = Acme::new();
    let read = || {
        let client_id = client_id(BOOTSTRAP_CLIENT);
        acme.ask(ReadClient { client_id })
    };
    acme.ensure(Some(bootstrap(b"one")), None);
    assert_eq!(read(), ClientRead::Found(Box::new(bootstrap(b"one"))));
    let version = acme.version();
    acme.ensure(Some(bootstrap(b"one")), None);
    assert_eq!(acme.version(), version);
    acme.ensure(Some(bootstrap(b"two")), None);
    assert_eq!(read(), ClientRead::Found(Box::new(bootstrap(b"two"))));
    acme.ensure(None, None);
    assert_eq!(read(), ClientRead::Missing);
    let version = acme.version();
    acme.ensure(None, None);
    assert_eq!(acme.version(), version);
}

#[test]
fn the_set_up_token_makes_one_administrator_once() {
    let acme = Acme::new();
    assert_eq!(acme.set_up("token", Some('b')), SetUpAnswer::Refused);
    assert!(acme.ensure(None, Some("token")));
    assert_eq!(acme.set_up("other", Some('b')), SetUpAnswer::Refused);
    assert_eq!(acme.set_up("token", None), SetUpAnswer::Good(email(1)));
    assert!(acme.ensure(None, Some("token")));

    assert_eq!(acme.set_up("token", Some('b')), SetUpAnswer::Good(email(1)));

    let admin = acme.admin();
    assert!(admin.has_password && admin.claims.email_verified == Some(true));
    assert_eq!(admin.roles, [crate::domain::user::Role::Admin]);
    assert!(!acme.ensure(None, Some("token")));
    assert_eq!(acme.set_up("token", Some('c')), SetUpAnswer::Refused);
}

#[test]
fn a_used_token_stays_used_when_the_administrator_is_gone() {
    let acme = Acme::new();
    acme.ensure(None, Some("token"));
    acme.set_up("token", Some('b'));
    acme.ask(DeleteUser {
        id: acme.admin().sub,
    });
    assert!(!acme.ensure(None, Some("token")));
    assert_eq!(acme.set_up("token", Some('c')), SetUpAnswer::Refused);
    assert!(acme.ensure(None, Some("another")));
    assert_eq!(
        acme.set_up("another", Some('c')),
        SetUpAnswer::Good(email(1))
    );
}

#[test]
fn a_token_is_worth_nothing_once_there_is_an_administrator_or_no_setting() {
    let acme = Acme::new();
    acme.ensure(None, Some("token"));
    acme.ensure(None, None);
    assert_eq!(acme.set_up("token", None), SetUpAnswer::Refused);

    acme.ensure(None, Some("token"));
    let john = acme.user(2);
    found(acme.change(john, json!({"roles": ["admin"]})));
    assert_eq!(acme.set_up("token", None), SetUpAnswer::Refused);
    assert!(!acme.ensure(None, Some("token")));
}

#[test]
fn whoever_signed_up_with_the_operators_address_loses_the_account_to_him() {
    let acme = Acme::new();
    let squatter = acme.user(1);
    acme.sign_in(squatter, session(1));
    acme.ensure(None, Some("token"));

    acme.set_up("token", Some('b'));

    assert_eq!(
        acme.told(),
        [(session(1), Told::End(EndReason::PasswordChanged))]
    );
    let said = acme.announced();
    assert_eq!(
        said.len(),
        2,
        "the end of his session, and the new password"
    );
    assert_eq!(said[0].0.act, said[1].0.act);
    assert_eq!(acme.admit(squatter, session(2)), Admitted::Refused);
    assert_eq!(acme.admin().sub, squatter);
}
