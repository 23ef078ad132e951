//! Does a change reach every isolate in the time it may go on remembering?
//!
//! Two gateways over the same actors, each with a memory of its own. What one
//! of them changes, the other may not know for as long as `ARCHITECTURE.md`
//! says, and no longer, however often it is asked meanwhile.

use crate::support::{
    Browser, Call, Reply, Site,
    relying_party::{RelyingParty, Tokens},
    tenant::{REDIRECT_URI, TenantSite},
};
use serde_json::{Value, json};

/// How long settings and clients are remembered.
const CONFIGURATION_S: u32 = 30;
/// How long it is remembered where a tenant lives.
const HOME_S: u32 = 60;
/// How long leased keys are kept.
const KEYS_S: u32 = 5 * 60;

/// A tenant, and the same tenant as another isolate sees it.
struct Pair<'a> {
    near: TenantSite<'a>,
    far: TenantSite<'a>,
}

impl<'a> Pair<'a> {
    fn new(site: &'a Site, beside: &'a Site) -> Self {
        let near = site.tenant();
        let far = TenantSite::existing(beside, &near.slug);
        Self { near, far }
    }

    /// Ada, signed in at an application: here, and the same there.
    fn ada(&self) -> Ada<'_> {
        let sub = self.near.user("ada@example.com");
        let browser = self.near.signed_in("ada@example.com");
        let party = RelyingParty::new(&self.near);
        let tokens = party.tokens(&browser);
        let cookie = browser.cookie(&self.near.host(), "session").unwrap();
        let far_browser = Browser::new(self.far.site);
        far_browser.plant(&self.far.host(), "session", &cookie);
        let far = RelyingParty {
            tenant: &self.far,
            client: party.client.clone(),
        };
        Ada {
            sub,
            tokens,
            browser: far_browser,
            party: far,
        }
    }

    /// The far isolate still goes by what was; asked all the while, it does so
    /// no longer than for `seconds`.
    fn is_forgotten_after(&self, seconds: u32, is_old: impl Fn() -> bool) {
        assert!(is_old(), "it remembers nothing, so this shows nothing");
        for _ in 0..seconds {
            self.far.site.advance(1_000);
            is_old();
        }
        assert!(!is_old(), "it remembers for longer than {seconds} s");
    }
}

/// A user, a browser and an application, all at the far isolate.
struct Ada<'a> {
    sub: String,
    tokens: Tokens,
    browser: Browser<'a>,
    party: RelyingParty<'a>,
}

impl Ada<'_> {
    fn is_active(&self) -> bool {
        self.party.introspect(&self.tokens.access)["active"] == true
    }

    fn own_sessions(&self) -> Reply {
        self.browser.get(&self.party.tenant.url("/v1/sessions"))
    }

    /// Nothing of the session is worth anything.
    fn is_refused(&self) {
        assert!(!self.is_active());
        let refreshed = self.party.refresh(&self.tokens.refresh);
        refreshed.refused(400, "invalid_grant");
        self.own_sessions().expect(401);
    }
}

fn discovery(tenant: &TenantSite<'_>) -> Reply {
    let path = "/.well-known/openid-configuration";
    tenant.site.get(&tenant.url(path))
}

#[test]
fn an_ended_session_is_refused_everywhere_at_once() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let ada = pair.ada();
    assert!(ada.is_active());
    ada.own_sessions().expect(200);
    let path = format!("/users/{}/sessions", ada.sub);
    pair.near.admin("DELETE", &path, &Value::Null).expect(204);
    ada.is_refused();
}

#[test]
fn a_disabled_user_is_refused_everywhere_at_once() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let ada = pair.ada();
    assert!(ada.is_active());
    let path = format!("/users/{}", ada.sub);
    let disabled = json!({"status": "disabled"});
    pair.near.admin("PATCH", &path, &disabled).expect(200);
    ada.is_refused();
}

/// No session has been told by itself: all mail is lost.
#[test]
fn the_end_of_all_sessions_reaches_every_isolate_in_time() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let ada = pair.ada();
    assert!(ada.is_active());
    site.world().hold_mail(true);
    let everybody = pair.near.admin("DELETE", "/sessions", &Value::Null);
    everybody.expect(204);
    pair.is_forgotten_after(CONFIGURATION_S, || ada.is_active());
    ada.is_refused();
}

