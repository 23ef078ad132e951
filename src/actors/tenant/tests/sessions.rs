//! Does the index know which sessions live?

use super::*;
use crate::domain::time::MINUTE_MS;

impl Acme {
    fn end(&self, user: UserId, which: WhichSessions) -> Change {
        let why = EndReason::SignedOutElsewhere;
        self.ask(EndSessions { user, which, why })
    }
}

const ELSEWHERE: Told = Told::End(EndReason::SignedOutElsewhere);

#[test]
fn sessions_are_listed_latest_first_with_their_devices() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.stage.world.advance(MINUTE_MS);
    let device = Device {
        place: Some("Kraków, PL".to_owned()),
        ..Device::default()
    };
    acme.ask(Admit {
        user: jane,
        checked: hash('a'),
        rehashed: None,
        session: session(2),
        device: device.clone(),
    });
    let items = acme.ask(ListSessions { user: jane }).items;
    assert_eq!(items.len(), 2);
    assert_eq!((items[0].session, &items[0].device), (session(2), &device));
    assert_eq!(items[0].began_at.since(items[1].began_at), MINUTE_MS);
}

#[test]
fn a_session_that_does_not_say_that_it_began_is_not_listed_for_long() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.admit(jane, session(1));
    assert_eq!(acme.sessions(jane), [session(1)]);
    acme.stage.world.advance(BEGIN_MS_MAX);
    assert!(acme.sessions(jane).is_empty());

    acme.ask(SessionBegan {
        session: session(1),
    });

    assert_eq!(acme.sessions(jane), [session(1)]);
    assert!(acme.told().is_empty());
}

#[test]
fn a_reservation_is_dropped_and_a_session_that_comes_after_all_is_ended() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.admit(jane, session(1));
    acme.sign_in(jane, session(2));
    acme.stage.world.advance(RESERVATION_MS);
    let rows = acme.stage.inspect(&Acme::who()).rows;
    assert!(rows.contains(&("session".to_owned(), 1)), "{rows:?}");

    acme.ask(SessionBegan {
        session: session(1),
    });

    assert_eq!(acme.told(), [(session(1), ELSEWHERE)]);
    acme.stage.world.advance(RESERVATION_MS);
    assert_eq!(acme.sessions(jane), [session(2)]);
}

#[test]
fn a_session_told_to_end_before_it_began_is_told_again() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.admit(jane, session(1));
    acme.disable(jane);
    assert_eq!(
        acme.told(),
        [(session(1), Told::End(EndReason::UserDisabled))]
    );

    acme.ask(SessionBegan {
        session: session(1),
    });

    assert_eq!(acme.told(), [(session(1), ELSEWHERE)]);
    assert!(acme.sessions(jane).is_empty());
}

#[test]
fn an_ended_session_leaves_the_index_whenever_its_news_arrive() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.admit(jane, session(2));
    for n in [1, 2, 2, 3] {
        acme.ask(SessionEnded {
            session: session(n),
            own: None,
        });
    }
    assert!(acme.sessions(jane).is_empty());
    assert!(acme.told().is_empty());
}

#[test]
fn a_user_ends_one_the_others_or_all() {
    let acme = Acme::new();
    let (jane, john) = (acme.user(1), acme.user(2));
    for n in 1..=4 {
        acme.sign_in(jane, session(n));
    }
    acme.sign_in(john, session(9));

    assert_eq!(acme.end(jane, WhichSessions::One(session(1))), Change::Done);
    assert_eq!(acme.told(), [(session(1), ELSEWHERE)]);
    assert_eq!(
        acme.end(jane, WhichSessions::AllBut(session(2))),
        Change::Done
    );
    assert_eq!(
        acme.told(),
        [(session(3), ELSEWHERE), (session(4), ELSEWHERE)]
    );
    assert_eq!(acme.end(jane, WhichSessions::All), Change::Done);
    assert_eq!(acme.told(), [(session(2), ELSEWHERE)]);

    assert_eq!(
        acme.end(jane, WhichSessions::One(session(9))),
        Change::Refused
    );
    assert_eq!(
        acme.end(jane, WhichSessions::One(session(1))),
        Change::Refused
    );
    assert!(acme.told().is_empty());
    assert_eq!(acme.sessions(john), [session(9)]);
}

#[test]
fn a_session_that_cannot_be_reached_is_told_later_and_holds_up_nobody() {
    let acme = Acme::new();
    let jane = acme.user(1);
    acme.sign_in(jane, session(1));
    acme.sign_in(jane, session(2));
    let lost: Recipient = (&Session::address(ID, session(1))).into();
    acme.stage.world.cut_off(&lost, true);

    acme.end(jane, WhichSessions::All);

    assert_eq!(acme.told(), [(session(2), ELSEWHERE)]);
    assert!(acme.sessions(jane).is_empty());
    acme.stage.world.advance(10 * MINUTE_MS);
    assert_eq!(acme.stage.inspect(&Acme::who()).outbox.pending, 1);

    acme.stage.world.cut_off(&lost, false);
    acme.stage.world.advance(60 * MINUTE_MS);

    assert_eq!(acme.told(), [(session(1), ELSEWHERE)]);
    assert_eq!(acme.stage.inspect(&Acme::who()).outbox.pending, 0);
}
