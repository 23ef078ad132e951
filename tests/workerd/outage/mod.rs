//! Does anybody who listens miss a revocation when the machine dies?
//!
//! Two hundred times workerd is killed with SIGKILL while revocations are on
//! their way to open sockets, and started again on the same data. What was
//! acknowledged is heard in the end, once and in one order, and whatever was
//! heard is true, however little of it had been acknowledged. Whoever asks again
//! for what was not acknowledged is answered when it has ended.

mod ledger;

use crate::support::{
    Browser, Call, Site, TestSocket,
    http::Client,
    relying_party::{RelyingParty, Tokens, claims},
    resource_server::ResourceServer,
    socket::BROKEN,
    tenant::{ClientSecretPair, TenantSite},
    workerd::{Server, Variant, kill},
};
use aero2::domain::entropy::{Seeded, draw};
use ledger::{Ledger, seq_of};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::mpsc};

/// Machines that die beside one another: most of an outage is starting again.
const MACHINES: u64 = 4;

/// Outages of each: two hundred altogether.
const OUTAGES: usize = 50;

/// Grants that are revoked at once in each, beside a session that is ended.
const GRANTS: usize = 3;

/// When a machine dies.
enum Moment {
    /// When so many revocations have been acknowledged.
    Acknowledged(u8),
    /// When so many have been heard of on the feed.
    Heard(u8),
}

/// Something that is revoked.
struct Ending {
    /// The session or the grant, as records name it.
    what: String,
    revoke: Call,
    tokens: Tokens,
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// What outlives the machine, beside its data.
struct Survivor {
    user: String,
    application: ClientSecretPair,
    reader: ClientSecretPair,
    /// The cookie of the session whose grants are revoked.
    cookie: String,
    ledger: Ledger,
    /// What was revoked, and has not been heard of.
    owed: BTreeSet<String>,
    /// How many sessions had ended when the machine died, and nobody knew.
    untold: usize,
    /// Where the log began, where the feed was before the outage, and where it
    /// was when the machine died.
    cursors: [Value; 3],
}

/// One start of a machine.
struct Life<'a> {
    tenant: &'a TenantSite<'a>,
    party: RelyingParty<'a>,
    server: ResourceServer<'a>,
    client: Client,
}

impl Survivor {
    /// What has been told is owed no longer.
    fn settle(&mut self) {
        let ledger = &self.ledger;
        self.owed.retain(|what| !ledger.tells(what));
    }
}

const SLUG: &str = "outage";
const EMAIL: &str = "ada@example.com";

fn founded(site: &Site) -> Survivor {
    let tenant = TenantSite::create(site, SLUG);
    let user = tenant.user(EMAIL);
    let application = tenant.client_with(&json!({"skip_consent": true}));
    let browser = tenant.signed_in(EMAIL);
    let server = ResourceServer::new(&tenant);
    let feed = server.open();
    feed.say(&json!({"type": "start"}).to_string());
    let cursor = feed.until("caught_up").pop().unwrap()["cursor"].clone();
    Survivor {
        user,
        application,
        cookie: browser.cookie(&tenant.host(), "session").unwrap(),
        ledger: Ledger::default(),
        owed: BTreeSet::new(),
        untold: 0,
        cursors: [cursor.clone(), cursor.clone(), cursor],
        reader: server.client,
    }
}

impl<'a> Life<'a> {
    fn new(tenant: &'a TenantSite<'a>, survivor: &Survivor, client: &Client) -> Self {
        Self {
            tenant,
            party: RelyingParty {
                tenant,
                client: survivor.application.clone(),
            },
            server: ResourceServer {
                tenant,
                client: survivor.reader.clone(),
            },
            client: client.clone(),
        }
    }

