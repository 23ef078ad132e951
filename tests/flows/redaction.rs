//! Can a secret of any kind be read where operators look?
//!
//! A deployment in which every kind of secret is in use. Then everything that
//! shows something is read: the snapshot of every actor, the lists, every record
//! of an act, the archive as it is searched and as it is stored, every line of
//! the log. What must not be in it is known from two sides: what clients hold,
//! with its digests, and whatever rows hold that is as long as a digest or a key.

use crate::support::{
    Backend, Browser, Call, Site,
    backend::burst,
    call::{encoded, query_of},
    console,
    platform::{BOOTSTRAP_SECRET, SETTINGS},
    receiver::{ENDPOINT, PUSH, Receiver},
    relying_party::{RelyingParty, Tokens},
    tenant::{PASSWORD, TenantSite},
};
use aero2::{
    actors::runtime::Recipient,
    store::{Store, sqlite::Sqlite},
};
use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes that no id has, but a digest, a key and whatever is sealed.
const BYTES_MIN: usize = 24;

/// Columns of the widest table.
const COLUMNS_MAX: usize = 32;

/// What is public although rows hold it as bytes of such a length.
const PUBLIC: &[&str] = &["schema_migration"];

/// Texts that must not be seen, and what they are.
#[derive(Default)]
struct Secrets(BTreeMap<String, String>);

impl Secrets {
    fn add_bytes(&mut self, what: &str, bytes: &[u8]) {
        let lower = BASE32_NOPAD.encode(bytes).to_lowercase();
        let spellings = [
            HEXLOWER.encode(bytes),
            BASE64.encode(bytes),
            BASE64_NOPAD.encode(bytes),
            BASE64URL_NOPAD.encode(bytes),
            lower,
        ];
        for text in spellings {
            self.0.insert(text, what.to_owned());
        }
    }

    fn add(&mut self, what: &str, text: &str) {
        assert!(text.len() >= 8, "{what} is too short to be told apart");
        self.0.insert(text.to_owned(), what.to_owned());
        self.0.insert(encoded(text), what.to_owned());
        self.add_bytes(&format!("the digest of {what}"), &Sha256::digest(text));
    }

    /// Everything in an actor's rows that may be a digest, a key or sealed.
    fn add_rows(&mut self, who: &Recipient, store: &Sqlite) {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
        for table in store.query(tables, &[]).unwrap() {
            let table = table.text(0).unwrap();
            if PUBLIC.contains(&table) {
                continue;
            }
            let all: &'static str = Box::leak(format!("SELECT * FROM {table}").into_boxed_str());
            for row in store.query(all, &[]).unwrap() {
                for column in 0..COLUMNS_MAX {
                    let what = format!("{}.{table}[{column}]", who.kind);
                    match (row.blob(column), row.text(column)) {
                        (Ok(bytes), _) if bytes.len() >= BYTES_MIN => self.add_bytes(&what, bytes),
                        (_, Ok(text)) if text.starts_with("$argon2") => {
                            self.0.insert(text.to_owned(), what);
                        }
                        _ => {}
                    }
                }
            }
        }
    }

    /// What of this can be read in `shown`.
    fn read_in(&self, place: &str, shown: &str) -> Vec<String> {
        let seen = self
            .0
            .iter()
            .filter(|(text, _)| shown.contains(text.as_str()));
        seen.map(|(_, what)| format!("{what} in {place}")).collect()
    }
}

/// Uses every kind of secret there is, and tells them.
fn live_through_it(site: &Site, tenant: &TenantSite<'_>) -> Secrets {
    let mut secrets = Secrets::default();
    for (name, value) in SETTINGS {
        if ["MASTER_KEY", "BOOTSTRAP_CLIENT_SECRET"].contains(name) {
            secrets.add(name, value);
        }
    }
    secrets.add("the operator's token", &site.admin_token());
    tenant.user("ada@example.com");
    passwords(tenant, &mut secrets);
    grants(tenant, &mut secrets);
    registrations(tenant, &mut secrets);
    service(tenant, &mut secrets);
    endings(tenant, &mut secrets);
    secrets
}

