//! What does a tenant say of each act, and do the sessions it tells know which
//! it was?

use super::*;
use crate::{
    actors::{
        courier::{self, Courier},
        session::ACCESS_LIFE_MS_MAX,
    },
    domain::{
        ids::ActId,
        revocation::{Credential, News, Record, What},
    },
};

impl Acme {
    /// What was announced since this was asked last.
    pub(super) fn announced(&self) -> Vec<(Record, bool)> {
        let read = |(name, message): (String, courier::Message)| {
            assert_eq!(name, ID.to_string());
            match message {
                courier::Message::Announce(news) => (news.record, news.is_last),
                courier::Message::LogOut(_) => panic!("that is the session's to tell"),
                courier::Message::Transmit(_) => panic!("that is the log's to tell"),
            }
        };
        let heard = self.stage.heard::<Courier>();
        heard.into_iter().map(read).collect()
    }

    /// The acts of which sessions were told since this was asked last.
    fn acts(&self) -> Vec<Option<ActId>> {
        let read = |(_, message)| match message {
            session::Message::End(end) => end.announced,
            session::Message::RevokeClient(revoke) => revoke.announced,
            _ => panic!("a tenant tells a session nothing else"),
        };
        let heard = self.stage.heard::<Session>();
        heard.into_iter().map(read).collect()
    }

    /// The one revocation there was, of which so many sessions were told.
    fn one(&self, told: usize) -> (What, EndReason) {
        let announced = self.announced();
        let [(record, is_last)] = announced.as_slice() else {
            panic!("not one record: {announced:?}");
        };
        assert!(!is_last);
        assert_eq!(self.acts(), vec![Some(record.act); told]);
        let News::Revoked(revoked) = &record.news else {
            panic!("not a revocation: {record:?}");
        };
        assert_eq!(revoked.exp, record.at.plus(ACCESS_LIFE_MS_MAX));
        (revoked.what.clone(), revoked.reason)
    }

    fn end_as_admin(&self, user: UserId, which: WhichSessions) -> Change {
        let why = EndReason::Administrator;
        self.ask(EndSessions { user, which, why })
    }
}

fn now(acme: &Acme) -> crate::domain::time::Timestamp {
    crate::actors::runtime::Transport::now(&acme.stage.world)
}

fn sessions(sub: UserId, sids: &[SessionId], all: bool) -> What {
    let sids = sids.to_vec();
    What::Sessions { sub, sids, all }
}

#[test]
fn ending_some_or_all_of_a_users_sessions_is_one_record_that_names_them() {
    let acme = Acme::new();
    let (jane, joe) = (acme.user(1), acme.user(2));
    for n in 1..=4 {
        acme.sign_in(jane, session(n));
    }
    acme.sign_in(joe, session(9));
    acme.end_as_admin(jane, WhichSessions::One(session(1)));
    let why = EndReason::Administrator;
    assert_eq!(acme.one(1), (sessions(jane, &[session(1)], false), why));
    assert_eq!(
        acme.end_as_admin(jane, WhichSessions::One(session(9))),
        Change::Refused
    );
    assert!(acme.announced().is_empty());

    acme.end_as_admin(jane, WhichSessions::AllBut(session(3)));
    let two = [session(2), session(4)];
    assert_eq!(acme.one(2).0, sessions(jane, &two, false));
    acme.end_as_admin(jane, WhichSessions::AllBut(session(3)));
    assert!(acme.announced().is_empty() && acme.acts().is_empty());

    acme.end_as_admin(jane, WhichSessions::All);
    assert_eq!(acme.one(1).0, sessions(jane, &[session(3)], true));
}

