//! Do the pages lead where they say, with real actors behind them?

use super::house::{House, PASSWORD, location, text};

#[test]
fn a_person_signs_up_sees_the_account_and_signs_out() {
    let house = House::built(|_| ());
    let browser = house.browser();
    assert_eq!(location(&browser.get("/account")), "/login");
    assert_eq!(location(&browser.sign_up("ada@example.com")), "/account");
    for path in ["", "/profile", "/password", "/sessions", "/applications"] {
        let page = browser.get(&format!("/account{path}"));
        assert_eq!(page.status, 200, "{path}: {}", text(&page));
        assert_eq!(page.headers["cache-control"], "no-store");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.ends_with("form-action 'self'"), "{policy}");
    }
    let profile = browser.get("/account/profile");
    let saved = browser.submit(&profile, &[("name", "Ada <Lovelace>")]);
    assert!(text(&browser.get(location(&saved))).contains("has been saved"));
    assert!(text(&browser.get("/account")).contains("Ada &#60;Lovelace&#62;"));
    let out = browser.submit(&browser.get("/account"), &[("decision", "allow")]);
    assert_eq!(location(&out), "/signed-out");
    assert_eq!(browser.get("/signed-out").status, 200);
    assert_eq!(location(&browser.get("/account")), "/login");
}

#[test]
fn a_sign_in_takes_four_round_trips_and_a_refusal_two_whatever_the_reason() {
    let house = House::built(|_| ());
    house.browser().sign_up("ada@example.com");
    let attempt = |email: &str, password: &str| {
        let browser = house.browser();
        let page = browser.get("/login");
        house.asked();
        let answer = browser.submit(&page, &[("username", email), ("password", password)]);
        (answer, house.asked())
    };
    let (right, asked) = attempt("ada@example.com", PASSWORD);
    assert_eq!(location(&right), "/account");
    let charged = ["bucket", "bucket"];
    let begun = ["tenant", "tenant", "session"];
    assert_eq!(asked, [&charged[..], &begun, &charged].concat());
    let (wrong, asked) = attempt("ada@example.com", "another password");
    let (unknown, asked_too) = attempt("eve@example.com", "another password");
    assert_eq!(asked, ["bucket", "bucket", "tenant"]);
    assert_eq!(asked, asked_too);
    assert_eq!((wrong.status.as_u16(), unknown.status.as_u16()), (422, 422));
    assert_eq!(wrong.headers, unknown.headers);
    assert!(text(&wrong).contains("value=\"ada@example.com\""));
    assert!(!text(&wrong).contains("another password"));
}

#[test]
fn a_taken_address_and_a_weak_password_are_refused_with_what_was_typed() {
    let house = House::built(|_| ());
    house.browser().sign_up("ada@example.com");
    let taken = house.browser().sign_up("Ada@example.com");
    assert_eq!(taken.status, 422);
    assert!(!text(&taken).contains("already exists"));
    let browser = house.browser();
    let page = browser.get("/signup");
    let weak = browser.submit(
        &page,
        &[("username", "bob@example.com"), ("password", "short")],
    );
    assert_eq!(weak.status, 422);
    assert!(text(&weak).contains("at least 8") && text(&weak).contains("bob@example.com"));
    let closed = House::built(|settings| settings.signup_enabled = false);
    assert_eq!(closed.browser().get("/signup").status, 403);
    assert!(!text(&closed.browser().get("/login")).contains("/signup"));
}

#[test]
fn an_application_gets_its_code_after_sign_in_and_consent() {
    let house = House::built(|_| ());
    house.browser().sign_up("ada@example.com");
    let ask = "/oauth/authorize?response_type=code&client_id=notes&scope=openid+email\
               &redirect_uri=https%3A%2F%2Fnotes.example%2Fcb&state=s&prompt=select_account\
               &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
               &code_challenge_method=S256&login_hint=ada%40example.com";
    let browser = house.browser();
    let login = browser.get(location(&browser.get(ask)));
    assert!(text(&login).contains("Field Notes") && text(&login).contains("ada@example.com"));
    let back = browser.submit(&login, &[("password", PASSWORD)]);
    let consent = browser.get(location(&browser.get(location(&back))));
    assert!(
        text(&consent).contains("See your e-mail address"),
        "{}",
        text(&consent)
    );
    let denied = browser.submit(&consent, &[("decision", "deny")]);
    assert!(
        location(&denied).contains("error=access_denied"),
        "{}",
        location(&denied)
    );
    let allowed = browser.submit(&consent, &[("decision", "allow")]);
    let landed = browser.get(location(&allowed));
    assert!(location(&landed).starts_with("https://notes.example/cb?code=a2c_"));
    let choose = browser.get(location(&browser.get(ask)));
    let on = browser.submit(&choose, &[("decision", "continue")]);
    let landed = browser.get(location(&on));
    assert!(location(&landed).starts_with("https://notes.example/cb?code=a2c_"));
    assert!(text(&browser.get("/account/applications")).contains("Field Notes"));
}

#[test]
fn a_user_ends_other_sessions_and_another_user_replaces_this_one() {
    let house = House::built(|_| ());
    let (here, there) = (house.browser(), house.browser());
    here.sign_up("ada@example.com");
    there.sign_in("ada@example.com", PASSWORD);
    let list = here.get("/account/sessions");
    here.submit(&list, &[("which", "others")]);
    house.way.0.advance(60_000);
    assert_eq!(location(&there.get("/account")), "/login");
    assert_eq!(here.get("/account").status, 200);
    let ada = house.browser();
    *ada.jar.borrow_mut() = here.jar.borrow().clone();
    here.sign_up("bob@example.com");
    assert!(text(&here.get("/account")).contains("bob@example.com"));
    assert_eq!(location(&ada.get("/account")), "/login", "replaced");
}

#[test]
fn attempts_run_out_and_people_are_told_until_when() {
    let house = House::built(|_| ());
    let browser = house.browser();
    let mut attempts = (0..40).map(|_| browser.sign_in("eve@example.com", "wrong password"));
    let refused = attempts.find(|answer| answer.status != 422).unwrap();
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"));
    assert!(
        text(&refused).contains("Try again in"),
        "{}",
        text(&refused)
    );
    let nowhere = browser.get("/nowhere");
    assert_eq!(nowhere.status, 404);
    assert!(text(&nowhere).contains("<h1>Page not found</h1>"));
}
