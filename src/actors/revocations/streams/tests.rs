//! Do streams keep what they owe, and give it away once?

use super::{
    BACK_OFF_MS_MAX, BATCH_MAX, Batch, CreateStream, LOST_MS, PollStream, Polled, RESEAL_MS,
    Report, ReportBatch, STREAMS_MAX, SetStreamStatus, StreamKey, StreamRead, TakeBatch,
    WAITING_MAX,
};
use crate::{
    actors::{
        courier::{self, Carried, Transmit},
        revocations::{Append, Revocations},
        runtime::{
            Actors, Ask, Mail, Recipient,
            activation::Activation,
            envelope::{Body, Returned, open, pack, unpack},
            world::World,
        },
    },
    domain::{
        entropy::Seeded,
        ids::{ActId, EventId, SessionId, SetId, StreamId, TenantId, UserId},
        keys::{MasterKeys, Purpose, Sealed},
        oauth::ClientId,
        outside::OutsideUrl,
        revocation::{News, Record, Revoked, What},
        secret::Secret,
        session::EndReason,
        ssf::{
            Delivery, Event, PollRequest, Refused, Status, StatusChange, Stream, Waiting,
            stream::header_owner,
        },
        time::{HOUR_MS, SECOND_MS, Timestamp},
    },
};
use base64ct::{Base64, Encoding};
use proptest::prelude::*;
use std::{cell::RefCell, rc::Rc};

const TENANT: TenantId = TenantId::from_bytes([1; 16]);

/// A log with a courier who only listens.
struct Scene {
    world: World,
    master_keys: Rc<RefCell<MasterKeys>>,
    told: Rc<RefCell<Vec<Transmit>>>,
}

impl Scene {
    fn new() -> Self {
        let master_keys = Rc::new(RefCell::new(keys(1, None)));
        let current = Rc::clone(&master_keys);
        let world = World::new(
            5,
            Box::new(move |kind, now| match kind {
                "revocations" => {
                    let master_keys = current.borrow().clone();
                    Some(Box::new(Activation::new(Revocations { master_keys }, now)))
                }
                _ => None,
            }),
        );
        world.deafen("registry");
        let told = Rc::<RefCell<Vec<Transmit>>>::default();
        let ear = Rc::clone(&told);
        world.employ(
            "courier",
            Box::new(move |_, _, bytes| {
                let Body::Message(message) = open(&bytes).unwrap().body else {
                    panic!("an envelope without a message");
                };
                if let courier::Message::Transmit(news) = unpack(&message).unwrap() {
                    ear.borrow_mut().push(news);
                }
                let reply = courier::Reply::Transmit(Carried::Done);
                let returned = Returned::Reply(pack(&reply).unwrap());
                Box::pin(async move { Ok(pack(&returned)?) })
            }),
        );
        Self {
            world,
            master_keys,
            told,
        }
    }

    fn who() -> Recipient {
        (&Revocations::address(TENANT)).into()
    }

    /// The operator restarts everything with other master keys.
    fn restart_with(&self, keys: MasterKeys) {
        *self.master_keys.borrow_mut() = keys;
        self.world.evict(&Self::who());
    }

    fn ask<Q: Ask<Party = Revocations>>(&self, question: Q) -> Q::Answer {
        let mail = Mail::new(self.world.clone(), None);
        let log = Revocations::address(TENANT);
        self.world.run(mail.ask(&log, question)).unwrap()
    }

    fn create(&self, n: u8, delivery: Delivery) -> StreamRead {
        self.create_with(n, delivery, None)
    }

    /// The same with a header, sealed as the gateway would.
    fn create_with(&self, n: u8, delivery: Delivery, header: Option<&str>) -> StreamRead {
        let owner = header_owner(TENANT, StreamId::from_bytes([n; 16]));
        let keys = self.master_keys.borrow().clone();
        let seal = |text: &str| {
            let entropy = &mut Seeded::new(n.into());
            keys.seal(Purpose::StreamHeader, &owner, text.as_bytes(), entropy)
        };
        let header = header.map(seal);
        let stream = Stream {
            id: StreamId::from_bytes([n; 16]),
            client: client(n),
            iss: "https://acme.example".to_owned(),
            events_requested: None,
            description: None,
            delivery,
            status: Status::Enabled,
            reason: None,
        };
        self.ask(CreateStream {
            tenant: TENANT,
            stream: Box::new(stream),
            header,
            supplied: Box::default(),
        })
    }

