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
    relying_party::RelyingParty,
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
    secrets.add("a password", PASSWORD);
    tenant.user("ada@example.com");

    // A wrong password, and one typed in the wrong place.
    let (wrong, misplaced) = ("not her password at all", "typed-where-the-name-belongs");
    for (name, password) in [("ada@example.com", wrong), (misplaced, wrong)] {
        let browser = Browser::elsewhere(site);
        let (url, page) = browser.open(&tenant.url("/login"));
        let fields = [("username", name), ("password", password)];
        drop(browser.submit(&url, &page, &fields));
    }
    secrets.add("a wrong password", wrong);
    secrets.add("a password in the wrong place", misplaced);

    let browser = tenant.signed_in("ada@example.com");
    let cookie = |browser: &Browser<'_>| browser.cookie(&tenant.host(), "session").unwrap();
    secrets.add("a cookie", &cookie(&browser));
    let party = RelyingParty::new(tenant);
    secrets.add("a client's secret", &party.client.secret);
    let code = party.code(&browser);
    secrets.add("a code", &code);
    let tokens = crate::support::relying_party::Tokens::from(party.redeem(&code));
    let next = crate::support::relying_party::Tokens::from(party.refresh(&tokens.refresh));
    let unspent = party.code(&browser);
    secrets.add("an unspent code", &unspent);
    for tokens in [&tokens, &next] {
        secrets.add("an access token", &tokens.access);
        secrets.add("an ID token", &tokens.id);
        secrets.add("a refresh token", &tokens.refresh);
    }
    let rotated = tenant.admin(
        "POST",
        &format!("/clients/{}/secret", party.client.id),
        &json!({}),
    );
    secrets.add(
        "a new client secret",
        &rotated.expect(200).member("client_secret"),
    );

    let call = Call::new("POST", &tenant.url("/v1/sessions/tickets")).bearer(&next.access);
    let ticket = site
        .send(&call.header("origin", "https://app.example"))
        .expect(201);
    secrets.add("a ticket", &ticket.member("ticket"));

    tenant
        .admin("PATCH", "", &json!({ "registration_enabled": true }))
        .expect(200);
    let made = json!({ "client_name": "Self-made", "redirect_uris": ["https://self.example/cb"] });
    let made = site
        .send(&Call::new("POST", &tenant.url("/oauth/register")).json(&made))
        .expect(201);
    secrets.add(
        "a registration's token",
        &made.member("registration_access_token"),
    );
    secrets.add("a self-made client's secret", &made.member("client_secret"));

    let receiver = Receiver::new(tenant);
    drop(receiver.listen_gladly());
    let header = "Bearer what-the-receiver-asks-for";
    receiver.stream(&json!({ "delivery": {
        "method": PUSH, "endpoint_url": ENDPOINT, "authorization_header": header,
    }}));
    secrets.add("a receiver's header", header);

    let backend = Backend::new(tenant);
    secrets.add("a backend's token", &backend.token);
    backend.lay_down(&json!({ "name": "api", "rules": burst(1) }));
    let subject = "user:whom-nobody-is-to-know";
    let question = json!({ "policy": "api", "subject": subject });
    for _ in 0..2 {
        drop(backend.ask("check", &question));
    }
    secrets.add("a subject", subject);

    tenant.administrator("root@acme.example");
    let admin = console::tokens(tenant, &tenant.signed_in("root@acme.example"));
    secrets.add("an admin's token", &admin.access);
    drop(site.send(&Call::new("GET", &tenant.url("/admin/v1/me")).bearer(&admin.access)));

    // Some things end: what they leave behind is shown too.
    let bob = tenant.user("bob@example.com");
    let other = tenant.signed_in("bob@example.com");
    secrets.add("an ended session's cookie", &cookie(&other));
    tenant
        .admin("DELETE", &format!("/users/{bob}/sessions"), &Value::Null)
        .expect(204);
    let again = tenant.signed_in("bob@example.com");
    secrets.add("the next cookie", &cookie(&again));
    secrets
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

#[test]
fn no_secret_is_in_what_operators_see() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let mut secrets = live_through_it(&site, &tenant);
    // The link that sets up the first administrator is in the log on purpose,
    // and nowhere else.
    let log = site.inner().take_log();
    let link = log
        .iter()
        .find(|line| line.contains("/setup?token="))
        .unwrap();
    let link = link
        .split_whitespace()
        .find(|word| word.contains("/setup?"))
        .unwrap();
    let token = query_of(link, "token").unwrap();
    let world = site.world();
    let everybody = world.everybody();
    for who in &everybody {
        secrets.add_rows(who, &world.copy(who).unwrap().unwrap());
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

    let mut shown: Vec<(String, String)> = Vec::new();
    let kinds = everybody.iter().map(|who| who.kind.as_str());
    let mut kinds: Vec<&str> = kinds.collect();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "bucket",
            "directory",
            "jwks",
            "registry",
            "revocations",
            "session",
            "tenant"
        ]
    );
    for who in &everybody {
        let path = format!("/actors/{}/{}", who.kind, encoded(&who.name));
        let url = site.platform_url(&format!("/admin/v1{path}"));
        let reply = site.send(&Call::new("GET", &url).bearer(&site.admin_token()));
        // A bucket may have gone meanwhile, for it was full.
        assert!(
            reply.status == 200 || who.kind == "bucket",
            "{path} {}",
            reply.text()
        );
        shown.push((path, reply.text().to_owned()));
    }
    for kind in ["session", "bucket", "tenant", "revocations", "jwks"] {
        pages(
            &site,
            &format!("/actors/{kind}?tenant={}", tenant.slug),
            &mut shown,
        );
    }
    site.advance(10 * 60_000);
    for slug in [tenant.slug.as_str(), "platform"] {
        pages(&site, &format!("/tenants/{slug}/audit"), &mut shown);
        for list in ["users", "clients", "policies"] {
            pages(&site, &format!("/tenants/{slug}/{list}"), &mut shown);
        }
    }
    for shelf in ["sessions", "audit", "keys", "tenants"] {
        pages(&site, &format!("/archive/{shelf}"), &mut shown);
    }
    let archived = shown
        .iter()
        .find(|(path, _)| path == "/archive/sessions")
        .unwrap();
    assert!(
        archived.1.contains("ses_"),
        "nothing is archived: {}",
        archived.1
    );
    let mut lines = log;
    lines.extend(site.inner().take_log());
    shown.extend(lines.into_iter().map(|line| ("the log".to_owned(), line)));

    let mut found: Vec<String> = Vec::new();
    for (place, text) in &shown {
        let text = text.replace(&token, if place == "the log" { "" } else { &token });
        found.extend(secrets.read_in(place, &text));
        if text.contains(&token) {
            found.push(format!("the set-up token in {place}"));
        }
    }
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
