//! What does a person do with her own account?

use crate::support::{Site, tenant::PASSWORD};

const NEW_PASSWORD: &str = "a completely different secret";

flows! {
    fn a_new_password_ends_the_other_sessions(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let (here, there) = (tenant.signed_in("ada@example.com"), tenant.signed_in("ada@example.com"));
        let (url, page) = here.open(&tenant.url("/account/password"));
        let fields = [("current_password", PASSWORD), ("new_password", NEW_PASSWORD)];
        let (_, page) = here.submit(&url, &page.expect(200), &fields);
        page.expect(200);
        let (url, _) = there.open(&tenant.url("/account"));
        assert!(url.contains("/login"), "{url}");
        let (url, _) = here.open(&tenant.url("/account"));
        assert!(url.ends_with("/account"), "{url}");
    }

    fn a_person_sees_and_ends_her_sessions(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let (here, there) = (tenant.signed_in("ada@example.com"), tenant.signed_in("ada@example.com"));
        let list = here.get(&tenant.url("/v1/sessions")).expect(200).json();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        let (url, page) = here.open(&tenant.url("/account/sessions"));
        let (_, page) = here.submit(&url, &page.expect(200), &[("which", "others")]);
        page.expect(200);
        let (url, _) = there.open(&tenant.url("/account"));
        assert!(url.contains("/login"), "{url}");
    }

    fn a_profile_is_edited(site: &Site) {
        let tenant = site.tenant();
        tenant.user("ada@example.com");
        let browser = tenant.signed_in("ada@example.com");
        let (url, page) = browser.open(&tenant.url("/account/profile"));
        let (_, page) = browser.submit(&url, &page.expect(200), &[("name", "Ada, Countess of Lovelace")]);
        page.expect(200);
        let (_, page) = browser.open(&tenant.url("/account"));
        assert!(page.text().contains("Countess"));
    }
}