    /// Ends so many sessions in one record.
    fn append(&self, n: u32, sessions: u32) {
        let sid = |nth: u32| SessionId::from_bytes(u128::from(nth).to_be_bytes());
        let what = What::Sessions {
            sub: UserId::from_bytes([2; 16]),
            sids: (0..sessions).map(sid).collect(),
            all: false,
        };
        self.append_of(n, what, EndReason::SignedOut);
    }

    fn append_of(&self, n: u32, what: What, reason: EndReason) {
        let at = crate::actors::runtime::Transport::now(&self.world);
        let revoked = Revoked {
            what,
            reason,
            exp: at.plus(HOUR_MS),
        };
        let record = Record {
            id: EventId::from_bytes(u128::from(n).to_be_bytes()),
            act: ActId::from_bytes([3; 16]),
            at,
            news: News::Revoked(revoked),
        };
        self.ask(Append {
            record,
            sets: Vec::new(),
            retention_ms: HOUR_MS,
            is_last: false,
        });
    }

    /// The batch announced since somebody last looked: never two of a stream.
    fn announced(&self) -> Option<Transmit> {
        let mut told = self.told.borrow_mut();
        assert!(told.len() <= 1, "{told:?}");
        told.pop()
    }

    fn take(&self, news: &Transmit) -> Vec<Waiting> {
        let (stream, batch) = (news.stream, news.batch);
        match self.ask(TakeBatch { stream, batch }) {
            Batch::Push { sets, .. } => sets,
            Batch::Nothing => Vec::new(),
        }
    }

    /// The header that a batch is pushed with, and whether today's keys open it.
    fn header(&self, news: &Transmit) -> Option<(Sealed, bool)> {
        let (stream, batch) = (news.stream, news.batch);
        let Batch::Push { header, .. } = self.ask(TakeBatch { stream, batch }) else {
            panic!("nothing is to be pushed");
        };
        let sealed = header?;
        let owner = header_owner(TENANT, stream);
        let keys = self.master_keys.borrow();
        let opened = keys.open(Purpose::StreamHeader, &owner, &sealed);
        let is_open = opened.is_ok_and(|plain| plain.ct_eq(HEADER.as_bytes()));
        Some((sealed, is_open))
    }

    fn report(&self, news: &Transmit, report: Report) {
        let (stream, batch) = (news.stream, news.batch);
        self.ask(ReportBatch {
            stream,
            batch,
            report,
        });
    }

    fn set_status(&self, n: u8, status: Status) {
        let change = StatusChange {
            status,
            reason: None,
        };
        let key = key(n);
        let read = self.ask(SetStreamStatus { key, change });
        assert!(matches!(read, StreamRead::Found(_)));
    }

    fn poll(&self, n: u8, ack: Vec<SetId>) -> Vec<Waiting> {
        let request = PollRequest {
            max_events: 64,
            return_immediately: true,
            ack,
            refused: Vec::new(),
        };
        let key = key(n);
        match self.ask(PollStream { key, request }) {
            Polled::Sets { sets, .. } => sets,
            Polled::Missing => panic!("no stream {n}"),
        }
    }

    fn describe(&self) -> serde_json::Value {
        let mail = Mail::new(self.world.clone(), None);
        let snapshot = self.world.run(mail.inspect(&Self::who())).unwrap();
        snapshot.state["streams"].clone()
    }
}

const HEADER: &str = "Bearer receiver-secret";

fn keys(current: u8, previous: Option<u8>) -> MasterKeys {
    let text = |byte: u8| {
        let mut key = [byte; 32];
        key[0] = 0xff;
        Secret::new(Base64::encode_string(&key))
    };
    MasterKeys::parse(&text(current), previous.map(text).as_ref()).unwrap()
}

fn client(n: u8) -> ClientId {
    ClientId::parse(&format!("receiver-{n}")).unwrap()
}

fn key(n: u8) -> StreamKey {
    StreamKey {
        id: StreamId::from_bytes([n; 16]),
        client: client(n),
    }
}

fn push() -> Delivery {
    Delivery::Push(OutsideUrl::parse("https://receiver.example/", &[]).unwrap())
}

fn taken(sets: &[Waiting]) -> Report {
    Report {
        taken: sets.iter().map(|set| set.jti).collect(),
        ..Report::default()
    }
}

fn trouble() -> Report {
    Report {
        trouble: Some("it answered 503".to_owned()),
        ..Report::default()
    }
}

