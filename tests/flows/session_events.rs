//! How does a tab learn that its session has ended, and who may listen?

use crate::support::{
    Browser, Call, Site,
    relying_party::{RelyingParty, Tokens},
    tenant::{REDIRECT_URI, TenantSite},
};
use serde_json::json;

const SUBPROTOCOL: &str = "aero2.revocation.v1";
const START: &str = r#"{"type":"start"}"#;

/// Where the application of the tests has its pages.
fn app() -> String {
    REDIRECT_URI.trim_end_matches("/callback").to_owned()
}

fn events(tenant: &TenantSite<'_>, origin: &str) -> Call {
    let call = Call::new("GET", &tenant.url("/v1/sessions/events"));
    let call = call.header("sec-websocket-protocol", SUBPROTOCOL);
    if origin.is_empty() {
        call
    } else {
        call.header("origin", origin)
    }
}

fn with_ticket(tenant: &TenantSite<'_>, origin: &str, ticket: &str) -> Call {
    let offered = format!("{SUBPROTOCOL}, aero2.ticket.{ticket}");
    Call::new("GET", &tenant.url("/v1/sessions/events"))
        .header("origin", origin)
        .header("sec-websocket-protocol", &offered)
}

fn ticket_call(tenant: &TenantSite<'_>, origin: &str, access: &str) -> Call {
    let call = Call::new("POST", &tenant.url("/v1/sessions/tickets")).bearer(access);
    call.header("origin", origin)
}

fn ticket(tenant: &TenantSite<'_>, access: &str) -> String {
    let call = ticket_call(tenant, &app(), access);
    let handed = tenant.site.send(&call).expect(201);
    assert_eq!(handed.json()["expires_in"], 30);
    handed.member("ticket")
}

/// Ada, signed in in a browser and at an application.
fn signed_in<'a>(tenant: &'a TenantSite<'a>) -> (Browser<'a>, Tokens) {
    tenant.user("ada@example.com");
    let browser = tenant.signed_in("ada@example.com");
    let tokens = RelyingParty::new(tenant).tokens(&browser);
    (browser, tokens)
}