    /// Listens again. Who goes further back hears the same once more; who goes
    /// on hears the rest.
    fn listen_again(&self, survivor: &mut Survivor) -> TestSocket {
        let [_, before, last] = survivor.cursors.clone();
        let (_, again) = self.server.resume(&before);
        let heard = survivor.ledger.after(seq_of(&before));
        let again = survivor.ledger.take_all(&again);
        assert!(again.starts_with(&heard), "told, and not kept");
        let (feed, rest) = self.server.resume(&last);
        let seqs = survivor.ledger.take_all(&rest);
        assert_eq!(seqs, survivor.ledger.after(seq_of(&last)));
        let cursor = rest.last().unwrap()["cursor"].clone();
        survivor.cursors[1..].fill(cursor);
        survivor.settle();
        feed
    }

    fn tokens(&self, browser: &Browser<'_>) -> Tokens {
        let more = [("scope", "profile offline_access"), ("prompt", "")];
        Tokens::from(self.party.redeem(&self.party.code_with(browser, &more)))
    }

    /// Grants of the session that stays.
    fn grants(&self, cookie: &str) -> Vec<Ending> {
        let browser = Browser::new(self.tenant.site);
        browser.plant(&self.tenant.host(), "session", cookie);
        let one = |_| {
            let tokens = self.tokens(&browser);
            let jti = text(&claims(&tokens.access), "jti");
            let fields = [("token", tokens.refresh.as_str())];
            Ending {
                what: jti.split('.').next().unwrap().to_owned(),
                revoke: self.party.call("/oauth/revoke", &fields),
                tokens,
            }
        };
        (0..GRANTS).map(one).collect()
    }

    /// A session that an administrator ends.
    fn session(&self, browser: &Browser<'_>, user: &str) -> Ending {
        let tokens = self.tokens(browser);
        let sid = text(&claims(&tokens.access), "sid");
        let path = format!("/admin/v1/tenants/{SLUG}/users/{user}/sessions/{sid}");
        let site = self.tenant.site;
        let revoke = Call::new("DELETE", &site.platform_url(&path)).bearer(&site.admin_token());
        Ending {
            what: sid,
            revoke,
            tokens,
        }
    }

    fn tab(&self, browser: &Browser<'_>) -> TestSocket {
        let call = Call::new("GET", &self.tenant.url("/v1/sessions/events"))
            .header("origin", &self.tenant.issuer())
            .header("sec-websocket-protocol", "aero2.revocation.v1");
        let tab = browser.connect(call);
        tab.unwrap_or_else(|reply| panic!("{}", reply.text()))
    }

    /// Revokes everything at once, and kills the machine when the moment has
    /// come; answers what was acknowledged.
    fn die(
        &self,
        endings: &[Ending],
        (feed, ledger): (&TestSocket, &mut Ledger),
        (pid, moment): (u32, &Moment),
    ) -> BTreeSet<String> {
        let (tell, acknowledged) = mpsc::channel();
        let mut known = BTreeSet::new();
        std::thread::scope(|scope| {
            for ending in endings {
                let (tell, client) = (tell.clone(), &self.client);
                scope.spawn(move || {
                    if let Some(reply) = client.try_call(&ending.revoke) {
                        assert!([200, 204].contains(&reply.status), "{}", reply.text());
                        tell.send(ending.what.clone()).unwrap();
                    }
                });
            }
            drop(tell);
            match *moment {
                Moment::Acknowledged(count) => {
                    known.extend((0..count).map(|_| acknowledged.recv().unwrap()));
                }
                Moment::Heard(count) => {
                    for _ in 0..count {
                        ledger.take_live(&feed.json());
                    }
                }
            }
            kill(pid);
        });
        known.extend(acknowledged);
        known
    }

    /// What was acknowledged or told has ended. What was not, ends now; answers
    /// how many of those had ended already, though nobody had been told.
    fn examine(&self, endings: &[Ending], known: &BTreeSet<String>) -> usize {
        let mut untold = 0;
        for ending in endings {
            if !known.contains(&ending.what) {
                let reply = self.client.call(&ending.revoke);
                // The tenant had ended it as it died; by this answer it has told.
                let was_untold = reply.status == 404;
                assert!(
                    was_untold || [200, 204].contains(&reply.status),
                    "{}",
                    reply.text()
                );
                untold += usize::from(was_untold);
            }
            self.is_refused(ending);
        }
        untold
    }

