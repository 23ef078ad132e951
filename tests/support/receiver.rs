//! Who receives Shared Signals?

use super::{
    call::{Call, Reply},
    relying_party::claims,
    tenant::{ClientSecretPair, TenantSite},
};
use aero2::{
    actors::{
        revocations::{Append, Revocations},
        runtime::{Actors, Mail},
    },
    domain::{
        ids::{ActId, EventId, SessionId, TenantId, UserId},
        revocation::{News, Record, Revoked, What},
        session::EndReason,
        time::HOUR_MS,
    },
    gateway::outside::{Post, PostFault, Posted},
};
use http::StatusCode;
use serde_json::{Value, json};
use std::{cell::RefCell, rc::Rc};

/// Where a receiver's events are pushed.
pub(crate) const ENDPOINT: &str = "https://receiver.example/events";

/// `method` of a pushed stream.
pub(crate) const PUSH: &str = "urn:ietf:rfc:8935";

/// A client that has streams.
pub(crate) struct Receiver<'a> {
    pub(crate) tenant: &'a TenantSite<'a>,
    pub(crate) client: ClientSecretPair,
}

/// What came to a receiver's address.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    /// The security event token.
    pub(crate) set: String,
}

impl Delivery {
    fn of(post: &Post) -> Self {
        let header = |(name, value): &(http::HeaderName, aero2::domain::secret::Secret<String>)| {
            (name.to_string(), value.expose().clone())
        };
        Self {
            url: post.url.to_string(),
            headers: post.headers.iter().map(header).collect(),
            set: String::from_utf8(post.body.clone()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn claims(&self) -> Value {
        claims(&self.set)
    }
}

/// How a receiver's server answers the next event.
type Manner = Box<dyn FnMut(&Delivery) -> Result<Posted, PostFault>>;

impl<'a> Receiver<'a> {
    pub(crate) fn new(tenant: &'a TenantSite<'a>) -> Self {
        let client = tenant.client_with(&json!({
            "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
            "scope": "ssf.read ssf.manage reports",
        }));
        Self { tenant, client }
    }

    pub(crate) fn token(&self, scope: &str) -> String {
        let call = Call::new("POST", &self.tenant.url("/oauth/token"))
            .basic(&self.client.id, &self.client.secret)
            .form(&[("grant_type", "client_credentials"), ("scope", scope)]);
        let reply = self.tenant.site.send(&call).expect(200);
        reply.member("access_token")
    }

    /// Sends a request with everything a receiver may do; no body for `null`.
    pub(crate) fn send(&self, method: &'static str, path: &str, body: &Value) -> Reply {
        let call = Call::new(method, &self.tenant.url(path)).bearer(&self.token("ssf.manage"));
        let call = if body.is_null() {
            call
        } else {
            call.json(body)
        };
        self.tenant.site.send(&call)
    }

    /// Makes a stream; answers its configuration.
    pub(crate) fn stream(&self, body: &Value) -> Value {
        self.send("POST", "/ssf/stream", body).expect(201).json()
    }

    /// Makes a stream that is pushed to [`ENDPOINT`]; answers its id.
    pub(crate) fn push_stream(&self) -> String {
        let delivery = json!({"method": PUSH, "endpoint_url": ENDPOINT});
        id_of(&self.stream(&json!({ "delivery": delivery })))
    }

    /// Makes a stream that is fetched; answers its id.
    pub(crate) fn poll_stream(&self) -> String {
        id_of(&self.stream(&json!({})))
    }

    pub(crate) fn poll(&self, stream: &str, body: &Value) -> Reply {
        self.send("POST", &format!("/ssf/poll/{stream}"), body)
    }

    pub(crate) fn set_status(&self, stream: &str, status: &str) {
        let body = json!({"stream_id": stream, "status": status});
        let reply = self.send("POST", "/ssf/status", &body).expect(200);
        assert_eq!(reply.member("status"), status);
    }

    pub(crate) fn status(&self, stream: &str) -> Value {
        let path = format!("/ssf/status?stream_id={stream}");
        self.send("GET", &path, &Value::Null).expect(200).json()
    }

    /// The claims of fetched events, in their order.
    pub(crate) fn fetched(reply: &Reply) -> Vec<Value> {
        let (document, text) = (reply.json(), reply.text());
        let sets = document["sets"].as_object().unwrap();
        let mut sets: Vec<_> = sets.iter().collect();
        sets.sort_by_key(|(jti, _)| text.find(jti.as_str()));
        let read = |(jti, set): (&String, &Value)| {
            let claims = claims(set.as_str().unwrap());
            assert_eq!(claims["jti"], jti.as_str());
            claims
        };
        sets.into_iter().map(read).collect()
    }

    /// Lets the receiver's server answer as `manner` does; answers what has come.
    pub(crate) fn listen(&self, mut manner: Manner) -> Rc<RefCell<Vec<Delivery>>> {
        let heard = Rc::<RefCell<Vec<Delivery>>>::default();
        let ear = Rc::clone(&heard);
        let platform = self.tenant.site.inner().gateway.platform();
        *platform.outside.borrow_mut() = Box::new(move |post| {
            let delivery = Delivery::of(post);
            let answer = manner(&delivery);
            ear.borrow_mut().push(delivery);
            answer
        });
        heard
    }

    /// The same for a server that takes everything.
    pub(crate) fn listen_gladly(&self) -> Rc<RefCell<Vec<Delivery>>> {
        self.listen(Box::new(|_| Ok(answer(202, ""))))
    }
}

/// An answer of a receiver's server.
pub(crate) fn answer(status: u16, body: &str) -> Posted {
    Posted {
        status: StatusCode::from_u16(status).unwrap(),
        body: body.as_bytes().to_vec(),
    }
}

pub(crate) fn id_of(stream: &Value) -> String {
    stream["stream_id"].as_str().unwrap().to_owned()
}

/// The nth user.
pub(crate) const fn user(n: u8) -> UserId {
    UserId::from_bytes([n; 16])
}

/// The nth session.
pub(crate) const fn session(n: u8) -> SessionId {
    SessionId::from_bytes([n; 16])
}

/// A record that ends the nth session of the nth user.
pub(crate) fn ended(tenant: &TenantSite<'_>, n: u8) -> Record {
    let what = What::Sessions {
        sub: user(n),
        sids: vec![session(n)],
        all: false,
    };
    revoked(tenant, n, what)
}

/// A record.
pub(crate) fn revoked(tenant: &TenantSite<'_>, n: u8, what: What) -> Record {
    let now = aero2::actors::runtime::Transport::now(tenant.site.world());
    Record {
        id: EventId::from_bytes([n; 16]),
        act: ActId::from_bytes([n; 16]),
        at: now,
        news: News::Revoked(Revoked {
            what,
            reason: EndReason::Administrator,
            exp: now.plus(HOUR_MS),
        }),
    }
}

/// Appends a record to the tenant's log.
pub(crate) fn append(tenant: &TenantSite<'_>, record: Record) {
    let world = tenant.site.world();
    let id = tenant_id(tenant);
    let mail = Mail::new(world.clone(), None);
    let append = Append {
        record,
        sets: Vec::new(),
        retention_ms: HOUR_MS,
        is_last: false,
    };
    world
        .run(mail.ask(&Revocations::address(id), append))
        .unwrap();
}

/// The tenant's id.
pub(crate) fn tenant_id(tenant: &TenantSite<'_>) -> TenantId {
    let document = tenant.admin("GET", "", &Value::Null).expect(200);
    TenantId::parse(&document.member("id")).unwrap()
}
