//! What does a tenant's backend do that limits its own callers?

use super::{
    call::{Call, Reply},
    tenant::{ClientSecretPair, TenantSite},
};
use serde_json::{Value, json};

/// A backend with a client of its own.
pub(crate) struct Backend<'a> {
    pub(crate) tenant: &'a TenantSite<'a>,
    pub(crate) client: ClientSecretPair,
    pub(crate) token: String,
}

impl<'a> Backend<'a> {
    pub(crate) fn new(tenant: &'a TenantSite<'a>) -> Self {
        let client = tenant.client_with(&json!({
            "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
            "scope": "ratelimit reports",
        }));
        Self::of(tenant, client)
    }

    /// One whose client was made earlier.
    pub(crate) fn of(tenant: &'a TenantSite<'a>, client: ClientSecretPair) -> Self {
        let mut backend = Self {
            tenant,
            client,
            token: String::new(),
        };
        backend.token = backend.token("ratelimit");
        backend
    }

    pub(crate) fn token(&self, scope: &str) -> String {
        let call = Call::new("POST", &self.tenant.url("/oauth/token"))
            .basic(&self.client.id, &self.client.secret)
            .form(&[("grant_type", "client_credentials"), ("scope", scope)]);
        self.tenant
            .site
            .send(&call)
            .expect(200)
            .member("access_token")
    }

    /// Lays a policy down for the tenant.
    pub(crate) fn lay_down(&self, policy: &Value) {
        let made = self.tenant.admin("POST", "/policies", policy);
        made.expect(201);
    }

    pub(crate) fn call(&self, what: &str, question: &Value) -> Call {
        let url = self.tenant.url(&format!("/v1/ratelimit/{what}"));
        Call::new("POST", &url).bearer(&self.token).json(question)
    }

    pub(crate) fn send(&self, what: &str, question: &Value) -> Reply {
        self.tenant.site.send(&self.call(what, question))
    }

    /// The answer to a question that has one.
    pub(crate) fn ask(&self, what: &str, question: &Value) -> Value {
        self.send(what, question).expect(200).json()
    }

    /// Whether it may happen, by rules that come along.
    pub(crate) fn may(&self, rules: &Value, subject: &str) -> bool {
        self.ask("check", &inline(rules, subject))["allowed"] == true
    }
}

/// A question by rules that come along.
pub(crate) fn inline(rules: &Value, subject: &str) -> Value {
    json!({ "inline": { "name": "x", "rules": rules }, "subject": subject })
}

/// The same with more members.
pub(crate) fn with(question: &Value, members: &Value) -> Value {
    let mut question = question.clone();
    for (name, value) in members.as_object().unwrap() {
        question[name] = value.clone();
    }
    question
}

/// So many at once, then one an hour.
pub(crate) fn burst(cells: u32) -> Value {
    json!([{ "name": "burst", "type": "gcra", "period_ms": 3_600_000, "burst": cells }])
}