/// The right one, a wrong one, and one typed in the wrong place.
fn passwords(tenant: &TenantSite<'_>, secrets: &mut Secrets) {
    let (wrong, misplaced) = ("not her password at all", "typed-where-the-name-belongs");
    for name in ["ada@example.com", misplaced] {
        let browser = Browser::elsewhere(tenant.site);
        let (url, page) = browser.open(&tenant.url("/login"));
        let fields = [("username", name), ("password", wrong)];
        drop(browser.submit(&url, &page, &fields));
    }
    secrets.add("a password", PASSWORD);
    secrets.add("a wrong password", wrong);
    secrets.add("a password in the wrong place", misplaced);
}

fn cookie(tenant: &TenantSite<'_>, browser: &Browser<'_>) -> String {
    browser.cookie(&tenant.host(), "session").unwrap()
}

/// What a session hands out that goes on living.
fn grants(tenant: &TenantSite<'_>, secrets: &mut Secrets) {
    let browser = tenant.signed_in("ada@example.com");
    secrets.add("a cookie", &cookie(tenant, &browser));
    let party = RelyingParty::new(tenant);
    secrets.add("a client's secret", &party.client.secret);
    let code = party.code(&browser);
    let tokens = Tokens::from(party.redeem(&code));
    let next = Tokens::from(party.refresh(&tokens.refresh));
    secrets.add("a code", &code);
    secrets.add("an unspent code", &party.code(&browser));
    for tokens in [&tokens, &next] {
        secrets.add("an access token", &tokens.access);
        secrets.add("an ID token", &tokens.id);
        secrets.add("a refresh token", &tokens.refresh);
    }
    let path = format!("/clients/{}/secret", party.client.id);
    let rotated = tenant.admin("POST", &path, &json!({})).expect(200);
    secrets.add("a new client secret", &rotated.member("client_secret"));
    let call = Call::new("POST", &tenant.url("/v1/sessions/tickets")).bearer(&next.access);
    let call = call.header("origin", "https://app.example");
    let ticket = tenant.site.send(&call).expect(201);
    secrets.add("a ticket", &ticket.member("ticket"));
}

/// A client that registers itself, and a receiver of signals.
fn registrations(tenant: &TenantSite<'_>, secrets: &mut Secrets) {
    let on = json!({ "registration_enabled": true });
    tenant.admin("PATCH", "", &on).expect(200);
    let made = json!({ "client_name": "Self-made", "redirect_uris": ["https://self.example/cb"] });
    let call = Call::new("POST", &tenant.url("/oauth/register")).json(&made);
    let made = tenant.site.send(&call).expect(201);
    for name in ["registration_access_token", "client_secret"] {
        secrets.add(name, &made.member(name));
    }
    let receiver = Receiver::new(tenant);
    drop(receiver.listen_gladly());
    let header = "Bearer what-the-receiver-asks-for";
    receiver.stream(&json!({ "delivery": {
        "method": PUSH, "endpoint_url": ENDPOINT, "authorization_header": header,
    }}));
    secrets.add("a receiver's header", header);
}

/// A backend that limits its own, and an operator of the tenant.
fn service(tenant: &TenantSite<'_>, secrets: &mut Secrets) {
    let backend = Backend::new(tenant);
    backend.lay_down(&json!({ "name": "api", "rules": burst(1) }));
    let subject = "user:whom-nobody-is-to-know";
    let question = json!({ "policy": "api", "subject": subject });
    for _ in 0..2 {
        drop(backend.ask("check", &question));
    }
    secrets.add("a backend's token", &backend.token);
    tenant.administrator("root@acme.example");
    let admin = console::tokens(tenant, &tenant.signed_in("root@acme.example"));
    let call = Call::new("GET", &tenant.url("/admin/v1/me")).bearer(&admin.access);
    drop(tenant.site.send(&call).expect(200));
    secrets.add("an admin's token", &admin.access);
}

/// What ends leaves something behind, and that is shown too.
fn endings(tenant: &TenantSite<'_>, secrets: &mut Secrets) {
    let bob = tenant.user("bob@example.com");
    let browser = tenant.signed_in("bob@example.com");
    secrets.add("an ended session's cookie", &cookie(tenant, &browser));
    let path = format!("/users/{bob}/sessions");
    tenant.admin("DELETE", &path, &Value::Null).expect(204);
    let again = tenant.signed_in("bob@example.com");
    secrets.add("the next cookie", &cookie(tenant, &again));
}

