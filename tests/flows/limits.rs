//! Who may still try, after somebody has tried too often?

use crate::support::{Browser, Call, Site, login::Form, tenant::PASSWORD};

/// Wrong passwords that one account is forgiven from one address.
const FREE: usize = 10;

/// Wrong passwords that one address is forgiven at once.
const AT_ONCE: usize = 20;

fn guess(form: &Form<'_>, email: &str) -> u16 {
    form.send(email, "wrong password!").status
}

/// How many of these were checked before the first was refused.
fn checked(statuses: &[u16]) -> usize {
    assert!(
        statuses.iter().all(|status| matches!(status, 422 | 429)),
        "{statuses:?}"
    );
    statuses.iter().filter(|status| **status == 422).count()
}

flows! {
    fn guesses_at_one_account_from_one_address_must_wait(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let thief = Form::open(&tenant, Browser::elsewhere(site));
        let statuses: Vec<u16> = (0..FREE + 3).map(|_| guess(&thief, "ada@example.com")).collect();
        assert_eq!(checked(&statuses), FREE, "{statuses:?}");
        // Neither another account nor another address is concerned.
        assert_eq!(guess(&thief, "bob@example.com"), 422);
        let ada = Form::open(&tenant, Browser::elsewhere(site));
        assert_eq!(ada.send("ada@example.com", PASSWORD).status, 303);
    }

    fn nobody_locks_the_owner_out_of_a_known_device(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = Browser::elsewhere(site);
        let owner = Form::open(&tenant, browser);
        assert_eq!(owner.send("ada@example.com", PASSWORD).status, 303);
        let host = Call::new("GET", &owner.url).authority().to_owned();
        let device = owner.browser.cookie(&host, "device").unwrap();
        // The thief sits in the same office.
        let statuses: Vec<u16> = (0..FREE + 3)
            .map(|_| site.send(&owner.browser.placed(owner.call("ada@example.com"))).status)
            .collect();
        assert_eq!(checked(&statuses), FREE);
        owner.browser.plant(&host, "session", "");
        let again = owner.send("ada@example.com", PASSWORD);
        assert_eq!(again.status, 303);
        assert_eq!(owner.browser.cookie(&host, "device").unwrap(), device);
        // The device is no key to another account, and not endless either.
        owner.browser.plant(&host, "session", "");
        let statuses: Vec<u16> = (0..AT_ONCE).map(|_| guess(&owner, "ada@example.com")).collect();
        assert!(checked(&statuses) < AT_ONCE);
    }

    fn an_unknown_account_is_refused_like_any_other(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let attempts = |email: &str| {
            let form = Form::open(&tenant, Browser::elsewhere(site));
            let told = |_| {
                let reply = form.send(email, "wrong password!");
                let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
                names.sort();
                let limits = ["ratelimit-policy", "ratelimit"].map(|n| reply.header(n).to_owned());
                let limits = limits.map(|text| text.split(";t=").next().unwrap().to_owned());
                (reply.status, names, limits)
            };
            (0..FREE + 2).map(told).collect::<Vec<_>>()
        };
        let known = attempts("ada@example.com");
        assert_eq!(known, attempts("eve@example.com"));
        assert_eq!(known.last().unwrap().0, 429);
    }

    fn every_spelling_of_an_account_is_one(site: &Site) {
        let tenant = site.tenant();
        let form = Form::open(&tenant, Browser::elsewhere(site));
        let spellings = ["ada@example.com", "ADA@Example.com", "ada+1@example.com", " Ada+x@EXAMPLE.COM "];
        let typed = spellings.iter().cycle().take(FREE + 3);
        let statuses: Vec<u16> = typed.map(|email| guess(&form, email)).collect();
        assert_eq!(checked(&statuses), FREE);
    }

    fn who_says_to_come_from_elsewhere_does_not(site: &Site) {
        let tenant = site.tenant();
        let browser = Browser::elsewhere(site);
        let form = Form::open(&tenant, browser);
        let lies = ["x-forwarded-for", "forwarded", "true-client-ip", "x-real-ip"];
        let send = |number: usize| {
            let call = form.browser.placed(form.call(&format!("u{number}@example.com")));
            let lie = lies[number % lies.len()];
            site.send(&call.header(lie, &format!("198.51.100.{number}"))).status
        };
        let statuses: Vec<u16> = (0..AT_ONCE + 3).map(send).collect();
        assert_eq!(checked(&statuses), AT_ONCE);
    }

    fn guesses_sent_at_once_do_not_slip_through(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let form = Form::open(&tenant, Browser::elsewhere(site));
        let call = form.browser.placed(form.call("ada@example.com"));
        let replies = site.send_all(&vec![call; 3 * FREE]);
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
        assert_eq!(checked(&statuses), FREE);
    }

    fn a_refusal_says_what_and_until_when(site: &Site) {
        let tenant = site.tenant();
        let form = Form::open(&tenant, Browser::elsewhere(site));
        let send = |number: usize| {
            let call = form.call(&format!("u{number}@example.com"));
            site.send(&form.browser.placed(call).header("accept", "application/json"))
        };
        for number in 0..AT_ONCE {
            assert_eq!(send(number).status, 422);
        }
        let refused = send(AT_ONCE).expect(429);
        let problem = refused.json();
        assert_eq!(
            problem["type"],
            "https://iana.org/assignments/http-problem-types#quota-exceeded"
        );
        assert_eq!(problem["violated-policies"], serde_json::json!(["sign_in.at_once"]));
        let wait: u32 = refused.header("retry-after").parse().unwrap();
        assert!((1..=10).contains(&wait));
        let policy = refused.header("ratelimit-policy");
        assert!(policy.starts_with("\"sign_in.at_once\";q=20;w=200, "), "{policy}");
        let standing = refused.header("ratelimit");
        assert!(standing.starts_with("\"sign_in.at_once\";r=0;t="), "{standing}");
        assert!(!policy.contains("account") && !standing.contains("account"));
    }
}

