//! Who relies on a tenant's tokens, and listens for those that end?

use super::{
    call::Call,
    socket::TestSocket,
    tenant::{ClientSecretPair, TenantSite},
};
use serde_json::{Value, json};

const PROTOCOL: &str = "aero2.revocation.v1";

/// A resource server with a client of its own.
pub(crate) struct ResourceServer<'a> {
    pub(crate) tenant: &'a TenantSite<'a>,
    pub(crate) client: ClientSecretPair,
}

impl<'a> ResourceServer<'a> {
    pub(crate) fn new(tenant: &'a TenantSite<'a>) -> Self {
        let client = tenant.client_with(&json!({
            "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
            "scope": "revocations.read reports",
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

    pub(crate) fn call(&self) -> Call {
        Call::new("GET", &self.tenant.url("/v1/revocations/events"))
            .header("sec-websocket-protocol", PROTOCOL)
    }

    /// A feed that has said hello.
    pub(crate) fn open(&self) -> TestSocket {
        let call = self.call().bearer(&self.token("revocations.read"));
        let socket = self
            .tenant
            .site
            .connect(&call)
            .unwrap_or_else(|reply| panic!("{}", reply.text()));
        assert_eq!(socket.protocol(), PROTOCOL);
        let hello = socket.json();
        assert_eq!(hello["type"], "hello");
        socket
    }

    /// A feed that has heard what is in force.
    pub(crate) fn start(&self) -> TestSocket {
        let socket = self.open();
        socket.say(&json!({ "type": "start" }).to_string());
        socket.until("caught_up");
        socket
    }

    /// A feed that goes on where another ended, and every frame up to where it
    /// has caught up.
    pub(crate) fn resume(&self, cursor: &Value) -> (TestSocket, Vec<Value>) {
        let socket = self.open();
        socket.say(&json!({ "type": "resume", "cursor": cursor }).to_string());
        let frames = socket.until("caught_up");
        (socket, frames)
    }
}