#[test]
fn a_changed_password_is_news_of_its_own_with_the_same_act() {
    let acme = Acme::new();
    let jane = acme.user(1);
    let change = |checked, password| {
        acme.ask(ChangePassword {
            user: jane,
            checked,
            password,
            keep: session(1),
        })
    };
    let changed = News::CredentialChanged {
        user: jane,
        credential: Credential::Password,
    };
    acme.sign_in(jane, session(1));
    change(hash('a'), hash('b'));
    let alone = acme.announced();
    assert!(alone.len() == 1 && alone[0].0.news == changed);

    acme.admit_with(hash('b'), jane, session(2));
    change(hash('b'), hash('c'));
    let mut both = acme.announced();
    both.sort_by_key(|(record, _)| record.news == changed);
    let [(one, _), (other, _)] = both.as_slice() else {
        panic!("not two records: {both:?}");
    };
    assert_eq!((one.act, acme.acts()), (other.act, vec![Some(one.act)]));
    assert_ne!(one.id, other.id);
    let (News::Revoked(revoked), credential) = (&one.news, &other.news) else {
        panic!("{both:?}");
    };
    assert_eq!(credential, &changed);
    assert_eq!(revoked.reason, EndReason::PasswordChanged);
    assert_eq!(revoked.what, sessions(jane, &[session(2)], false));
    change(hash('a'), hash('d'));
    assert!(acme.announced().is_empty());
}

#[test]
fn a_new_password_set_by_an_administrator_is_the_same_news() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.ask(ChangeUser {
        id: jane,
        patch: json!({"status": "disabled"}),
        by: ChangedBy::Admin,
        password: Some(hash('b')),
    });
    let both = acme.announced();
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].0.act, both[1].0.act);
    assert_eq!(acme.acts(), [Some(both[0].0.act)]);
}

#[test]
fn whatever_takes_an_account_away_is_one_record() {
    let acme = Acme::new();
    for (n, why) in [(1, EndReason::UserDisabled), (2, EndReason::UserDisabled)] {
        let user = acme.user(n);
        acme.sign_in(user, session(n));
        if n == 1 {
            acme.disable(user);
        } else {
            acme.ask(DeleteUser { id: user });
        }
        assert_eq!(acme.one(1), (sessions(user, &[session(n)], true), why));
    }
    let nobody = acme.user(3);
    acme.disable(nobody);
    assert!(acme.announced().is_empty());
}

#[test]
fn a_session_that_gives_way_is_one_record() {
    let acme = Acme::new();
    let jane = acme.user(1);
    for n in 0..100 {
        acme.sign_in(jane, session(n));
        acme.stage.world.advance(1);
    }
    acme.admit(jane, session(100));
    let limit = (sessions(jane, &[session(0)], false), EndReason::Limit);
    assert_eq!(acme.one(1), limit);
}

#[test]
fn a_session_without_a_place_announces_its_end_itself() {
    let acme = Acme::new();
    let session = session(1);
    acme.ask(SessionBegan { session });
    assert!(acme.announced().is_empty());
    assert_eq!(acme.acts(), [None]);
}

#[test]
fn a_session_that_lives_without_a_place_ends_with_one_record() {
    let acme = Acme::on(Stage::with_sessions(7));
    let jane = acme.user(1);
    let begin = session::Begin {
        tenant: ID,
        issuer: String::new(),
        session: session(1),
        user: jane,
        cookie: crate::domain::secret::TokenDigest::of(b"cookie"),
        authentication: crate::domain::session::Authentication::by_password(now(&acme)),
        device: Device::default(),
        idle_ms: RESERVATION_MS,
        absolute_ms: RESERVATION_MS,
    };
    acme.stage.ask(&Session::address(ID, session(1)), begin);
    acme.stage.world.advance(RESERVATION_MS);
    let announced = acme.announced();
    let [(record, false)] = announced.as_slice() else {
        panic!("not one record: {announced:?}");
    };
    let News::Revoked(revoked) = &record.news else {
        panic!("not a revocation: {record:?}");
    };
    assert_eq!(revoked.what, sessions(jane, &[session(1)], false));
    assert_eq!(revoked.reason, EndReason::SignedOutElsewhere);
}

#[test]
fn a_consent_withdrawn_is_one_record_and_all_of_the_users_sessions_hear() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.sign_in(jane, session(2));
    acme.ask(WithdrawConsent {
        user: jane,
        client_id: client_id("app"),
    });
    let withdrawn = What::Consent {
        sub: jane,
        client_id: client_id("app"),
        not_before: now(&acme),
    };
    assert_eq!(acme.one(2), (withdrawn, EndReason::ConsentWithdrawn));
}

