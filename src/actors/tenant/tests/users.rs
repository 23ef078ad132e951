//! Do users come, change and go as they should?

use super::*;
use crate::domain::user::Role;

fn create(n: u8, claims: serde_json::Value) -> CreateUser {
    CreateUser {
        id: UserId::from_bytes([n; 16]),
        claims: Box::new(serde_json::from_value(claims).unwrap()),
        password: None,
        roles: vec![],
    }
}

impl Acme {
    fn read_user(&self, id: UserId) -> UserRead {
        self.ask(ReadUser { id })
    }

    fn claims(&self, user: UserId, session: Option<SessionId>) -> ClaimsRead {
        self.ask(ReadClaims { user, session })
    }
}

#[test]
fn the_same_request_again_is_the_same_user() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let user = found(acme.read_user(jane));
    assert!(user.has_password && user.status.is_active());
    assert_eq!(user.claims.email, Some(email(1)));
    let again = create(1, json!({"email": "other@example.com"}));
    assert_eq!(found(acme.ask(again)), user);
}

#[test]
fn an_address_belongs_to_one_user_whatever_its_case() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let john = acme.user(2);
    let twin = create(3, json!({"email": "USER1@EXAMPLE.com"}));
    assert_eq!(acme.ask(twin), UserRead::EmailTaken);
    let taken = json!({"email": "User1@example.com", "name": "John"});
    assert_eq!(acme.change(john, taken), UserRead::EmailTaken);
    assert_eq!(found(acme.read_user(john)).claims.name, None);

    found(acme.change(jane, json!({"email": "USER1@example.com"})));
    found(acme.change(jane, json!({"email": "jane@example.com"})));
    found(acme.change(john, json!({"email": "user1@example.com"})));
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_name() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let before = found(acme.read_user(jane));
    for claims in [json!({}), json!({"email": "x@example.com", "name": ""})] {
        let answer = acme.ask(create(2, claims));
        assert!(matches!(answer, UserRead::Refused(_)));
    }
    for patch in [json!([]), json!({"email": null}), json!({"name": ""})] {
        let answer = acme.change(jane, patch);
        assert!(matches!(answer, UserRead::Refused(_)));
    }
    assert_eq!(found(acme.read_user(jane)), before);
}

#[test]
fn a_user_may_not_change_everything_about_himself() {
    let acme = Acme::new();
    let id = acme.user(1);
    let changed = ChangeUser {
        id,
        patch: json!({"name": "Jane", "roles": ["admin"], "email_verified": true}),
        by: ChangedBy::User,
        password: None,
    };
    let user = found(acme.ask(changed));
    assert_eq!(user.claims.name.as_deref(), Some("Jane"));
    assert!(user.roles.is_empty() && user.claims.email_verified != Some(true));
}

#[test]
fn whatever_takes_something_from_a_user_ends_his_sessions() {
    let acme = Acme::new();
    let id = acme.user(1);
    let patched = |patch, password| ChangeUser {
        id,
        patch,
        by: ChangedBy::Admin,
        password,
    };
    for (patch, password, why) in [
        (json!({"name": "Jane"}), None, None),
        (json!({"roles": ["admin"]}), None, None),
        (json!({"roles": []}), None, Some(EndReason::Administrator)),
        (json!({}), Some(hash('a')), Some(EndReason::PasswordChanged)),
        (
            json!({"status": "disabled"}),
            None,
            Some(EndReason::UserDisabled),
        ),
    ] {
        acme.sign_in(id, session(1));
        found(acme.ask(patched(patch, password)));
        let told = why.map(|why| (session(1), Told::End(why)));
        assert_eq!(acme.told(), Vec::from_iter(told));
    }
    assert!(acme.sessions(id).is_empty());
}

#[test]
fn a_deleted_user_is_gone_with_his_sessions_and_consents() {
    let acme = Acme::new();
    let id = acme.user(1);
    acme.client("app");
    acme.sign_in(id, session(1));
    let consent = consents::consent("app", "openid");
    acme.ask(GiveConsent { user: id, consent });

    found(acme.ask(DeleteUser { id }));

    assert_eq!(
        acme.told(),
        [(session(1), Told::End(EndReason::UserDisabled))]
    );
    assert_eq!(acme.read_user(id), UserRead::Missing);
    assert_eq!(acme.ask(DeleteUser { id }), UserRead::Missing);
    assert_eq!(acme.change(id, json!({})), UserRead::Missing);
    assert!(acme.ask(ListConsents { user: id }).items.is_empty());
    found(acme.ask(create(2, json!({"email": email(1)}))));
}

#[test]
fn users_are_found_by_address_and_listed_by_id() {
    let acme = Acme::new();
    let ids = [acme.user(1), acme.user(2), acme.user(3)];
    let list = |email, after, limit| {
        let page = acme.ask(ListUsers {
            email,
            after,
            limit,
        });
        let items: Vec<_> = page.items.iter().map(|user| user.sub).collect();
        (items, page.next)
    };
    assert_eq!(list(None, None, 2), (ids[..2].to_vec(), Some(ids[1])));
    assert_eq!(list(None, Some(ids[1]), 2), (ids[2..].to_vec(), None));
    let shouted = Email::parse("USER2@example.com").unwrap();
    assert_eq!(list(Some(shouted), None, 2), (vec![ids[1]], None));
    assert_eq!(list(Some(email(9)), None, 2), (vec![], None));
}

#[test]
fn claims_are_read_until_the_session_or_the_user_is_gone() {
    let acme = Acme::new();
    let (jane, john) = (acme.user(1), acme.user(2));
    acme.admit(jane, session(1));
    let claims = ClaimsRead::Claims(Box::new(found(acme.read_user(jane)).claims));
    assert_eq!(acme.claims(jane, Some(session(1))), claims);
    assert_eq!(acme.claims(jane, None), claims);

    assert_eq!(acme.claims(john, Some(session(1))), ClaimsRead::Gone);
    acme.ask(SessionEnded {
        session: session(1),
        own: None,
    });
    assert_eq!(acme.claims(jane, Some(session(1))), ClaimsRead::Gone);
    acme.disable(jane);
    assert_eq!(acme.claims(jane, None), ClaimsRead::Gone);
}

#[test]
fn an_administrator_is_one_as_long_as_he_may_sign_in() {
    let acme = Acme::new();
    let id = acme.user(1);
    let has_admin = || acme.stage.inspect(&Acme::who()).state["has_admin"] == true;
    let user = found(acme.change(id, json!({"roles": ["admin", "admin"]})));
    assert_eq!(user.roles, [Role::Admin]);
    assert!(has_admin());
    acme.disable(id);
    assert!(!has_admin());
}
