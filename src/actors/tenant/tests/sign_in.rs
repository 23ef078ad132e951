//! Who may sign in?

use super::*;

impl Acme {
    fn credentials(&self, n: u8) -> Credentials {
        let by = CredentialsOf::Email(email(n));
        self.ask(ReadCredentials { by })
    }
}

fn is_none(credentials: &Credentials) -> bool {
    matches!(credentials, Credentials::None)
}

#[test]
fn credentials_are_found_by_address_in_any_case_and_by_id() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let shouted = Email::parse("USER1@example.com").unwrap();
    for by in [CredentialsOf::Email(shouted), CredentialsOf::User(jane)] {
        let Credentials::Password { user, hash: found } = acme.ask(ReadCredentials { by }) else {
            panic!("nobody");
        };
        assert_eq!((user, found), (jane, hash('a')));
    }
}

#[test]
fn the_unknown_the_disabled_and_the_password_less_are_alike() {
    let acme = Acme::new();
    assert!(is_none(&acme.credentials(1)));

    let jane = acme.user(1);
    acme.disable(jane);
    assert!(is_none(&acme.credentials(1)));

    let claims = serde_json::from_value(json!({"email": email(2)})).unwrap();
    let created = CreateUser {
        id: UserId::from_bytes([2; 16]),
        claims: Box::new(claims),
        password: None,
        roles: vec![],
    };
    assert!(!found(acme.ask(created)).has_password);
    assert!(is_none(&acme.credentials(2)));
}

#[test]
fn nobody_signs_in_to_a_suspended_tenant() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let status = Status::Suspended;
    acme.ask(ChangeStatus { status, change: 1 });
    assert!(is_none(&acme.credentials(1)));
    assert_eq!(acme.admit(jane, session(1)), Admitted::Refused);
}

#[test]
fn whoever_is_admitted_gets_the_lifetimes_of_the_settings() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.ask(ChangeSettings {
        patch: json!({"session_idle_ms": 600_000, "session_absolute_ms": 700_000}),
    });
    let admitted = Admitted::Admitted {
        idle_ms: 600_000,
        absolute_ms: 700_000,
    };
    assert_eq!(acme.admit(jane, session(1)), admitted);
    assert_eq!(acme.sessions(jane), [session(1)]);
}

#[test]
fn a_password_that_changed_while_it_was_checked_admits_nobody() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let changed = ChangePassword {
        user: jane,
        checked: hash('a'),
        password: hash('b'),
        keep: session(9),
    };
    assert_eq!(acme.ask(changed), Change::Done);
    assert_eq!(acme.admit(jane, session(1)), Admitted::Refused);
    assert!(acme.sessions(jane).is_empty());
}

#[test]
fn a_user_disabled_while_the_password_was_checked_is_not_admitted() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.disable(jane);
    assert_eq!(acme.admit(jane, session(1)), Admitted::Refused);
    let nobody = UserId::from_bytes([9; 16]);
    assert_eq!(acme.admit(nobody, session(1)), Admitted::Refused);
}

#[test]
fn a_rehashed_password_replaces_the_one_that_was_checked() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.ask(Admit {
        user: jane,
        checked: hash('a'),
        rehashed: Some(hash('b')),
        session: session(2),
        device: Device::default(),
    });
    let Credentials::Password { hash: kept, .. } = acme.credentials(1) else {
        panic!("nobody");
    };
    assert_eq!(kept, hash('b'));
    assert!(acme.told().is_empty());
    assert_eq!(acme.admit(jane, session(3)), Admitted::Refused);
}

#[test]
fn the_oldest_session_ends_when_there_are_too_many() {
    let acme = Acme::new();
    let jane = acme.user(1);
    for n in 0..u8::try_from(SESSIONS_PER_USER_MAX).unwrap() {
        acme.sign_in(jane, session(n));
        acme.stage.world.advance(1);
    }
    assert!(acme.told().is_empty());

    acme.sign_in(jane, session(200));

    assert_eq!(acme.told(), [(session(0), Told::End(EndReason::Limit))]);
    assert_eq!(acme.sessions(jane).len(), 100);
    assert_eq!(acme.sessions(jane)[0], session(200));
}

#[test]
fn a_session_that_never_began_gives_way_before_one_that_did() {
    let acme = Acme::new();
    let jane = acme.user(1);
    for n in 0..u8::try_from(SESSIONS_PER_USER_MAX).unwrap() {
        if n == 50 {
            acme.admit(jane, session(n));
        } else {
            acme.sign_in(jane, session(n));
        }
        acme.stage.world.advance(1);
    }
    acme.stage.world.advance(BEGIN_MS_MAX);
    acme.sign_in(jane, session(200));
    assert_eq!(acme.told(), [(session(50), Told::End(EndReason::Limit))]);
}

#[test]
fn stepping_up_takes_no_second_place() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.stage.world.advance(2 * BEGIN_MS_MAX);
    assert_ne!(acme.admit(jane, session(1)), Admitted::Refused);
    assert_eq!(acme.sessions(jane), [session(1)]);
}

#[test]
fn nobody_is_admitted_to_the_session_of_another() {
    let acme = Acme::new();
    let (jane, john) = (acme.user(1), acme.user(2));
    acme.sign_in(jane, session(1));
    assert_eq!(acme.admit(john, session(1)), Admitted::Refused);
}

#[test]
fn a_password_change_needs_the_old_one_and_ends_the_other_sessions() {
    let acme = Acme::new();
    let jane = acme.user(1);
    for n in 1..=3 {
        acme.sign_in(jane, session(n));
    }
    let change = |checked| ChangePassword {
        user: jane,
        checked,
        password: hash('b'),
        keep: session(2),
    };
    assert_eq!(acme.ask(change(hash('x'))), Change::Refused);
    assert!(acme.told().is_empty());

    assert_eq!(acme.ask(change(hash('a'))), Change::Done);

    let changed = || Told::End(EndReason::PasswordChanged);
    assert_eq!(
        acme.told(),
        [(session(1), changed()), (session(3), changed())]
    );
    assert_eq!(acme.sessions(jane), [session(2)]);
    assert_eq!(acme.ask(change(hash('a'))), Change::Refused);
}
