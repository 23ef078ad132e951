//! Is a token ever issued after a revocation was acknowledged?
//!
//! A thousand times somebody refreshes as fast as answers come, in parallel,
//! while the grant or the whole session is revoked. A refresh that is sent once
//! the revocation has been answered is refused; what earlier ones got is dead.

use crate::support::{
    Browser, Call, Site,
    http::Client,
    relying_party::{RelyingParty, Tokens, claims},
};
use aero2::domain::entropy::{Seeded, draw};
use serde_json::json;
use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc,
    },
};

const RACES: usize = 1_000;

/// Who refresh beside the revocation.
const RUNNERS: usize = 3;

/// So many races in one session. Each ends a grant of it, the last the session.
const RACES_PER_SESSION: usize = 8;

/// What became of the refreshes of one race.
#[derive(Default)]
struct Run {
    granted: Mutex<Vec<Tokens>>,
    /// Sent before the revocation was acknowledged, and refused.
    overtaken: AtomicU32,
    is_acknowledged: AtomicBool,
}

impl Run {
    /// Refreshes until one that was sent after the acknowledgement is refused.
    fn refresh(&self, client: &Client, call: &Call, granted: &mpsc::Sender<()>) {
        loop {
            let is_late = self.is_acknowledged.load(Ordering::SeqCst);
            let reply = client.call(call);
            if reply.status == 200 {
                assert!(!is_late, "a token was issued: {}", reply.text());
                self.granted.lock().unwrap().push(Tokens::from(reply));
                // The revocation waits for some of them.
                granted.send(()).unwrap();
                continue;
            }
            reply.refused(400, "invalid_grant");
            if is_late {
                return;
            }
            self.overtaken.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// One application, on workerd, and one user's session after the other.
struct Track<'a> {
    party: RelyingParty<'a>,
    client: Client,
}

impl Track<'_> {
    /// A grant of its own in the session.
    fn grant(&self, browser: &Browser<'_>) -> Tokens {
        // Without an ID token: a race is no faster for signing one.
        let code = self.party.code_with(
            browser,
            &[("scope", "profile offline_access"), ("prompt", "")],
        );
        Tokens::from(self.party.redeem(&code))
    }

    /// Revokes after `head_start` refreshes, while others go on.
    fn race(&self, refresh: &Call, revoke: &Call, head_start: u8) -> Run {
        let run = Run::default();
        let (granted, count) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..RUNNERS {
                let (run, client, granted) = (&run, &self.client, granted.clone());
                scope.spawn(move || run.refresh(client, refresh, &granted));
            }
            drop(granted);
            for _ in 0..head_start {
                count.recv().unwrap();
            }
            let reply = self.client.call(revoke);
            run.is_acknowledged.store(true, Ordering::SeqCst);
            assert!([200, 204].contains(&reply.status), "{}", reply.text());
        });
        run
    }

    /// Nothing that was ever got is good.
    fn examine(&self, browser: &Browser<'_>, tokens: &Tokens, run: &Run) {
        let granted = run.granted.lock().unwrap();
        let all = || core::iter::once(tokens).chain(granted.iter());
        let refreshes: BTreeSet<&str> = all().map(|tokens| tokens.refresh.as_str()).collect();
        let accesses: BTreeSet<&str> = all().map(|tokens| tokens.access.as_str()).collect();
        assert!(refreshes.len() <= 2, "one successor: {refreshes:?}");
        for token in accesses.iter().chain(&refreshes) {
            let call = self.party.call("/oauth/introspect", &[("token", token)]);
            let said = self.client.call(&browser.placed(call)).expect(200).json();
            assert_eq!(said, json!({"active": false}));
        }
        for token in refreshes {
            let call = browser.placed(self.party.refresh_call(token));
            self.client.call(&call).refused(400, "invalid_grant");
        }
    }
}

/// How a grant is ended, or its whole session.
fn revocation(party: &RelyingParty<'_>, browser: &Browser<'_>, tokens: &Tokens, all: bool) -> Call {
    let tenant = party.tenant;
    if !all {
        return browser.placed(party.call("/oauth/revoke", &[("token", &tokens.refresh)]));
    }
    let sid = claims(&tokens.access)["sid"].as_str().unwrap().to_owned();
    let cookie = browser.cookie(&tenant.host(), "session").unwrap();
    Call::new("DELETE", &tenant.url(&format!("/v1/sessions/{sid}")))
        .header("origin", &tenant.issuer())
        .header("cookie", &format!("session={cookie}"))
}

#[test]
fn no_token_is_issued_after_the_revocation_was_acknowledged() {
    let site = Site::on_workerd();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let client = tenant.client_with(&json!({"skip_consent": true}));
    let track = Track {
        party: RelyingParty {
            tenant: &tenant,
            client,
        },
        client: Client::default(),
    };
    let mut entropy = Seeded::new(2_028);
    let (mut granted, mut overtaken) = (0, 0);
    let mut browser = tenant.signed_in("ada@example.com");
    for race in 0..RACES {
        let is_last = race % RACES_PER_SESSION == RACES_PER_SESSION - 1;
        let tokens = track.grant(&browser);
        let refresh = browser.placed(track.party.refresh_call(&tokens.refresh));
        let revoke = revocation(&track.party, &browser, &tokens, is_last);
        let [chance] = draw(&mut entropy);
        let run = track.race(&refresh, &revoke, chance % 5);
        track.examine(&browser, &tokens, &run);
        granted += run.granted.lock().unwrap().len();
        overtaken += run.overtaken.load(Ordering::SeqCst);
        if is_last {
            browser = tenant.signed_in("ada@example.com");
        }
    }
    // Both happen, or nothing raced.
    assert!(granted > RACES / 2, "{granted} refreshes came before");
    assert!(overtaken > 0, "no refresh was overtaken");
    eprintln!("{RACES} races: {granted} refreshes before, {overtaken} overtaken");
}