/// The answers to a list, page by page.
fn pages(site: &Site, path: &str, shown: &mut Vec<(String, String)>) {
    let mut cursor = String::new();
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let url = site.platform_url(&format!("/admin/v1{path}{joint}limit=100{cursor}"));
        let reply = site
            .send(&Call::new("GET", &url).bearer(&site.admin_token()))
            .expect(200);
        shown.push((path.to_owned(), reply.text().to_owned()));
        match reply.json()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encoded(next)),
            None => return,
        }
    }
}

/// Whatever shows something: where, and what.
fn everything(
    site: &Site,
    tenant: &TenantSite<'_>,
    everybody: &[Recipient],
) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for who in everybody {
        let path = format!("/actors/{}/{}", who.kind, encoded(&who.name));
        let url = site.platform_url(&format!("/admin/v1{path}"));
        let reply = site.send(&Call::new("GET", &url).bearer(&site.admin_token()));
        // A bucket may have gone meanwhile, for it was full.
        let is_shown = reply.status == 200 || who.kind == "bucket";
        assert!(is_shown, "{path} {}", reply.text());
        shown.push((path, reply.text().to_owned()));
    }
    for kind in ["session", "bucket", "tenant", "revocations", "jwks"] {
        let path = format!("/actors/{kind}?tenant={}", tenant.slug);
        pages(site, &path, &mut shown);
    }
    site.advance(10 * 60_000);
    for slug in [tenant.slug.as_str(), "platform"] {
        for list in ["audit", "users", "clients", "policies"] {
            pages(site, &format!("/tenants/{slug}/{list}"), &mut shown);
        }
    }
    for shelf in ["sessions", "audit", "keys", "tenants"] {
        pages(site, &format!("/archive/{shelf}"), &mut shown);
    }
    shown
}

#[test]
fn no_secret_is_in_what_operators_see() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let mut secrets = live_through_it(&site, &tenant);
    let everybody = site.world().everybody();
    for who in &everybody {
        secrets.add_rows(who, &site.world().copy(who).unwrap().unwrap());
    }
    let rows: BTreeSet<&str> = secrets
        .0
        .values()
        .filter_map(|what| what.split_once('['))
        .map(|(table, _)| table)
        .collect();
    for table in [
        "jwks.epoch",
        "session.session",
        "session.ticket",
        "tenant.user",
    ] {
        assert!(rows.contains(table), "nothing of {table}");
    }
    let log = site.inner().take_log();
    let shown = everything(&site, &tenant, &everybody);
    let kinds: BTreeSet<&str> = everybody.iter().map(|who| who.kind.as_str()).collect();
    for kind in [
        "bucket",
        "directory",
        "jwks",
        "registry",
        "revocations",
        "session",
        "tenant",
    ] {
        assert!(kinds.contains(kind), "nobody is a {kind}");
    }
    let archived =
        |(path, text): &(String, String)| path == "/archive/sessions" && text.contains("ses_");
    assert!(shown.iter().any(archived), "nothing is archived");

    // The link that sets up the first administrator is in the log on purpose,
    // and nowhere else.
    let is_link = |word: &&str| word.contains("/setup?token=");
    let link = log
        .iter()
        .flat_map(|line| line.split_whitespace())
        .find(is_link);
    let token = query_of(link.unwrap(), "token").unwrap();
    let lines = log.into_iter().chain(site.inner().take_log());
    let lines: Vec<String> = lines.map(|line| line.replace(&token, "")).collect();
    secrets.add("the set-up token", &token);
    let shown = shown.iter().map(|(place, text)| (place.as_str(), text));
    let shown = shown.chain(lines.iter().map(|line| ("the log", line)));
    let found: Vec<String> = shown
        .flat_map(|(place, text)| secrets.read_in(place, text))
        .collect();
    assert_eq!(found, Vec::<String>::new());
}

/// The test above can fail: what is shown is looked through as it is spelled.
#[test]
fn a_secret_is_known_in_every_spelling() {
    let mut secrets = Secrets::default();
    secrets.add("it", BOOTSTRAP_SECRET);
    let digest = Sha256::digest(BOOTSTRAP_SECRET);
    for shown in [
        BOOTSTRAP_SECRET.to_owned(),
        HEXLOWER.encode(&digest),
        BASE64URL_NOPAD.encode(&digest),
        BASE32_NOPAD.encode(&digest).to_lowercase(),
    ] {
        assert!(
            !secrets.read_in("x", &format!("…{shown}…")).is_empty(),
            "{shown}"
        );
    }
    assert!(secrets.read_in("x", "nothing").is_empty());
}
