//! Does every path that ends access end it at once, and say so once?
//!
//! One row a path. Each act is performed while nothing but what comes first is
//! delivered: then refresh and introspection must refuse already. Afterwards
//! there must be one revocation, in which everything told has its act.

mod acts;
mod receivers;

use crate::support::{
    Browser, Call, Site, TestSocket,
    relying_party::{RelyingParty, Tokens, claims},
    resource_server::ResourceServer,
    tenant::TenantSite,
};
use aero2::{
    actors::{
        courier::Message,
        runtime::envelope::{self, Body},
    },
    domain::{
        revocation::{News, Record},
        session::EndReason,
    },
    gateway::courier,
};
use futures::future::LocalBoxFuture;
use receivers::Receivers;
use serde_json::Value;
use std::{cell::RefCell, collections::BTreeSet, rc::Rc};

/// What becomes of the tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    /// It is told before the act is answered.
    AtOnce,
    /// Its session goes on.
    Stays,
}

/// One path that ends access.
struct Path {
    act: fn(&Scene<'_>),
    /// What the record takes away.
    kind: &'static str,
    why: &'static str,
    tab: Tab,
    /// Whether a credential changes by the same act.
    credential: bool,
    /// Whether the tenant itself is gone afterwards.
    gone: bool,
}

impl Path {
    /// Whether it ends sessions, and not less.
    fn ends_sessions(&self) -> bool {
        ["sessions", "tenant"].contains(&self.kind)
    }

    /// Whether it takes less time than the token of a feed lives.
    fn is_quick(&self) -> bool {
        !["idle", "expired"].contains(&self.why)
    }
}

/// Ada, signed in at an application, with a tab open.
struct Scene<'a> {
    site: &'a Site,
    tenant: &'a TenantSite<'a>,
    sub: String,
    browser: Browser<'a>,
    party: RelyingParty<'a>,
    tokens: Tokens,
    /// The code the tokens were issued for.
    code: String,
    tab: TestSocket,
    /// The registration of the application's client, where it may delete
    /// itself.
    registration: Option<(String, String)>,
}

type Heard = Rc<RefCell<Vec<Message>>>;

/// Notes what the courier is given, and lets it carry that.
fn listen(site: &Site) -> Heard {
    let heard = Heard::default();
    let noting = Rc::clone(&heard);
    let gateway = Rc::downgrade(&site.inner().gateway);
    let helper = move |_, name: String, bytes: Vec<u8>| {
        let Body::Message(message) = envelope::open(&bytes).unwrap().body else {
            panic!("a courier only carries");
        };
        noting
            .borrow_mut()
            .push(envelope::unpack(&message).unwrap());
        let gateway = gateway.upgrade().unwrap();
        let answer: LocalBoxFuture<'static, _> =
            Box::pin(async move { courier::run(&*gateway, &name, &bytes).await });
        answer
    };
    site.world().employ("courier", Box::new(helper));
    heard
}

/// What the feed has told since it was asked last: the claims of each token.
fn told(feed: &TestSocket) -> Vec<Value> {
    let mut told = Vec::new();
    while let Some(frame) = feed.next() {
        let frame: Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(frame["type"], "event");
        told.push(claims(frame["set"].as_str().unwrap()));
    }
    told
}

fn tab_call(tenant: &TenantSite<'_>) -> Call {
    Call::new("GET", &tenant.url("/v1/sessions/events"))
        .header("origin", &tenant.issuer())
        .header("sec-websocket-protocol", "aero2.revocation.v1")
}

/// The application's client, which has registered itself.
fn registered(tenant: &TenantSite<'_>) -> (Value, Option<(String, String)>) {
    let open = serde_json::json!({"registration_enabled": true});
    tenant.admin("PATCH", "", &open).expect(200);
    let document = serde_json::json!({
        "client_name": "Itself",
        "redirect_uris": [crate::support::tenant::REDIRECT_URI],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email offline_access",
        "token_endpoint_auth_method": "client_secret_basic",
    });
    let call = Call::new("POST", &tenant.url("/oauth/register")).json(&document);
    let client = tenant.site.send(&call).expect(201).json();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let registration = (
        text("registration_client_uri"),
        text("registration_access_token"),
    );
    (client, Some(registration))
}