#[test]
fn one_batch_is_on_its_way_and_the_next_follows_its_report() {
    let scene = Scene::new();
    scene.create(1, push());
    scene.append(1, 1);
    let first = scene.announced().unwrap();
    scene.append(2, 40);
    assert!(scene.announced().is_none());
    let mut seen = Vec::new();
    let mut news = Some(first);
    while let Some(now) = news {
        let sets = scene.take(&now);
        assert!((1..=BATCH_MAX as usize).contains(&sets.len()));
        scene.report(&now, taken(&sets));
        seen.extend(sets.into_iter().map(|set| set.jti));
        news = scene.announced();
    }
    assert_eq!(seen.len(), 41);
    scene.world.advance(HOUR_MS);
    assert!(scene.announced().is_none());
    assert_eq!(scene.describe()[0]["waiting"], 0);
}

#[test]
fn a_batch_whose_number_has_passed_is_nobodys() {
    let scene = Scene::new();
    scene.create(1, push());
    scene.append(1, 2);
    let old = scene.announced().unwrap();
    let sets = scene.take(&old);
    scene.set_status(1, Status::Paused);
    assert!(scene.take(&old).is_empty());
    scene.set_status(1, Status::Enabled);
    let new = scene.announced().unwrap();
    assert_ne!(old.batch, new.batch);
    // What a late report says has arrived, has; the batch on its way goes on.
    scene.report(&old, taken(&sets[..1]));
    assert!(scene.announced().is_none());
    assert_eq!(scene.take(&new), sets[1..]);
}

#[test]
fn a_batch_nobody_speaks_of_is_announced_anew() {
    let scene = Scene::new();
    scene.create(1, push());
    scene.append(1, 1);
    let lost = scene.announced().unwrap();
    scene.world.advance(LOST_MS - 1);
    assert!(scene.announced().is_none());
    scene.world.advance(1);
    let again = scene.announced().unwrap();
    assert!(scene.take(&lost).is_empty());
    let sets = scene.take(&again);
    scene.report(&again, taken(&sets));
    scene.world.advance(HOUR_MS);
    assert!(scene.announced().is_none());
}

#[test]
fn a_refused_event_is_gone_and_remembered() {
    let scene = Scene::new();
    scene.create(1, push());
    scene.append(1, 2);
    let news = scene.announced().unwrap();
    let sets = scene.take(&news);
    let refused = Refused {
        jti: sets[0].jti,
        why: "invalid_audience".to_owned(),
    };
    let report = Report {
        refused: vec![refused],
        ..taken(&sets[1..])
    };
    scene.report(&news, report);
    let shown = &scene.describe()[0];
    assert_eq!(shown["waiting"], 0);
    assert!(
        shown["last_error"]
            .as_str()
            .unwrap()
            .ends_with("invalid_audience")
    );
}

#[test]
fn a_stream_that_would_hold_too_much_is_disabled_and_says_so() {
    let scene = Scene::new();
    scene.create(1, Delivery::Poll);
    let each = 100;
    for n in 0..WAITING_MAX / each {
        scene.append(n, each);
    }
    assert_eq!(scene.describe()[0]["waiting"], WAITING_MAX);
    scene.append(WAITING_MAX, 2);
    let last = scene.poll(1, Vec::new());
    let [one] = last.as_slice() else {
        panic!("{last:?}");
    };
    let Event::StreamUpdated { status, .. } = &one.tidings.event else {
        panic!("{one:?}");
    };
    assert_eq!(*status, Status::Disabled);
    let shown = &scene.describe()[0];
    assert_eq!(
        (&shown["status"], &shown["waiting"]),
        (&"disabled".into(), &1.into())
    );
    scene.append(WAITING_MAX + 1, 1);
    assert_eq!(scene.poll(1, vec![one.jti]), []);
    scene.set_status(1, Status::Enabled);
    scene.append(WAITING_MAX + 2, 1);
    assert_eq!(scene.poll(1, Vec::new()).len(), 1);
}

#[test]
fn a_deleted_client_has_no_streams() {
    let scene = Scene::new();
    scene.create(1, push());
    scene.create(2, push());
    let what = What::Client {
        client_id: client(1),
        not_before: Timestamp::default(),
    };
    scene.append_of(1, what, EndReason::ClientDeleted);
    let shown = scene.describe();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["client_id"], "receiver-2");
}

#[test]
fn a_tenant_has_a_bounded_number_of_streams() {
    let scene = Scene::new();
    for n in 1..=u8::try_from(STREAMS_MAX).unwrap() {
        assert!(matches!(
            scene.create(n, Delivery::Poll),
            StreamRead::Found(_)
        ));
        // The same request again is the same stream.
        assert!(matches!(
            scene.create(n, Delivery::Poll),
            StreamRead::Found(_)
        ));
    }
    assert_eq!(scene.create(99, Delivery::Poll), StreamRead::Full);
}

#[test]
fn memory_is_nothing_but_rows() {
    let scene = Scene::new();
    scene.create(1, push());
    scene.append(1, 1);
    let news = scene.announced().unwrap();
    scene.world.evict(&Scene::who());
    assert_eq!(scene.take(&news).len(), 1);
}