#[test]
fn a_deleted_client_is_one_record_of_which_every_session_hears() {
    let acme = Acme::new();
    acme.client("app");
    acme.crowd(150);
    acme.ask(DeleteClient {
        client_id: client_id("app"),
    });
    let deleted = What::Client {
        client_id: client_id("app"),
        not_before: now(&acme),
    };
    let first = acme.announced();
    acme.stage.world.advance(SWEEP_PAUSE_MS);
    assert_eq!(acme.acts(), vec![Some(first[0].0.act); 150]);
    assert!(acme.announced().is_empty() && first.len() == 1);
    let News::Revoked(revoked) = &first[0].0.news else {
        panic!("{first:?}");
    };
    assert_eq!(
        (&revoked.what, revoked.reason),
        (&deleted, EndReason::ClientDeleted)
    );
}

#[test]
fn everybody_signed_out_is_one_record_and_gateways_know_the_act() {
    let acme = Acme::new();
    acme.crowd(150);
    let version = acme.version();
    assert_eq!(acme.ask(ReadSettings).signed_out, None);
    acme.ask(EndEverySession);
    let at = now(&acme);
    let known = acme.ask(ReadSettings).signed_out.unwrap();
    assert_eq!((known.until, known.why), (at, EndReason::Administrator));
    assert!(acme.version() > version);
    assert_eq!(acme.acts(), vec![Some(known.act); 100]);
    acme.stage.world.advance(SWEEP_PAUSE_MS);
    assert_eq!(acme.acts(), vec![Some(known.act); 50]);
    let everybody = What::Tenant { not_before: at };
    assert_eq!(acme.one(0), (everybody, EndReason::Administrator));
    assert_eq!(acme.ask(ReadSettings).signed_out, Some(known));
}

#[test]
fn a_deleted_tenant_says_so_once_and_last() {
    let acme = Acme::new();
    acme.crowd(1);
    for _ in 0..2 {
        acme.stage
            .try_ask(&Tenant::address(ID), Erase { id: ID })
            .ok();
    }
    let announced = acme.announced();
    assert_eq!(announced.len(), 1);
    assert!(announced[0].1, "nothing follows");
    assert_eq!(acme.acts(), [Some(announced[0].0.act)]);
}

#[test]
fn a_users_sessions_are_told_before_the_act_is_answered() {
    let acme = Acme::new();
    let jane = acme.user(1);
    for n in 1..=100 {
        acme.sign_in(jane, session(n));
    }
    acme.stage.world.delay_mail(true);
    acme.end_as_admin(jane, WhichSessions::All);
    assert_eq!(acme.acts().len(), 100);
    assert!(acme.announced().is_empty(), "that may come later");
    acme.stage.world.delay_mail(false);
    acme.stage.world.advance(10_000);
    assert_eq!(acme.announced().len(), 1);
}

#[test]
fn a_farewell_and_a_sweep_of_an_older_release_go_on() {
    use crate::store::{Store, migrate, sqlite::Sqlite};
    let store = Sqlite::in_memory().unwrap();
    migrate::found(&store).unwrap();
    let now = now(&Acme::new());
    let first = &schema::MIGRATIONS[..1];
    migrate::migrate(&store, "tenant", first, now).unwrap();
    store
        .run_script("INSERT INTO farewell (client, told) VALUES ('app', x'00000000000000000000000000000000')")
        .unwrap();
    migrate::migrate(&store, "tenant", schema::MIGRATIONS, now).unwrap();
    let farewell = state::clients::farewell(&store).unwrap().unwrap();
    assert_eq!((farewell.client, farewell.act), (client_id("app"), None));
}

#[test]
fn the_use_of_a_session_is_listed() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    let device = Device {
        address: Some("192.0.2.9".to_owned()),
        ..Device::default()
    };
    let at = now(&acme);
    acme.ask(SessionUsed {
        session: session(1),
        at,
        device: Some(device.clone()),
    });
    let list = acme.ask(ListSessions { user: jane });
    assert_eq!(list.items[0].used_at, Some(at));
    assert_eq!(list.items[0].seen, Some(device));
}