flows! {
    fn two_tabs_hear_that_an_administrator_has_ended_their_session(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let tabs = [0, 1].map(|_| browser.connect(events(&tenant, &tenant.issuer())).ok().unwrap());
        for tab in &tabs {
            assert_eq!(tab.protocol(), SUBPROTOCOL);
            tab.say(START);
            tab.until("caught_up");
        }
        tenant.admin("DELETE", &format!("/users/{sub}/sessions"), &json!(null)).expect(204);
        for tab in &tabs {
            let event = &tab.until("event")[0]["event"];
            assert_eq!((&event["kind"], &event["reason"]), (&json!("session_ended"), &json!("administrator")));
            assert_eq!(tab.closed(), 4401);
        }
        let late = browser.connect(events(&tenant, &tenant.issuer())).ok().unwrap();
        assert_eq!(late.json()["event"]["kind"], "session_ended");
        assert_eq!(late.closed(), 4401);
    }

    fn a_page_of_another_site_hears_nothing_with_the_users_cookie(site: &Site) {
        let tenant = site.tenant();
        let (browser, _) = signed_in(&tenant);
        let issuer = tenant.issuer();
        let foreign = [
            String::new(),
            "https://evil.example".to_owned(),
            "null".to_owned(),
            app(),
            site.platform_url(""),
            format!("{issuer}/"),
            format!("{issuer}.evil.example"),
            issuer.to_uppercase(),
        ];
        for origin in foreign {
            let refused = browser.connect(events(&tenant, &origin)).err().unwrap();
            assert_eq!(refused.status, 403, "{origin}: {}", refused.text());
        }
        let twice = events(&tenant, &issuer).header("origin", "https://evil.example");
        assert_eq!(browser.connect(twice).err().unwrap().status, 403);
    }

    fn what_is_no_socket_of_ours_is_told_why(site: &Site) {
        let tenant = site.tenant();
        let (browser, _) = signed_in(&tenant);
        let url = tenant.url("/v1/sessions/events");
        let plain = browser.send(events(&tenant, &tenant.issuer())).expect(426);
        // RFC 9110 §15.5.22 wants it; workerd keeps that header to itself.
        if site.actors().is_some() {
            assert_eq!(plain.header("upgrade"), "websocket");
        }
        for name in ["access_token", "ticket", "token"] {
            let call = Call { url: format!("{url}?{name}=x"), ..events(&tenant, &tenant.issuer()) };
            assert_eq!(browser.connect(call).err().unwrap().status, 400, "{name}");
        }
        let other = Call::new("GET", &url)
            .header("origin", &tenant.issuer())
            .header("sec-websocket-protocol", "aero2.revocation.v2");
        assert_eq!(browser.connect(other).err().unwrap().status, 400);
        let nobody = Browser::new(site).connect(events(&tenant, &tenant.issuer()));
        assert_eq!(nobody.err().unwrap().status, 401);
    }

    fn giant_and_binary_frames_and_strange_ones_close_the_socket(site: &Site) {
        let tenant = site.tenant();
        let (browser, _) = signed_in(&tenant);
        let tab = || browser.connect(events(&tenant, &tenant.issuer())).ok().unwrap();
        for frame in ["", "hello", r#"{"type":"open"}"#, &"x".repeat(5_000)] {
            let tab = tab();
            tab.say(frame);
            assert_eq!(tab.closed(), 4400, "{frame:.20}");
        }
        let tab = tab();
        tab.say_bytes(&[0; 9_000]);
        assert_eq!(tab.closed(), 4400);
    }

    fn a_page_elsewhere_listens_with_a_ticket_once(site: &Site) {
        let tenant = site.tenant();
        let (browser, tokens) = signed_in(&tenant);
        let ticket = ticket(&tenant, &tokens.access);
        let tab = site.connect(&with_ticket(&tenant, &app(), &ticket)).ok().unwrap();
        assert_eq!(tab.protocol(), SUBPROTOCOL, "the ticket is not repeated");
        tab.say(START);
        tab.until("caught_up");
        let again = site.connect(&with_ticket(&tenant, &app(), &ticket)).ok().unwrap();
        assert_eq!((again.closed(), again.next()), (4403, None));

        browser.send(Call::new("DELETE", &tenant.url("/v1/sessions?everywhere=true"))).expect(204);
        assert_eq!(tab.until("event")[0]["event"]["reason"], "signed_out_elsewhere");
        assert_eq!(tab.closed(), 4401);
    }

    fn of_two_sockets_with_one_ticket_one_is_opened(site: &Site) {
        let tenant = site.tenant();
        let (_, tokens) = signed_in(&tenant);
        let ticket = ticket(&tenant, &tokens.access);
        let tabs = [0, 1].map(|_| site.connect(&with_ticket(&tenant, &app(), &ticket)).ok().unwrap());
        let has_hello = |tab: &&crate::support::TestSocket| tab.next().is_some();
        assert_eq!(tabs.iter().filter(has_hello).count(), 1);
    }

    fn a_ticket_is_of_one_origin_one_session_and_one_tenant(site: &Site) {
        let (tenant, other) = (site.tenant(), site.tenant());
        let (_, tokens) = signed_in(&tenant);
        let refused = |call: Call| site.connect(&call).ok().unwrap().closed();
        let stolen = ticket(&tenant, &tokens.access);
        assert_eq!(refused(with_ticket(&tenant, "https://evil.example", &stolen)), 4403);
        assert_eq!(refused(with_ticket(&tenant, &app(), &stolen)), 4403, "it was shown");

        // At another tenant there is no such session.
        let good = ticket(&tenant, &tokens.access);
        assert_eq!(refused(with_ticket(&other, &app(), &good)), 4401);
        assert!(site.connect(&with_ticket(&tenant, &app(), &good)).is_ok());

        for ticket in ["", "x", "a2t_x", &stolen.replacen("a2t_", "a2s_", 1)] {
            let call = with_ticket(&tenant, &app(), ticket);
            assert_eq!(site.connect(&call).err().unwrap().status, 403, "{ticket}");
        }
    }

    fn a_ticket_is_for_the_applications_own_origins_and_good_tokens(site: &Site) {
        let tenant = site.tenant();
        let (_, tokens) = signed_in(&tenant);
        let ask = |origin: &str, access: &str| site.send(&ticket_call(&tenant, origin, access));
        for origin in ["https://evil.example", "null", &tenant.issuer(), &format!("{}/", app())] {
            ask(origin, &tokens.access).expect(403);
        }
        let url = tenant.url("/v1/sessions/tickets");
        site.send(&Call::new("POST", &url).bearer(&tokens.access)).expect(403);
        site.send(&Call::new("POST", &url).header("origin", &app())).expect(401);
        let in_query = Call::new("POST", &format!("{url}?access_token={}", tokens.access));
        site.send(&in_query.header("origin", &app())).expect(400);
        ask(&app(), &tokens.refresh).expect(401);
        let preflight = Call::new("OPTIONS", &url).header("origin", &app());
        let preflight = site.send(&preflight).expect(204);
        assert_eq!(preflight.header("access-control-allow-origin"), "*");
        assert!(preflight.header("access-control-allow-headers").contains("Authorization"));

        let party = RelyingParty::new(&tenant);
        let tokens = party.tokens(&tenant.signed_in("ada@example.com"));
        party.send("/oauth/revoke", &[("token", &tokens.access)]).expect(200);
        ask(&app(), &tokens.access).expect(401);
        party.send("/oauth/revoke", &[("token", &tokens.refresh)]).expect(200);
        ask(&app(), &tokens.access).expect(401);
    }
}

#[test]
fn a_ticket_waits_half_a_minute() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let (_, tokens) = signed_in(&tenant);
    let ticket = ticket(&tenant, &tokens.access);
    site.advance(30_000);
    let late = site.connect(&with_ticket(&tenant, &app(), &ticket));
    assert_eq!(late.ok().unwrap().closed(), 4403);
}

#[test]
fn a_foreign_origin_is_refused_before_any_actor_is_asked() {
    let site = Site::in_process();
    let tenant = site.tenant();
    let (browser, _) = signed_in(&tenant);
    site.inner().take_asks();
    let call = events(&tenant, "https://evil.example");
    assert_eq!(browser.connect(call).err().unwrap().status, 403);
    assert!(site.inner().take_asks().is_empty());
    let call = events(&tenant, &tenant.issuer());
    assert!(browser.connect(call).is_ok());
    assert_eq!(site.inner().take_asks(), ["session"]);
}
