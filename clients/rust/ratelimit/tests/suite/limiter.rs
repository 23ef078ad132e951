//! Does a limiter do over real connections what its parts promise?

use crate::service::{Reply, Service, verdict};
use aero2_ratelimit::{
    Ask, Fault, Inline, LimitError, Limiter, Mistake, Outcome, Refusal, Reserved, Rule, Settled,
    Stopped, Verdict, Window,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};
use tokio::{task::JoinSet, time};

const HOLD: Duration = Duration::from_secs(30);

fn ask() -> Ask {
    Ask::policy("api", "user:ada")
}

fn unavailable(told: Result<Verdict, LimitError>) -> Fault {
    match told.unwrap_err() {
        LimitError::Unavailable { fault, .. } => fault,
        LimitError::Mistake(mistake) => panic!("{mistake}"),
    }
}

/// Asks for `count` at once; how many were allowed.
async fn at_once(limiter: &Limiter, count: usize) -> usize {
    let mut all = JoinSet::new();
    for number in 0..count {
        let limiter = limiter.clone();
        let ask = Ask::policy("api", format!("user:{number}"));
        all.spawn(async move { limiter.check(&ask).await.unwrap().allowed });
    }
    all.join_all()
        .await
        .iter()
        .filter(|allowed| **allowed)
        .count()
}

#[tokio::test]
async fn every_answer_is_read_alike() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../vectors/verdicts.json");
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    for (number, case) in file["cases"].as_array().unwrap().iter().enumerate() {
        service.then_tell(200, &case["answer"]);
        let told = limiter
            .check(&Ask::policy("api", format!("user:{number}")))
            .await;
        if case["is"].is_null() {
            assert_eq!(unavailable(told), Fault::Answer("the rate limit"), "{case}");
            continue;
        }
        let told = told.unwrap();
        let rules: Vec<Value> = told
            .rules
            .iter()
            .map(|rule| {
                json!({
                    "name": rule.name, "limit": rule.limit, "window_ms": rule.window_ms,
                    "remaining": rule.remaining, "reset_ms": rule.reset_ms, "refuses": rule.refuses,
                })
            })
            .collect();
        let headers: serde_json::Map<String, Value> = told
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().into()))
            .collect();
        let is = json!({
            "allowed": told.allowed, "outcome": format!("{:?}", told.outcome).to_lowercase(),
            "retry_after_ms": told.retry_after_ms, "policy": told.policy, "version": told.version,
            "mode": format!("{:?}", told.mode).to_lowercase(),
            "shadow_refused": told.shadow_refused, "degraded": told.degraded, "rules": rules,
            "headers": headers,
        });
        assert_eq!(is, case["is"], "{case}");
    }
}

#[tokio::test]
async fn a_question_is_asked_as_the_service_reads_it() {
    let (service, mut asked) = Service::open();
    let limiter = Limiter::new(service.config().ask_once()).unwrap();
    limiter.check(&ask().cost(3)).await.unwrap();
    let (verb, body) = asked.recv().await.unwrap();
    assert_eq!(verb, "check");
    assert_eq!(
        body,
        json!({ "policy": "api", "subject": "user:ada", "cost": 3 })
    );

    let inline = Inline::new(
        "mails",
        [
            Rule::gcra("burst", 1_000, 10),
            Rule::quota("day", 100, Window::Day).counts_cancelled(true),
        ],
    );
    let by_rules = Ask::inline(Arc::new(inline.version(2)), "user:ada").request_id("mail-7");
    let Reserved::Held(held) = limiter.reserve(&by_rules, HOLD).await.unwrap() else {
        panic!("refused");
    };
    let (verb, body) = asked.recv().await.unwrap();
    assert_eq!(verb, "reserve");
    assert_eq!(
        body,
        json!({
            "inline": { "name": "mails", "version": 2, "ahead": 0, "rules": [
                { "name": "burst", "type": "gcra", "period_ms": 1_000, "burst": 10 },
                { "name": "day", "type": "quota", "limit": 100, "window": "day", "counts_cancelled": true },
            ] },
            "subject": "user:ada", "cost": 1, "request_id": "mail-7", "hold_ms": 30_000,
        })
    );
    assert_eq!(held.commit().await, Ok(Settled::Done));
    let (verb, body) = asked.recv().await.unwrap();
    assert_eq!(verb, "commit");
    assert_eq!(
        body,
        json!({ "inline_name": "mails", "subject": "user:ada", "request_id": "mail-7" })
    );

    limiter.peek(&ask()).await.unwrap();
    assert_eq!(asked.recv().await.unwrap().0, "peek");
    let verdicts = limiter.batch(&[ask(), ask().cost(2)]).await.unwrap();
    assert_eq!(verdicts.len(), 2);
    let (_, body) = asked.recv().await.unwrap();
    assert_eq!(body["checks"][1]["cost"], 2);
}