#[test]
fn a_deleted_client_is_a_stranger_everywhere_in_time() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let client = pair.near.client_with(&json!({
        "grant_types": ["client_credentials"], "redirect_uris": [], "response_types": [],
        "scope": "reports",
    }));
    let party = RelyingParty {
        tenant: &pair.far,
        client,
    };
    let credentials = || party.send("/oauth/token", &[("grant_type", "client_credentials")]);
    credentials().expect(200);
    let path = format!("/clients/{}", party.client.id);
    pair.near.admin("DELETE", &path, &Value::Null).expect(204);
    pair.is_forgotten_after(CONFIGURATION_S, || credentials().status == 200);
    credentials().refused(401, "invalid_client");
}

#[test]
fn an_address_taken_from_a_client_is_refused_everywhere_in_time() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let ada = pair.ada();
    let redirects = || {
        let reply = ada
            .browser
            .get(&ada.party.authorize_url(&[("prompt", "none")]));
        reply.header("location").starts_with(REDIRECT_URI)
    };
    assert!(redirects());
    let path = format!("/clients/{}", ada.party.client.id);
    let elsewhere = json!({"redirect_uris": ["https://elsewhere.example/callback"]});
    pair.near.admin("PATCH", &path, &elsewhere).expect(200);
    pair.is_forgotten_after(CONFIGURATION_S, redirects);
}

#[test]
fn a_setting_holds_everywhere_in_time() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let is_open = || {
        let document = discovery(&pair.far).expect(200).json();
        !document["registration_endpoint"].is_null()
    };
    let set = |is_open| {
        let setting = json!({"registration_enabled": is_open});
        pair.near.admin("PATCH", "", &setting).expect(200);
    };
    set(true);
    assert!(is_open());
    set(false);
    pair.is_forgotten_after(CONFIGURATION_S, is_open);
}

#[test]
fn a_suspended_or_deleted_tenant_answers_nowhere_in_time() {
    for (method, document, status) in [
        ("PATCH", json!({"status": "suspended"}), 403),
        ("DELETE", Value::Null, 404),
    ] {
        let site = Site::in_process();
        let beside = site.beside();
        let pair = Pair::new(&site, &beside);
        discovery(&pair.far).expect(200);
        let reply = pair.near.admin(method, "", &document);
        assert!(reply.status < 300, "{}", reply.text());
        pair.is_forgotten_after(HOME_S, || discovery(&pair.far).status == 200);
        discovery(&pair.far).expect(status);
    }
}

#[test]
fn a_name_taken_from_a_tenant_leads_nowhere_in_time() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let name = format!("isolates.{}.example", pair.near.slug);
    let names = |names: Value| {
        let document = json!({ "hostnames": names });
        pair.near.admin("PATCH", "", &document).expect(200);
    };
    names(json!([name]));
    let answers = || {
        let path = "/.well-known/openid-configuration";
        let call = Call::new("GET", &pair.far.url(path)).header("host", &name);
        beside.send(&call).status == 200
    };
    assert!(answers());
    names(json!([]));
    pair.is_forgotten_after(HOME_S, answers);
}

#[test]
fn a_key_thrown_away_is_published_nowhere_in_time() {
    let site = Site::in_process();
    let beside = site.beside();
    let pair = Pair::new(&site, &beside);
    let published = || {
        let url = pair.far.url("/.well-known/jwks.json");
        beside.get(&url).expect(200).json()["keys"].clone()
    };
    let before = published();
    let now = json!({"emergency": true});
    let call = Call::new("POST", &site.platform_url("/admin/v1/keys/rotate"))
        .bearer(&site.admin_token())
        .json(&now);
    site.send(&call).expect(200);
    pair.is_forgotten_after(KEYS_S, || {
        let keys = published();
        let mut keys = keys.as_array().unwrap().iter();
        keys.any(|key| before.as_array().unwrap().contains(key))
    });
}
