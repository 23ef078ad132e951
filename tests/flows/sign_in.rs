//! How does a person sign up, sign in and fail to?

use crate::support::{
    Browser, Call, Reply, Site,
    tenant::{PASSWORD, TenantSite},
};

fn attempt(tenant: &TenantSite<'_>, email: &str, password: &str) -> Reply {
    let browser = Browser::new(tenant.site);
    let (url, page) = browser.open(&tenant.url("/login"));
    browser.submit_only(&url, &page, &[("username", email), ("password", password)])
}

/// The reply with what must differ taken out: the random parts of the form.
fn comparable(reply: &Reply, email: &str) -> (u16, Vec<String>, String) {
    let mut names: Vec<String> = reply
        .headers
        .keys()
        .map(|name| name.as_str().to_owned())
        .collect();
    names.sort();
    let form =
        crate::support::browser::form_with(reply.text(), &[("username", ""), ("password", "")]);
    let mut body = reply.text().replace(email, "EMAIL");
    for (name, value) in form.fields {
        if name == "csrf" {
            body = body.replace(&value, "CSRF");
        }
    }
    (reply.status, names, body)
}

flows! {
    fn a_person_signs_up_and_is_signed_in(site: &Site) {
        let tenant = site.tenant();
        let browser = Browser::new(site);
        let (url, page) = browser.open(&tenant.url("/signup"));
        let fields = [("username", "grace@example.com"), ("password", PASSWORD)];
        let (url, page) = browser.submit(&url, &page.expect(200), &fields);
        assert!(url.ends_with("/account"), "{url}");
        assert!(page.text().contains("grace@example.com"));
    }

    fn a_weak_password_is_explained_not_taken(site: &Site) {
        let tenant = site.tenant();
        let browser = Browser::new(site);
        let (url, page) = browser.open(&tenant.url("/signup"));
        let fields = [("username", "grace@example.com"), ("password", "password")];
        let (_, page) = browser.submit(&url, &page, &fields);
        assert!((400..500).contains(&page.status));
        assert!(page.text().contains("grace@example.com"), "what was typed stays");
    }

    fn an_unknown_account_and_a_wrong_password_look_alike(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let wrong = attempt(&tenant, "ada@example.com", "not her password");
        let unknown = attempt(&tenant, "eve@example.com", "not her password");
        assert_eq!(comparable(&wrong, "ada@example.com"), comparable(&unknown, "eve@example.com"));
        assert!(wrong.header("set-cookie").is_empty() || !wrong.header("set-cookie").contains("session="));
    }

    fn a_disabled_account_looks_the_same(site: &Site) {
        let tenant = site.tenant();
        let sub = tenant.user("ada@example.com");
        let disabled = serde_json::json!({ "status": "disabled" });
        tenant.admin("PATCH", &format!("/users/{sub}"), &disabled).expect(200);
        let right = attempt(&tenant, "ada@example.com", PASSWORD);
        let unknown = attempt(&tenant, "eve@example.com", PASSWORD);
        assert_eq!(comparable(&right, "ada@example.com"), comparable(&unknown, "eve@example.com"));
    }

    fn a_form_from_elsewhere_is_refused(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let fields = [("username", "ada@example.com"), ("password", PASSWORD)];
        let bare = Call::new("POST", &tenant.url("/login")).form(&fields);
        assert_eq!(site.send(&bare).status, 403);
        let browser = Browser::new(site);
        let (url, page) = browser.open(&tenant.url("/login"));
        let form = crate::support::browser::form_with(page.text(), &fields);
        let csrf = form.fields.iter().find(|(name, _)| name == "csrf").unwrap().1.clone();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        let foreign = Call::new("POST", &url).header("origin", "https://evil.example").form(&fields);
        assert_eq!(browser.send(foreign).status, 403);
    }

    fn too_many_attempts_are_refused_for_a_while(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let statuses: Vec<u16> =
            (0..40).map(|_| attempt(&tenant, "ada@example.com", "wrong password!").status).collect();
        assert!(statuses.contains(&429), "{statuses:?}");
    }
}