#[test]
fn a_replaced_master_key_can_be_let_go_after_a_day() {
    let scene = Scene::new();
    scene.create_with(1, push(), Some(HEADER));
    scene.create(2, push());
    scene.world.advance(3 * RESEAL_MS);

    // Nobody has anything to push while both are known.
    scene.restart_with(keys(2, Some(1)));
    scene.world.advance(RESEAL_MS);

    scene.restart_with(keys(2, None));
    scene.append(1, 1);
    let mut told = scene.told.take();
    told.sort_by_key(|news| news.stream);
    let (sealed, is_open) = scene.header(&told[0]).unwrap();
    assert!(is_open);
    assert!(!scene.master_keys.borrow().needs_resealing(&sealed));
    assert_eq!(scene.header(&told[1]), None);
}

#[test]
fn a_header_whose_key_is_lost_is_shown_and_keeps_no_other_closed() {
    let scene = Scene::new();
    scene.create_with(1, push(), Some(HEADER));
    scene.restart_with(keys(2, None));
    scene.create_with(3, push(), Some(HEADER));
    scene.restart_with(keys(4, Some(2)));
    scene.world.advance(RESEAL_MS);

    let state = scene.describe();
    let why = "the authorization header is sealed under another master key";
    assert_eq!(state[0]["last_error"], why);
    assert!(state[1]["last_error"].is_null());
    scene.restart_with(keys(4, None));
    scene.append(1, 1);
    let told = scene.told.take();
    let third = told.iter().find(|news| news.stream == key(3).id).unwrap();
    assert!(scene.header(third).unwrap().1);
}

#[test]
fn without_a_header_nobody_is_woken_to_look_for_one() {
    let scene = Scene::new();
    scene.create(1, push());
    let mail = Mail::new(scene.world.clone(), None);
    let snapshot = scene.world.run(mail.inspect(&Scene::who())).unwrap();
    assert!(snapshot.jobs.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens, each event is given away in order and none is lost.
    #[test]
    fn every_event_arrives_in_order(steps in prop::collection::vec(0..7_u8, 1..40)) {
        let scene = Scene::new();
        scene.create(1, push());
        let (mut appended, mut seen) = (0, Vec::new());
        let mut on_its_way: Option<Transmit> = None;
        let arrive = |news: &Transmit, most: usize, seen: &mut Vec<SetId>| {
            let sets = scene.take(news);
            let sets = &sets[..sets.len().min(most)];
            for set in sets {
                if !seen.contains(&set.jti) {
                    seen.push(set.jti);
                }
            }
            taken(sets)
        };
        for step in steps {
            match (step, &on_its_way) {
                (0, _) => {
                    appended += 1;
                    scene.append(appended, 3);
                }
                (1, Some(news)) => {
                    let report = arrive(news, 99, &mut seen);
                    scene.report(news, report);
                    on_its_way = None;
                }
                (2, Some(news)) => {
                    let arrived = arrive(news, 1, &mut seen);
                    scene.report(news, Report { taken: arrived.taken, ..trouble() });
                    on_its_way = None;
                }
                // It arrives, and nobody says so.
                (3, Some(news)) => drop(arrive(news, 2, &mut seen)),
                (4, _) => scene.set_status(1, Status::Paused),
                (5, _) => scene.set_status(1, Status::Enabled),
                _ => scene.world.advance(10 * SECOND_MS),
            }
            let told: Vec<Transmit> = scene.told.borrow_mut().drain(..).collect();
            on_its_way = told.into_iter().last().or(on_its_way);
        }
        scene.set_status(1, Status::Enabled);
        for _ in 0..200 {
            let told: Vec<Transmit> = scene.told.borrow_mut().drain(..).collect();
            on_its_way = told.into_iter().last().or(on_its_way);
            if let Some(news) = on_its_way.take() {
                let report = arrive(&news, 99, &mut seen);
                scene.report(&news, report);
            } else {
                scene.world.advance(BACK_OFF_MS_MAX);
            }
        }
        let stream = StreamId::from_bytes([1; 16]);
        let each = (1..=appended).flat_map(|n| (0..3).map(move |nth| (n, nth)));
        let expected: Vec<SetId> = each
            .map(|(n, nth)| {
                let record = EventId::from_bytes(u128::from(n).to_be_bytes());
                crate::domain::ssf::set::jti(record, stream, nth)
            })
            .collect();
        prop_assert_eq!(seen, expected);
        prop_assert_eq!(&scene.describe()[0]["waiting"], 0);
    }
}