    fn is_refused(&self, ending: &Ending) {
        let said = self.party.introspect(&ending.tokens.access);
        assert_eq!(said, json!({"active": false}));
        let refreshed = self.party.refresh(&ending.tokens.refresh);
        refreshed.refused(400, "invalid_grant");
    }
}

/// Whether a tab was told of its end before the machine died.
fn was_told(tab: &TestSocket) -> bool {
    let code = tab.closed();
    let mut is_told = false;
    while let Some(frame) = tab.next() {
        let frame: Value = serde_json::from_str(&frame).unwrap();
        is_told |= frame["event"]["kind"] == "session_ended";
    }
    assert!(code == BROKEN || (code == 4401 && is_told), "{code}");
    is_told
}

fn outage(server: &mut Server, survivor: &mut Survivor, moment: &Moment) {
    let site = Site::over(server);
    let tenant = TenantSite::existing(&site, SLUG);
    let life = Life::new(&tenant, survivor, server.client());
    let feed = life.listen_again(survivor);
    let browser = tenant.signed_in(EMAIL);
    let tab = life.tab(&browser);
    tab.say(&json!({"type": "start"}).to_string());
    tab.until("caught_up");
    let mut endings = life.grants(&survivor.cookie);
    endings.push(life.session(&browser, &survivor.user));
    survivor
        .owed
        .extend(endings.iter().map(|ending| ending.what.clone()));

    let pid = server.pid();
    let mut known = life.die(&endings, (&feed, &mut survivor.ledger), (pid, moment));
    server.wait_dead();
    // What was on its way to us has come.
    while let Some(frame) = feed.next() {
        let frame = serde_json::from_str(&frame).unwrap();
        survivor.ledger.take_live(&frame);
    }
    if let Some(heard) = survivor.ledger.cursor() {
        survivor.cursors[2] = heard;
    }
    known.extend(survivor.ledger.ends());
    if was_told(&tab) {
        known.insert(endings.last().unwrap().what.clone());
    }

    server.restart();
    let site = Site::over(server);
    let tenant = TenantSite::existing(&site, SLUG);
    let life = Life::new(&tenant, survivor, server.client());
    survivor.untold += life.examine(&endings, &known);
    // A page that connects again hears what it has missed.
    assert!(was_told(&life.tab(&browser)));
}

fn endure(machine: u64) {
    let mut server = Site::server(Variant::Release);
    let mut survivor = founded(&Site::over(&server));
    let mut entropy = Seeded::new(2_029 + machine);
    for _ in 0..OUTAGES {
        let [which, count] = draw(&mut entropy);
        let count = count % 5;
        let moment = if which % 2 == 0 {
            Moment::Acknowledged(count)
        } else {
            Moment::Heard(count)
        };
        outage(&mut server, &mut survivor, &moment);
    }
    let site = Site::over(&server);
    let tenant = TenantSite::existing(&site, SLUG);
    let life = Life::new(&tenant, &survivor, server.client());
    let feed = life.listen_again(&mut survivor);
    while !survivor.owed.is_empty() {
        survivor.ledger.take_live(&feed.json());
        survivor.settle();
    }
    let untold = survivor.untold;
    eprintln!("machine {machine}: {untold} sessions had ended untold when it died");
    // From the beginning it is the same log.
    let (_, all) = life.server.resume(&survivor.cursors[0]);
    let all = survivor.ledger.take_all(&all);
    assert_eq!(all, survivor.ledger.after(seq_of(&survivor.cursors[0])));
    assert_eq!(all.len(), OUTAGES * (GRANTS + 1));
}

#[test]
fn nobody_who_listens_misses_a_revocation_in_two_hundred_outages() {
    std::thread::scope(|scope| {
        for machine in 0..MACHINES {
            scope.spawn(move || endure(machine));
        }
    });
}