#[test]
fn a_network_swept_address_by_address_is_one_subject() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let form = Form::open(&tenant, Browser::new(&site));
    let send = |number: usize| {
        let call = form.call(&format!("u{number}@example.com"));
        let address = format!("2001:db8:5:77::{number:x}");
        site.send(&call.header("cf-connecting-ip", &address)).status
    };
    let statuses: Vec<u16> = (0..AT_ONCE + 3).map(send).collect();
    assert_eq!(checked(&statuses), AT_ONCE);
    let buckets = site.world().everybody();
    let buckets = buckets.iter().filter(|who| who.name.contains("7:sign_in/"));
    assert_eq!(buckets.count(), 1);
}

#[test]
fn a_site_swept_network_by_network_is_caught() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let open = serde_json::json!({ "registration_enabled": true });
    tenant.admin("PATCH", "", &open).expect(200);
    let register = |address: &str| {
        let call = Call::new("POST", &tenant.url("/oauth/register"));
        let call = call.json(&serde_json::json!({}));
        site.send(&call.header("cf-connecting-ip", address)).status
    };
    // A network each, and none of them near its own limit.
    let swept = |number: usize| register(&format!("2001:db8:5:{number:x}::1"));
    let statuses: Vec<u16> = (0..100).map(swept).collect();
    assert_eq!(statuses.iter().position(|status| *status == 429), Some(80));
    assert!(statuses[80..].iter().all(|status| *status == 429));
    let buckets = site.world().everybody();
    let buckets = buckets
        .iter()
        .filter(|who| who.name.contains("8:register/"));
    assert_eq!(buckets.count(), 1);
    assert_ne!(register("2001:db8:6:1::1"), 429);
}

#[test]
fn the_time_told_is_the_time_that_helps() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let form = Form::open(&tenant, Browser::new(&site));
    let guess = || form.send("ada@example.com", "wrong password!");
    for _ in 0..FREE {
        assert_eq!(guess().status, 422);
    }
    let mut waits = Vec::new();
    for _ in 0..3 {
        let refused = guess().expect(429);
        let wait: i64 = refused.header("retry-after").parse().unwrap();
        // A request takes a millisecond here.
        site.advance(wait * 1_000 - 1_002);
        assert_eq!(guess().status, 429);
        site.advance(1_000);
        assert_eq!(guess().status, 422);
        waits.push(wait);
    }
    assert_eq!(waits, [15, 30, 60]);
}

#[test]
fn who_is_refused_asks_nobody_until_it_helps() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let form = Form::open(&tenant, Browser::new(&site));
    for _ in 0..=FREE {
        guess(&form, "ada@example.com");
    }
    site.inner().take_asks();
    assert_eq!(guess(&form, "ada@example.com"), 429);
    assert_eq!(site.inner().take_asks(), Vec::<String>::new());
}

