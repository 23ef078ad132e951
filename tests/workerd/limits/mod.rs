//! Is a limit exact on the platform, too: in parallel, asked again, forgotten
//! by memory, and under attack?

mod outage;

use crate::support::{
    Backend, Browser, Call, Reply, Site,
    backend::{burst, inline, with},
    http::Client,
    login::Form,
    tenant::{PASSWORD, TenantSite},
    workerd::{FAR, Server, Variant},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::mpsc};

fn allowed(verdict: &Value) -> bool {
    verdict["allowed"].as_bool().unwrap()
}

/// So many are admitted of calls sent at once.
fn admitted(site: &Site, calls: &[Call]) -> usize {
    let replies = site.send_all(calls).into_iter();
    let verdicts = replies.map(|reply| reply.expect(200).json());
    verdicts.filter(allowed).count()
}

/// The same rules, written down so much ahead.
fn ahead(question: &Value, ahead: u32) -> Value {
    let mut question = question.clone();
    question["inline"]["ahead"] = json!(ahead);
    question
}

#[test]
fn parallel_checks_from_two_isolates_admit_exactly_as_many_as_there_are() {
    const LIMIT: u32 = 100;
    let server = Site::server(Variant::Pair);
    let site = Site::over(&server);
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    let rules = [
        burst(LIMIT),
        json!([{ "name": "log", "type": "sliding_log", "limit": LIMIT, "window_ms": 3_600_000 }]),
        json!([{ "name": "c", "type": "concurrency", "limit": LIMIT, "hold_ms": 3_600_000 }]),
    ];
    for (number, (rules, runs_ahead)) in rules
        .iter()
        .flat_map(|rules| [(rules, 0), (rules, 16)])
        .enumerate()
    {
        let question = ahead(&inline(rules, &format!("user:{number}")), runs_ahead);
        let near = backend.call("check", &question);
        let far = near.clone().header(FAR.0, FAR.1);
        let calls: Vec<Call> = [near, far].into_iter().cycle().take(256).collect();
        let count = admitted(&site, &calls);
        assert_eq!(count, 100, "{rules} {runs_ahead} ahead");
    }
}

#[test]
fn a_request_asked_again_is_charged_once_in_parallel_and_after_a_crash() {
    let mut server = Site::server(Variant::Release);
    let (same, other) = {
        let site = Site::over(&server);
        let tenant = site.tenant();
        let backend = Backend::new(&tenant);
        let question = ahead(&inline(&burst(3), "user:1"), 16);
        let same = backend.call("check", &with(&question, &json!({ "request_id": "same" })));
        assert_eq!(admitted(&site, &vec![same.clone(); 32]), 32);
        (same, backend.call("check", &question))
    };
    server.crash();
    server.restart();
    let site = Site::over(&server);
    assert_eq!(admitted(&site, &vec![same.clone(); 32]), 32);
    // One of three is spent.
    assert_eq!(admitted(&site, &vec![other; 8]), 2);
    assert_eq!(admitted(&site, &[same]), 1);
}

/// A subject on the test build, whose bucket can be told to sleep.
struct Subject<'a> {
    backend: &'a Backend<'a>,
    question: Value,
    name: &'a str,
}

impl Subject<'_> {
    /// What a check says that time by itself does not change.
    fn check(&self, number: u32) -> (Value, Value, Vec<Value>) {
        let named = json!({ "request_id": format!("r{number}") });
        let verdict = self.backend.ask("check", &with(&self.question, &named));
        let rules = verdict["rules"].as_array().unwrap().iter();
        let rules = rules.map(|rule| json!([rule["name"], rule["remaining"], rule["refuses"]]));
        let [allowed, outcome] = ["allowed", "outcome"].map(|member| verdict[member].clone());
        (allowed, outcome, rules.collect())
    }

    fn cancel(&self, number: u32) -> Value {
        let told = json!({
            "inline_name": "x", "subject": self.name, "request_id": format!("r{number}"),
        });
        self.backend.ask("cancel", &told)["settled"].clone()
    }

    /// Where the object is.
    fn place(&self) -> String {
        let tenant = self.backend.tenant;
        let id = tenant
            .admin("GET", "", &Value::Null)
            .expect(200)
            .member("id");
        let path = format!("/buckets/i.x?subject={}", self.name);
        let shown = tenant.admin("GET", &path, &Value::Null).expect(200);
        let name = format!("{id}/{}", shown.member("bucket"));
        format!("kind=bucket&name={}", crate::support::call::encoded(&name))
    }
}

