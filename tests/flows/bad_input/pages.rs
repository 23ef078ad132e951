//! What does a page say to a form that is not ours, or not in order?

use super::{
    atlas::{EVIL, Ground, Stop},
    sound::Findings,
};
use crate::support::{
    Browser, Call, Site,
    call::encoded,
    relying_party::RelyingParty,
    tenant::{PASSWORD, REDIRECT_URI},
};
use aero2::gateway::route::Endpoint;
use serde_json::json;

/// The pages with forms, the client's own forms aside.
fn forms(ground: &Ground<'_>) -> Vec<Stop> {
    let mut stops = ground.stops();
    let own = |endpoint| !matches!(endpoint, Endpoint::Authorize | Endpoint::Logout);
    stops.retain(|stop| stop.method == "POST" && stop.endpoint.is_opened() && own(stop.endpoint));
    stops
}

flows! {
    fn a_form_without_our_proof_is_403_on_every_page(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let proofs = [
            String::new(), "csrf=".to_owned(), "csrf=x".to_owned(), format!("csrf={}", encoded(EVIL)),
            format!("csrf={0}&csrf={0}", ground.csrf()), format!("csrf={}x", ground.csrf()),
        ];
        for stop in forms(&ground) {
            for proof in &proofs {
                let mut call = ground.call(&stop).form(&[("username", EVIL)]);
                call.body.extend(format!("&{proof}").into_bytes());
                let reply = site.send(&call);
                findings.sound(&stop, proof, &call, &reply);
                findings.same(&format!("{stop:?} {proof}"), reply.status, 403);
            }
        }
        findings.none();
    }

    fn a_form_another_site_sends_is_403_on_every_page(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for stop in forms(&ground) {
            for (name, value) in [
                ("origin", "https://evil.example"), ("origin", "null"),
                ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("sec-fetch-site", "x"),
            ] {
                let call = ground.call(&stop).form(&[("csrf", ground.csrf())]).header(name, value);
                let reply = site.send(&call);
                findings.sound(&stop, value, &call, &reply);
                findings.same(&format!("{stop:?} {name}: {value}"), reply.status, 403);
            }
        }
        findings.none();
    }

    fn a_form_that_is_none_is_400_on_every_page(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        for stop in forms(&ground) {
            for media_type in ["", "text/plain", "application/json", "multipart/form-data; boundary=x"] {
                let mut call = ground.call(&stop);
                call.body = format!("csrf={}", ground.csrf()).into_bytes();
                if !media_type.is_empty() {
                    call = call.header("content-type", media_type);
                }
                let reply = site.send(&call);
                findings.sound(&stop, media_type, &call, &reply);
                findings.same(&format!("{stop:?} {media_type}"), reply.status, 400);
            }
            for body in [&b"csrf=%zz"[..], b"csrf=%ff", b"a=\xff", b"%"] {
                let mut call = ground.call(&stop).form(&[]);
                call.body = body.to_vec();
                let reply = site.send(&call);
                findings.sound(&stop, "octets", &call, &reply);
                findings.same(&format!("{stop:?} {body:?}"), reply.status, 400);
            }
        }
        findings.none();
    }

    /// Whatever a tenant, a client or a user is called, it is text in every page.
    fn a_name_is_never_markup(site: &Site) {
        let (ground, mut findings) = (Ground::new(site), Findings::default());
        let tenant = &ground.tenant;
        tenant.admin("PATCH", "", &json!({"name": EVIL})).expect(200);
        let document = json!({
            "email": "eve@example.com", "name": EVIL, "nickname": EVIL, "password": PASSWORD,
        });
        tenant.admin("POST", "/users", &document).expect(201);
        let client = tenant.client_with(&json!({"client_name": EVIL}));
        let party = RelyingParty { tenant, client };
        let browser = tenant.signed_in("eve@example.com");
        let hint = [("login_hint", EVIL), ("state", EVIL), ("nonce", EVIL)];
        let pages = [
            Browser::new(site).open(&party.authorize_url(&hint)),
            browser.open(&party.authorize_url(&[("prompt", "select_account")])),
            browser.open(&party.authorize_url(&hint)),
            browser.open(&tenant.url(&format!(
                "/oauth/logout?client_id={}&state={1}&logout_hint={1}&x={1}", party.client.id, encoded(EVIL)
            ))),
        ];
        for (url, page) in &pages {
            findings.same(url, page.status, 200);
            findings.same(url, page.text().contains("<script"), false);
        }
        let landed = party.land(&browser, &[("state", EVIL), ("response_mode", "query")]);
        findings.same(&landed, landed.starts_with(REDIRECT_URI), true);
        for stop in ground.stops().iter().filter(|stop| stop.method == "GET" && stop.endpoint.is_opened()) {
            let url = format!("{}?username={1}&name={1}&interaction=&{1}={1}", ground.url(stop), encoded(EVIL));
            let call = Call::new("GET", &url).header("accept", "text/html");
            findings.sound(stop, "names", &call, &browser.get(&url));
        }
        findings.none();
    }

    fn what_was_typed_comes_back_as_text(site: &Site) {
        let ground = Ground::new(site);
        for path in ["/login", "/signup", "/account/profile"] {
            let stops = ground.stops();
            let mut posted = stops.iter().filter(|stop| stop.method == "POST");
            let call = ground.call(posted.find(|stop| stop.path == path).unwrap());
            let long = format!("{EVIL}{}", "a".repeat(300));
            let reply = site.send(&call.form(&[
                ("csrf", ground.csrf()), ("username", EVIL), ("name", &long), ("password", EVIL),
            ]));
            let reply = reply.expect(422);
            assert!(!reply.text().contains("<script"), "{path}: {}", reply.text());
            assert!(reply.text().contains("script"), "{path} keeps what was typed");
        }
    }

    /// What another site posts is sent on as a query, which has a limit.
    fn a_logout_too_long_to_travel_is_414(site: &Site) {
        let tenant = site.tenant();
        let mut call = Call::new("POST", &tenant.url("/oauth/logout")).form(&[]);
        call.body = format!("state={0}&logout_hint={0}", "a".repeat(9_000)).into_bytes();
        site.send(&call).expect(414);
        call.body = b"state=x".to_vec();
        assert_eq!(site.send(&call).expect(303).location(), "/oauth/logout?state=x");
    }
}