#[tokio::test]
async fn many_at_once_get_one_token_and_each_their_own_verdict() {
    let (service, mut asked) = Service::open();
    *service.left.lock().unwrap() = 100;
    assert_eq!(at_once(&service.limiter(), 256).await, 100);
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 1);
    // The token's connection, and no more than the pool allows.
    assert!(service.connections.load(Ordering::SeqCst) <= 129);
    let mut ids = std::collections::BTreeSet::new();
    while let Ok((_, body)) = asked.try_recv() {
        ids.insert(body["request_id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 256);
}

#[tokio::test]
async fn connections_are_kept() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    for _ in 0..10 {
        assert!(limiter.check(&ask()).await.unwrap().allowed);
    }
    assert_eq!(service.connections.load(Ordering::SeqCst), 1);
    *service.hangs_up.lock().unwrap() = true;
    for _ in 0..3 {
        assert!(limiter.check(&ask()).await.unwrap().allowed);
    }
    assert_eq!(service.connections.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_was_long_idle_is_not_trusted() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    limiter.check(&ask()).await.unwrap();
    time::advance(Duration::from_secs(29)).await;
    limiter.check(&ask()).await.unwrap();
    assert_eq!(service.connections.load(Ordering::SeqCst), 1);
    time::advance(Duration::from_secs(31)).await;
    limiter.check(&ask()).await.unwrap();
    assert_eq!(service.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_charged_once() {
    let (service, mut asked) = Service::open();
    service.then([Reply::Break]);
    assert!(service.limiter().check(&ask()).await.unwrap().allowed);
    let (first, second) = (asked.recv().await.unwrap(), asked.recv().await.unwrap());
    assert_eq!(first, second);
    assert_eq!(service.charges(), 1);
}

#[tokio::test]
async fn who_asks_once_is_charged_once_and_told_of_the_loss() {
    let (service, mut asked) = Service::open();
    let limiter = Limiter::new(service.config().ask_once()).unwrap();
    service.then([Reply::Break]);
    let fault = unavailable(limiter.check(&ask()).await);
    assert!(matches!(fault, Fault::Network(_)), "{fault}");
    assert_eq!(asked.recv().await.unwrap().1["request_id"], Value::Null);
    assert!(asked.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn nothing_waits_beyond_the_deadline() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    limiter.prepare().await.unwrap();
    service.then([Reply::Silence]);
    let began = time::Instant::now();
    assert_eq!(unavailable(limiter.check(&ask()).await), Fault::Timeout);
    assert_eq!(began.elapsed(), Duration::from_millis(500));

    let hasty = Limiter::new(service.config().deadline(Duration::from_millis(20))).unwrap();
    hasty.prepare().await.unwrap();
    service.then([Reply::Silence]);
    let began = time::Instant::now();
    assert_eq!(unavailable(hasty.check(&ask()).await), Fault::Timeout);
    assert_eq!(began.elapsed(), Duration::from_millis(20));
    assert!(hasty.check(&ask()).await.unwrap().allowed);
}

#[tokio::test(start_paused = true)]
async fn a_slow_token_serves_the_next_ones() {
    let (service, _asked) = Service::open();
    service.token_gate.forget_permits(1_000);
    let limiter = service.limiter();
    for _ in 0..3 {
        assert_eq!(unavailable(limiter.check(&ask()).await), Fault::Timeout);
    }
    service.token_gate.add_permits(1);
    assert!(limiter.check(&ask()).await.unwrap().allowed);
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_kept_until_shortly_before_it_expires() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    limiter.check(&ask()).await.unwrap();
    time::advance(Duration::from_secs(269)).await;
    limiter.check(&ask()).await.unwrap();
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 1);
    time::advance(Duration::from_secs(2)).await;
    limiter.check(&ask()).await.unwrap();
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_spent_token_is_replaced_once_for_all() {
    let (service, mut asked) = Service::open();
    let limiter = service.limiter();
    limiter.prepare().await.unwrap();
    service.tokens_from.store(1, Ordering::SeqCst);
    assert_eq!(at_once(&limiter, 50).await, 50);
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 2);

    while asked.try_recv().is_ok() {}
    service.tokens_from.store(usize::MAX, Ordering::SeqCst);
    let fault = unavailable(limiter.check(&ask()).await);
    let expected = Fault::Status {
        what: "the rate limit",
        status: 401,
    };
    assert_eq!(fault, expected);
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 3);
    assert!(asked.recv().await.is_some() && asked.recv().await.is_some());
    assert!(asked.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_grants_no_token_is_not_hammered() {
    let (service, mut asked) = Service::open();
    service.token_status.store(401, Ordering::SeqCst);
    let limiter = service.limiter();
    for _ in 0..20 {
        let fault = unavailable(limiter.check(&ask()).await);
        assert!(matches!(fault, Fault::Status { status: 401, .. }));
    }
    assert_eq!(service.tokens_asked.load(Ordering::SeqCst), 1);
    service.token_status.store(200, Ordering::SeqCst);
    time::advance(Duration::from_secs(1)).await;
    assert!(limiter.check(&ask()).await.unwrap().allowed);
    assert!(asked.recv().await.is_some() && asked.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_asked_passes_only_where_that_was_said() {
    let nothing = json!({}).to_string();
    let unreached = json!({ "allowed": false, "outcome": "unavailable" }).to_string();
    let cases = [
        vec![Reply::Answer(503, nothing.clone())],
        vec![Reply::Answer(500, nothing.clone())],
        vec![Reply::Answer(429, nothing.clone())],
        vec![Reply::Answer(403, nothing.clone())],
        vec![Reply::Answer(302, nothing.clone())],
        vec![Reply::Answer(204, String::new())],
        vec![Reply::Answer(200, "<html>".to_owned())],
        vec![Reply::Answer(200, "x".repeat(300_000)); 2],
        vec![Reply::Answer(200, unreached)],
        vec![Reply::Break, Reply::Break],
        vec![Reply::Silence],
    ];
    for replies in cases {
        let (service, _asked) = Service::open();
        service.then(replies.clone());
        let error = service.limiter().check(&ask()).await.unwrap_err();
        let refusal = Refusal::from(&error);
        assert_eq!(refusal.status, 503, "{replies:?}");
        let is_told = matches!(replies.as_slice(), [Reply::Answer(status, _)] if *status != 200);
        let expected = if is_told { "7" } else { "1" };
        let (_, retry_after) = &refusal.headers[0];
        assert_eq!(retry_after, expected, "{replies:?}");

        let told = Arc::new(Mutex::new(Vec::new()));
        let telling = Arc::clone(&told);
        let open = service
            .config()
            .allow_unchecked(move |error| telling.lock().unwrap().push(error.to_string()));
        service.then(replies.clone());
        let passed = Limiter::new(open).unwrap().check(&ask()).await.unwrap();
        assert!(passed.allowed && passed.outcome == Outcome::Unchecked);
        assert_eq!(told.lock().unwrap().len(), 1, "{replies:?}");
    }
}

#[tokio::test]
async fn a_wrong_question_passes_nowhere() {
    let (service, mut asked) = Service::open();
    let open = service.config().allow_unchecked(|_| ());
    let limiter = Limiter::new(open).unwrap();
    for (wrong, mistake) in [
        (Ask::policy("api", ""), Mistake::Subject),
        (Ask::policy("api", "x".repeat(257)), Mistake::Subject),
        (Ask::policy("api", "a\r\nb"), Mistake::Subject),
        (ask().cost(0), Mistake::Cost),
        (ask().request_id(""), Mistake::RequestId),
        (ask().request_id("a b"), Mistake::RequestId),
        (ask().request_id("x".repeat(65)), Mistake::RequestId),
    ] {
        assert_eq!(limiter.check(&wrong).await, Err(mistake.clone().into()));
        assert_eq!(
            limiter.peek(&wrong).await.is_err(),
            mistake != Mistake::RequestId
        );
        assert!(limiter.reserve(&wrong, HOLD).await.is_err());
        assert!(limiter.batch(&[ask(), wrong]).await.is_err());
    }
    assert_eq!(limiter.batch(&[]).await, Err(Mistake::Batch.into()));
    let many = vec![ask(); 51];
    assert_eq!(limiter.batch(&many).await, Err(Mistake::Batch.into()));

    while asked.try_recv().is_ok() {}
    for status in [400, 404, 413, 415, 422] {
        let problem = json!({ "type": "https://aero2.example/problems/unknown-policy", "detail": "no\n such" });
        service.then_tell(status, &problem);
        let refused = Mistake::Refused {
            status,
            problem: "unknown-policy".to_owned(),
            detail: "no such".to_owned(),
        };
        assert_eq!(limiter.check(&ask()).await, Err(refused.into()));
        assert_eq!(asked.recv().await.unwrap().0, "check");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_remembered_until_its_time() {
    let (service, mut asked) = Service::open();
    let limiter = service.limiter();
    *service.left.lock().unwrap() = 0;
    assert!(!limiter.check(&ask()).await.unwrap().is_remembered);
    *service.left.lock().unwrap() = 9;
    time::advance(Duration::from_millis(600)).await;
    for _ in 0..100 {
        let told = limiter.check(&ask()).await.unwrap();
        assert!(told.is_remembered && !told.allowed);
        assert_eq!(told.headers.last().unwrap().1, "1");
        let reserved = limiter.reserve(&ask(), HOLD).await.unwrap();
        assert!(matches!(reserved, Reserved::Refused(_)));
    }
    assert!(asked.try_recv().is_ok() && asked.try_recv().is_err());

    // Others are asked about, and so is who may have been charged before.
    let other = Ask::policy("api", "user:bob");
    assert!(limiter.check(&other).await.unwrap().allowed);
    let named = ask().request_id("again");
    assert!(limiter.check(&named).await.unwrap().allowed);
    time::advance(Duration::from_millis(100)).await;
    assert!(limiter.check(&ask()).await.unwrap().allowed);
}

#[tokio::test]
async fn a_batch_is_decided_one_by_one() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    let unreached = json!({ "allowed": false, "outcome": "unavailable" });
    let verdicts = json!({ "verdicts": [verdict(true, None), unreached, verdict(false, Some(9))] });
    let asks = [ask(), ask(), ask()];
    service.then_tell(200, &verdicts);
    let told = limiter.batch(&asks).await.unwrap();
    let outcomes: Vec<Outcome> = told.iter().map(|told| told.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Admit, Outcome::Unavailable, Outcome::Refuse]
    );
    assert!(!told[1].allowed);

    let open = Limiter::new(service.config().allow_unchecked(|_| ())).unwrap();
    service.then_tell(200, &verdicts);
    let told = open.batch(&asks).await.unwrap();
    assert!(told[1].allowed && told[1].outcome == Outcome::Unchecked && !told[2].allowed);

    // One verdict too few is none at all.
    service.then_tell(200, &json!({ "verdicts": [verdict(true, None)] }));
    assert!(limiter.batch(&asks).await.is_err());
}

#[tokio::test]
async fn a_reservation_is_settled_as_its_work_ends() {
    let (service, mut asked) = Service::open();
    let limiter = service.limiter();
    let done = limiter
        .guarded(&ask(), HOLD, async |_| Ok::<_, ()>(7))
        .await;
    assert_eq!(done, Ok(Ok(7)));
    let (_, reserved) = asked.recv().await.unwrap();
    let (verb, settled) = asked.recv().await.unwrap();
    assert_eq!(verb, "commit");
    assert_eq!(settled["request_id"], reserved["request_id"]);

    let failed = limiter
        .guarded(&ask(), HOLD, async |_| Err::<(), _>("no"))
        .await;
    assert_eq!(failed, Ok(Err("no")));
    assert_eq!(asked.recv().await.unwrap().0, "reserve");
    assert_eq!(asked.recv().await.unwrap().0, "cancel");

    let Reserved::Held(held) = limiter.reserve(&ask(), HOLD).await.unwrap() else {
        panic!("refused");
    };
    assert_eq!(asked.recv().await.unwrap().0, "reserve");
    drop(held);
    assert_eq!(asked.recv().await.unwrap().0, "cancel");

    *service.left.lock().unwrap() = 0;
    let stopped = limiter
        .guarded(&ask(), HOLD, async |_| Ok::<_, ()>(7))
        .await;
    assert!(matches!(stopped, Err(Stopped::Refused(_))));
}

#[tokio::test(start_paused = true)]
async fn who_gives_up_waiting_for_a_reservation_gives_it_back() {
    let (service, mut asked) = Service::open();
    let limiter = service.limiter();
    limiter.prepare().await.unwrap();
    service.then([Reply::Silence]);
    let ask = ask();
    let waiting = limiter.reserve(&ask, HOLD);
    assert!(
        time::timeout(Duration::from_millis(100), waiting)
            .await
            .is_err()
    );
    let (_, reserved) = asked.recv().await.unwrap();
    let (verb, cancelled) = asked.recv().await.unwrap();
    assert_eq!(verb, "cancel");
    assert_eq!(cancelled["request_id"], reserved["request_id"]);
}

#[tokio::test]
async fn a_failed_commit_takes_nothing_from_who_has_worked() {
    let (service, _asked) = Service::open();
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let config = service
        .config()
        .tell(move |error| telling.lock().unwrap().push(error.clone()));
    let limiter = Limiter::new(config).unwrap();
    service.then_tell(200, &verdict(true, None));
    service.then_tell(503, &json!({}));
    let done = limiter
        .guarded(&ask(), HOLD, async |_| Ok::<_, ()>(7))
        .await;
    assert_eq!(done, Ok(Ok(7)));
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_settled_may_be_asked_for_again() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    let Reserved::Held(held) = limiter.reserve(&ask(), HOLD).await.unwrap() else {
        panic!("refused");
    };
    service.then_tell(200, &verdict(false, Some(60_000)));
    assert!(!limiter.check(&ask()).await.unwrap().allowed);
    held.commit().await.unwrap();
    assert!(limiter.check(&ask()).await.unwrap().allowed);
}

#[tokio::test]
async fn nothing_prints_a_secret() {
    let (service, _asked) = Service::open();
    let limiter = service.limiter();
    let reserved = limiter.reserve(&ask(), HOLD).await.unwrap();
    let printed = format!("{limiter:?} {:?} {reserved:?}", service.config());
    assert!(
        !printed.contains("hunter2") && !printed.contains("token-0"),
        "{printed}"
    );
}
