//! A tenant on this machine: what it answers is in the test's hands.

use base64ct::{Base64UrlUnpadded, Encoding};
use futures_util::{SinkExt, StreamExt};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_tungstenite::{
    accept_hdr_async,
    tungstenite::{
        Message,
        handshake::server::{ErrorResponse, Request, Response},
    },
};

pub(crate) const AUDIENCE: &str = "https://api.acme.example";

/// Long after any clock that runs this.
const FAR: u64 = 4_000_000_000;

pub(crate) struct Tenant {
    pub(crate) issuer: String,
    pub(crate) address: String,
    key: Ed25519KeyPair,
    /// Key ids by which the key is known.
    pub(crate) kids: Mutex<Vec<&'static str>>,
    /// Sent before the next `synced`.
    pub(crate) sets: Mutex<Vec<String>>,
    /// Asked of the socket after the next `synced`.
    pub(crate) drains: Mutex<Vec<u64>>,
    /// The first frame on each socket.
    pub(crate) begun: Mutex<Vec<String>>,
    /// Told of each of those.
    pub(crate) has_begun: Notify,
    pub(crate) refuses_feed: AtomicBool,
    pub(crate) introspects_as: AtomicBool,
    pub(crate) sockets: AtomicUsize,
    pub(crate) key_sets_read: AtomicUsize,
    pub(crate) tokens: AtomicUsize,
}

impl Tenant {
    pub(crate) async fn open() -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let tenant = Arc::new(Self {
            // A name that does not resolve: everybody has to be told where it is.
            issuer: format!("http://acme.localhost:{}", address.port()),
            address: address.to_string(),
            key: Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap(),
            kids: Mutex::new(vec!["one"]),
            sets: Mutex::default(),
            drains: Mutex::default(),
            begun: Mutex::default(),
            has_begun: Notify::new(),
            refuses_feed: AtomicBool::new(false),
            introspects_as: AtomicBool::new(true),
            sockets: AtomicUsize::new(0),
            key_sets_read: AtomicUsize::new(0),
            tokens: AtomicUsize::new(0),
        });
        let serving = Arc::clone(&tenant);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&serving).serve(stream));
            }
        });
        tenant
    }

    pub(crate) fn token(&self, session: &str, kid: &str) -> String {
        let claims = json!({
            "iss": self.issuer, "aud": AUDIENCE, "sub": "usr_0alice", "client_id": "app",
            "scope": "orders.read", "jti": "gra_1.t1", "sid": session, "iat": 1, "exp": FAR,
        });
        self.signed("at+jwt", kid, &claims)
    }

    /// The security event token that ends `session`.
    pub(crate) fn ended(&self, session: &str) -> String {
        let event = json!({ "kind": "sessions", "sids": [session], "exp": FAR });
        let claims = json!({
            "iss": self.issuer, "aud": self.issuer, "iat": 1, "jti": "evt_1", "txn": "txn_1",
            "events": { "urn:aero2:event:revoked": event },
        });
        self.signed("secevent+jwt", "one", &claims)
    }

    fn signed(&self, typ: &str, kid: &str, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "typ": typ, "kid": kid });
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let input = format!("{}.{}", part(&header), part(claims));
        let signature = self.key.sign(input.as_bytes());
        format!(
            "{input}.{}",
            Base64UrlUnpadded::encode_string(signature.as_ref())
        )
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut head = vec![0; 8_192];
        let length = stream.peek(&mut head).await.unwrap();
        let head = String::from_utf8_lossy(&head[..length]).into_owned();
        let path = head.split(' ').nth(1).unwrap().to_owned();
        if path == "/v1/revocations/events" && !self.refuses_feed.load(Ordering::SeqCst) {
            return self.feed(stream).await;
        }
        assert!(
            head.to_lowercase().contains("\r\nhost: acme.localhost:"),
            "{head}"
        );
        let (status, body) = self.answer(&path);
        let body = body.to_string();
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        // Whatever it still has to say is read, so that the answer is not reset away.
        tokio::io::copy(&mut stream, &mut tokio::io::sink())
            .await
            .ok();
    }

    fn answer(&self, path: &str) -> (u16, Value) {
        let url = |path| format!("{}{path}", self.issuer);
        match path {
            "/.well-known/openid-configuration" => (
                200,
                json!({
                    "issuer": self.issuer, "jwks_uri": url("/jwks"), "token_endpoint": url("/token"),
                    "introspection_endpoint": url("/introspect"),
                }),
            ),
            "/jwks" => {
                self.key_sets_read.fetch_add(1, Ordering::SeqCst);
                let x = Base64UrlUnpadded::encode_string(self.key.public_key().as_ref());
                let kids = self.kids.lock().unwrap();
                let named = |kid| json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid });
                (
                    200,
                    json!({ "keys": kids.iter().map(named).collect::<Vec<_>>() }),
                )
            }
            "/token" => {
                self.tokens.fetch_add(1, Ordering::SeqCst);
                (
                    200,
                    json!({ "access_token": "feed-token", "expires_in": 300 }),
                )
            }
            "/introspect" => (
                200,
                json!({ "active": self.introspects_as.load(Ordering::SeqCst) }),
            ),
            _ => (403, json!({})),
        }
    }

    async fn feed(&self, stream: TcpStream) {
        #[expect(clippy::result_large_err, reason = "tungstenite's own signature")]
        let check =
            |request: &Request, mut response: Response| -> Result<Response, ErrorResponse> {
                assert_eq!(request.headers()["authorization"], "Bearer feed-token");
                let protocol = request.headers()["sec-websocket-protocol"].clone();
                response
                    .headers_mut()
                    .insert("sec-websocket-protocol", protocol);
                Ok(response)
            };
        let mut socket = accept_hdr_async(stream, check).await.unwrap();
        self.sockets.fetch_add(1, Ordering::SeqCst);
        let mut seq = 0;
        let cursor = |seq: usize| format!("epocha22.{seq}");
        let hello = json!({ "type": "hello", "cursor": cursor(0), "oldest": cursor(0), "heartbeat": 25, "max_staleness": 60 });
        socket.send(Message::text(hello.to_string())).await.unwrap();
        while let Some(Ok(Message::Text(text))) = socket.next().await {
            let frame: Value = serde_json::from_str(&text).unwrap_or_default();
            let mut answers = Vec::new();
            if let Some(first @ ("start" | "resume")) = frame["type"].as_str() {
                self.begun.lock().unwrap().push(first.to_owned());
                self.has_begun.notify_one();
            }
            match frame["type"].as_str() {
                Some("start") => {
                    answers.push(json!({ "type": "reset", "cursor": cursor(0), "part": 1, "parts": 1, "revoked": [] }));
                    answers.push(json!({ "type": "caught_up", "cursor": cursor(0) }));
                }
                Some("resume") => {
                    answers.push(json!({ "type": "caught_up", "cursor": frame["cursor"] }));
                }
                Some("sync") => {
                    for set in self.sets.lock().unwrap().drain(..) {
                        seq += 1;
                        answers.push(json!({ "type": "event", "cursor": cursor(seq), "set": set }));
                    }
                    answers.push(
                        json!({ "type": "synced", "nonce": frame["nonce"], "cursor": cursor(seq) }),
                    );
                    for after_ms in self.drains.lock().unwrap().drain(..) {
                        answers.push(json!({ "type": "drain", "after_ms": after_ms }));
                    }
                }
                _ => {}
            }
            for answer in answers {
                socket.send(Message::text(answer.to_string())).await.ok();
            }
        }
    }
}
