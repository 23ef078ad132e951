//! Does a limit hold when the machine dies?
//!
//! A hundred times workerd is killed with SIGKILL while subjects are charged,
//! and started again on the same data. Nobody is ever admitted more than once
//! for what there is; nobody is refused what was not charged, but for what a
//! policy lets run ahead.

use super::{ahead, allowed};
use crate::support::{
    Backend, Call, Site,
    backend::{burst, inline, with},
    http::Client,
    tenant::{ClientSecretPair, TenantSite},
    workerd::{Server, Variant, kill},
};
use aero2::domain::entropy::{Seeded, draw};
use core::sync::atomic::{AtomicU32, Ordering};
use serde_json::{Value, json};

const SLUG: &str = "limits";

/// Machines that die beside one another: most of an outage is starting again.
const MACHINES: u64 = 4;

/// Crashes of each: a hundred altogether.
const CRASHES: u32 = 25;

/// Who ask about each subject at once.
const HANDS: u32 = 2;

/// What a policy lets run ahead.
const AHEAD: u32 = 16;

/// Subjects that are asked about once after each crash: so it is a thousand
/// requests on each machine, with a crash between any two at one bucket.
const QUIET: usize = 40;

/// What each of them may in all.
const QUIET_LIMIT: u32 = 12;

/// A subject that is charged as fast as answers come.
struct Subject {
    question: Value,
    limit: u32,
    ahead: u32,
    /// Whether requests are named, and asked again when nobody answered.
    is_named: bool,
    admitted: u32,
    refused: u32,
    /// Checks of which nobody knows whether they were charged.
    unanswered: u32,
}

impl Subject {
    fn count(&mut self, verdict: &Value) {
        if allowed(verdict) {
            self.admitted += 1;
        } else {
            self.refused += 1;
        }
    }
}

fn subjects() -> [Subject; 4] {
    let subject = |name: &str, limit, runs_ahead, is_named| Subject {
        question: ahead(&inline(&burst(limit), name), runs_ahead),
        limit,
        ahead: runs_ahead,
        is_named,
        admitted: 0,
        refused: 0,
        unanswered: 0,
    };
    [
        subject("exact", 120, 0, false),
        subject("ahead", 200, AHEAD, false),
        // More than all crashes may lose, or nothing is said of how much they do.
        subject("deep", 900, AHEAD, false),
        subject("named", 120, 0, true),
    ]
}

/// Questions of which each goes to a bucket of its own.
fn quiet() -> Vec<Value> {
    let hour = 3_600_000;
    let rules = [
        burst(QUIET_LIMIT),
        json!([{ "name": "log", "type": "sliding_log", "limit": QUIET_LIMIT, "window_ms": hour }]),
        json!([{ "name": "c", "type": "concurrency", "limit": QUIET_LIMIT, "hold_ms": hour }]),
        json!([{
            "name": "p", "type": "penalty", "free": QUIET_LIMIT,
            "base_ms": hour, "wait_ms_max": hour, "forget_ms": 2 * hour,
        }]),
    ];
    let question = |number: usize| inline(&rules[number % 4], &format!("quiet:{number}"));
    (0..QUIET).map(question).collect()
}

/// A check that asks nothing yet, and all that are asked quietly.
fn calls(backend: &Backend<'_>) -> [Call; 2] {
    let quiet = json!({ "checks": quiet() });
    [("check", &Value::Null), ("batch", &quiet)].map(|(what, body)| backend.call(what, body))
}

/// Asks about one subject; what was asked last, nobody has answered.
struct Hand {
    place: usize,
    template: Call,
    question: Value,
    name: Option<String>,
    verdicts: Vec<Value>,
}

impl Hand {
    fn check(&self) -> Call {
        let body = match &self.name {
            Some(name) => {
                let request = format!("{name}-{}", self.verdicts.len());
                with(&self.question, &json!({ "request_id": request }))
            }
            None => self.question.clone(),
        };
        Call {
            body: body.to_string().into_bytes(),
            ..self.template.clone()
        }
    }

    /// Asks until the connection breaks; kills workerd when enough has been
    /// answered to all hands together.
    fn drive(mut self, client: &Client, left: &AtomicU32, pid: u32) -> Self {
        while let Some(reply) = client.try_call(&self.check()) {
            self.verdicts.push(reply.expect(200).json());
            if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                kill(pid);
            }
        }
        self
    }
}

/// A machine with its data, and what was answered about it.
struct Machine {
    server: Server,
    client: ClientSecretPair,
    check: Call,
    batch: Call,
    subjects: [Subject; 4],
}

