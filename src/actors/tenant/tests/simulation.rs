//! Does a session live exactly as long as it may, whatever happens when?
//!
//! Real sessions and a real tenant, whose hosts die between commit and delivery
//! at will. A model says of each session whether it may live.

use super::*;
use crate::domain::{secret::TokenDigest, session::Authentication, time::Timestamp};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Admit(usize),
    Begin(usize),
    ChangePassword { user: usize, keep: usize },
    Disable(usize),
    Enable(usize),
    EndAll(usize),
    Suspend,
    Resume,
    Evict,
    HoldMail(bool),
    Advance(i64),
}

const USERS: usize = 3;

fn event() -> impl Strategy<Value = Event> {
    let user = 0..USERS;
    let which = 0..usize::MAX;
    prop_oneof![
        6 => user.clone().prop_map(Event::Admit),
        6 => which.clone().prop_map(Event::Begin),
        2 => (user.clone(), which).prop_map(|(user, keep)| Event::ChangePassword { user, keep }),
        1 => user.clone().prop_map(Event::Disable),
        2 => user.clone().prop_map(Event::Enable),
        1 => user.prop_map(Event::EndAll),
        1 => Just(Event::Suspend),
        2 => Just(Event::Resume),
        1 => Just(Event::Evict),
        2 => any::<bool>().prop_map(Event::HoldMail),
        2 => (0..60_000_i64).prop_map(Event::Advance),
    ]
}

struct Login {
    id: SessionId,
    user: usize,
    has_begun: bool,
    may_live: bool,
}

struct Account {
    id: UserId,
    password: char,
    is_active: bool,
}

struct Simulation {
    acme: Acme,
    accounts: Vec<Account>,
    logins: Vec<Login>,
    is_live: bool,
    changes: u32,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let acme = Acme::on(Stage::with_sessions(seed));
        let account = |n| Account {
            id: acme.user(n),
            password: 'a',
            is_active: true,
        };
        let accounts = (1..=u8::try_from(USERS).unwrap()).map(account).collect();
        Self {
            acme,
            accounts,
            logins: Vec::new(),
            is_live: true,
            changes: 0,
        }
    }

    fn happen(&mut self, event: &Event) {
        let world = &self.acme.stage.world;
        match *event {
            Event::Admit(user) => self.admit(user),
            Event::Begin(any) => self.begin(any),
            Event::ChangePassword { user, keep } => self.change_password(user, keep),
            Event::Disable(user) => self.set_active(user, false),
            Event::Enable(user) => self.set_active(user, true),
            Event::EndAll(user) => {
                let which = WhichSessions::All;
                let (user_id, why) = (self.accounts[user].id, EndReason::Administrator);
                let ended = EndSessions {
                    user: user_id,
                    which,
                    why,
                };
                assert_eq!(self.acme.ask(ended), Change::Done);
                self.doom(|login| login.user == user);
            }
            Event::Suspend => self.set_live(false),
            Event::Resume => self.set_live(true),
            Event::Evict => world.evict(&Acme::who()),
            Event::HoldMail(holds) => world.hold_mail(holds),
            Event::Advance(millis) => world.advance(millis),
        }
    }

    fn doom(&mut self, is_concerned: impl Fn(&Login) -> bool) {
        for login in self.logins.iter_mut().filter(|login| is_concerned(login)) {
            login.may_live = false;
        }
    }

    fn admit(&mut self, user: usize) {
        let account = &self.accounts[user];
        let id = session(u8::try_from(self.logins.len() + 1).unwrap());
        let answer = self.acme.admit_with(hash(account.password), account.id, id);
        let may = account.is_active && self.is_live;
        assert_eq!(answer != Admitted::Refused, may);
        if may {
            self.logins.push(Login {
                id,
                user,
                has_begun: false,
                may_live: true,
            });
        }
    }

    /// The gateway begins a session some time after its user was admitted.
    fn begin(&mut self, any: usize) {
        let waiting = self.logins.iter_mut().filter(|login| !login.has_begun);
        let mut waiting: Vec<_> = waiting.collect();
        if waiting.is_empty() {
            return;
        }
        let index = any % waiting.len();
        let login = waiting.swap_remove(index);
        login.has_begun = true;
        let begun = session::Begin {
            tenant: ID,
            issuer: String::new(),
            session: login.id,
            user: self.accounts[login.user].id,
            cookie: TokenDigest::of(b"cookie"),
            authentication: Authentication::by_password(Timestamp::default()),
            device: Device::default(),
            idle_ms: 30 * RESERVATION_MS,
            absolute_ms: 30 * RESERVATION_MS,
        };
        let at = Session::address(ID, login.id);
        assert!(matches!(
            self.acme.stage.ask(&at, begun),
            session::Begun::Live(_)
        ));
    }

    fn change_password(&mut self, user: usize, any: usize) {
        let account = &mut self.accounts[user];
        let next = if account.password == 'a' { 'b' } else { 'a' };
        let index = any % (self.logins.len() + 1);
        let keep = self
            .logins
            .get(index)
            .map_or(session(255), |login| login.id);
        let changed = ChangePassword {
            user: account.id,
            checked: hash(account.password),
            password: hash(next),
            keep,
        };
        let answer = self.acme.ask(changed);
        assert_eq!(answer == Change::Done, account.is_active);
        if answer == Change::Done {
            account.password = next;
            self.doom(|login| login.user == user && login.id != keep);
        }
    }

    fn set_active(&mut self, user: usize, is_active: bool) {
        let status = if is_active { "active" } else { "disabled" };
        let account = &mut self.accounts[user];
        account.is_active = is_active;
        found(self.acme.change(account.id, json!({ "status": status })));
        if !is_active {
            self.doom(|login| login.user == user);
        }
    }

    fn set_live(&mut self, is_live: bool) {
        self.changes += 1;
        let status = if is_live {
            Status::Live
        } else {
            Status::Suspended
        };
        let change = self.changes;
        self.acme.ask(ChangeStatus { status, change });
        self.is_live = is_live;
        if !is_live {
            self.doom(|_| true);
        }
    }

    /// Once everything is delivered, a session exists, and is listed, exactly
    /// when it began and may live.
    fn invariant_sessions_live_exactly_as_long_as_they_may(&self) {
        let world = &self.acme.stage.world;
        world.hold_mail(false);
        world.advance(2 * RESERVATION_MS);
        for login in &self.logins {
            let who = (&Session::address(ID, login.id)).into();
            let user = self.accounts[login.user].id;
            let expected = login.has_begun && login.may_live;
            assert_eq!(world.exists(&who), expected, "{}", login.id);
            let is_listed = self.acme.sessions(user).contains(&login.id);
            assert_eq!(is_listed, expected, "{}", login.id);
        }
        let snapshot = self.acme.stage.inspect(&Acme::who());
        assert_eq!(snapshot.outbox.pending, 0);
        assert_eq!(self.acme.jobs(), Vec::<String>::new());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_session_lives_exactly_as_long_as_it_may(
        seed: u64,
        events in prop::collection::vec(event(), 1..60),
    ) {
        let mut simulation = Simulation::new(seed);
        for event in &events {
            simulation.happen(event);
        }
        simulation.invariant_sessions_live_exactly_as_long_as_they_may();
    }
}