#[test]
fn eviction_between_all_requests_changes_no_verdict() {
    const REQUESTS: u32 = 1_000;
    let server = Server::start_with(Variant::Test, crate::support::platform::SETTINGS);
    let site = Site::over(&server);
    let tenant = site.tenant();
    let backend = Backend::new(&tenant);
    // Named, so that no isolate answers from memory; over hours, so that what
    // comes back by itself while we ask is nothing.
    let rules = json!([
        { "name": "a", "type": "gcra", "period_ms": 3_600_000, "burst": 300 },
        { "name": "b", "type": "sliding_log", "limit": 320, "window_ms": 3_600_000 },
        { "name": "c", "type": "concurrency", "limit": 250, "hold_ms": 3_600_000 },
    ]);
    let [kept, evicted] = ["kept", "evicted"].map(|name| Subject {
        backend: &backend,
        question: inline(&rules, name),
        name,
    });
    let place = evicted.place();
    let (mut admitted, mut cancelled) = (0, 0);
    for number in 0..REQUESTS {
        assert_eq!(server.hook(&format!("evict?{place}")), "evicted");
        let verdict = kept.check(number);
        assert_eq!(verdict, evicted.check(number), "{number}");
        admitted += u32::from(verdict.0 == true);
        if number % 3 == 0 {
            assert_eq!(server.hook(&format!("evict?{place}")), "evicted");
            let settled = kept.cancel(number);
            assert_eq!(settled, evicted.cancel(number), "{number}");
            cancelled += u32::from(settled == "done");
        }
    }
    // Some of each, or nothing was compared.
    assert!(cancelled > 100 && (300..REQUESTS - 100).contains(&admitted));
    let woken = server.hook(&format!("inspect?{place}"));
    assert!(
        woken["activation"]["messages"].as_u64().unwrap() <= 2,
        "{woken}"
    );
    eprintln!("{REQUESTS} checks: {admitted} admitted, {cancelled} given back");
}

/// Guesses sent at once: half from one address, half from one of their own each.
const GUESSES: usize = 500;

/// Wrong passwords an account is forgiven from everywhere at once.
const ANYWHERE: usize = 50;

/// Wrong passwords it is forgiven from one address in a minute, which is as
/// long as a call may take: ten, and one each after a quarter and three.
const FROM_ONE: usize = 12;

fn guesses(tenant: &TenantSite<'_>, email: &str, network: u8) -> Vec<Call> {
    let form = Form::open(tenant, Browser::elsewhere(tenant.site));
    let call = form.call(email);
    let from = |number: usize| match number % 2 {
        0 => format!("198.18.{network}.0"),
        _ => format!("198.19.{network}.{}", number / 2),
    };
    let placed = |number| call.clone().header("cf-connecting-ip", &from(number));
    (0..GUESSES).map(placed).collect()
}

/// What became of guesses.
#[derive(Default)]
struct Attack {
    /// How many were checked, from the one address and at all.
    checked: [usize; 2],
    /// What the answers were like.
    told: BTreeSet<(u16, Vec<String>)>,
}

impl Attack {
    /// Sends guesses at once, and does something else when one is refused.
    fn run(client: &Client, guesses: &[Call], meanwhile: impl FnOnce()) -> Self {
        let (mut attack, mut meanwhile) = (Self::default(), Some(meanwhile));
        std::thread::scope(|scope| {
            let (tell, told) = mpsc::channel();
            for (number, guess) in guesses.iter().enumerate() {
                let tell = tell.clone();
                scope.spawn(move || tell.send((number, client.call(guess))).unwrap());
            }
            drop(tell);
            for (number, reply) in told {
                attack.note(number, &reply);
                if let Some(work) = meanwhile.take_if(|_| reply.status == 429) {
                    work();
                }
            }
        });
        assert!(meanwhile.is_none(), "nobody was refused");
        attack
    }

    fn note(&mut self, number: usize, reply: &Reply) {
        assert!([422, 429].contains(&reply.status), "{}", reply.text());
        if reply.status == 422 {
            self.checked[0] += usize::from(number.is_multiple_of(2));
            self.checked[1] += 1;
        }
        // A refusal from memory tells nothing of the address, whoever is guessed at.
        let names = reply.headers.keys().map(ToString::to_string);
        let mut names: Vec<String> = names.filter(|n| !n.starts_with("ratelimit")).collect();
        names.sort();
        self.told.insert((reply.status, names));
    }
}

#[test]
fn parallel_guesses_get_what_the_table_allows_and_lock_nobody_out() {
    let server = Site::server(Variant::Release);
    let site = Site::over(&server);
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let owner = Form::open(&tenant, Browser::elsewhere(&site));
    assert_eq!(owner.send("ada@example.com", PASSWORD).status, 303);
    let sign_in = || {
        owner.browser.plant(&tenant.host(), "session", "");
        let reply = owner.send("ada@example.com", PASSWORD);
        assert_eq!(reply.status, 303, "the owner is locked out");
    };
    let at_ada = guesses(&tenant, "ada@example.com", 1);
    let known = Attack::run(server.client(), &at_ada, sign_in);
    sign_in();
    // From a device that nobody knows, the owner is one of the many.
    let elsewhere = Form::open(&tenant, Browser::elsewhere(&site));
    assert_eq!(elsewhere.send("ada@example.com", PASSWORD).status, 429);

    let at_nobody = guesses(&tenant, "eve@example.com", 2);
    let unknown = Attack::run(server.client(), &at_nobody, || ());
    for [from_one, all] in [known.checked, unknown.checked] {
        assert_eq!(all, ANYWHERE);
        assert!(from_one <= FROM_ONE, "{from_one}");
    }
    assert_eq!(known.told, unknown.told);
    let [known, unknown] = [known, unknown].map(|attack| attack.checked);
    eprintln!("of {GUESSES} guesses were checked: {known:?}, and at nobody's account {unknown:?}");
}
