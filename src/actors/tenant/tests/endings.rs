//! Does access end when the tenant does?

use super::*;
use crate::actors::{directory::Directory, jwks::Jwks};

impl Acme {
    fn become_(&self, status: Status, change: u32) {
        self.ask(ChangeStatus { status, change });
    }
}

/// How many different sessions were told that the tenant has ended.
fn ended(told: &[(SessionId, Told)]) -> usize {
    let ended = |(_, told): &&(SessionId, Told)| *told == Told::End(EndReason::TenantEnded);
    let sessions = told.iter().filter(ended).map(|(session, _)| *session);
    let sessions: std::collections::BTreeSet<_> = sessions.collect();
    assert_eq!(sessions.len(), told.len());
    sessions.len()
}

#[test]
fn suspending_ends_every_session_a_page_at_a_time() {
    let acme = Acme::new();
    acme.crowd(250);
    acme.become_(Status::Suspended, 1);
    assert_eq!(ended(&acme.told()), 100);
    acme.stage.world.advance(SWEEP_PAUSE_MS);
    assert_eq!(ended(&acme.told()), 100);
    acme.stage.world.advance(SWEEP_PAUSE_MS);
    assert_eq!(ended(&acme.told()), 50);
    assert!(
        acme.stage
            .inspect(&Acme::who())
            .rows
            .contains(&("session".to_owned(), 0))
    );
}

#[test]
fn a_tenant_resumed_too_soon_still_ends_the_old_sessions_and_no_new_one() {
    let acme = Acme::new();
    acme.crowd(150);
    acme.become_(Status::Suspended, 1);
    acme.stage.world.advance(1);
    acme.become_(Status::Live, 2);
    let jane = acme.user(1);
    acme.sign_in(jane, session(200));
    acme.stage.world.advance(10 * SWEEP_PAUSE_MS);
    assert_eq!(ended(&acme.told()), 150);
    assert_eq!(acme.sessions(jane), [session(200)]);
}

#[test]
fn news_of_the_status_that_was_overtaken_is_not_taken() {
    let acme = Acme::new();
    acme.become_(Status::Live, 2);
    acme.become_(Status::Suspended, 1);
    assert_eq!(acme.ask(ReadSettings).status, Status::Live);
    let version = acme.version();
    acme.become_(Status::Suspended, 3);
    assert_eq!(acme.ask(ReadSettings).status, Status::Suspended);
    assert!(acme.version() > version);
}

#[test]
fn an_erased_tenant_ends_its_sessions_and_leaves_nothing() {
    let acme = Acme::new();
    acme.crowd(120);
    acme.client("app");
    acme.ask(Erase { id: ID });
    let jane = UserId::from_bytes([100; 16]);
    assert_eq!(acme.admit(jane, session(200)), Admitted::Refused);
    assert!(acme.stage.heard::<Jwks>().is_empty());
    // The rest of the sessions, and then of the records for the archive.
    acme.stage.world.advance(4 * SWEEP_PAUSE_MS);
    assert_eq!(ended(&acme.told()), 120);
    assert_eq!(acme.stage.heard::<Jwks>().len(), 1);
    assert!(acme.stage.world.everybody().is_empty());
}

#[test]
fn an_erased_tenant_stays_until_its_last_session_was_told() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    let lost: Recipient = (&Session::address(ID, session(1))).into();
    acme.stage.world.cut_off(&lost, true);
    acme.ask(Erase { id: ID });
    acme.stage.world.advance(600_000);
    assert!(acme.stage.world.exists(&Acme::who()));

    acme.stage.world.cut_off(&lost, false);
    acme.stage.world.advance(3_600_000);

    assert_eq!(ended(&acme.told()), 1);
    assert!(!acme.stage.world.exists(&Acme::who()));
}

#[test]
fn a_tenant_erased_before_it_was_founded_stays_erased() {
    let stage = Stage::new(3);
    let at = Tenant::address(ID);
    stage.ask(&at, Erase { id: ID });
    let found = Found {
        id: ID,
        slug: Slug::parse("acme").unwrap(),
        settings: Box::default(),
    };
    assert_eq!(stage.ask(&at, found).status, Status::Deleting);
    assert_eq!(stage.heard::<Jwks>().len(), 1);
    let directory: Recipient = (&Directory::address()).into();
    assert!(!stage.world.exists(&directory));
    stage.world.advance(TOMBSTONE_MS);
    assert!(stage.world.everybody().is_empty());
}