#[test]
fn a_bucket_that_does_not_answer_lets_nobody_through() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let form = Form::open(&tenant, Browser::new(&site));
    guess(&form, "ada@example.com");
    for bucket in site
        .world()
        .everybody()
        .iter()
        .filter(|who| who.kind == "bucket" && who.name.contains(":sign_in"))
    {
        site.world().cut_off(bucket, true);
        let reply = form.send("ada@example.com", PASSWORD);
        assert_eq!(reply.status, 503, "{bucket:?}");
        assert!(!reply.header("retry-after").is_empty());
        site.world().cut_off(bucket, false);
    }
    assert_eq!(form.send("ada@example.com", PASSWORD).status, 303);
}

#[test]
fn success_is_not_held_against_anybody() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    // One office, everybody on a new computer.
    for _ in 0..2 * AT_ONCE {
        let form = Form::open(&tenant, Browser::new(&site));
        assert_eq!(form.send("ada@example.com", PASSWORD).status, 303);
    }
}

#[test]
fn who_floods_with_bad_credentials_is_refused_unheard() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let client = tenant.client();
    let send = |secret: &str, address: &str| {
        let call = Call::new("POST", &tenant.url("/oauth/token"))
            .basic(&client.id, secret)
            .header("cf-connecting-ip", address)
            .form(&[("grant_type", "client_credentials")]);
        site.send(&call)
    };
    let is_refused = |_: &u32| send("wrong", "203.0.113.1").status == 429;
    let tried = (0..2_000).find(is_refused).unwrap();
    assert!((1_000..1_020).contains(&tried), "{tried}");
    site.inner().take_asks();
    let refused = send(&client.secret, "203.0.113.1").expect(429);
    assert_eq!(
        refused.json()["violated-policies"],
        serde_json::json!(["failed.credentials"])
    );
    assert_eq!(site.inner().take_asks(), Vec::<String>::new());
    assert_ne!(send(&client.secret, "203.0.113.2").status, 429);
    site.advance(1_000);
    assert_ne!(send(&client.secret, "203.0.113.1").status, 429);
}

#[test]
fn an_operators_address_is_refused_by_what_it_asks_too_often() {
    let site = Site::in_process();
    let token = site.admin_token();
    let ask = |address: &str| {
        let call = Call::new("GET", &site.platform_url("/admin/v1/keys")).bearer(&token);
        site.send(&call.header("cf-connecting-ip", address))
    };
    let tried = (0..2_000)
        .find(|_| ask("203.0.113.8").status == 429)
        .unwrap();
    // A request takes a millisecond here, and every twentieth is given back.
    assert!((1_000..1_060).contains(&tried), "{tried}");
    let refused = ask("203.0.113.8").expect(429);
    assert_eq!(
        refused.json()["violated-policies"],
        serde_json::json!(["admin.at_once"])
    );
    assert_eq!(refused.header("retry-after"), "1");
    ask("203.0.113.9").expect(200);
    // Who has no good token is not even counted.
    let nobody = Call::new("GET", &site.platform_url("/admin/v1/keys"));
    site.inner().take_asks();
    site.send(&nobody.header("cf-connecting-ip", "203.0.113.10"))
        .expect(401);
    assert_eq!(site.inner().take_asks(), Vec::<String>::new());
}

#[test]
fn tabs_that_come_too_often_are_told_so_and_ask_nobody() {
    let site = Site::in_process();
    let tenant = site.tenant();
    tenant.user("ada@example.com");
    let browser = tenant.signed_in("ada@example.com");
    let cookie = browser.cookie(&tenant.host(), "session").unwrap();
    let open = |address: &str| {
        let call = Call::new("GET", &tenant.url("/v1/sessions/events"))
            .header("origin", &tenant.issuer())
            .header("sec-websocket-protocol", "aero2.revocation.v1")
            .header("cookie", &format!("session={cookie}"))
            .header("cf-connecting-ip", address);
        site.inner().take_asks();
        drop(site.connect(&call));
        site.inner().take_asks().is_empty()
    };
    let tried = (0..6_000).find(|_| open("203.0.113.8")).unwrap();
    assert!((3_000..3_200).contains(&tried), "{tried}");
    assert!(!open("203.0.113.9"));
}
