//! Does a refused sign-in tell why it was refused?

use super::house::{House, PASSWORD, TENANT, location, text};
use crate::{
    actors::{
        runtime::Actors,
        tenant::{ChangeUser, ChangedBy, CreateUser, ListUsers, Tenant, UserRead},
    },
    domain::{ids::UserId, oauth::UserClaims, password, user::Email},
    gateway::http::Response,
};

/// What an attempt came to.
struct Attempt {
    response: Response,
    asked: Vec<String>,
    computed: u32,
}

impl House {
    fn attempt(&self, email: &str, password: &str) -> Attempt {
        let browser = self.browser();
        let page = browser.get("/login");
        self.asked();
        password::take_computed();
        let response = browser.submit(&page, &[("username", email), ("password", password)]);
        Attempt {
            response,
            asked: self.asked(),
            computed: password::take_computed(),
        }
    }

    fn disable(&self, email: &str) {
        let (world, tenant) = (&self.way.0, Tenant::address(TENANT));
        let list = ListUsers {
            email: Some(Email::parse(email).unwrap()),
            after: None,
            limit: 1,
        };
        let page = world.run(self.mail().ask(&tenant, list)).unwrap();
        let change = ChangeUser {
            id: page.items[0].sub,
            patch: serde_json::json!({ "status": "disabled" }),
            by: ChangedBy::Admin,
            password: None,
        };
        let changed = world.run(self.mail().ask(&tenant, change)).unwrap();
        assert!(matches!(changed, UserRead::Found(_)), "{changed:?}");
    }

    fn add_without_password(&self, email: &str) {
        let create = CreateUser {
            id: UserId::from_bytes([7; 16]),
            claims: Box::new(UserClaims {
                email: Some(Email::parse(email).unwrap()),
                ..UserClaims::default()
            }),
            password: None,
            roles: Vec::new(),
        };
        let (world, tenant) = (&self.way.0, Tenant::address(TENANT));
        let created = world.run(self.mail().ask(&tenant, create)).unwrap();
        assert!(matches!(created, UserRead::Found(_)), "{created:?}");
    }
}

/// The page with what was typed taken out, and what is drawn for each.
fn comparable(attempt: &Attempt, email: &str) -> (u16, String) {
    let body = text(&attempt.response).replace(email, "EMAIL");
    let drawn = body.lines().filter(|line| !line.contains("csrf"));
    let body = drawn.collect::<Vec<_>>().join("\n");
    (attempt.response.status.as_u16(), body)
}

#[test]
fn a_sign_in_asks_two_buckets_twice_and_hashes_once() {
    let house = House::built(|_| ());
    house.browser().sign_up("ada@example.com");
    let right = house.attempt("ada@example.com", PASSWORD);
    assert_eq!(location(&right.response), "/account");
    assert_eq!(
        right.asked,
        [
            "bucket", "bucket", "tenant", "tenant", "session", "bucket", "bucket"
        ]
    );
    assert_eq!(right.computed, 1);
}

#[test]
fn a_refusal_asks_the_same_and_hashes_once_whatever_the_reason() {
    let house = House::built(|_| ());
    for email in ["ada@example.com", "dan@example.com"] {
        house.browser().sign_up(email);
    }
    house.disable("dan@example.com");
    house.add_without_password("nil@example.com");

    let unknown = house.attempt("eve@example.com", PASSWORD);
    for (email, password) in [
        ("ada@example.com", "another password"),
        ("dan@example.com", PASSWORD),
        ("dan@example.com", "another password"),
        ("nil@example.com", PASSWORD),
    ] {
        let refused = house.attempt(email, password);
        assert_eq!(
            comparable(&refused, email),
            comparable(&unknown, "eve@example.com")
        );
        assert_eq!(refused.response.headers, unknown.response.headers);
        assert!(!text(&refused.response).contains(password));
        assert_eq!(refused.asked, unknown.asked, "{email}");
        assert_eq!(refused.computed, 1, "{email}");
    }
    assert_eq!(unknown.asked, ["bucket", "bucket", "tenant"]);
    assert_eq!(
        (unknown.response.status.as_u16(), unknown.computed),
        (422, 1)
    );
}

#[test]
fn what_cannot_be_an_address_costs_a_hash_too() {
    let house = House::built(|_| ());
    let refused = house.attempt("not an address", PASSWORD);
    assert_eq!(
        (refused.response.status.as_u16(), refused.computed),
        (422, 1)
    );
    assert_eq!(refused.asked, ["bucket", "bucket"]);
}
