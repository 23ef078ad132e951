//! What does the authorization endpoint demand (OpenID Connect Core §3.1.2)?

use crate::support::{
    Browser, Call, Site,
    call::query_of,
    relying_party::RelyingParty,
    tenant::{PASSWORD, REDIRECT_URI},
};

flows! {
    fn a_bad_redirect_uri_shows_a_page_and_never_redirects(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        for uri in ["https://evil.example/", "https://app.example/callback/", "javascript:alert(1)", "x"] {
            let reply = site.get(&party.authorize_url(&[("redirect_uri", uri)]));
            assert_eq!(reply.status, 400, "{uri}");
            assert!(reply.header("location").is_empty());
        }
        let reply = site.get(&party.authorize_url(&[("client_id", "cli_unknown")]));
        assert_eq!(reply.status, 400);
        assert!(reply.header("location").is_empty());
    }

    fn other_mistakes_are_redirected_with_state_and_issuer(site: &Site) {
        let tenant = site.tenant();
        let party = RelyingParty::new(&tenant);
        for (more, error) in [
            (("response_type", "token"), "unsupported_response_type"),
            (("response_type", ""), "invalid_request"),
            (("code_challenge_method", "plain"), "invalid_request"),
            (("prompt", "none login"), "invalid_request"),
            (("request", "e30.e30."), "request_not_supported"),
            (("request_uri", "https://app.example/r"), "request_uri_not_supported"),
            (("max_age", "soon"), "invalid_request"),
        ] {
            let reply = site.get(&party.authorize_url(&[more]));
            let location = reply.location();
            assert!(location.starts_with(REDIRECT_URI), "{location}");
            assert_eq!(query_of(location, "error").as_deref(), Some(error), "{more:?}");
            assert_eq!(query_of(location, "state").as_deref(), Some("st4te"));
            assert_eq!(query_of(location, "iss"), Some(tenant.issuer()));
        }
    }

    fn prompt_none_answers_without_asking(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let reply = site.get(&party.authorize_url(&[("prompt", "none")]));
        assert_eq!(query_of(reply.location(), "error").as_deref(), Some("login_required"));
        let browser = tenant.signed_in("ada@example.com");
        let reply = browser.get(&party.authorize_url(&[("prompt", "none")]));
        assert_eq!(query_of(reply.location(), "error").as_deref(), Some("consent_required"));
        party.land(&browser, &[]);
        let reply = browser.get(&party.authorize_url(&[("prompt", "none")]));
        assert!(query_of(reply.location(), "code").is_some());
    }

    fn prompt_login_asks_once_more_and_then_goes_on(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser = tenant.signed_in("ada@example.com");
        party.land(&browser, &[]);
        let (url, page) = browser.open(&party.authorize_url(&[("prompt", "login")]));
        assert!(url.contains("/login"), "{url}");
        let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
        let (url, _) = browser.submit(&url, &page, &fields);
        assert!(query_of(&url, "code").is_some(), "{url}");
    }

    fn saying_no_tells_the_application(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser = tenant.signed_in("ada@example.com");
        let (url, page) = browser.open(&party.authorize_url(&[]));
        let (url, _) = browser.submit(&url, &page, &[("decision", "deny")]);
        assert_eq!(query_of(&url, "error").as_deref(), Some("access_denied"), "{url}");
    }

    fn a_person_signs_in_on_the_way(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser = Browser::new(site);
        let (url, page) = browser.open(&party.authorize_url(&[]));
        assert!(url.contains("/login"), "{url}");
        let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
        let (url, page) = browser.submit(&url, &page, &fields);
        let (url, _) = browser.submit(&url, &page.expect(200), &[("decision", "allow")]);
        party.redeem(&query_of(&url, "code").unwrap()).expect(200);
    }

    fn a_request_may_come_by_post_and_answer_by_form_post(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let party = RelyingParty::new(&tenant);
        let browser = tenant.signed_in("ada@example.com");
        party.land(&browser, &[]);
        let url = party.authorize_url(&[("response_mode", "form_post"), ("prompt", "")]);
        let (endpoint, query) = url.split_once('?').unwrap();
        let mut call = Call::new("POST", endpoint).header("content-type", "application/x-www-form-urlencoded");
        call.body = query.as_bytes().to_vec();
        let reply = browser.send(call);
        let (_, page) = browser.follow(endpoint, reply);
        let form = crate::support::browser::form_with(page.expect(200).text(), &[("code", ""), ("iss", "")]);
        assert_eq!(form.action, REDIRECT_URI);
    }

    fn a_consent_made_in_one_browser_is_worth_nothing_in_another(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        tenant.user("bob@example.com");
        let party = RelyingParty::new(&tenant);
        let mallory = tenant.signed_in("bob@example.com");
        let (url, page) = mallory.open(&party.authorize_url(&[]));
        let reply = mallory.submit_only(&url, &page, &[("decision", "allow")]);
        let onwards = url::Url::parse(&url).unwrap().join(reply.location()).unwrap();
        let ada = tenant.signed_in("ada@example.com");
        let (url, _) = ada.open(onwards.as_str());
        assert!(!url.starts_with(REDIRECT_URI), "consent was stolen: {url}");
    }
}
