//! Is anything that was acknowledged lost when the machine dies?
//!
//! Fifty times, under load, workerd is killed with SIGKILL after a number of
//! acknowledgements that comes from a seed, and started again on the same data.

use crate::support::{
    Browser, Call, Site,
    call::{form_encoded, query_of},
    http::Client,
    relying_party::{RelyingParty, Tokens},
    tenant::{PASSWORD, TenantSite},
    workerd::{Server, Variant, kill},
};
use aero2::domain::entropy::{Entropy, Seeded};
use std::sync::atomic::{AtomicU32, Ordering};

const CRASHES: u32 = 50;

/// Refresh chains that are driven at once.
const CHAINS: usize = 4;

/// One session's refresh tokens, as far as they were acknowledged.
struct Chain {
    /// Oldest first; the last is current, or was when the machine died.
    acknowledged: Vec<String>,
    code: String,
    cookie: String,
}

fn begin(tenant: &TenantSite<'_>, party: &RelyingParty<'_>) -> Chain {
    let browser = tenant.signed_in("ada@example.com");
    let code = party.code(&browser);
    let tokens = Tokens::from(party.redeem(&code));
    let cookie = browser.cookie(&tenant.host(), "session").unwrap();
    Chain {
        acknowledged: vec![tokens.refresh],
        code,
        cookie,
    }
}

/// Refreshes until the connection breaks; kills workerd when enough has been
/// acknowledged by all chains together.
fn drive(chain: &mut Chain, template: &Call, client: &Client, left: &AtomicU32, pid: u32) {
    loop {
        let token = chain.acknowledged.last().unwrap();
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        let call = Call {
            body: form_encoded(&fields).into_bytes(),
            ..template.clone()
        };
        let Some(reply) = client.try_call(&call) else {
            return;
        };
        chain.acknowledged.push(Tokens::from(reply).refresh);
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            kill(pid);
        }
    }
}

/// After the restart: nothing acknowledged is lost, nothing spent is good.
fn examine(tenant: &TenantSite<'_>, party: &RelyingParty<'_>, chain: &Chain) {
    let browser = Browser::new(tenant.site);
    browser.plant(&tenant.host(), "session", &chain.cookie);
    let sessions = browser.get(&tenant.url("/v1/sessions")).expect(200).json();
    assert!(
        !sessions["items"].as_array().unwrap().is_empty(),
        "a session is half-made"
    );

    let last = chain.acknowledged.last().unwrap();
    let next = Tokens::from(party.refresh(last));
    assert!(!chain.acknowledged.contains(&next.refresh));

    party.redeem(&chain.code).refused(400, "invalid_grant");
    party.refresh(&next.refresh).refused(400, "invalid_grant");
    if let [.., spent, _, _] = &chain.acknowledged[..] {
        party.refresh(spent).refused(400, "invalid_grant");
    }
}

/// A sign-in and a code are in flight too when the machine dies: whatever came
/// of them, the account works.
fn sign_in_works(tenant: &TenantSite<'_>, party: &RelyingParty<'_>) {
    let browser = Browser::elsewhere(tenant.site);
    let (url, page) = browser.open(&party.authorize_url(&[]));
    let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
    let (url, page) = browser.submit(&url, &page, &fields);
    let (url, _) = browser.submit(&url, &page.expect(200), &[("decision", "allow")]);
    party.redeem(&query_of(&url, "code").unwrap()).expect(200);
}

fn one_crash(
    server: &mut Server,
    slug: &str,
    client: &crate::support::tenant::ClientSecretPair,
    after: u32,
) {
    let pid = server.pid();
    let chains = {
        let site = Site::over(server);
        let tenant = TenantSite::existing(&site, slug);
        let party = RelyingParty {
            tenant: &tenant,
            client: client.clone(),
        };
        let mut chains: Vec<Chain> = (0..CHAINS).map(|_| begin(&tenant, &party)).collect();
        let (template, left) = (party.refresh_call(""), AtomicU32::new(after));
        std::thread::scope(|scope| {
            for chain in &mut chains {
                let (template, left, http) = (&template, &left, server.client());
                scope.spawn(move || drive(chain, template, http, left, pid));
            }
        });
        chains
    };
    server.wait_dead();
    server.restart();
    let site = Site::over(server);
    let tenant = TenantSite::existing(&site, slug);
    let party = RelyingParty {
        tenant: &tenant,
        client: client.clone(),
    };
    for chain in &chains {
        examine(&tenant, &party, chain);
    }
    sign_in_works(&tenant, &party);
}

#[test]
fn fifty_crashes_lose_nothing_acknowledged() {
    let mut server = Site::server(Variant::Release);
    let client = {
        let site = Site::over(&server);
        let tenant = TenantSite::create(&site, "crash");
        tenant.user("ada@example.com");
        tenant.client()
    };
    let mut entropy = Seeded::new(2_026);
    for _ in 0..CRASHES {
        let mut byte = [0];
        entropy.fill(&mut byte);
        one_crash(&mut server, "crash", &client, 1 + u32::from(byte[0]) / 4);
    }
}