impl Machine {
    fn new() -> Self {
        let server = Site::server(Variant::Release);
        let (client, [check, batch]) = {
            let site = Site::over(&server);
            let tenant = TenantSite::create(&site, SLUG);
            let backend = Backend::new(&tenant);
            (backend.client.clone(), calls(&backend))
        };
        Self {
            server,
            client,
            check,
            batch,
            subjects: subjects(),
        }
    }

    /// Starts again on the same data, with a token that lasts.
    fn revive(&mut self) {
        self.server.restart();
        let site = Site::over(&self.server);
        let tenant = TenantSite::existing(&site, SLUG);
        let backend = Backend::of(&tenant, self.client.clone());
        [self.check, self.batch] = calls(&backend);
    }

    fn hands(&self, outage: u32) -> Vec<Hand> {
        let of = |(place, subject): (usize, &Subject)| {
            let (question, is_named) = (subject.question.clone(), subject.is_named);
            let template = self.check.clone();
            (0..HANDS).map(move |number| Hand {
                place,
                template: template.clone(),
                question: question.clone(),
                name: is_named.then(|| format!("{outage}-{number}")),
                verdicts: Vec::new(),
            })
        };
        self.subjects.iter().enumerate().flat_map(of).collect()
    }

    /// Everybody asks until the machine dies, after so many answers.
    fn die(&mut self, outage: u32, after: u32) {
        let (hands, left, pid) = (self.hands(outage), AtomicU32::new(after), self.server.pid());
        let client = self.server.client();
        let hands: Vec<Hand> = std::thread::scope(|scope| {
            let drive = |hand: Hand| {
                let left = &left;
                scope.spawn(move || hand.drive(client, left, pid))
            };
            let driven: Vec<_> = hands.into_iter().map(drive).collect();
            let ended = driven.into_iter().map(|hand| hand.join().unwrap());
            ended.collect()
        });
        self.server.wait_dead();
        self.revive();
        for mut hand in hands {
            hand.template = self.check.clone();
            let again = hand.check();
            let subject = &mut self.subjects[hand.place];
            hand.verdicts
                .iter()
                .for_each(|verdict| subject.count(verdict));
            if subject.is_named {
                let reply = self.server.client().call(&again);
                subject.count(&reply.expect(200).json());
            } else {
                subject.unanswered += 1;
            }
        }
    }

    /// Each of these was asked about once since the last crash.
    fn ask_quietly(&self, outage: u32) {
        let reply = self.server.client().call(&self.batch);
        let verdicts = reply.expect(200).json();
        for verdict in verdicts["verdicts"].as_array().unwrap() {
            assert_eq!(allowed(verdict), outage < QUIET_LIMIT, "{verdict}");
            let left = QUIET_LIMIT.saturating_sub(outage + 1);
            assert_eq!(verdict["rules"][0]["remaining"], left, "{verdict}");
        }
    }

    /// What is left is spent; then the whole is judged.
    fn judge(&mut self) {
        let client = self.server.client();
        for subject in &mut self.subjects {
            let before = subject.refused;
            let check = Call {
                body: subject.question.to_string().into_bytes(),
                ..self.check.clone()
            };
            while subject.refused == before {
                subject.count(&client.call(&check).expect(200).json());
            }
            let lost = subject.unanswered + CRASHES * subject.ahead;
            assert!(subject.admitted <= subject.limit, "admitted too many");
            assert!(
                subject.admitted + lost >= subject.limit,
                "refused too early"
            );
            eprintln!(
                "{} of {} admitted, {before} refused, {} unanswered, {} ahead",
                subject.admitted, subject.limit, subject.unanswered, subject.ahead
            );
        }
        // Crashes came before and after they were spent, or nothing was tried.
        let [exact, ahead, _, named] = &self.subjects;
        let refused = [exact, ahead, named].map(|subject| subject.refused);
        assert!(refused.iter().all(|count| *count > 10), "{refused:?}");
    }
}

fn endure(machine: u64) {
    let mut entropy = Seeded::new(2_030 + machine);
    let mut machine = Machine::new();
    for outage in 0..CRASHES {
        machine.ask_quietly(outage);
        let [byte] = draw(&mut entropy);
        machine.die(outage, 1 + u32::from(byte) / 4);
    }
    machine.judge();
}

#[test]
fn a_hundred_crashes_admit_nobody_twice() {
    std::thread::scope(|scope| {
        for machine in 0..MACHINES {
            scope.spawn(move || endure(machine));
        }
    });
}
