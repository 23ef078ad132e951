//! A tenant's rate limit in memory: what it answers is in the test's hands.

use aero2_ratelimit::{Config, Dial, Limiter, Wire};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::{Semaphore, mpsc};

pub(crate) const ISSUER: &str = "http://acme.localhost";

/// What becomes of a question.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// This, whatever was asked.
    Answer(u16, String),
    /// The connection breaks, after the charge.
    Break,
    /// Nothing, ever.
    Silence,
}

pub(crate) struct Service {
    /// What comes before the ordinary answers.
    pub(crate) replies: Mutex<VecDeque<Reply>>,
    /// What is left under the ordinary answers.
    pub(crate) left: Mutex<u32>,
    charged: Mutex<BTreeSet<String>>,
    pub(crate) connections: AtomicUsize,
    pub(crate) tokens_asked: AtomicUsize,
    /// Tokens with a lower number are spent.
    pub(crate) tokens_from: AtomicUsize,
    pub(crate) token_status: AtomicUsize,
    /// Each token request takes one.
    pub(crate) token_gate: Semaphore,
    /// Whether connections are closed after an answer.
    pub(crate) hangs_up: Mutex<bool>,
    asked: mpsc::UnboundedSender<(String, Value)>,
}

/// What was asked: the last part of the path, and the body.
pub(crate) type Asked = mpsc::UnboundedReceiver<(String, Value)>;

pub(crate) fn verdict(allowed: bool, wait_ms: Option<u64>) -> Value {
    let headers = json!({
        "RateLimit-Policy": r#""api.burst";q=10;w=10"#, "RateLimit": r#""api.burst";r=0;t=1"#,
    });
    let rule = json!({
        "name": "burst", "limit": 10, "window_ms": 10_000, "remaining": 0, "reset_ms": 1_000,
        "refuses": !allowed,
    });
    json!({
        "allowed": allowed, "outcome": if allowed { "admit" } else { "refuse" },
        "retry_after_ms": wait_ms, "policy": "api", "version": 1, "mode": "enforce",
        "shadow_refused": false, "degraded": false, "rules": [rule], "headers": headers,
    })
}

impl Service {
    pub(crate) fn open() -> (Arc<Self>, Asked) {
        let (asked, told) = mpsc::unbounded_channel();
        let service = Self {
            replies: Mutex::default(),
            left: Mutex::new(u32::MAX),
            charged: Mutex::default(),
            connections: AtomicUsize::new(0),
            tokens_asked: AtomicUsize::new(0),
            tokens_from: AtomicUsize::new(0),
            token_status: AtomicUsize::new(200),
            token_gate: Semaphore::new(1_000),
            hangs_up: Mutex::new(false),
            asked,
        };
        (Arc::new(service), told)
    }

    /// A configuration that reaches it.
    pub(crate) fn config(self: &Arc<Self>) -> Config {
        let service = Arc::clone(self);
        let dial = Dial::through(move || {
            let service = Arc::clone(&service);
            async move { Ok(service.accept()) }
        });
        Config::new(ISSUER, "gate", "hunter2").dial(dial)
    }

    pub(crate) fn limiter(self: &Arc<Self>) -> Limiter {
        Limiter::new(self.config()).unwrap()
    }

    pub(crate) fn then(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    pub(crate) fn then_tell(&self, status: u16, body: &Value) {
        self.then([Reply::Answer(status, body.to_string())]);
    }

    pub(crate) fn charges(&self) -> usize {
        self.charged.lock().unwrap().len()
    }

    fn accept(self: Arc<Self>) -> Box<dyn Wire> {
        self.connections.fetch_add(1, Ordering::SeqCst);
        let (ours, theirs) = tokio::io::duplex(65_536);
        tokio::spawn(async move {
            let serve = service_fn(|request| Arc::clone(&self).serve(request));
            let io = TokioIo::new(theirs);
            // A reply that breaks the connection is an error on this side, too.
            http1::Builder::new().serve_connection(io, serve).await.ok();
        });
        Box::new(ours)
    }

    async fn serve(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, io::Error> {
        let path = request.uri().path().to_owned();
        let bearer = request.headers().get("authorization").cloned();
        assert_eq!(request.headers()["host"], "acme.localhost");
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let (status, body) = match path.as_str() {
            "/.well-known/openid-configuration" => {
                let token = format!("{ISSUER}/token");
                (
                    200,
                    json!({ "issuer": ISSUER, "token_endpoint": token }).to_string(),
                )
            }
            "/token" => self.grant(&body).await,
            _ => {
                let verb = path.strip_prefix("/v1/ratelimit/").unwrap();
                let bearer = bearer.unwrap();
                let number = bearer
                    .to_str()
                    .unwrap()
                    .strip_prefix("Bearer token-")
                    .unwrap();
                let asked: Value = serde_json::from_slice(&body).unwrap();
                self.asked.send((verb.to_owned(), asked.clone())).ok();
                if number.parse::<usize>().unwrap() < self.tokens_from.load(Ordering::SeqCst) {
                    (401, "{}".to_owned())
                } else {
                    self.decide(verb, &asked).await?
                }
            }
        };
        let mut response = Response::builder()
            .status(status)
            .header("retry-after", "7");
        if *self.hangs_up.lock().unwrap() {
            response = response.header("connection", "close");
        }
        Ok(response.body(Full::from(body)).unwrap())
    }

    async fn grant(&self, form: &[u8]) -> (u16, String) {
        assert_eq!(form, b"grant_type=client_credentials&scope=ratelimit");
        let number = self.tokens_asked.fetch_add(1, Ordering::SeqCst);
        self.token_gate.acquire().await.unwrap().forget();
        let status = u16::try_from(self.token_status.load(Ordering::SeqCst)).unwrap();
        let token = format!("token-{number}");
        (
            status,
            json!({ "access_token": token, "expires_in": 300 }).to_string(),
        )
    }

    async fn decide(&self, verb: &str, asked: &Value) -> Result<(u16, String), io::Error> {
        let reply = self.replies.lock().unwrap().pop_front();
        if let Some(Reply::Answer(status, body)) = reply {
            return Ok((status, body));
        }
        if matches!(reply, Some(Reply::Silence)) {
            std::future::pending::<()>().await;
        }
        let told = match verb {
            "commit" | "cancel" => json!({ "settled": "done" }),
            "batch" => {
                let checks = asked["checks"].as_array().unwrap();
                let verdicts: Vec<Value> = checks.iter().map(|check| self.charge(check)).collect();
                json!({ "verdicts": verdicts })
            }
            _ => self.charge(asked),
        };
        match reply {
            Some(Reply::Break) => Err(io::Error::other("broken off")),
            _ => Ok((200, told.to_string())),
        }
    }

    /// Charges once for each request id.
    fn charge(&self, check: &Value) -> Value {
        let id = check["request_id"].as_str().map(str::to_owned);
        let mut charged = self.charged.lock().unwrap();
        if id.as_ref().is_some_and(|id| charged.contains(id)) {
            return verdict(true, None);
        }
        let mut left = self.left.lock().unwrap();
        if *left == 0 {
            return verdict(false, Some(700));
        }
        *left -= 1;
        charged.extend(id);
        verdict(true, None)
    }
}
