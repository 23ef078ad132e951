//! What may whoever acts again rely on, when the machine died at the first time?

use crate::support::{
    Site,
    receiver::tenant_id,
    relying_party::{RelyingParty, claims},
};
use aero2::{
    actors::{
        runtime::{Actors, Mail, world::Doom},
        tenant::{EndSessions, Tenant, WhichSessions},
    },
    domain::{
        ids::{SessionId, UserId},
        session::EndReason,
    },
};
use serde_json::{Value, json};

/// The tenant dies as it has committed the end of a session and before it could
/// tell it: an administrator who tries again is answered once it has. Nothing is
/// delivered but what comes before an answer.
fn ends_by_the_second_answer(is_one: bool, status: u16) {
    let site = Site::in_process();
    let tenant = site.tenant();
    let user = tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
    let access = claims(&tokens.access);
    let sid = access["sid"].as_str().unwrap();
    let to = Tenant::address(tenant_id(&tenant));
    let world = site.world();
    world.delay_mail(true);

    world.doom(&(&to).into(), Doom::AfterCommit);
    let which = if is_one {
        WhichSessions::One(SessionId::parse(sid).unwrap())
    } else {
        WhichSessions::All
    };
    let end = EndSessions {
        user: UserId::parse(&user).unwrap(),
        which,
        why: EndReason::Administrator,
    };
    let first = world.run(Mail::new(world.clone(), None).ask(&to, end));
    assert!(first.is_err(), "it dies");
    let one = if is_one {
        format!("/{sid}")
    } else {
        String::new()
    };
    let path = format!("/users/{user}/sessions{one}");
    tenant.admin("DELETE", &path, &Value::Null).expect(status);

    let refreshed = party.refresh(&tokens.refresh);
    refreshed.refused(400, "invalid_grant");
    assert_eq!(party.introspect(&tokens.access), json!({"active": false}));
}

#[test]
fn the_end_of_a_session_that_has_ended_already() {
    ends_by_the_second_answer(true, 404);
}

#[test]
fn the_end_of_all_sessions_of_a_user_who_has_none_left() {
    ends_by_the_second_answer(false, 204);
}