fn play(path: &Path) {
    let site = Site::in_process();
    let heard = listen(&site);
    let tenant = site.tenant();
    let sub = tenant.user("ada@example.com");
    let (client, registration) = registered(&tenant);
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let party = RelyingParty {
        tenant: &tenant,
        client: crate::support::tenant::ClientSecretPair {
            id: text("client_id"),
            secret: text("client_secret"),
        },
    };
    let browser = tenant.signed_in("ada@example.com");
    let code = party.code(&browser);
    let tokens = Tokens::from(party.redeem(&code));
    let tab = browser.connect(tab_call(&tenant)).ok().unwrap();
    tab.say(r#"{"type":"start"}"#);
    tab.until("caught_up");
    let scene = Scene {
        site: &site,
        tenant: &tenant,
        sub,
        browser,
        party,
        tokens,
        code,
        tab,
        registration,
    };
    let resource_server = RelyingParty::new(&tenant);
    assert_eq!(
        resource_server.introspect(&scene.tokens.access)["active"],
        true
    );
    let receivers = Receivers::new(&tenant);
    heard.borrow_mut().clear();
    let feed = path
        .is_quick()
        .then(|| ResourceServer::new(&tenant).start());

    site.world().delay_mail(true);
    (path.act)(&scene);
    scene.is_refused(&resource_server, path.kind);
    let ended = (path.tab == Tab::AtOnce).then(|| scene.ended());
    site.world().delay_mail(false);
    site.advance(20_000);

    let act = one_record(&heard.borrow(), path);
    if let Some(feed) = feed {
        let sets = told(&feed);
        assert_eq!(sets.len(), 1, "the feed: {sets:?}");
        let event = &sets[0]["events"]["urn:aero2:event:revoked"];
        assert_eq!(
            (&event["kind"], &event["reason"]),
            (&path.kind.into(), &path.why.into())
        );
        assert_eq!(sets[0]["txn"], act, "the feed");
    }
    receivers.were_told(path, &scene.sub, &act);
    match ended {
        None => scene.goes_on(),
        Some(event) => {
            assert_eq!(event["reason"], path.why);
            assert_eq!(event["txn"], act, "the tab");
            assert_eq!(logged_out(&heard.borrow(), &scene.party.client.id), act);
        }
    }
}

/// Checks what was announced; answers the act.
fn one_record(heard: &[Message], path: &Path) -> String {
    let announced = |message: &Message| match message {
        Message::Announce(news) => Some(news.record.clone()),
        Message::LogOut(_) | Message::Transmit(_) => None,
    };
    let records: Vec<Record> = heard.iter().filter_map(announced).collect();
    let acts: Vec<String> = records
        .iter()
        .map(|record| record.act.to_string())
        .collect();
    let is_revocation = |record: &&Record| matches!(record.news, News::Revoked(_));
    let (revoked, credentials): (Vec<&Record>, Vec<&Record>) =
        records.iter().partition(is_revocation);
    let [
        Record {
            news: News::Revoked(revoked),
            ..
        },
    ] = revoked.as_slice()
    else {
        panic!("not one revocation: {records:?}");
    };
    assert_eq!(
        credentials.len(),
        usize::from(path.credential),
        "{records:?}"
    );
    assert!(acts.iter().all(|act| *act == acts[0]), "{records:?}");
    let document = serde_json::to_value(revoked).unwrap();
    assert_eq!(document["kind"], path.kind, "{document}");
    assert_eq!(document["reason"], path.why, "{document}");
    acts[0].clone()
}

/// The act by which a client was logged out, once.
fn logged_out(heard: &[Message], client: &str) -> String {
    let of_client = |message: &Message| match message {
        Message::LogOut(news) if news.client_id.as_str() == client => Some(news.act.to_string()),
        _ => None,
    };
    let acts: Vec<String> = heard.iter().filter_map(of_client).collect();
    assert_eq!(acts.len(), 1, "back-channel");
    acts[0].clone()
}

impl Scene<'_> {
    /// Nothing the application holds is worth anything. An access token that was
    /// revoked alone leaves the rest.
    fn is_refused(&self, resource_server: &RelyingParty<'_>, kind: &str) {
        let token = [("token", self.tokens.access.as_str())];
        let asked = resource_server.send("/oauth/introspect", &token);
        let is_active = asked.status == 200 && asked.json()["active"] == true;
        assert!(!is_active, "introspection: {}", asked.text());
        let refreshed = self.party.refresh(&self.tokens.refresh).status;
        assert_eq!(refreshed == 200, kind == "token", "refresh: {refreshed}");
    }

    /// What the tab was told before it was closed.
    fn ended(&self) -> Value {
        assert_eq!(self.tab.closed(), 4401);
        let event = self.tab.json();
        assert_eq!(self.tab.next(), None, "one event");
        assert_eq!(event["event"]["kind"], "session_ended");
        event["event"].clone()
    }

    /// The tab's session lives, and knows of nothing.
    fn goes_on(&self) {
        self.tab.say(r#"{"type":"sync","nonce":"n"}"#);
        assert_eq!(self.tab.json()["type"], "synced");
        self.browser
            .get(&self.tenant.url("/v1/sessions"))
            .expect(200);
    }
}

macro_rules! paths {
    ($($name:ident: $kind:literal $why:literal $tab:ident $($more:ident)?;)+) => {
        $(
            #[test]
            fn $name() {
                play(&Path {
                    act: acts::$name,
                    kind: $kind,
                    why: $why,
                    tab: Tab::$tab,
                    credential: [$(stringify!($more))?].contains(&"credential"),
                    gone: [$(stringify!($more))?].contains(&"gone"),
                });
            }
        )+

        /// What is taken away, and why, on every path.
        const PATHS: &[(&str, &str)] = &[$(($kind, $why)),+];
    };
}

paths! {
    the_application_signs_its_user_out: "sessions" "signed_out" AtOnce;
    the_user_ends_her_own_session: "sessions" "signed_out" AtOnce;
    the_user_ends_it_from_elsewhere: "sessions" "signed_out_elsewhere" AtOnce;
    the_user_ends_all_others: "sessions" "signed_out_elsewhere" AtOnce;
    the_user_ends_all_others_on_the_page: "sessions" "signed_out_elsewhere" AtOnce;
    the_user_signs_out_everywhere: "sessions" "signed_out_elsewhere" AtOnce;
    the_user_signs_out_everywhere_on_the_page: "sessions" "signed_out_elsewhere" AtOnce;
    it_is_not_used: "sessions" "idle" AtOnce;
    it_is_old: "sessions" "expired" AtOnce;
    a_refresh_token_comes_again: "sessions" "token_reused" AtOnce;
    somebody_else_signs_in_here: "sessions" "replaced" AtOnce;
    too_many_others_begin: "sessions" "limit" AtOnce;
    an_administrator_ends_it: "sessions" "administrator" AtOnce;
    an_administrator_ends_all_of_the_user: "sessions" "administrator" AtOnce;
    an_administrator_takes_a_role: "sessions" "administrator" AtOnce;
    the_user_changes_the_password: "sessions" "password_changed" AtOnce credential;
    an_administrator_changes_the_password: "sessions" "password_changed" AtOnce credential;
    the_user_is_disabled: "sessions" "user_disabled" AtOnce;
    the_user_is_deleted: "sessions" "user_disabled" AtOnce;
    everybody_is_signed_out: "tenant" "administrator" AtOnce;
    the_tenant_is_suspended: "tenant" "tenant_ended" AtOnce;
    the_tenant_is_deleted: "tenant" "tenant_ended" AtOnce gone;
    a_code_comes_again: "grant" "token_reused" Stays;
    the_application_revokes_its_refresh_token: "grant" "token_revoked" Stays;
    the_application_revokes_its_access_token: "token" "token_revoked" Stays;
    too_many_other_grants_are_made: "grant" "limit" Stays;
    the_user_withdraws_the_consent: "consent" "consent_withdrawn" Stays;
    an_administrator_deletes_the_client: "client" "client_deleted" Stays;
    the_client_deletes_itself: "client" "client_deleted" Stays;
}

/// All mail is lost for the moment, what comes first too.
#[test]
fn a_session_that_nobody_has_told_is_refused_where_everybody_was_signed_out() {
    let site = Site::in_process();
    listen(&site);
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let party = RelyingParty::new(&tenant);
    let sign_in = || {
        let browser = tenant.signed_in("ada@example.com");
        let tokens = party.tokens(&browser);
        let tab = browser.connect(tab_call(&tenant)).ok().unwrap();
        (browser, tokens, tab)
    };
    let (refreshing, looking, introspected) = (sign_in(), sign_in(), sign_in());
    site.world().hold_mail(true);
    tenant
        .admin("DELETE", "/sessions", &Value::Null)
        .expect(204);
    party
        .refresh(&refreshing.1.refresh)
        .refused(400, "invalid_grant");
    looking.0.get(&tenant.url("/v1/sessions")).expect(401);
    let said = party.introspect(&introspected.1.access);
    assert_eq!(said["active"], false);
    for (_, _, tab) in [refreshing, looking, introspected] {
        assert_eq!(tab.closed(), 4401);
    }
    let again = sign_in();
    assert_eq!(party.introspect(&again.1.access)["active"], true);
}

#[test]
fn every_reason_and_everything_that_is_taken_away_has_a_path() {
    let last = |reason| match reason {
        // A reason that is new belongs into this list, and into the table.
        EndReason::SignedOut
        | EndReason::SignedOutElsewhere
        | EndReason::Idle
        | EndReason::Expired
        | EndReason::PasswordChanged
        | EndReason::UserDisabled
        | EndReason::TokenReused
        | EndReason::Replaced
        | EndReason::Administrator
        | EndReason::TenantEnded
        | EndReason::ClientDeleted
        | EndReason::ConsentWithdrawn
        | EndReason::TokenRevoked
        | EndReason::Limit => 14,
    };
    let reasons: BTreeSet<&str> = PATHS.iter().map(|(_, why)| *why).collect();
    assert_eq!(reasons.len(), last(EndReason::Limit));
    let kinds: BTreeSet<&str> = PATHS.iter().map(|(kind, _)| *kind).collect();
    let all = ["client", "consent", "grant", "sessions", "tenant", "token"];
    assert!(kinds.iter().eq(&all));
}
